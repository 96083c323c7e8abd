// How many log records there were over time, by level.

import { SMALL_FONT, prepare, textWidth, theme, themeColor } from "./canvas.js";
import { h } from "./dom.js";
import { levelFace } from "./logquery.js";
import { timeTicks } from "./ticks.js";
import { clockText } from "./time.js";

/** @typedef {{start: number, count: number, levels: Record<string, number>}} Bar `start` in Unix seconds */

const [LEFT, BOTTOM, TOP] = [48, 18, 4];
const STYLES = /** @type {const} */ (["off", "info", "warning", "bad"]);

export class LogBars {
    /** @type {Bar[]} */
    #bars = [];
    #step = 1;
    #window = { start: 0, end: 1 };
    #utc = false;
    #width = 0;
    #height = 0;
    #hover = -1;
    #dragFrom = /** @type {number|null} */ (null);
    #dragTo = 0;
    #isQueued = false;
    #resize;

    /** @param {(from: number|null, to: number|null) => void} zoom */
    constructor(zoom) {
        this.canvas = h("canvas", { role: "img", "aria-label": "Records over time" });
        this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
        this.element = h("div", { class: "log-bars" }, this.canvas, this.tip);
        this.canvas.addEventListener("pointermove", (event) => {
            if (this.#dragFrom !== null) this.#dragTo = event.offsetX;
            this.#point(event.offsetX);
        });
        this.canvas.addEventListener("pointerleave", () => this.#point(-1));
        this.canvas.addEventListener("pointerdown", (event) => {
            if (event.button !== 0 || event.offsetX < LEFT) return;
            [this.#dragFrom, this.#dragTo] = [event.offsetX, event.offsetX];
            this.canvas.setPointerCapture(event.pointerId);
        });
        this.canvas.addEventListener("pointerup", (event) => {
            const from = this.#dragFrom;
            this.#dragFrom = null;
            if (from !== null && Math.abs(event.offsetX - from) >= 6) zoom(this.#time(Math.min(from, event.offsetX)), this.#time(Math.max(from, event.offsetX)));
            this.#queue();
        });
        this.canvas.addEventListener("pointercancel", () => { this.#dragFrom = null; this.#queue(); });
        this.canvas.addEventListener("dblclick", () => zoom(null, null));
        this.#resize = new ResizeObserver(() => {
            [this.#width, this.#height] = [this.element.clientWidth, this.element.clientHeight];
            this.#queue();
        });
        this.#resize.observe(this.element);
    }

    destroy() {
        this.#resize.disconnect();
    }

    /** @param {Bar[]} bars @param {number} step seconds @param {{start: number, end: number}} window @param {boolean} utc */
    show(bars, step, window, utc) {
        [this.#bars, this.#step, this.#window, this.#utc] = [bars, step, window, utc];
        const total = bars.reduce((sum, bar) => sum + bar.count, 0);
        this.canvas.setAttribute("aria-label", `${total.toLocaleString("en")} records over time; the list below shows the newest`);
        this.element.dataset.bars = String(bars.filter((bar) => bar.count > 0).length);
        this.#queue();
    }

    redraw() {
        this.#queue();
    }

    /** @param {number} x @returns {number} */
    #time(x) {
        const share = Math.max(0, Math.min(1, (x - LEFT) / Math.max(1, this.#width - LEFT)));
        return this.#window.start + share * (this.#window.end - this.#window.start);
    }

    /** @param {number} time @returns {number} */
    #place(time) {
        return LEFT + ((time - this.#window.start) / (this.#window.end - this.#window.start)) * (this.#width - LEFT);
    }

    /** @param {number} x */
    #point(x) {
        const time = this.#time(x);
        this.#hover = x < LEFT ? -1 : this.#bars.findIndex((bar) => time >= bar.start && time < bar.start + this.#step);
        const bar = this.#bars[this.#hover];
        this.tip.hidden = !bar;
        if (bar) {
            const levels = Object.entries(bar.levels).sort((a, b) => b[1] - a[1]).map(([level, count]) => `${level || "no level"} ${count.toLocaleString("en")}`);
            this.tip.textContent = [`${clockText(bar.start, this.#utc)} – ${clockText(bar.start + this.#step, this.#utc)}`, `${bar.count.toLocaleString("en")} records`, ...levels].join("\n");
            this.tip.style.left = `${Math.max(0, Math.min(x + 12, this.#width - 200))}px`;
            this.tip.style.top = "4px";
        }
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
        const fills = { bad: themeColor("--fill-bad"), warning: themeColor("--fill-warning"), info: themeColor("--fill"), off: colors.edge };
        g.clearRect(0, 0, this.#width, this.#height);
        g.font = SMALL_FONT;
        const most = Math.max(1, ...this.#bars.map((bar) => bar.count));
        const room = this.#height - BOTTOM - TOP;
        g.fillStyle = colors.grid;
        g.fillRect(LEFT, TOP, this.#width - LEFT, 1);
        g.fillRect(LEFT, this.#height - BOTTOM, this.#width - LEFT, 1);
        g.fillStyle = colors.quiet;
        const words = most.toLocaleString("en");
        g.fillText(words, LEFT - 8 - textWidth(g, words), TOP + 9);
        g.fillText("0", LEFT - 8 - textWidth(g, "0"), this.#height - BOTTOM + 1);
        for (const { v, label } of timeTicks(this.#window.start, this.#window.end, Math.max(2, Math.floor((this.#width - LEFT) / 96)), this.#utc)) {
            const x = this.#place(v);
            g.fillText(label, Math.max(LEFT, Math.min(x - textWidth(g, label) / 2, this.#width - textWidth(g, label))), this.#height - 4);
        }
        this.#bars.forEach((bar, index) => {
            const [from, to] = [Math.max(LEFT, this.#place(bar.start)), Math.min(this.#width, this.#place(bar.start + this.#step))];
            if (bar.count === 0 || to <= from) return;
            const sums = { bad: 0, warning: 0, info: 0, off: 0 };
            for (const [level, count] of Object.entries(bar.levels)) sums[levelFace(level).style] += count;
            // What has no level is drawn with the quiet ones.
            sums.off += bar.count - (sums.bad + sums.warning + sums.info + sums.off);
            let bottom = this.#height - BOTTOM;
            if (index === this.#hover) {
                g.fillStyle = colors.sunken;
                g.fillRect(from, TOP, to - from, room);
            }
            for (const style of STYLES) {
                if (sums[style] <= 0) continue;
                const height = Math.max(1, (sums[style] / most) * room);
                g.fillStyle = fills[style];
                g.fillRect(from, bottom - height, Math.max(1, to - from - 1), height);
                bottom -= height;
            }
        });
        if (this.#dragFrom !== null && Math.abs(this.#dragTo - this.#dragFrom) > 2) {
            g.fillStyle = colors.selection;
            g.fillRect(Math.min(this.#dragFrom, this.#dragTo), TOP, Math.abs(this.#dragTo - this.#dragFrom), room);
        }
    }
}
