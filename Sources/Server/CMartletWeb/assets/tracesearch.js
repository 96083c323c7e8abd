// Finding traces: one box, a scatter of what was found, and a list.

import * as api from "./api.js";
import { colorSlots } from "./colors.js";
import { copyText, h, setText } from "./dom.js";
import { menuButton } from "./menu.js";
import { Scatter } from "./scatter.js";
import { DataTable } from "./table.js";
import { clockText, dayText, momentText } from "./time.js";
import { askBox, fileButton, pageLinks, timeOf, timeParameters } from "./traceask.js";
import { serviceMark } from "./tracepage.js";
import { tracesCommand } from "./tracequery.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */

/** The scatter has so many points at most. */
const FOUND_MAX = 1000;
/** The list has so many rows at most. */
const ROWS_MAX = 200;

/** @param {any} summary */
function read(summary) {
    const start = BigInt(summary.minStartTimeUnixNano ?? 0);
    return {
        id: String(summary.traceId), start: Number(start / 1000n) / 1e6, duration: Math.max(0, Number(BigInt(summary.maxEndTimeUnixNano ?? 0) - start)),
        failed: Number(summary.errorSpanCount) > 0, errors: Number(summary.errorSpanCount ?? 0), spans: Number(summary.spanCount ?? 0),
        service: String(summary.rootServiceName ?? ""), operation: String(summary.rootOperationName ?? ""),
        label: `${summary.rootServiceName || "?"}: ${summary.rootOperationName}`, services: /** @type {any[]} */ (summary.services ?? []),
    };
}

/** @typedef {ReturnType<typeof read>} Found */

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountSearch(root, context) {
    const links = pageLinks(context);
    const ask = askBox(context, "Search");
    const file = fileButton(context);
    const chosen = /** @type {Set<string>} */ (new Set());
    const compare = h("button", {
        type: "button", class: "plain", disabled: true,
        onclick: () => {
            const [trace, other] = [...chosen];
            context.go({ trace, other, part: "", span: "", cut: null, fold: "" });
        },
    }, "Compare two");
    const open = (/** @type {string} */ id) => context.go({ trace: id, part: "", span: "", cut: null, fold: "", filter: "", sort: "" });
    const scatter = new Scatter(open, (from, to) => context.zoom(from, to), (id) => {
        for (const row of table.body.querySelectorAll("tr.near")) row.classList.remove("near");
        if (id) table.body.querySelector(`[data-focus="${id}"]`)?.closest("tr")?.classList.add("near");
    });
    const table = new DataTable("Traces", [
        { key: "pick", title: "", label: "Compare" }, { key: "start", title: "Began" }, { key: "name", title: "Trace", style: "clip" }, { key: "duration", title: "Duration", numeric: true },
        { key: "spans", title: "Spans", numeric: true }, { key: "errors", title: "Errors", numeric: true }, { key: "services", title: "Services", style: "wrap" },
    ], (sort) => context.go({ sort }), ROWS_MAX);
    table.body.addEventListener("pointerover", (event) => {
        const row = event.target instanceof Element ? event.target.closest("tr") : null;
        scatter.mark(/** @type {HTMLElement|null} */ (row?.querySelector("[data-focus]"))?.dataset.focus ?? "");
    });
    table.body.addEventListener("pointerleave", () => scatter.mark(""));
    const summary = h("span", { class: "quiet", role: "status" }, "Searching…");
    const copies = menuButton("Copy the search", "⋯", () => {
        const asked = ask.question();
        const window = timeOf(context.state);
        const parameters = [...asked.parameters, ...timeParameters(window), ["limit", String(FOUND_MAX)]];
        return [
            { label: "Copy martlet command", run: () => copyText(tracesCommand(new URL(api.base).origin, asked, window.live ? context.state.range : ""), "command") },
            { label: "Copy curl", run: () => copyText(`curl -s '${api.base}api/v1/traces?${new URLSearchParams(parameters)}'`, "curl line") },
        ];
    });
    root.append(h("h1", { class: "offscreen" }, "Traces"), h("div", { class: "tools" }, links.element, h("span", { class: "spacer" }), file.element), ...ask.elements,
        h("div", { class: "tools" }, ask.filters, summary, h("span", { class: "spacer" }), compare, table.copy, copies),
        scatter.element, table.scroller);
    file.accept(root);
    /** @type {Found[]|null} */
    let found = null;
    /** @type {number} */
    let total = 0;

    /** @param {Found} one @param {number} longest @param {Map<string, number>} slots @returns {import("./table.js").Row} */
    function row(one, longest, slots) {
        const { utc } = context.state;
        const when = `${dayText(one.start, utc)} ${clockText(one.start, utc)}`;
        return {
            id: one.id,
            cells: {
                pick: {
                    text: "",
                    node: () => h("input", {
                        type: "checkbox", checked: chosen.has(one.id), "aria-label": `Choose ${one.label} of ${when} to compare`,
                        onchange: (/** @type {Event} */ event) => {
                            if (/** @type {HTMLInputElement} */ (event.target).checked) chosen.add(one.id);
                            else chosen.delete(one.id);
                            compare.disabled = chosen.size !== 2;
                        },
                    }),
                },
                start: { text: when, sort: one.start, node: () => h("span", { title: momentText(one.start, utc) }, when) },
                name: {
                    text: one.label,
                    node: () => h("a", {
                        href: context.link({ trace: one.id, part: "", span: "", cut: null, fold: "", filter: "", sort: "" }), "data-link": "", "data-focus": one.id, title: one.id,
                    }, h("span", { class: "quiet" }, `${one.service || "?"}: `), one.operation || "(no name)"),
                },
                duration: {
                    text: timeText(one.duration), sort: one.duration,
                    node: () => {
                        const fill = h("span", { class: "fill" });
                        fill.style.width = `${longest > 0 ? Math.max(1, (one.duration / longest) * 100) : 0}%`;
                        return h("span", { class: "measure" }, timeText(one.duration), h("span", { class: "bar", "aria-hidden": "true" }, fill));
                    },
                },
                spans: { text: String(one.spans), sort: one.spans },
                errors: { text: one.errors > 0 ? String(one.errors) : "", sort: one.errors, node: () => (one.errors > 0 ? h("span", { class: "state bad" }, h("span", { "aria-hidden": "true" }, "✕"), String(one.errors)) : document.createTextNode("")) },
                services: {
                    text: one.services.map((service) => `${service.name} ${service.spanCount}`).join(" "),
                    node: () => h("span", { class: "labels" }, one.services.slice(0, 8).map((service) => h("span", { class: "label" },
                        serviceMark(service.name, slots.get(service.name) ?? 7), h("span", { class: "quiet" }, ` ${service.spanCount}`))),
                    one.services.length > 8 && h("span", { class: "quiet" }, `+${one.services.length - 8}`)),
                },
            },
        };
    }

    /** What to do when nothing was found. */
    function empty() {
        if (context.state.q) {
            return h("div", {}, h("p", {}, "No trace fits in this stretch of time."), h("p", {},
                h("button", { type: "button", class: "plain", onclick: () => ask.submit("") }, "Clear the search"),
                h("button", { type: "button", class: "plain", onclick: () => context.go({ range: "7d", from: null, to: null }) }, "Look at 7 days")));
        }
        if (ask.hasServices) {
            return h("div", {}, h("p", {}, "No trace began in this stretch of time."), h("p", {},
                h("button", { type: "button", class: "plain", onclick: () => context.go({ range: "7d", from: null, to: null }) }, "Look at 7 days")));
        }
        return h("div", {}, h("p", {}, "No service has sent a trace yet."), h("p", { class: "quiet" }, "Start one that has an OpenTelemetry client with these, and its traces appear here:"),
            h("pre", {}, `OTEL_EXPORTER_OTLP_ENDPOINT=${api.base.replace(/\/$/, "")}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nOTEL_SERVICE_NAME=my-service`),
            h("p", { class: "quiet" }, "Or send a file: ", h("span", { class: "code" }, `curl -H 'Content-Type: application/json' --data @spans.json ${api.base}v1/traces`), ", or look at one without storing it: Open file."));
    }

    function draw() {
        links.draw();
        ask.draw();
        if (!found) return;
        const names = new Set(found.flatMap((one) => one.services.map((service) => String(service.name))));
        const list = [...names];
        const codes = colorSlots(list);
        const slots = new Map(list.map((name, index) => [name, codes[index]]));
        const longest = found.reduce((most, one) => Math.max(most, one.duration), 0);
        for (const id of chosen) if (!found.some((one) => one.id === id)) chosen.delete(id);
        compare.disabled = chosen.size !== 2;
        scatter.element.hidden = found.length === 0;
        scatter.show(found, timeOf(context.state), context.state.utc);
        table.draw(found.map((one) => row(one, longest, slots)), "", context.state.sort, empty());
        setText(summary, `${found.length.toLocaleString("en")}${total >= FOUND_MAX ? ", the newest; there are more: narrow the search" : ` trace${found.length === 1 ? "" : "s"}`}`);
    }
    return {
        every: 5,
        update: draw,
        destroy() { scatter.destroy(); },
        async refresh(signal) {
            links.draw();
            const asked = ask.question();
            const choices = ask.refresh(signal);
            const answer = await ask.understood(api.traces("api/v1/traces", [...asked.parameters, ...timeParameters(timeOf(context.state)), ["limit", String(FOUND_MAX)]], signal));
            if (!answer) {
                [found, total] = [null, 0];
                setText(summary, "");
                scatter.element.hidden = true;
                table.draw([], "", context.state.sort, h("p", { class: "quiet" }, "Correct the search to see traces."));
                await choices;
                return;
            }
            await choices;
            found = (answer.summaries ?? []).map(read);
            total = found?.length ?? 0;
            draw();
        },
    };
}
