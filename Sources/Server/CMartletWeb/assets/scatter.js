// Traces as points: when they began, and how long they took, on a scale of powers.

import { SMALL_FONT, prepare, textWidth, theme } from "./canvas.js";
import { h } from "./dom.js";
import { timeTicks } from "./ticks.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {{id: string, start: number, duration: number, failed: boolean, spans: number, label: string}} Point `start` in Unix seconds, `duration` in nanoseconds */

const LEFT = 56;
const BOTTOM = 18;
const TOP = 6;

/** Durations that people know, about ten times apart, in nanoseconds. */
const STEPS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 6e10, 6e11, 3.6e12, 3.6e13, 8.64e13, 8.64e14];

/** The round durations within a range. Pure.
 * @param {number} low @param {number} high @returns {number[]} */
export function durationTicks(low, high) {
    return STEPS.filter((step) => step >= low && step <= high);
}

/** The round durations around all of the points. Pure.
 * @param {Point[]} points @returns {[number, number]} */
export function durationRange(points) {
    let [low, high] = [Infinity, 0];
    for (const { duration } of points) {
        low = Math.min(low, Math.max(1000, duration));
        high = Math.max(high, Math.max(1000, duration));
    }
    if (!Number.isFinite(low)) return [1e6, 1e9];
    const from = STEPS.findLast((step) => step <= low) ?? STEPS[0];
    const to = STEPS.find((step) => step >= high && step > from) ?? STEPS[STEPS.length - 1];
    return [from, to > from ? to : from * 10];
}

export class Scatter {
    /** @type {Point[]} */
    #points = [];
    #window = { start: 0, end: 1 };
    #utc = false;
    #width = 0;
    #height = 0;
    #hover = "";
    #isQueued = false;
    /** @type {[number, number]} */
    #range = [1e6, 1e9];
    #dragFrom = /** @type {number|null} */ (null);
    #dragTo = 0;
    #resize;

    /** @param {(id: string) => void} open @param {(from: number|null, to: number|null) => void} zoom @param {(id: string) => void} hover */
    constructor(open, zoom, hover) {
        this.canvas = h("canvas", { role: "img", "aria-label": "Traces by time and duration" });
        this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
        this.element = h("div", { class: "scatter" }, this.canvas, this.tip);
        this.canvas.addEventListener("pointermove", (event) => {
            const x = event.offsetX;
            if (this.#dragFrom !== null) this.#dragTo = x;
            const near = this.#nearest(x, event.offsetY);
            this.#set(near?.id ?? "");
            hover(this.#hover);
            this.canvas.style.cursor = near ? "pointer" : "crosshair";
            this.#queue();
        });
        this.canvas.addEventListener("pointerleave", () => { this.#set(""); hover(""); });
        this.canvas.addEventListener("pointerdown", (event) => {
            if (event.button !== 0 || event.offsetX < LEFT) return;
            [this.#dragFrom, this.#dragTo] = [event.offsetX, event.offsetX];
            this.canvas.setPointerCapture(event.pointerId);
        });
        this.canvas.addEventListener("pointerup", (event) => {
            const from = this.#dragFrom;
            this.#dragFrom = null;
            if (from === null) return;
            if (Math.abs(event.offsetX - from) >= 6) zoom(this.#time(Math.min(from, event.offsetX)), this.#time(Math.max(from, event.offsetX)));
            else if (this.#hover) open(this.#hover);
            this.#queue();
        });
        this.canvas.addEventListener("pointercancel", () => { this.#dragFrom = null; this.#queue(); });
        this.canvas.addEventListener("dblclick", () => { if (!this.#hover) zoom(null, null); });
        this.#resize = new ResizeObserver(() => {
            [this.#width, this.#height] = [this.element.clientWidth, this.element.clientHeight];
            this.#queue();
        });
        this.#resize.observe(this.element);
    }

    destroy() {
        this.#resize.disconnect();
    }

    /** @param {Point[]} points @param {{start: number, end: number}} window @param {boolean} utc */
    show(points, window, utc) {
        this.#points = points;
        this.#window = window;
        this.#utc = utc;
        this.#range = durationRange(points);
        const failed = points.filter((point) => point.failed).length;
        this.canvas.setAttribute("aria-label", points.length === 0 ? "No traces" : `${points.length} traces by time and duration, ${failed} with errors; the table below lists them`);
        this.element.dataset.points = String(points.length);
        this.#queue();
    }

    /** Marks a trace, as when the pointer is on its row.
     * @param {string} id */
    mark(id) {
        if (id === this.#hover) return;
        this.#hover = id;
        this.#queue();
    }

    /** @param {string} id */
    #set(id) {
        if (id !== this.#hover) this.#queue();
        this.#hover = id;
        const point = this.#points.find((one) => one.id === id);
        this.tip.hidden = !point;
        if (!point) return;
        this.tip.textContent = `${point.label}\n${timeText(point.duration)}, ${point.spans} spans${point.failed ? ", with errors" : ""}`;
        const [x, y] = this.#place(point);
        this.tip.style.left = `${Math.max(0, Math.min(x + 12, this.#width - 324))}px`;
        this.tip.style.top = `${y > this.#height / 2 ? y - 56 : y + 12}px`;
    }

    /** @param {number} x @returns {number} */
    #time(x) {
        const share = Math.max(0, Math.min(1, (x - LEFT) / Math.max(1, this.#width - LEFT - 8)));
        return this.#window.start + share * (this.#window.end - this.#window.start);
    }

    /** @param {Point} point @returns {[number, number]} */
    #place(point) {
        const [low, high] = this.#range;
        const share = (Math.log10(Math.max(1000, point.duration)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
        const x = LEFT + ((point.start - this.#window.start) / (this.#window.end - this.#window.start)) * (this.#width - LEFT - 8);
        return [x, this.#height - BOTTOM - share * (this.#height - BOTTOM - TOP)];
    }

    /** @param {number} x @param {number} y @returns {Point|null} */
    #nearest(x, y) {
        let best = null;
        let least = 144;
        for (const point of this.#points) {
            const [px, py] = this.#place(point);
            const distance = (px - x) ** 2 + (py - y) ** 2;
            if (distance < least) [best, least] = [point, distance];
        }
        return best;
    }

    redraw() {
        this.#queue();
    }

    #queue() {
        if (this.#isQueued) return;
        this.#isQueued = true;
        requestAnimationFrame(() => {
            this.#isQueued = false;
            this.#draw();
        });
    }

    #draw() {
        const g = this.#width > 0 ? prepare(this.canvas, this.#width, this.#height) : null;
        if (!g) return;
        const colors = theme();
        g.clearRect(0, 0, this.#width, this.#height);
        g.font = SMALL_FONT;
        const [low, high] = this.#range;
        for (const tick of durationTicks(low, high)) {
            const [, y] = this.#place({ id: "", start: 0, duration: tick, failed: false, spans: 0, label: "" });
            g.fillStyle = colors.grid;
            g.fillRect(LEFT, Math.round(y), this.#width - LEFT - 8, 1);
            g.fillStyle = colors.quiet;
            const words = timeText(tick);
            g.fillText(words, LEFT - 8 - textWidth(g, words), Math.max(10, y + 4));
        }
        const { start, end } = this.#window;
        for (const { v, label } of timeTicks(start, end, Math.max(2, Math.floor((this.#width - LEFT) / 96)), this.#utc)) {
            const x = LEFT + ((v - start) / (end - start)) * (this.#width - LEFT - 8);
            g.fillStyle = colors.grid;
            g.fillRect(Math.round(x), TOP, 1, this.#height - BOTTOM - TOP);
            g.fillStyle = colors.quiet;
            g.fillText(label, Math.max(LEFT, Math.min(x - textWidth(g, label) / 2, this.#width - textWidth(g, label))), this.#height - 4);
        }
        for (const point of this.#points) {
            const [x, y] = this.#place(point);
            if (x < LEFT - 4) continue;
            const radius = 2.5 + Math.min(4, Math.log10(Math.max(1, point.spans)));
            if (point.failed) {
                g.strokeStyle = colors.bad;
                g.lineWidth = 1.75;
                g.beginPath();
                g.moveTo(x - radius, y - radius);
                g.lineTo(x + radius, y + radius);
                g.moveTo(x + radius, y - radius);
                g.lineTo(x - radius, y + radius);
                g.stroke();
                g.lineWidth = 1;
            } else {
                g.fillStyle = colors.palette[0];
                g.globalAlpha = 0.55;
                g.beginPath();
                g.arc(x, y, radius, 0, 2 * Math.PI);
                g.fill();
                g.globalAlpha = 1;
            }
            if (point.id === this.#hover) {
                g.strokeStyle = colors.text;
                g.lineWidth = 1.5;
                g.beginPath();
                g.arc(x, y, radius + 3, 0, 2 * Math.PI);
                g.stroke();
                g.lineWidth = 1;
            }
        }
        if (this.#dragFrom !== null && Math.abs(this.#dragTo - this.#dragFrom) > 2) {
            g.fillStyle = colors.selection;
            g.fillRect(Math.min(this.#dragFrom, this.#dragTo), TOP, Math.abs(this.#dragTo - this.#dragFrom), this.#height - BOTTOM - TOP);
        }
    }
}
