// A panel: a title, what can be done with its query, a chart and its legend, or what to do when there is nothing to draw.

import * as api from "./api.js";
import { Chart } from "./chart.js";
import { PALETTES, colorSlots } from "./colors.js";
import { copyText, h, replace, setText } from "./dom.js";
import { formatValue } from "./format.js";
import { commonLabels, gridRows, mergeRange, rankLines, seriesName } from "./matrix.js";
import { menuButton } from "./menu.js";
import { curlCommand, martletCommand } from "./promql.js";
import { clockText } from "./time.js";

/** @typedef {{start: number, end: number, step: number, live: boolean}} TimeWindow */
/** @typedef {object} Options
 * @property {string} title
 * @property {string} [short] the name that tests and links know it by
 * @property {import("./format.js").Unit} unit
 * @property {boolean} [stacked]
 * @property {(labels: Record<string, string>) => string} [name] how a line is called; else by the labels that differ
 * @property {() => {title: string, todo: string}} empty
 * @property {boolean} [bare] without a title and a menu of its own
 * @property {import("./chart.js").Sync} sync
 * @property {(from: number|null, to: number|null) => void} zoom
 * @property {(expression: string) => void} explore
 */

/** A chart shows so many lines at most. */
const LINES_MAX = 50;

export class Panel {
    #options;
    #lines = /** @type {import("./matrix.js").Lines} */ (new Map());
    #asked = "";
    #end = 0;
    #expression = "";
    /** @type {import("./promql.js").Span|null} */
    #span = null;
    /** @type {Map<string, HTMLElement>} */
    #values = new Map();
    /** @type {{name: string, color: string, last: number|null}[]} */
    #shown = [];
    /** The order of the legend's entries, as indices into the lines drawn.
     * @type {number[]} */
    #order = [];
    #legendText = "";
    /** @type {string|null} */
    #alone = null;
    /** @type {number|null} */
    #from = null;
    #utc = false;
    /** @type {TimeWindow|null} */
    #window = null;

    /** A threshold to draw.
     * @type {number|null} */
    mark = null;

    /** Why the last question was refused.
     * @type {api.APIError|null} */
    refusal = null;

    /** @param {Options} options */
    constructor(options) {
        this.#options = options;
        this.chart = new Chart({
            unit: options.unit, stacked: options.stacked ?? false, sync: options.sync, label: options.title,
            zoom: options.zoom, instant: (row) => this.#readOut(row),
        });
        this.legend = h("div", { class: "legend", role: "group", "aria-label": `${options.title}: lines by last value` });
        this.note = h("span", { class: "quiet note" });
        this.message = h("div", { class: "empty", hidden: true });
        this.element = h("section", { class: "panel", "aria-label": options.title, "data-panel": options.short ?? options.title },
            h("header", { class: "panel-head" }, !options.bare && h("h2", {}, options.title), this.note,
                !options.bare && menuButton(`${options.title}: copy or explore`, "⋯", () => this.#items())),
            h("div", { class: "panel-body" }, this.chart.element, this.message), this.legend);
        this.element.dataset.points = "0";
        this.element.dataset.newest = "0";
    }

    #items() {
        const expression = this.#expression;
        return [
            { label: "Copy PromQL", run: () => copyText(expression, "PromQL") },
            { label: "Copy martlet command", run: () => copyText(martletCommand(new URL(api.base).origin, expression, this.#span), "command") },
            { label: "Copy curl", run: () => copyText(curlCommand(api.base, expression, this.#span), "curl line") },
            { label: "Open in Explore", run: () => this.#options.explore(expression) },
        ];
    }

    /** Brings the panel up to date; asks only for what is new where it can.
     * @param {string} expression @param {TimeWindow} window @param {string} range @param {boolean} utc
     * @param {AbortSignal} signal @param {import("./format.js").Unit} [unit]
     * @returns {Promise<import("./api.js").Answer|null>} the answer; `null` when the server refused the question */
    async refresh(expression, window, range, utc, signal, unit) {
        const { start, end, step, live } = window;
        const asked = `${expression}\n${step}\n${live ? range : `${start} ${end}`}`;
        this.#expression = expression;
        this.#span = { start, end, step, range: live ? range : null };
        // The newest points may still change as late samples come in: they are asked for again.
        const isNext = asked === this.#asked && live && end - this.#end < (end - start) / 2;
        const since = isNext ? Math.max(start, this.#end - Math.max(3 * step, Math.ceil(30 / step) * step)) : start;
        let answer;
        try {
            answer = await api.range(expression, since, end, step, signal);
        } catch (error) {
            if (!(error instanceof api.APIError) || error.status === 0 || error.status >= 500 || error.status === 429) throw error;
            this.#asked = "";
            this.#lines.clear();
            this.refusal = error;
            this.#say("error", error.message, error.remedy);
            return null;
        }
        if (!isNext) this.#lines.clear();
        mergeRange(this.#lines, answer.data.result ?? [], since, start);
        this.#asked = asked;
        this.#end = end;
        this.#utc = utc;
        this.#window = window;
        if (unit) {
            this.#options.unit = unit;
            this.chart.unit = unit;
        }
        this.redraw();
        return answer;
    }

    /** When the oldest value was; infinite without any. */
    get oldest() {
        return Math.min(...[...this.#lines.values()].map((line) => line.times[0]));
    }

    /** Begins the time axis later than the window, or with it again.
     * @param {number|null} from Unix seconds */
    showFrom(from) {
        if (this.#from === from) return;
        this.#from = from;
        this.redraw();
    }

    /** Draws what is there once more; for a change of theme or time zone.
     * @param {boolean} [utc] */
    redraw(utc) {
        if (utc !== undefined) this.#utc = utc;
        const window = this.#window;
        if (!window) return;
        const { shown, total } = rankLines([...this.#lines.values()], window.end - 2 * window.step, LINES_MAX);
        if (shown.length === 0) {
            this.#shown = [];
            setText(this.note, "");
            this.#legend();
            const { title, todo } = this.#options.empty();
            this.#say("empty", title, todo);
            return;
        }
        this.message.hidden = true;
        const common = commonLabels(shown.map(({ line }) => line.labels));
        const name = this.#options.name ?? ((/** @type {Record<string, string>} */ labels) => seriesName(labels, common));
        const names = shown.map(({ line }) => name(line.labels));
        const slots = colorSlots(names);
        const palette = PALETTES[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];
        // Drawn in an order that does not change with the values, else stacked areas would jump; dygraphs stacks from the last up.
        const places = names.map((_, i) => i).sort((a, b) => slots[b] - slots[a] || (names[a] < names[b] ? 1 : -1));
        this.#shown = places.map((i) => ({ name: names[i], color: palette[slots[i]], last: shown[i].last }));
        const isHeld = this.legend.matches(":hover, :focus-within") && this.#order.length === places.length;
        if (!isHeld) this.#order = names.map((_, i) => places.indexOf(i));
        if (this.#alone !== null && !names.includes(this.#alone)) this.#isolate(null);
        const start = this.#from === null ? window.start : Math.max(window.start, this.#from);
        setText(this.note, total > shown.length ? `showing ${shown.length} of ${total.toLocaleString("en")}`
            : start > window.start ? `data since ${clockText(Math.max(start, this.oldest), this.#utc)}` : "");
        const rows = gridRows(places.map((i) => shown[i].line), start, window.end, window.step);
        this.element.dataset.points = String(shown.reduce((sum, { line }) => sum + line.times.length, 0));
        this.element.dataset.newest = String(Math.max(...shown.map(({ line }) => (line.times.at(-1) ?? 0) * 1000)));
        this.chart.draw({ rows, strokes: this.#shown, start, end: window.end, utc: this.#utc, mark: this.mark });
        this.#legend();
        const spoken = this.#order.slice(0, 4).map((i) => this.#shown[i]).map(({ name: line, last }) => `${line} ${formatValue(last, this.#options.unit)}`);
        this.chart.describe(`${this.#options.title}, now ${spoken.join(", ")}; arrow keys read values, plus and minus zoom, Escape restores`);
    }

    /** @param {"empty"|"error"} kind @param {string} title @param {string} todo */
    #say(kind, title, todo) {
        this.chart.draw(null);
        this.element.dataset.points = "0";
        this.message.hidden = false;
        this.message.className = kind;
        replace(this.message, h("p", {}, kind === "error" && h("span", { class: "glyph" }, "✕ "), title), h("p", { class: "quiet" }, todo));
    }

    #legend() {
        const entries = this.#shown.length > 0 ? this.#order.map((i) => this.#shown[i]) : [];
        const text = JSON.stringify([this.#alone, entries.map(({ name, color }) => [name, color])]);
        if (text !== this.#legendText) {
            const focused = document.activeElement instanceof HTMLElement && this.legend.contains(document.activeElement)
                ? document.activeElement.dataset.line : undefined;
            this.#legendText = text;
            this.#values.clear();
            replace(this.legend, entries.map(({ name, color }) => {
                const value = h("span", { class: "value" });
                this.#values.set(name, value);
                const swatch = h("span", { class: "swatch" });
                swatch.style.background = color;
                const dimmed = this.#alone !== null && this.#alone !== name;
                return h("button", {
                    type: "button", class: `line${dimmed ? " dimmed" : ""}`, "data-line": name, title: `${name}: show alone`,
                    "aria-pressed": String(this.#alone === name),
                    onclick: () => this.#isolate(this.#alone === name ? null : name),
                }, swatch, h("span", { class: "name" }, name), value);
            }));
            if (focused !== undefined) {
                const again = [...this.legend.children].find((item) => /** @type {HTMLElement} */ (item).dataset.line === focused);
                /** @type {HTMLElement|undefined} */ (again)?.focus();
            }
        }
        this.#readOut(null);
    }

    /** @param {string|null} name */
    #isolate(name) {
        this.#alone = name;
        this.chart.isolate(name, this.#shown.map((line) => line.name));
        this.#legend();
    }

    /** The legend's values: those pointed at, or the last ones.
     * @param {(number|null)[]|null} row */
    #readOut(row) {
        this.#shown.forEach(({ name, last }, i) => {
            const element = this.#values.get(name);
            if (element) setText(element, formatValue(row ? row[i + 1] : last, this.#options.unit));
        });
    }

    destroy() {
        this.chart.destroy();
    }
}
