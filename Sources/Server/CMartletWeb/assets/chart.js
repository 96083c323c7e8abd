// A line chart on dygraphs, with our own crosshair, zoom and read-out, kept in step with the others of its view.

import { h, replace } from "./dom.js";
import { formatValue } from "./format.js";
import { extent } from "./matrix.js";
import { timeTicks, valueRange, valueTicks } from "./ticks.js";
import { momentText } from "./time.js";

/** @typedef {import("./format.js").Unit} Unit */
/** @typedef {{name: string, color: string}} Stroke */
/** @typedef {object} Picture
 * @property {(number|null)[][]} rows milliseconds, then a value for each stroke
 * @property {Stroke[]} strokes
 * @property {number} start Unix seconds
 * @property {number} end
 * @property {boolean} utc
 * @property {number|null} mark a threshold, drawn as a line across
 */

/** The charts of a view, which share a crosshair. */
export class Sync {
    /** @type {Set<Chart>} */
    charts = new Set();

    /** @param {number|null} time Unix milliseconds @param {Chart} source */
    hover(time, source) {
        for (const chart of this.charts) chart.showInstant(time, chart === source);
    }
}

const SELECTION_MIN = 6;

/** @param {string} name @returns {string} */
function themeColor(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Chart {
    #unit;
    #isStacked;
    #sync;
    #zoom;
    #onInstant;
    /** @type {any} */
    #graph = null;
    /** @type {Picture|null} */
    #picture = null;
    /** @type {number|null} */
    #instant = null;
    #hidden = /** @type {Set<string>} */ (new Set());
    #pointerY = 0;
    #dragFrom = /** @type {number|null} */ (null);
    #resize;
    #labels = "";
    /** @type {[number, number]} */
    #range = [0, 1];

    /** @param {object} options
     * @param {Unit} options.unit @param {boolean} options.stacked @param {Sync} options.sync @param {string} options.label
     * @param {(from: number|null, to: number|null) => void} options.zoom called with Unix seconds, or nulls to restore
     * @param {(row: (number|null)[]|null) => void} options.instant tells the legend which row is pointed at */
    constructor({ unit, stacked, sync, label, zoom, instant }) {
        this.#unit = unit;
        this.#isStacked = stacked;
        this.#sync = sync;
        this.#zoom = zoom;
        this.#onInstant = instant;
        this.plot = h("div", { class: "plot" });
        this.cross = h("div", { class: "cross", hidden: true });
        this.selection = h("div", { class: "selection", hidden: true });
        this.tip = h("div", { class: "tip", hidden: true });
        this.element = h("div", {
            class: "chart", tabIndex: 0, role: "group", "aria-roledescription": "chart", "aria-label": label,
            title: "",
        }, this.plot, this.selection, this.cross, this.tip);
        this.#listen();
        this.#resize = new ResizeObserver(() => this.#graph?.resize());
        this.#resize.observe(this.plot);
        sync.charts.add(this);
    }

    set unit(/** @type {Unit} */ unit) {
        this.#unit = unit;
    }

    destroy() {
        this.#sync.charts.delete(this);
        this.#resize.disconnect();
        this.#graph?.destroy();
        this.#graph = null;
    }

    /** Shows one line alone, or all again.
     * @param {string|null} name @param {string[]} names */
    isolate(name, names) {
        this.#hidden = name === null ? new Set() : new Set(names.filter((other) => other !== name));
        if (this.#picture) this.draw(this.#picture);
    }

    /** @param {Picture|null} picture */
    draw(picture) {
        this.#picture = picture;
        if (!picture || picture.strokes.length === 0 || picture.rows.length === 0) {
            this.#graph?.destroy();
            this.#graph = null;
            this.#labels = "";
            this.showInstant(null, false);
            return;
        }
        const visibility = picture.strokes.map((stroke) => !this.#hidden.has(stroke.name));
        const seen = visibility.every(Boolean) ? picture.rows
            : picture.rows.map((row) => row.filter((_, i) => i === 0 || visibility[i - 1]));
        const [low, high] = extent(seen, this.#isStacked);
        const { mark } = picture;
        this.#range = mark === null ? valueRange(low, high, this.#unit)
            : valueRange(Math.min(low, mark), Math.max(high, mark), this.#unit);
        // dygraphs wants names that differ; ours may not, so it gets numbers.
        const labels = ["t", ...picture.strokes.map((_, i) => `s${i}`)];
        const options = {
            file: picture.rows,
            labels,
            colors: picture.strokes.map((stroke) => stroke.color),
            visibility,
            valueRange: this.#range,
            dateWindow: [picture.start * 1000, picture.end * 1000],
            gridLineColor: themeColor("--grid"),
        };
        if (this.#graph && this.#labels === labels.join()) {
            this.#graph.updateOptions(options);
        } else {
            this.#graph?.destroy();
            const { file, ...rest } = options;
            this.#graph = this.#make(file, rest);
            this.#labels = labels.join();
        }
        if (this.#instant !== null) this.showInstant(this.#instant, !this.tip.hidden);
    }

    /** @param {(number|null)[][]} rows @param {Record<string, unknown>} options */
    #make(rows, options) {
        const Dygraph = /** @type {any} */ (globalThis).Dygraph;
        // Its own legend writes style attributes, which the page's security policy forbids; grid and axes are all we use.
        Dygraph.PLUGINS = [Dygraph.Plugins.Grid, Dygraph.Plugins.Axes];
        return new Dygraph(this.plot, rows, {
            ...options,
            stackedGraph: this.#isStacked,
            stackedGraphNaNFill: "none",
            fillGraph: this.#isStacked,
            fillAlpha: 0.45,
            strokeWidth: 1.5,
            pointSize: 1.5,
            underlayCallback: (/** @type {CanvasRenderingContext2D} */ canvas, /** @type {{x: number, w: number}} */ area, /** @type {any} */ graph) =>
                this.#drawMark(canvas, area, graph),
            drawHighlightPointsCallback: () => {},
            interactionModel: {},
            animatedZooms: false,
            connectSeparatedPoints: false,
            rightGap: 8,
            gridLineWidth: 1,
            axisLineColor: "transparent",
            axes: {
                x: {
                    drawGrid: false,
                    axisLabelWidth: 56,
                    pixelsPerLabel: 72,
                    ticker: (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ pixels) =>
                        timeTicks(a / 1000, b / 1000, Math.max(2, Math.floor(pixels / 72)), this.#picture?.utc ?? false)
                            // A label at the very left would run into the value axis.
                            .filter(({ v }) => (v * 1000 - a) * pixels >= 24 * (b - a))
                            .map(({ v, label }) => ({ v: v * 1000, label })),
                },
                y: {
                    axisLabelWidth: 64,
                    ticker: (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ pixels) =>
                        valueTicks(a, b, Math.max(2, Math.floor(pixels / 36)), this.#unit),
                },
            },
        });
    }

    /** @param {CanvasRenderingContext2D} canvas @param {{x: number, w: number}} area @param {any} graph */
    #drawMark(canvas, area, graph) {
        const mark = this.#picture?.mark ?? null;
        if (mark === null) return;
        const y = Math.round(graph.toDomYCoord(mark)) + 0.5;
        canvas.save();
        canvas.strokeStyle = themeColor("--bad");
        canvas.setLineDash([6, 4]);
        canvas.beginPath();
        canvas.moveTo(area.x, y);
        canvas.lineTo(area.x + area.w, y);
        canvas.stroke();
        canvas.restore();
    }

    #listen() {
        const target = this.element;
        target.addEventListener("pointermove", (event) => {
            const time = this.#timeAt(event.clientX);
            if (time === null) return;
            this.#pointerY = event.clientY - this.plot.getBoundingClientRect().top;
            if (this.#dragFrom !== null) this.#showSelection(this.#dragFrom, event.clientX);
            this.#sync.hover(this.#nearest(time), this);
        });
        target.addEventListener("pointerleave", () => {
            if (this.#dragFrom === null) this.#sync.hover(null, this);
        });
        target.addEventListener("pointerdown", (event) => {
            if (event.button !== 0 || !this.#graph || event.pointerType === "touch") return;
            this.#dragFrom = event.clientX;
            target.setPointerCapture(event.pointerId);
        });
        target.addEventListener("pointerup", (event) => this.#endDrag(event.clientX));
        target.addEventListener("pointercancel", () => this.#endDrag(null));
        target.addEventListener("dblclick", () => this.#zoom(null, null));
        target.addEventListener("keydown", (event) => this.#key(event));
        target.addEventListener("blur", () => this.#sync.hover(null, this));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const rows = this.#picture?.rows;
        if (!rows || rows.length === 0 || !this.#picture || event.ctrlKey || event.metaKey || event.altKey) return;
        const index = this.#instant === null ? rows.length - 1 : rows.findIndex((row) => row[0] === this.#instant);
        const { start, end } = this.#picture;
        const center = this.#instant === null ? (start + end) / 2 : this.#instant / 1000;
        const stride = event.shiftKey ? 10 : 1;
        const at = (/** @type {number} */ i) => {
            this.#pointerY = 0;
            this.#sync.hover(Number(rows[Math.min(rows.length - 1, Math.max(0, i))][0]), this);
        };
        if (event.key === "ArrowLeft") at(index - (this.#instant === null ? 0 : stride));
        else if (event.key === "ArrowRight") at(index + stride);
        else if (event.key === "Home") at(0);
        else if (event.key === "End") at(rows.length - 1);
        else if (event.key === "+" || event.key === "=") this.#zoom(center - (end - start) / 4, center + (end - start) / 4);
        else if (event.key === "-") this.#zoom(center - (end - start), center + (end - start));
        else if (event.key === "Escape" || event.key === "0") this.#zoom(null, null);
        else return;
        event.preventDefault();
    }

    /** @param {number|null} x */
    #endDrag(x) {
        const from = this.#dragFrom;
        this.#dragFrom = null;
        this.selection.hidden = true;
        if (from === null || x === null || Math.abs(x - from) < SELECTION_MIN) return;
        const a = this.#timeAt(Math.min(from, x));
        const b = this.#timeAt(Math.max(from, x));
        if (a !== null && b !== null && b - a >= 2000) this.#zoom(a / 1000, b / 1000);
    }

    /** @param {number} from @param {number} to both in client pixels */
    #showSelection(from, to) {
        const area = this.#graph?.getArea();
        if (!area) return;
        const left = this.plot.getBoundingClientRect().left;
        const clamp = (/** @type {number} */ x) => Math.min(area.x + area.w, Math.max(area.x, x - left));
        const [a, b] = [clamp(Math.min(from, to)), clamp(Math.max(from, to))];
        this.selection.hidden = b - a < SELECTION_MIN;
        this.selection.style.left = `${a}px`;
        this.selection.style.width = `${b - a}px`;
        this.selection.style.top = `${area.y}px`;
        this.selection.style.height = `${area.h}px`;
    }

    /** @param {number} clientX @returns {number|null} */
    #timeAt(clientX) {
        const area = this.#graph?.getArea();
        if (!area) return null;
        const x = clientX - this.plot.getBoundingClientRect().left;
        return this.#graph.toDataXCoord(Math.min(area.x + area.w, Math.max(area.x, x)));
    }

    /** @param {number} time @returns {number|null} the time of the row nearest to it */
    #nearest(time) {
        const rows = this.#picture?.rows;
        if (!rows || rows.length === 0) return null;
        const first = Number(rows[0][0]);
        const step = rows.length > 1 ? Number(rows[1][0]) - first : 1;
        const index = Math.min(rows.length - 1, Math.max(0, Math.round((time - first) / step)));
        return Number(rows[index][0]);
    }

    /** @param {number|null} time Unix milliseconds @param {boolean} isSource */
    showInstant(time, isSource) {
        this.#instant = time;
        const picture = this.#picture;
        const graph = this.#graph;
        const row = time === null || !picture ? undefined : picture.rows.find((candidate) => candidate[0] === time);
        if (time === null || !graph || !picture || !row) {
            this.cross.hidden = true;
            this.tip.hidden = true;
            this.#onInstant(null);
            return;
        }
        const area = graph.getArea();
        const x = graph.toDomXCoord(time);
        this.cross.hidden = false;
        this.cross.style.left = `${Math.round(x)}px`;
        this.cross.style.top = `${area.y}px`;
        this.cross.style.height = `${area.h}px`;
        this.#onInstant(row);
        this.tip.hidden = !isSource;
        if (isSource) this.#fillTip(row, x, area);
    }

    /** All lines at an instant, nearest to the pointer first.
     * @param {(number|null)[]} row @param {number} x @param {{x: number, y: number, w: number, h: number}} area */
    #fillTip(row, x, area) {
        const picture = this.#picture;
        if (!picture) return;
        const entries = [];
        let sum = 0;
        // Stacked lines are drawn from the last up, as dygraphs stacks them.
        for (let i = picture.strokes.length - 1; i >= 0; i -= 1) {
            const value = row[i + 1];
            const stroke = picture.strokes[i];
            if (value === null || value === undefined || this.#hidden.has(stroke.name)) continue;
            sum += value;
            const y = this.#graph.toDomYCoord(this.#isStacked ? sum : value);
            entries.push({ stroke, value, distance: Math.abs(y - this.#pointerY) });
        }
        entries.sort((a, b) => a.distance - b.distance);
        const shown = entries.slice(0, 12);
        replace(this.tip,
            h("div", { class: "tip-time" }, momentText(Number(row[0]) / 1000, picture.utc)),
            shown.map(({ stroke, value }) => {
                const swatch = h("span", { class: "swatch" });
                swatch.style.background = stroke.color;
                return h("div", { class: "tip-row" }, swatch, h("span", { class: "tip-name" }, stroke.name),
                    h("span", { class: "tip-value" }, formatValue(value, this.#unit)));
            }),
            entries.length === 0 && h("div", { class: "tip-row" }, "no value here"),
            entries.length > shown.length && h("div", { class: "quiet" }, `and ${entries.length - shown.length} more`));
        const width = this.tip.offsetWidth;
        const isRight = x + 12 + width > area.x + area.w;
        this.tip.style.left = `${Math.round(isRight ? Math.max(0, x - 12 - width) : x + 12)}px`;
        this.tip.style.top = `${area.y}px`;
    }

    /** @param {string} text */
    describe(text) {
        if (this.element.getAttribute("aria-label") !== text) this.element.setAttribute("aria-label", text);
    }
}

