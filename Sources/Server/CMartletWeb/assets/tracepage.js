// One trace: its timeline, flame graph and operations, and the details of the span chosen.

import * as api from "./api.js";
import { colorSlots } from "./colors.js";
import { announce, copyText, h, replace, setText } from "./dom.js";
import { download } from "./download.js";
import { flameOfTrace } from "./flame.js";
import { FlameChart } from "./flamechart.js";
import { menuButton } from "./menu.js";
import { spanLogs } from "./spanlogs.js";
import { spanDetails } from "./tracedetails.js";
import { buildTrace, findSpans, operations, splitTraces } from "./tracemodel.js";
import { DataTable } from "./table.js";
import { momentText } from "./time.js";
import { Waterfall } from "./waterfall.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./tracemodel.js").Trace} Trace */

/** The traces of a file that was opened; they live as long as the page.
 * @type {{name: string, traces: Map<string, any[]>, chosen: string}|null} */
let opened = null;

/** @param {string} name @param {any[]} resourceSpans @returns {number} how many traces there are */
export function keepFile(name, resourceSpans) {
    const traces = splitTraces(resourceSpans);
    opened = { name, traces, chosen: [...traces.keys()][0] ?? "" };
    return traces.size;
}

const PARTS = [["", "Timeline"], ["flame", "Flame graph"], ["operations", "Operations"]];
/** The address names so many folded spans; more are folded, but only here. */
const FOLDS_MAX = 60;
/** A trace that ended so many seconds ago may still get spans. */
const YOUNG_SECONDS = 60;

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountTrace(root, context) {
    const heading = h("h1", {});
    const facts = h("p", { class: "quiet trace-facts" });
    const legend = h("ul", { class: "trace-legend", "aria-label": "Services" });
    const parts = PARTS.map(([part, title]) => ({ part, link: h("a", { "data-link": "", href: "?" }, title) }));
    const find = h("input", {
        type: "search", class: "filter", placeholder: "Find spans in this trace", "aria-label": "Find spans in this trace", spellcheck: false, autocomplete: "off",
        oninput: () => context.go({ filter: find.value }, true),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
            if (event.key !== "Enter" || !found) return;
            const wanted = found;
            waterfall?.seek(event.shiftKey ? -1 : 1, (span) => wanted[span] === 1);
        },
    });
    const matches = h("span", { class: "quiet", role: "status" });
    const back = h("a", { "data-link": "", href: "?" }, "‹ Traces");
    const picker = h("select", { "aria-label": "Trace of the file", hidden: true, onchange: () => { if (opened) { opened.chosen = picker.value; shownKey = ""; context.again(); } } });
    const files = menuButton("Download or copy the trace", "Download", () => [
        { label: "OTLP JSON (opens here and anywhere)", run: () => saveOTLP() },
        ...(context.state.trace === "file" ? [] : [
            { label: "Jaeger JSON", run: () => saveFrom(`api/traces/${context.state.trace}`, "jaeger.json") },
            { label: "Copy the trace id", run: () => copyText(context.state.trace, "trace id") },
            { label: "Copy martlet command", run: () => copyText(`martlet traces show ${context.state.trace} --url ${new URL(api.base).origin}`, "command") },
            { label: "Copy curl", run: () => copyText(`curl -s '${api.base}api/v3/traces/${context.state.trace}'`, "curl line") },
        ]),
    ], "plain");
    const other = h("input", { class: "code other", "aria-label": "Id of the trace to compare with", placeholder: "trace id", spellcheck: false, autocomplete: "off", maxLength: 32 });
    const compare = h("form", {
        class: "inline", onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            if (/^[0-9a-f]{1,32}$/i.test(other.value.trim())) context.go({ other: other.value.trim().toLowerCase(), part: "", span: "", cut: null, fold: "", filter: "" });
            else announce("a trace id has 32 hexadecimal digits");
        },
    }, other, h("button", { type: "submit", class: "plain" }, "Compare"));
    const body = h("div", { class: "trace-body" });
    const details = h("section", { class: "details", "aria-label": "Span", hidden: true });
    const remarks = h("div", { class: "trace-remarks" });
    const page = h("div", { class: "trace-page" },
        h("div", { class: "tools" }, back, heading, picker, h("span", { class: "spacer" }), compare, files),
        facts, remarks, h("div", { class: "tools trace-tools" }, h("nav", { class: "parts", "aria-label": "Parts of the trace" }, parts.map(({ link }) => link)), find, matches, h("span", { class: "spacer" }), legend),
        h("div", { class: "trace-split" }, body, details),
        h("p", { class: "quiet keys", id: "trace-keys" }, "↑ ↓ move · ← → fold · Enter details · + − zoom · Shift+← → pan · 0 all · f fit the span · e next error · c next on the critical path · n next found · * unfold all"));
    root.append(page);

    /** @type {Trace|null} */
    let trace = null;
    /** @type {any[]} */
    let source = [];
    /** @type {Waterfall|null} */
    let waterfall = null;
    /** @type {FlameChart|null} */
    let flame = null;
    /** @type {Uint8Array|null} */
    let found = null;
    let foundFor = "";
    let shownKey = "";
    let slots = /** @type {number[]} */ ([]);
    let isOpen = context.state.span !== "";
    let flameOf = "critical";
    const table = new DataTable("Operations", [
        { key: "service", title: "Service" }, { key: "name", title: "Operation", style: "wrap" }, { key: "count", title: "Spans", numeric: true },
        { key: "errors", title: "Errors", numeric: true }, { key: "critical", title: "Critical", numeric: true }, { key: "own", title: "Own time", numeric: true },
        { key: "total", title: "Total", numeric: true }, { key: "longest", title: "Longest", numeric: true },
    ], (sort) => context.go({ sort }));

    function saveOTLP() {
        download(JSON.stringify({ resourceSpans: source }), `trace-${trace?.id ?? "file"}.json`, "application/json");
    }

    /** @param {string} path @param {string} ending */
    async function saveFrom(path, ending) {
        try {
            download(await api.traces(path, [], undefined, "text"), `trace-${context.state.trace}.${ending}`, "application/json");
        } catch (error) {
            announce(error instanceof Error ? error.message : String(error));
        }
    }

    /** @param {string} text @returns {Set<number>} */
    function foldedOf(text) {
        const wanted = new Set(text.split(",").filter(Boolean));
        const folded = /** @type {Set<number>} */ (new Set());
        if (trace && wanted.size > 0) for (let i = 0; i < trace.count; i += 1) if (wanted.has(trace.ids[i])) folded.add(i);
        return folded;
    }
    /** What is folded here, when it is more than the address holds.
     * @type {Set<number>|null} */
    let folds = null;

    /** @param {{span?: number, cut?: [number, number]|null, folded?: Set<number>, open?: boolean}} change */
    function changed(change) {
        if (!trace) return;
        const patch = /** @type {Partial<import("./state.js").State>} */ ({});
        if (change.span !== undefined) patch.span = trace.ids[change.span];
        if (change.cut !== undefined) patch.cut = change.cut;
        if (change.folded) {
            const { ids } = trace;
            const list = [...change.folded].map((span) => ids[span]);
            folds = list.length > FOLDS_MAX ? change.folded : null;
            patch.fold = list.length > FOLDS_MAX ? "" : list.join(",");
        }
        const before = isOpen;
        if (change.open !== undefined) isOpen = change.open;
        context.go(patch, true);
        if (before !== isOpen) drawDetails();
    }

    function spanShown() {
        return trace && context.state.span ? trace.ids.indexOf(context.state.span) : -1;
    }

    function drawDetails() {
        const span = spanShown();
        details.hidden = !isOpen || span < 0 || !trace;
        page.classList.toggle("has-details", !details.hidden);
        if (details.hidden || !trace) {
            details.dataset.span = "";
            return;
        }
        const key = `${shownKey} ${span} ${context.state.utc}`;
        if (details.dataset.span === key) return;
        details.dataset.span = key;
        details.scrollTop = 0;
        replace(details, spanDetails(context, trace, span, () => { changed({ open: false }); waterfall?.focus(); }, context.state.trace === "file" ? null : spanLogs(context, trace, span)));
    }

    function drawParts() {
        for (const { part, link } of parts) {
            link.setAttribute("href", context.link({ part }));
            if (part === context.state.part) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
        back.setAttribute("href", context.link({ trace: "", span: "", cut: null, fold: "", part: "", filter: "", other: "", sort: "" }));
    }

    function draw() {
        drawParts();
        if (document.activeElement !== find) find.value = context.state.filter;
        if (!trace) return;
        const one = trace;
        if (foundFor !== `${shownKey} ${context.state.filter}`) {
            foundFor = `${shownKey} ${context.state.filter}`;
            found = findSpans(one, context.state.filter);
        }
        const count = found ? found.reduce((sum, hit) => sum + hit, 0) : 0;
        setText(matches, found ? `${count.toLocaleString("en")} of ${one.count.toLocaleString("en")}; Enter goes to the next` : "");
        const isTimeline = context.state.part !== "flame" && context.state.part !== "operations";
        page.classList.toggle("is-timeline", isTimeline);
        if (isTimeline) {
            waterfall ??= new Waterfall(one, slots, changed);
            if (body.firstChild !== waterfall.element) replace(body, waterfall.element);
            waterfall.setFound(found);
            waterfall.show(folds ?? foldedOf(context.state.fold), context.state.cut, spanShown());
            waterfall.redraw();
        } else if (context.state.part === "flame") {
            drawFlame(one);
        } else {
            if (body.firstChild !== table.scroller) replace(body, table.scroller);
            drawOperations(one);
        }
        drawDetails();
    }

    /** @param {Trace} one */
    function drawFlame(one) {
        if (!flame) {
            flame = new FlameChart((service) => slots[one.services.indexOf(service)] ?? 7, (frame) => {
                if (frame.example >= 0) changed({ span: frame.example, open: true });
            });
            const choices = [["critical", "Critical path"], ["own", "All work"]].map(([key, title]) => h("button", {
                type: "button", "data-of": key, onclick: () => { flameOf = key; shownFlame = ""; draw(); },
            }, title));
            flameBox = h("div", { class: "flame-box" }, h("div", { class: "segments", role: "group", "aria-label": "What the widths stand for" }, choices), flame.element);
        }
        if (flameBox && body.firstChild !== flameBox) replace(body, flameBox);
        for (const button of flameBox?.querySelectorAll("[data-of]") ?? []) button.setAttribute("aria-pressed", String(button.getAttribute("data-of") === flameOf));
        if (shownFlame !== `${shownKey} ${flameOf}`) {
            shownFlame = `${shownKey} ${flameOf}`;
            flame.show(flameOfTrace(one, flameOf === "critical" ? one.critical : one.own));
        }
        flame.redraw();
    }
    let shownFlame = "";
    let flameBox = /** @type {HTMLElement|null} */ (null);

    /** @param {Trace} one */
    function drawOperations(one) {
        const time = (/** @type {number} */ value) => ({ text: timeText(value), sort: value });
        table.draw(operations(one).map((entry) => ({
            id: `${entry.service} ${entry.name}`,
            cells: {
                service: { text: entry.service, node: () => serviceMark(entry.service, slots[one.services.indexOf(entry.service)]) },
                name: {
                    text: entry.name,
                    node: () => h("button", { type: "button", class: "link", title: "the longest of them", onclick: () => changed({ span: entry.example, open: true }) }, entry.name || "(no name)"),
                },
                count: { text: String(entry.count), sort: entry.count }, errors: { text: String(entry.errors), sort: entry.errors },
                critical: time(entry.critical), own: time(entry.own), total: time(entry.total), longest: time(entry.longest),
            },
        })), context.state.filter, context.state.sort, h("p", {}, "The trace has no spans."));
    }

    /** @param {any[]} resourceSpans @param {string} id */
    function take(resourceSpans, id) {
        const began = performance.now();
        const next = buildTrace(resourceSpans, id);
        const key = `${id} ${next.count} ${next.length} ${next.errors}`;
        if (key === shownKey) return;
        shownKey = key;
        source = resourceSpans;
        trace = next;
        // Services get their colours by name, so that they look the same on every page.
        slots = colorSlots(next.services);
        waterfall?.destroy();
        flame?.destroy();
        [waterfall, flame, flameBox, shownFlame] = [null, null, null, ""];
        const rootSpan = next.order[0];
        replace(heading, rootSpan === undefined ? "Trace" : [
            h("span", { class: "quiet" }, `${next.services[next.service[rootSpan]] || "?"}: `), next.names[rootSpan] || "(no name)"]);
        drawFacts(next);
        // For those who want to know where the time goes.
        [page.dataset.began, page.dataset.built] = [began.toFixed(0), (performance.now() - began).toFixed(0)];
    }

    /** @param {Trace} one */
    function drawFacts(one) {
        const began = Number(one.base / 1_000_000n) / 1000;
        const onPath = one.path.span.length;
        const words = [
            momentText(began, context.state.utc), timeText(one.length), `${one.count.toLocaleString("en")} span${one.count === 1 ? "" : "s"}`,
            `${one.services.length} service${one.services.length === 1 ? "" : "s"}`, `${onPath.toLocaleString("en")} step${onPath === 1 ? "" : "s"} on the critical path`,
        ];
        replace(facts, words.join(" · "), one.errors > 0 && h("span", { class: "state bad" }, h("span", { "aria-hidden": "true" }, " · ✕"), `${one.errors.toLocaleString("en")} failed`));
        replace(legend, one.services.map((service, index) => ({ service, index })).slice(0, 12).map(({ service, index }) =>
            h("li", {}, serviceMark(service, slots[index]))), one.services.length > 12 && h("li", { class: "quiet" }, `and ${one.services.length - 12} more`),
        h("li", { class: "path-key" }, h("span", { class: "path-swatch", "aria-hidden": "true" }), "critical path"));
        replace(remarks,
            one.skewed > 0 && h("div", { class: "remark" }, `The clocks of hosts seem to differ: ${one.skewed.toLocaleString("en")} spans are shown inside of what called them. What is stored is as it was sent.`),
            one.strays > 0 && h("div", { class: "remark" }, `${one.strays.toLocaleString("en")} spans name a parent that is not here: it has not come yet, was not sampled or was lost. They stand as roots.`),
            context.state.trace === "file" && h("div", { class: "remark" }, `From the file ${opened?.name ?? ""}: shown, not stored.`));
    }

    function nothing(/** @type {string} */ title, /** @type {string} */ todo) {
        trace = null;
        shownKey = "";
        replace(heading, "Trace");
        replace(facts);
        replace(legend);
        replace(remarks);
        details.hidden = true;
        replace(body, h("div", { class: "nothing" }, h("p", {}, title), h("p", { class: "quiet" }, todo)));
    }

    replace(body, h("p", { class: "quiet nothing", role: "status" }, "Fetching the trace…"));
    drawParts();
    return {
        every: 5,
        get isStill() {
            return context.state.trace === "file" || (trace !== null && Number(trace.base / 1_000_000n) / 1000 + trace.length / 1e9 < api.now() - YOUNG_SECONDS);
        },
        update() {
            if (trace) drawFacts(trace);
            draw();
        },
        destroy() {
            waterfall?.destroy();
            flame?.destroy();
        },
        async refresh(signal) {
            const { trace: id } = context.state;
            if (id === "file") {
                const list = opened?.traces.get(opened.chosen);
                if (!opened || !list) return nothing("No file is open.", "A file lives only as long as the page: open it again with Open file on the search page.");
                const { traces, chosen } = opened;
                picker.hidden = traces.size < 2;
                replace(picker, [...traces].slice(0, 1000).map(([key, own]) => h("option", { value: key }, `${key} (${own.reduce((sum, group) => sum + group.scopeSpans[0].spans.length, 0)} spans)`)));
                picker.value = chosen;
                take(list, chosen);
            } else {
                try {
                    const answer = await api.traces(`api/v3/traces/${encodeURIComponent(id)}`, [], signal);
                    take(answer.result?.resourceSpans ?? [], id);
                } catch (error) {
                    if (!(error instanceof api.APIError) || (error.status !== 404 && error.status !== 400)) throw error;
                    return nothing(error.message, error.status === 404
                        ? "It was never stored here, is not sent yet, or is older than traces are kept (traces.retention). The page looks again every 5 s."
                        : "Take the id from a log line, a traceparent header or the search page.");
                }
            }
            draw();
        },
    };
}

/** A service's name with its colour.
 * @param {string} service @param {number} slot @returns {HTMLElement} */
export function serviceMark(service, slot) {
    return h("span", { class: "service" }, h("span", { class: `dot slot-${slot}`, "aria-hidden": "true" }), service || "?");
}
