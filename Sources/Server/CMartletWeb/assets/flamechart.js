// A flame graph on a canvas: from the root down, the widest first.

import { FONT, fitted, prepare, theme } from "./canvas.js";
import { h, replace, setText } from "./dom.js";
import { flameBoxes } from "./flame.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./flame.js").Frame} Frame */

const ROW = 20;

export class FlameChart {
    /** @type {Frame|null} */
    #root = null;
    /** @type {Frame|null} */
    #focus = null;
    /** @type {Frame|null} */
    #current = null;
    /** @type {import("./flame.js").Box[]} */
    #boxes = [];
    #slot;
    #width = 0;
    #isQueued = false;
    #resize;

    /** @param {(service: string) => number} slot a service's colour @param {(frame: Frame) => void} open */
    constructor(slot, open) {
        this.#slot = slot;
        this.canvas = h("canvas", { "aria-hidden": "true" });
        this.current = h("div", { class: "offscreen", role: "treeitem", id: "flame-frame", "aria-selected": "true" });
        this.words = h("p", { class: "quiet flame-words", "aria-hidden": "true" });
        this.box = h("div", { class: "flame", tabIndex: 0, role: "tree", "aria-label": "Flame graph", "aria-activedescendant": "flame-frame" }, this.canvas, this.current);
        this.element = h("div", {}, this.words, this.box,
            h("p", { class: "quiet keys" }, "Arrows move · Enter or a click widens a frame · Escape goes back to all · double click opens the span"));
        this.box.addEventListener("keydown", (event) => this.#key(event, open));
        this.canvas.addEventListener("click", (event) => this.#press(event));
        this.canvas.addEventListener("dblclick", (event) => { const frame = this.#at(event); if (frame) open(frame); });
        this.canvas.addEventListener("pointermove", (event) => this.#say(this.#at(event) ?? this.#current));
        this.canvas.addEventListener("pointerleave", () => this.#say(this.#current));
        this.#resize = new ResizeObserver(() => { this.#width = this.box.clientWidth; this.#queue(); });
        this.#resize.observe(this.box);
    }

    destroy() {
        this.#resize.disconnect();
    }

    /** @param {Frame} root */
    show(root) {
        // Of the same calls as before, what was widened stays so.
        const way = [];
        for (let one = this.#focus; one?.parent; one = one.parent) way.unshift(`${one.service}\u0000${one.name}`);
        this.#root = root;
        /** @type {Frame|undefined} */
        let focus = root;
        for (const key of way) focus = focus?.children.get(key);
        this.#focus = focus ?? root;
        this.#current = this.#focus;
        this.#say(this.#current);
        this.#queue();
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

    /** @param {Frame|null} frame */
    #say(frame) {
        if (!frame || !this.#root) return;
        const all = this.#root.total;
        const share = all > 0 ? `, ${((frame.total / all) * 100).toFixed(1)} %` : "";
        const name = frame.parent ? `${frame.service ? `${frame.service}: ` : ""}${frame.name}` : "all";
        const text = `${name}: ${timeText(frame.total)}${share}, own ${timeText(frame.own)}${frame.errors > 0 ? `, ${frame.errors} failed` : ""}${frame.count > 1 ? `, ${frame.count} spans` : ""}`;
        setText(this.words, text);
        if (frame === this.#current) setText(this.current, text);
    }

    /** @param {MouseEvent} event @returns {Frame|null} */
    #at(event) {
        const box = this.canvas.getBoundingClientRect();
        const [x, row] = [(event.clientX - box.left) / Math.max(1, this.#width), Math.floor((event.clientY - box.top) / ROW)];
        return this.#boxes.find((one) => one.depth === row && x >= one.from && x < one.to)?.frame ?? null;
    }

    /** @param {MouseEvent} event */
    #press(event) {
        const frame = this.#at(event);
        if (frame) this.#widen(frame);
    }

    /** @param {Frame} frame */
    #widen(frame) {
        this.#focus = frame;
        this.#current = frame;
        this.#say(frame);
        this.#queue();
    }

    /** @param {KeyboardEvent} event @param {(frame: Frame) => void} open */
    #key(event, open) {
        const current = this.#current;
        if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
        const beside = (/** @type {number} */ step) => {
            const row = this.#boxes.filter((box) => box.depth === this.#boxes.find((one) => one.frame === current)?.depth);
            return row[row.findIndex((box) => box.frame === current) + step]?.frame;
        };
        /** @type {Frame|null|undefined} */
        let next;
        switch (event.key) {
            case "ArrowDown": next = [...current.children.values()].sort((a, b) => b.total - a.total)[0]; break;
            case "ArrowUp": next = current.parent; break;
            case "ArrowRight": next = beside(1); break;
            case "ArrowLeft": next = beside(-1); break;
            case "Enter": this.#widen(current); break;
            case "o": open(current); break;
            case "Escape": if (this.#root) this.#widen(this.#root); break;
            default: return;
        }
        event.preventDefault();
        if (!next) return;
        this.#current = next;
        this.#say(next);
        if (!this.#boxes.some((box) => box.frame === next)) this.#focus = next;
        this.#queue();
    }

    #draw() {
        if (!this.#focus || this.#width === 0) return;
        const colors = theme();
        this.#boxes = flameBoxes(this.#focus, 0.5 / this.#width);
        const height = (Math.max(0, ...this.#boxes.map((box) => box.depth)) + 1) * ROW;
        this.canvas.style.height = `${height}px`;
        const g = prepare(this.canvas, this.#width, height);
        if (!g) return;
        g.clearRect(0, 0, this.#width, height);
        g.font = FONT;
        for (const { frame, depth, from, to } of this.#boxes) {
            const [x, y, width] = [from * this.#width, depth * ROW, (to - from) * this.#width];
            const color = frame.parent ? colors.palette[this.#slot(frame.service)] : colors.edge;
            g.fillStyle = color;
            g.globalAlpha = colors.isDark ? 0.42 : 0.32;
            g.fillRect(x, y, Math.max(0.5, width - 1), ROW - 1);
            g.globalAlpha = 1;
            g.fillRect(x, y, Math.min(3, width), ROW - 1);
            if (frame.errors > 0 && width > 4) {
                g.fillStyle = colors.bad;
                g.fillRect(x, y + ROW - 3, width - 1, 2);
            }
            if (width > 24) {
                g.fillStyle = colors.text;
                const name = frame.parent && frame.service && frame.service !== frame.parent.service ? `${frame.service}: ${frame.name}` : frame.name;
                g.fillText(fitted(g, name, width - 10), x + 6, y + 14);
            }
            if (frame === this.#current) {
                g.strokeStyle = colors.text;
                g.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 2), ROW - 2);
            }
        }
        this.box.dataset.frames = String(this.#boxes.length);
    }

    /** @param {string} text */
    empty(text) {
        replace(this.words, text);
    }
}
