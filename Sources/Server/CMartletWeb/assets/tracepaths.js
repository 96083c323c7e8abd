// Where many traces spent the time that decided how long they took.

import * as api from "./api.js";
import { colorSlots } from "./colors.js";
import { copyText, h, setText } from "./dom.js";
import { download } from "./download.js";
import { flameOfStacks } from "./flame.js";
import { FlameChart } from "./flamechart.js";
import { menuButton } from "./menu.js";
import { DataTable } from "./table.js";
import { askBox, pageLinks, timeOf, timeParameters } from "./traceask.js";
import { serviceMark } from "./tracepage.js";
import { tracesCommand, withField } from "./tracequery.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */

const TRACES_MAX = 500;

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountTracePaths(root, context) {
    const links = pageLinks(context);
    const ask = askBox(context, "Sum up");
    const summary = h("span", { class: "quiet", role: "status" }, "Reading traces…");
    let slots = /** @type {Map<string, number>} */ (new Map());
    let folded = "";
    const flame = new FlameChart((service) => slots.get(service) ?? 7, (frame) => {
        const line = withField(withField("", "service", frame.service), "operation", frame.name);
        context.go({ part: "", q: line, sort: "-duration" });
    });
    const save = h("button", { type: "button", class: "plain", onclick: () => download(folded, "critical-path.folded", "text/plain") }, "Download folded stacks");
    const copies = menuButton("Copy the question", "⋯", () => {
        const asked = ask.question();
        const window = timeOf(context.state);
        return [
            { label: "Copy martlet command", run: () => copyText(tracesCommand(new URL(api.base).origin, asked, window.live ? context.state.range : "", "critical-path"), "command") },
            { label: "Copy curl", run: () => copyText(`curl -s '${api.base}api/v1/traces/critical-path?${new URLSearchParams([...asked.parameters, ...timeParameters(window), ["limit", String(TRACES_MAX)]])}'`, "curl line") },
        ];
    });
    const table = new DataTable("Critical time", [
        { key: "service", title: "Service" }, { key: "operation", title: "Operation", style: "wrap" }, { key: "share", title: "Share", numeric: true },
        { key: "total", title: "Total", numeric: true }, { key: "traces", title: "Traces", numeric: true }, { key: "p50", title: "P50", numeric: true },
        { key: "p95", title: "P95", numeric: true }, { key: "p99", title: "P99", numeric: true },
    ], (sort) => context.go({ sort }));
    const picture = h("div", {}, h("h2", { class: "section" }, "As a flame graph"), flame.element);
    root.append(h("h1", { class: "offscreen" }, "Critical path"), h("div", { class: "tools" }, links.element), ...ask.elements,
        h("div", { class: "tools" }, ask.filters, summary, h("span", { class: "spacer" }), save, table.copy, copies),
        h("p", { class: "quiet" }, "Time in which an operation, and nothing it called, was what the traces waited for. Making it faster makes them faster; P50, P95 and P99 are per trace."),
        table.scroller, picture);
    /** @type {any} */
    let answer = null;

    function draw() {
        links.draw();
        ask.draw();
        if (!answer) return;
        const entries = /** @type {any[]} */ (answer.entries ?? []);
        const services = [...new Set(entries.map((entry) => String(entry.service)))];
        const codes = colorSlots(services);
        slots = new Map(services.map((service, index) => [service, codes[index]]));
        const time = (/** @type {any} */ value) => ({ text: timeText(Number(value)), sort: Number(value) });
        table.draw(entries.map((entry) => ({
            id: `${entry.service} ${entry.operation}`,
            cells: {
                service: { text: String(entry.service), node: () => serviceMark(String(entry.service), slots.get(String(entry.service)) ?? 7) },
                operation: {
                    text: String(entry.operation),
                    node: () => h("a", {
                        "data-link": "", href: context.link({ part: "", sort: "-duration", q: withField(withField(context.state.q, "service", String(entry.service)), "operation", String(entry.operation)) }),
                    }, String(entry.operation) || "(no name)"),
                },
                share: {
                    text: `${(Number(entry.share) * 100).toFixed(1)} %`, sort: Number(entry.share),
                    node: () => {
                        const fill = h("span", { class: "fill" });
                        fill.style.width = `${Math.max(0.5, Number(entry.share) * 100)}%`;
                        return h("span", { class: "measure" }, `${(Number(entry.share) * 100).toFixed(1)} %`, h("span", { class: "bar", "aria-hidden": "true" }, fill));
                    },
                },
                total: time(entry.totalNanoseconds), traces: { text: String(entry.traces), sort: Number(entry.traces) },
                p50: time(entry.p50Nanoseconds), p95: time(entry.p95Nanoseconds), p99: time(entry.p99Nanoseconds),
            },
        })), "", context.state.sort, h("div", {}, h("p", {}, "No trace fits in this stretch of time."),
            h("p", { class: "quiet" }, "Widen the range above, or clear the search.")));
        const count = Number(answer.traces ?? 0);
        setText(summary, `${count.toLocaleString("en")} trace${count === 1 ? "" : "s"}${count >= TRACES_MAX ? ", the newest" : ""}, ${timeText(Number(answer.totalNanoseconds ?? 0))} of critical path`);
        picture.hidden = folded === "";
        save.disabled = folded === "";
        flame.redraw();
    }
    return {
        every: 15,
        update: draw,
        destroy() { flame.destroy(); },
        async refresh(signal) {
            links.draw();
            const asked = ask.question();
            const parameters = /** @type {[string, string][]} */ ([...asked.parameters, ...timeParameters(timeOf(context.state)), ["limit", String(TRACES_MAX)]]);
            const answers = await ask.understood(Promise.all([
                api.traces("api/v1/traces/critical-path", parameters, signal),
                api.traces("api/v1/traces/critical-path", [...parameters, ["format", "folded"]], signal, "text"), ask.refresh(signal),
            ]));
            if (!answers) return;
            [answer, folded] = answers;
            draw();
            flame.show(flameOfStacks(folded));
        },
    };
}
