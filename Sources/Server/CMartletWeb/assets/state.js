// The page's whole state, as its address holds it. Every function here is pure.

import { DEFAULT_RANGE, parseSpan } from "./time.js";

/** @typedef {"overview"|"targets"|"alerts"|"health"|"explore"|"traces"|"logs"} View */
/** @typedef {object} State
 * @property {View} view
 * @property {string} range a span such as `15m`, ending now
 * @property {number|null} from start of a zoom in Unix seconds; with `to`, it holds the page still
 * @property {number|null} to
 * @property {boolean} utc
 * @property {string} host the `instance` shown on the overview; empty for the first
 * @property {string} expr
 * @property {"table"|"graph"} tab
 * @property {number|null} mark a threshold on the graph
 * @property {string} filter
 * @property {string} show a state to which a list is narrowed; empty for all
 * @property {string} sort a column, with a leading `-` for descending; empty for the view's own order
 * @property {string} q a line of search
 * @property {string} part which of a view's pages; empty for its first
 * @property {string} trace the trace shown, or `file` for one that was opened from a file
 * @property {string} other the trace it is compared with
 * @property {string} span the span whose details are shown
 * @property {[number, number]|null} cut the part of a trace that is shown, in nanoseconds from its start
 * @property {string} fold spans whose subtrees are folded, with commas between them
 */

/** @type {State} */
export const INITIAL = {
    view: "overview", range: DEFAULT_RANGE, from: null, to: null, utc: false, host: "", expr: "", tab: "table", mark: null,
    filter: "", show: "", sort: "", q: "", part: "", trace: "", other: "", span: "", cut: null, fold: "",
};

const VIEWS = ["overview", "targets", "alerts", "health", "explore", "traces", "logs"];

/** A moment as the address holds it: Unix seconds, or RFC 3339 as a person may type it.
 * @param {string|null} text @returns {number|null} */
function moment(text) {
    if (!text) return null;
    const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
    return Number.isFinite(seconds) && seconds >= 0 && seconds < 1e11 ? seconds : null;
}

/** Reads a query string; what it does not know or understand keeps its initial value.
 *
 * `g0.expr`, `g0.tab` and `g0.range_input`, as links to Prometheus' own graph page have them, open Explore.
 * @param {string} search @returns {State} */
export function parseState(search) {
    const query = new URLSearchParams(search);
    const state = { ...INITIAL };
    const view = query.get("view");
    if (view && VIEWS.includes(view)) state.view = /** @type {View} */ (view);
    const range = query.get("range") ?? query.get("g0.range_input");
    if (range && parseSpan(range) !== null) state.range = range;
    const from = moment(query.get("from"));
    const to = moment(query.get("to"));
    if (from !== null && to !== null && to > from) [state.from, state.to] = [from, to];
    state.utc = query.get("tz") === "utc";
    state.host = query.get("host") ?? "";
    state.expr = query.get("expr") ?? "";
    state.tab = query.get("tab") === "graph" ? "graph" : "table";
    const mark = query.get("mark");
    state.mark = mark && Number.isFinite(Number(mark)) ? Number(mark) : null;
    state.filter = query.get("filter") ?? "";
    state.show = query.get("show") ?? "";
    state.sort = query.get("sort") ?? "";
    state.q = query.get("q") ?? "";
    state.part = query.get("part") ?? "";
    state.trace = (query.get("trace") ?? "").toLowerCase();
    state.other = (query.get("other") ?? "").toLowerCase();
    state.span = (query.get("span") ?? "").toLowerCase();
    const cut = /^(\d{1,18})-(\d{1,18})$/.exec(query.get("cut") ?? "");
    if (cut && Number(cut[2]) > Number(cut[1])) state.cut = [Number(cut[1]), Number(cut[2])];
    state.fold = query.get("fold") ?? "";
    const foreign = query.get("g0.expr");
    if (foreign !== null) {
        state.view = "explore";
        state.expr = foreign;
        if (query.get("g0.tab") === "0" || query.get("g0.tab") === "graph") state.tab = "graph";
    }
    return state;
}

/** Writes the query string of a state, `?` and all; what is initial is left out.
 * @param {State} state @returns {string} */
export function formatState(state) {
    const query = new URLSearchParams();
    if (state.view !== INITIAL.view) query.set("view", state.view);
    if (state.expr) query.set("expr", state.expr);
    if (state.tab !== INITIAL.tab) query.set("tab", state.tab);
    if (state.mark !== null) query.set("mark", String(state.mark));
    if (state.range !== INITIAL.range) query.set("range", state.range);
    if (state.from !== null && state.to !== null) {
        query.set("from", String(state.from));
        query.set("to", String(state.to));
    }
    if (state.host) query.set("host", state.host);
    if (state.filter) query.set("filter", state.filter);
    if (state.show) query.set("show", state.show);
    if (state.sort) query.set("sort", state.sort);
    for (const key of /** @type {("q"|"part"|"trace"|"other"|"span"|"fold")[]} */ (["q", "part", "trace", "other", "span", "fold"])) {
        if (state[key]) query.set(key, state[key]);
    }
    if (state.cut) query.set("cut", `${Math.round(state.cut[0])}-${Math.round(state.cut[1])}`);
    if (state.utc) query.set("tz", "utc");
    const text = query.toString();
    return text ? `?${text}` : "?";
}

/** The state of another view: the time goes along, what belonged to the old view does not.
 * @param {State} state @param {View} view @returns {State} */
export function switchView(state, view) {
    const { range, from, to, utc, host } = state;
    return { ...INITIAL, range, from, to, utc, host, view, expr: view === "explore" ? state.expr : "" };
}

/** Whether a state shows a stretch of the clock, so that the time's choices mean something.
 * @param {State} state @returns {boolean} */
export function hasTime(state) {
    if (state.view === "traces") return state.trace === "" && state.other === "";
    return state.view === "overview" || state.view === "explore" || state.view === "logs";
}

/** The window of time that a state asks for.
 * @param {State} state @param {number} now @param {(span: number) => number} chooseStep
 * @returns {{start: number, end: number, step: number, live: boolean}} aligned to the step, so that answers can be merged */
export function timeWindow(state, now, chooseStep) {
    if (state.from !== null && state.to !== null) {
        const step = chooseStep(state.to - state.from);
        return { start: Math.floor(state.from / step) * step, end: Math.ceil(state.to / step) * step, step, live: false };
    }
    const span = parseSpan(state.range) ?? 900;
    const step = chooseStep(span);
    const end = Math.floor(now / step) * step;
    return { start: end - Math.floor(span / step) * step, end, step, live: true };
}
