// The view for questions of one's own: an expression, its answer as a table or a graph.

import * as api from "./api.js";
import { Sync } from "./chart.js";
import { Completion } from "./completion.js";
import { copyText, h, replace, store, stored } from "./dom.js";
import { formatSeconds, formatValue, guessUnit } from "./format.js";
import { labelKey, sampleValue, seriesName } from "./matrix.js";
import { menuButton } from "./menu.js";
import { Panel } from "./panel.js";
import { curlCommand, errorPosition, martletCommand } from "./promql.js";
import { timeWindow } from "./state.js";
import { DataTable } from "./table.js";
import { chooseStep, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */

const HISTORY_MAX = 30;
const EXAMPLES = ["up", "avg by (mode) (rate(system_cpu_seconds_total[1m]))", "topk(5, scrape_duration_seconds)"];

/** @returns {string[]} */
function readHistory() {
    try {
        const list = JSON.parse(stored("history", "[]"));
        return Array.isArray(list) ? list.filter((item) => typeof item === "string").slice(0, HISTORY_MAX) : [];
    } catch {
        return [];
    }
}

/** @param {string} expression */
function remember(expression) {
    store("history", JSON.stringify([expression, ...readHistory().filter((other) => other !== expression)].slice(0, HISTORY_MAX)));
}

/** A result of any type as rows of a table.
 * @param {any} data @param {import("./format.js").Unit} unit @param {boolean} utc @returns {import("./table.js").Row[]} */
function resultRows(data, unit, utc) {
    const value = (/** @type {string} */ text) => {
        const number = sampleValue(text);
        return { text, sort: number, node: () => h("span", { title: text }, unit === "number" ? text : `${formatValue(number, unit)}`) };
    };
    switch (data.resultType) {
        case "scalar": return [{ id: "scalar", cells: { series: { text: "scalar" }, value: value(data.result[1]) } }];
        case "string": return [{ id: "string", cells: { series: { text: "string" }, value: { text: data.result[1] } } }];
        case "vector": return data.result.map((/** @type {any} */ item) => ({
            id: labelKey(item.metric),
            cells: {
                series: { text: seriesName(item.metric) },
                value: item.value ? value(item.value[1]) : histogramCell(item.histogram?.[1]),
            },
        }));
        case "matrix": return data.result.map((/** @type {any} */ item) => ({
            id: labelKey(item.metric),
            cells: {
                series: { text: seriesName(item.metric) },
                value: {
                    text: (item.values ?? []).map((/** @type {[number, string]} */ [time, text]) => `${text} @ ${momentText(time, utc)}`).join("\n"),
                },
            },
        }));
        default: return [];
    }
}

/** @param {any} histogram @returns {import("./table.js").Cell} */
function histogramCell(histogram) {
    return { text: histogram ? `count ${histogram.count}, sum ${histogram.sum}` : "–" };
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountExplore(root, context) {
    const sync = new Sync();
    const box = h("textarea", {
        class: "code expression", rows: 1, spellcheck: false, autocomplete: "off", autocapitalize: "off", value: context.state.expr,
        "aria-label": "PromQL expression", placeholder: "PromQL, such as rate(http_requests_total[5m])", "aria-describedby": "explore-keys",
    });
    const completion = new Completion(box);
    const run = h("button", { type: "submit", class: "primary" }, "Run");
    const panel = new Panel({
        title: "Result", unit: "number", bare: true, sync, empty: () => ({
            title: "No series in this range", todo: "Widen the range, or look at the Table tab for what there is now.",
        }),
        zoom: (from, to) => context.zoom(from, to), explore: () => {},
    });
    panel.element.classList.add("tall");
    const table = new DataTable("Result", [
        { key: "series", title: "Series", style: "wrap code" }, { key: "value", title: "Value", numeric: true, style: "lines" },
    ], (sort) => context.go({ sort }));
    const remarks = h("div", { class: "remarks", "aria-live": "polite" });
    const summary = h("span", { class: "quiet" });
    const tabs = /** @type {["table"|"graph", string][]} */ ([["table", "Table"], ["graph", "Graph"]]).map(([key, title]) => h("button", {
        type: "button", role: "tab", id: `tab-${key}`, "aria-controls": "explore-result", "data-tab": key,
        onclick: () => context.go({ tab: key }),
    }, title));
    const tablist = h("div", { class: "tabs", role: "tablist", "aria-label": "Form of the answer" }, tabs);
    tablist.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        const next = context.state.tab === "table" ? 1 : 0;
        context.go({ tab: next === 1 ? "graph" : "table" });
        tabs[next].focus();
    });
    const copies = menuButton("Copy the query", "⋯", () => {
        const expr = context.state.expr;
        const isGraph = context.state.tab === "graph";
        const window = timeWindow(context.state, api.now(), chooseStep);
        const span = isGraph ? { ...window, range: window.live ? context.state.range : null } : null;
        return [
            { label: "Copy PromQL", run: () => copyText(expr, "PromQL") },
            { label: "Copy martlet command", run: () => copyText(martletCommand(new URL(api.base).origin, expr, span), "command") },
            { label: "Copy curl", run: () => copyText(curlCommand(api.base, expr, span), "curl line") },
        ];
    });
    const history = menuButton("Earlier expressions", "History", () => {
        const list = readHistory();
        return list.length > 0
            ? list.slice(0, 12).map((expr) => ({ label: expr, run: () => submit(expr) }))
            : EXAMPLES.map((expr) => ({ label: expr, run: () => submit(expr) }));
    }, "plain");
    const body = h("div", { id: "explore-result", role: "tabpanel", "aria-labelledby": "tab-table" });
    const form = h("form", { class: "ask", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); submit(box.value); } },
        h("div", { class: "ask-box" }, box, completion.element), run, history);
    root.append(h("h1", { class: "offscreen" }, "Explore"), form,
        h("p", { class: "quiet keys", id: "explore-keys" }, "Enter runs · Shift+Enter breaks the line · Ctrl+Space completes"),
        remarks, h("div", { class: "tools" }, tablist, summary, h("span", { class: "spacer" }), table.copy, copies), body);

    const fit = () => {
        box.rows = Math.min(12, box.value.split("\n").length);
    };
    box.addEventListener("input", fit);
    box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented) {
            event.preventDefault();
            submit(box.value);
        }
    });
    fit();

    /** @param {string} expr */
    function submit(expr) {
        const text = expr.trim();
        completion.close();
        box.value = text;
        fit();
        if (text) remember(text);
        if (text === context.state.expr) context.again();
        else context.go({ expr: text, sort: "", mark: null });
    }

    /** The error with the place marked in the expression.
     * @param {string} message @param {string} remedy */
    function showError(message, remedy) {
        const expr = context.state.expr;
        const place = errorPosition(message, expr);
        const word = place ? /^(?:[\w:]+|.)/.exec(expr.slice(place.offset))?.[0] ?? "" : "";
        const marked = place && h("pre", { class: "code place" }, expr.slice(0, place.offset),
            h("mark", {}, word || "\u00a0"), expr.slice(place.offset + word.length));
        replace(remarks, h("div", { class: "remark bad", role: "alert" }, h("span", { class: "glyph", "aria-hidden": "true" }, "✕ "),
            h("span", { class: "code" }, message), marked, h("div", { class: "quiet" }, remedy)));
        replace(summary);
        replace(body);
        body.hidden = true;
    }

    /** @param {import("./api.js").Answer} answer */
    function showRemarks(answer) {
        replace(remarks,
            answer.warnings.map((text) => h("div", { class: "remark warning" }, h("span", { class: "glyph", "aria-hidden": "true" }, "◐ "), `warning: ${text}`)),
            answer.infos.map((text) => h("div", { class: "remark" }, h("span", { class: "glyph", "aria-hidden": "true" }, "○ "), `info: ${text}`)));
        body.hidden = false;
    }

    function drawTabs() {
        const isGraph = context.state.tab === "graph";
        for (const tab of tabs) {
            const isSelected = tab.dataset.tab === context.state.tab;
            tab.setAttribute("aria-selected", String(isSelected));
            tab.tabIndex = isSelected ? 0 : -1;
        }
        body.setAttribute("aria-labelledby", `tab-${context.state.tab}`);
        table.copy.hidden = isGraph;
        if (!context.state.expr) {
            body.hidden = false;
            replace(body, h("div", { class: "nothing" }, h("p", {}, "Ask something: type a metric's name, or start with one of these."),
                h("p", {}, EXAMPLES.map((expr) => h("button", { type: "button", class: "plain code", onclick: () => submit(expr) }, expr)))));
            replace(remarks);
            replace(summary);
            return;
        }
        const wanted = isGraph ? panel.element : table.scroller;
        if (body.firstChild !== wanted || body.childNodes.length > 1) replace(body, wanted);
    }
    /** @type {any} */
    let latest = null;
    let latestExpr = "";

    function drawTable() {
        if (!latest) return;
        const rows = resultRows(latest, guessUnit(latestExpr), context.state.utc);
        table.draw(rows, "", context.state.sort, h("div", {}, h("p", {}, "The answer is empty: no series fits now."),
            h("p", { class: "quiet" }, "Check the spelling of names and labels, or take the Graph tab to see whether there was something earlier.")));
    }

    drawTabs();
    return {
        get every() {
            return Math.min(30, Math.max(5, timeWindow(context.state, api.now(), chooseStep).step));
        },
        update() {
            if (document.activeElement !== box && box.value !== context.state.expr) {
                box.value = context.state.expr;
                fit();
            }
            drawTabs();
            drawTable();
            panel.redraw(context.state.utc);
        },
        destroy() {
            completion.close();
            panel.destroy();
        },
        async refresh(signal) {
            const { expr, tab, to, utc, range } = context.state;
            drawTabs();
            if (!expr) return;
            const began = performance.now();
            try {
                if (tab === "graph") {
                    const window = timeWindow(context.state, api.now(), chooseStep);
                    panel.mark = context.state.mark;
                    const answer = await graph(panel, expr, window, range, utc, signal);
                    showRemarks(answer);
                    const threshold = panel.mark === null ? "" : `threshold ${formatValue(panel.mark, guessUnit(expr))} (dashed), `;
                    replace(summary, `${threshold}step ${formatSeconds(window.step)}, ${formatSeconds((performance.now() - began) / 1000)}`);
                } else {
                    const answer = await api.instant(expr, to, signal);
                    latest = answer.data;
                    latestExpr = expr;
                    showRemarks(answer);
                    drawTable();
                    const count = Array.isArray(latest.result) && latest.resultType !== "scalar" && latest.resultType !== "string" ? latest.result.length : 1;
                    replace(summary, `${count} series at ${momentText(to ?? api.now(), utc)}, ${formatSeconds((performance.now() - began) / 1000)}`);
                }
            } catch (error) {
                if (!(error instanceof api.APIError) || error.status === 0 || error.status >= 500 || error.status === 429) throw error;
                showError(error.message, error.remedy);
            }
        },
    };
}

/** Draws the graph, and throws what the panel would show in its own place: here the message belongs under the box.
 * @param {Panel} panel @param {string} expr @param {import("./panel.js").TimeWindow} window @param {string} range
 * @param {boolean} utc @param {AbortSignal} signal */
async function graph(panel, expr, window, range, utc, signal) {
    const answer = await panel.refresh(expr, window, range, utc, signal, guessUnit(expr));
    if (answer) return answer;
    throw panel.refusal ?? new api.APIError("the server refused the query", "correct the expression", 400);
}
