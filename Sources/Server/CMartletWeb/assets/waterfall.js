// The timeline of a trace: its tree and a bar a span, drawn on a canvas, only the rows that are seen.

import { SMALL_FONT, prepare, textWidth, theme } from "./canvas.js";
import { h, setText, store, stored } from "./dom.js";
import { nextSpan, rowSections, timeTicks, visibleRows } from "./tracemodel.js";
import { MAP, ROW, drawAxis, drawBar, drawDuration, drawName, paintMap, timeText } from "./waterfallrows.js";

/** @typedef {import("./tracemodel.js").Trace} Trace */

const INDENT = 12;

export class Waterfall {
    #trace;
    #slots;
    #changed;
    /** @type {Set<number>} */
    #folded = new Set();
    /** @type {Int32Array} */
    #rows;
    #rowOf = /** @type {Int32Array|null} */ (null);
    /** @type {[number, number]} */
    #cut;
    #cursor = -1;
    #hover = -1;
    /** @type {Uint8Array|null} */
    #found = null;
    #isQueued = false;
    #width = 0;
    #height = 0;
    #nameShare = Number(stored("trace.names", "0.36")) || 0.36;
    /** @type {{x: number, y: number, kind: "zoom"|"split"|"map", at: number}|null} */
    #drag = null;
    #dragTo = 0;
    #foldedSections = /** @type {Map<number, [number, number][]>} */ (new Map());
    #mapImage = /** @type {HTMLCanvasElement|null} */ (null);
    #resize;
    /** Frames drawn and the longest of them, for tests. */
    frames = { count: 0, longest: 0 };

    /** @param {Trace} trace @param {number[]} slots by service its colour
     * @param {(change: {span?: number, cut?: [number, number]|null, folded?: Set<number>, open?: boolean}) => void} changed */
    constructor(trace, slots, changed) {
        this.#trace = trace;
        this.#slots = slots;
        this.#changed = changed;
        this.#rows = trace.order;
        this.#cut = [0, Math.max(1, trace.length)];
        this.map = h("canvas", { class: "w-map", "aria-hidden": "true" });
        this.axis = h("canvas", { class: "w-axis", "aria-hidden": "true" });
        this.canvas = h("canvas", { class: "w-rows", "aria-hidden": "true" });
        this.spacer = h("div", { class: "w-space", "aria-hidden": "true" });
        this.current = h("div", { class: "offscreen", role: "treeitem", id: "trace-row" });
        this.scroller = h("div", {
            class: "w-scroller", tabIndex: 0, role: "tree", "aria-label": "Spans", "aria-activedescendant": "trace-row", "aria-describedby": "trace-keys",
        }, this.canvas, this.spacer, this.current);
        this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
        this.element = h("div", { class: "waterfall" }, this.map, this.axis, this.scroller, this.tip);
        this.scroller.addEventListener("scroll", () => this.#queue(), { passive: true });
        this.scroller.addEventListener("keydown", (event) => this.#key(event));
        this.scroller.addEventListener("focus", () => { if (this.#cursor < 0) this.#move(this.#rows[0] ?? -1); else this.#queue(); });
        this.scroller.addEventListener("blur", () => this.#queue());
        for (const canvas of [this.canvas, this.axis, this.map]) this.#listen(canvas);
        this.#resize = new ResizeObserver(() => this.#measure());
        this.#resize.observe(this.scroller);
        this.#describe();
    }

    destroy() {
        this.#resize.disconnect();
    }

    /** Draws again in the colours of the scheme now shown. */
    redraw() {
        this.#mapImage = null;
        this.#queue();
    }

    /** @param {Set<number>} folded @param {[number, number]|null} cut @param {number} span */
    show(folded, cut, span) {
        const whole = Math.max(1, this.#trace.length);
        this.#cut = cut ? [Math.max(0, Math.min(cut[0], whole - 1)), Math.min(cut[1], whole)] : [0, whole];
        if (this.#cut[1] <= this.#cut[0]) this.#cut = [0, whole];
        if ([...folded].join() !== [...this.#folded].join()) this.#setFolded(folded);
        if (span >= 0 && span !== this.#cursor) {
            this.#cursor = span;
            this.#reveal(span);
        }
        this.#describe();
        this.#queue();
    }

    /** @param {Uint8Array|null} found spans to leave bright; `null` for all */
    setFound(found) {
        this.#found = found;
        this.#queue();
    }

    /** Goes to the next span that meets a condition and says whether there is one.
     * @param {number} direction @param {(span: number) => boolean} isWanted */
    seek(direction, isWanted) {
        const span = nextSpan(this.#trace, this.#cursor, direction, isWanted);
        if (span >= 0) this.#move(span);
        return span >= 0;
    }

    focus() {
        this.scroller.focus({ preventScroll: true });
    }

    get #nameWidth() {
        return Math.round(Math.max(120, Math.min(this.#width - 160, this.#width * this.#nameShare)));
    }

    #measure() {
        this.#width = this.scroller.clientWidth;
        this.#height = this.scroller.clientHeight;
        this.canvas.style.height = `${this.#height}px`;
        this.#mapImage = null;
        this.#space();
        this.#queue();
    }

    #space() {
        this.spacer.style.height = `${Math.max(0, this.#rows.length * ROW + 8 - this.#height)}px`;
    }

    /** @param {Set<number>} folded */
    #setFolded(folded) {
        this.#folded = folded;
        this.#rows = visibleRows(this.#trace, folded);
        this.#rowOf = null;
        this.#foldedSections.clear();
        this.#space();
    }

    /** @param {number} span @returns {number} its row, or -1 where a folded one hides it */
    #row(span) {
        if (this.#folded.size === 0) return this.#trace.place[span];
        if (!this.#rowOf) {
            this.#rowOf = new Int32Array(this.#trace.count).fill(-1);
            for (let i = 0; i < this.#rows.length; i += 1) this.#rowOf[this.#rows[i]] = i;
        }
        return this.#rowOf[span];
    }

    /** Unfolds what hides a span and scrolls to it.
     * @param {number} span */
    #reveal(span) {
        if (this.#row(span) < 0) {
            const folded = new Set(this.#folded);
            for (let above = this.#trace.parent[span]; above >= 0; above = this.#trace.parent[above]) folded.delete(above);
            this.#setFolded(folded);
            this.#changed({ folded });
        }
        const top = this.#row(span) * ROW;
        const view = this.scroller.scrollTop;
        if (top < view) this.scroller.scrollTop = top - (this.#height > 120 ? ROW : 0);
        else if (top + ROW > view + this.#height) this.scroller.scrollTop = top + 2 * ROW - this.#height;
    }

    /** @param {number} span */
    #move(span) {
        if (span < 0) return;
        this.#cursor = span;
        this.#reveal(span);
        this.#describe();
        this.#changed({ span });
        this.#queue();
    }

    /** Tells those who do not see the canvas which row is the current one. */
    #describe() {
        const trace = this.#trace;
        const span = this.#cursor >= 0 ? this.#cursor : trace.order[0];
        if (span === undefined) return;
        const hasChildren = trace.size[span] > 1;
        const parts = [
            `${trace.services[trace.service[span]]}: ${trace.names[span]}`, timeText(trace.duration[span]),
            `starts at ${timeText(trace.start[span] + trace.offset[span])}`,
            trace.critical[span] > 0 ? `${timeText(trace.critical[span])} of it on the critical path` : "",
            trace.failed[span] ? "failed" : "",
        ];
        setText(this.current, parts.filter(Boolean).join(", "));
        this.current.setAttribute("aria-level", String(trace.depth[span] + 1));
        this.current.setAttribute("aria-setsize", String(this.#rows.length));
        this.current.setAttribute("aria-posinset", String(this.#row(span) + 1));
        this.current.setAttribute("aria-selected", "true");
        if (hasChildren) this.current.setAttribute("aria-expanded", String(!this.#folded.has(span)));
        else this.current.removeAttribute("aria-expanded");
    }

    /** @param {number} span @param {boolean} fold */
    #fold(span, fold) {
        const folded = new Set(this.#folded);
        if (fold) folded.add(span);
        else folded.delete(span);
        this.#applyFolds(folded);
    }

    /** @param {Set<number>} folded */
    #applyFolds(folded) {
        this.#setFolded(folded);
        this.#changed({ folded });
        // A cursor that went out of sight stands on what hides it.
        let span = this.#cursor;
        while (span >= 0 && this.#row(span) < 0) span = this.#trace.parent[span];
        if (span >= 0 && span !== this.#cursor) this.#move(span);
        this.#describe();
        this.#queue();
    }

    /** Folds all subtrees deeper than a level, or none.
     * @param {number} level */
    foldBelow(level) {
        const folded = /** @type {Set<number>} */ (new Set());
        const { depth, size, count } = this.#trace;
        if (level >= 0) for (let i = 0; i < count; i += 1) if (depth[i] === level && size[i] > 1) folded.add(i);
        this.#applyFolds(folded);
    }

    /** @param {number} from @param {number} to */
    #zoom(from, to) {
        const whole = Math.max(1, this.#trace.length);
        const least = Math.max(1, whole / 1e7);
        let [low, high] = [Math.max(0, from), Math.min(whole, to)];
        if (high - low < least) {
            low = Math.max(0, Math.min(whole - least, (from + to - least) / 2));
            high = low + least;
        }
        this.#cut = [low, high];
        const isWhole = low <= 0 && high >= whole;
        this.#changed({ cut: isWhole ? null : [Math.floor(low), Math.ceil(high)] });
        this.#queue();
    }

    /** @param {number} factor @param {number} [at] a time that stays where it is */
    #scale(factor, at) {
        const [from, to] = this.#cut;
        const span = this.#cursor;
        const middle = at ?? (span >= 0 ? this.#trace.start[span] + this.#trace.offset[span] + this.#trace.duration[span] / 2 : (from + to) / 2);
        const fixed = Math.max(from, Math.min(to, middle));
        this.#zoom(fixed - (fixed - from) * factor, fixed + (to - fixed) * factor);
    }

    /** @param {number} share of what is shown */
    #pan(share) {
        const [from, to] = this.#cut;
        const whole = Math.max(1, this.#trace.length);
        const step = Math.max(-from, Math.min(whole - to, (to - from) * share));
        this.#zoom(from + step, to + step);
    }

    #fitCursor() {
        const span = this.#cursor;
        if (span < 0) return;
        const from = this.#trace.start[span] + this.#trace.offset[span];
        const margin = Math.max(1, this.#trace.duration[span] * 0.05);
        this.#zoom(from - margin, from + this.#trace.duration[span] + margin);
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const trace = this.#trace;
        const span = this.#cursor >= 0 ? this.#cursor : trace.order[0];
        if (span === undefined) return;
        const row = this.#row(span);
        const page = Math.max(1, Math.floor(this.#height / ROW) - 1);
        const to = (/** @type {number} */ place) => this.#move(this.#rows[Math.max(0, Math.min(this.#rows.length - 1, place))]);
        const isFolded = this.#folded.has(span);
        switch (event.key) {
            case "ArrowDown": to(row + 1); break;
            case "ArrowUp": to(row - 1); break;
            case "PageDown": to(row + page); break;
            case "PageUp": to(row - page); break;
            case "Home": to(0); break;
            case "End": to(this.#rows.length - 1); break;
            case "ArrowRight":
                if (event.shiftKey) this.#pan(0.2);
                else if (isFolded) this.#fold(span, false);
                else if (trace.size[span] > 1) to(row + 1);
                break;
            case "ArrowLeft":
                if (event.shiftKey) this.#pan(-0.2);
                else if (trace.size[span] > 1 && !isFolded) this.#fold(span, true);
                else if (trace.parent[span] >= 0) this.#move(trace.parent[span]);
                break;
            case "Enter": case " ": this.#changed({ span, open: true }); break;
            case "+": case "=": this.#scale(0.5); break;
            case "-": this.#scale(2); break;
            case "0": this.#zoom(0, trace.length); break;
            case "f": this.#fitCursor(); break;
            case "e": case "E": this.seek(event.key === "e" ? 1 : -1, (one) => trace.failed[one] === 1); break;
            case "c": case "C": this.seek(event.key === "c" ? 1 : -1, (one) => trace.critical[one] > 0); break;
            case "n": case "N": if (this.#found) { const found = this.#found; this.seek(event.key === "n" ? 1 : -1, (one) => found[one] === 1); } break;
            case "*": this.foldBelow(-1); break;
            case "Escape": this.#changed({ open: false }); break;
            default: return;
        }
        event.preventDefault();
    }

    /** @param {number} x in CSS pixels from the left of the rows @returns {number} */
    #timeAt(x) {
        const left = this.#nameWidth;
        const [from, to] = this.#cut;
        return from + (Math.max(0, x - left) / Math.max(1, this.#width - left)) * (to - from);
    }

    /** @param {HTMLCanvasElement} canvas */
    #listen(canvas) {
        const place = (/** @type {PointerEvent|WheelEvent|MouseEvent} */ event) => {
            const box = canvas.getBoundingClientRect();
            return { x: event.clientX - box.left, y: event.clientY - box.top };
        };
        const isMap = canvas === this.map;
        const mapTime = (/** @type {number} */ x) => Math.max(0, Math.min(1, (x - this.#nameWidth) / Math.max(1, this.#width - this.#nameWidth))) * Math.max(1, this.#trace.length);
        canvas.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) return;
            const { x, y } = place(event);
            if (isMap && x < this.#nameWidth) return;
            const kind = isMap ? "map" : Math.abs(x - this.#nameWidth) <= 4 ? "split" : x > this.#nameWidth ? "zoom" : null;
            if (canvas === this.canvas) this.#press(x, y, event);
            if (!kind) return;
            this.#drag = { x, y, kind, at: isMap ? mapTime(x) : this.#timeAt(x) };
            this.#dragTo = x;
            canvas.setPointerCapture(event.pointerId);
        });
        canvas.addEventListener("pointermove", (event) => {
            const { x, y } = place(event);
            canvas.style.cursor = this.#drag?.kind === "split" || (!isMap && Math.abs(x - this.#nameWidth) <= 4) ? "col-resize" : isMap || x > this.#nameWidth ? "crosshair" : "default";
            if (this.#drag) {
                this.#dragTo = x;
                if (this.#drag.kind === "split") {
                    this.#nameShare = Math.max(0.1, Math.min(0.8, x / Math.max(1, this.#width)));
                    this.#mapImage = null;
                }
                this.#queue();
            }
            if (canvas === this.canvas) this.#point(x, y);
        });
        const finish = (/** @type {PointerEvent} */ event) => {
            const drag = this.#drag;
            if (!drag) return;
            this.#drag = null;
            const { x } = place(event);
            if (drag.kind === "split") store("trace.names", this.#nameShare.toFixed(3));
            else if (Math.abs(x - drag.x) >= 6) {
                const other = drag.kind === "map" ? mapTime(x) : this.#timeAt(x);
                this.#zoom(Math.min(drag.at, other), Math.max(drag.at, other));
            }
            this.#queue();
        };
        canvas.addEventListener("pointerup", finish);
        canvas.addEventListener("pointercancel", () => { this.#drag = null; this.#queue(); });
        canvas.addEventListener("pointerleave", () => { if (canvas === this.canvas) this.#point(-1, -1); });
        canvas.addEventListener("dblclick", (event) => {
            if (place(event).x > this.#nameWidth) this.#zoom(0, this.#trace.length);
        });
        canvas.addEventListener("wheel", (event) => {
            const { x } = place(event);
            if (event.ctrlKey) this.#scale(event.deltaY > 0 ? 1.25 : 0.8, isMap ? mapTime(x) : this.#timeAt(x));
            else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.#pan((event.deltaX || event.deltaY) / 600);
            else return;
            event.preventDefault();
        }, { passive: false });
    }

    /** @param {number} y @returns {number} the span there, or -1 */
    #spanAt(y) {
        const row = Math.floor((y + this.scroller.scrollTop) / ROW);
        return y >= 0 && row < this.#rows.length ? this.#rows[row] : -1;
    }

    /** @param {number} x @param {number} y @param {PointerEvent} event */
    #press(x, y, event) {
        const span = this.#spanAt(y);
        if (span < 0) return;
        const left = this.#indent(span);
        this.focus();
        if (x >= left - 4 && x < left + 14 && this.#trace.size[span] > 1) {
            if (event.altKey || event.shiftKey) this.foldBelow(this.#folded.has(span) ? -1 : this.#trace.depth[span]);
            else this.#fold(span, !this.#folded.has(span));
            return;
        }
        this.#move(span);
        this.#changed({ span, open: true });
    }

    /** @param {number} x @param {number} y */
    #point(x, y) {
        const span = this.#drag ? -1 : this.#spanAt(y);
        if (span !== this.#hover) {
            this.#hover = span;
            this.#queue();
        }
        const trace = this.#trace;
        this.tip.hidden = span < 0 || x <= this.#nameWidth;
        if (this.tip.hidden) return;
        const lines = [
            `${trace.services[trace.service[span]] || "?"}: ${trace.names[span]}`,
            `${timeText(trace.duration[span])}, own ${timeText(trace.own[span])}, critical ${timeText(trace.critical[span])}`,
            `from ${timeText(trace.start[span] + trace.offset[span])}${trace.failed[span] ? ", failed" : ""}`,
        ];
        this.tip.textContent = lines.join("\n");
        const top = this.scroller.offsetTop + y + 16;
        this.tip.style.top = `${top > this.element.clientHeight - 72 ? top - 88 : top}px`;
        this.tip.style.left = `${Math.max(0, Math.min(x + 12, this.#width - 324))}px`;
    }

    #queue() {
        if (this.#isQueued) return;
        this.#isQueued = true;
        requestAnimationFrame(() => {
            this.#isQueued = false;
            const began = performance.now();
            this.#draw();
            this.frames.count += 1;
            if (this.frames.count === 1) this.element.dataset.first = performance.now().toFixed(0);
            this.frames.longest = Math.max(this.frames.longest, performance.now() - began);
            this.element.dataset.frames = String(this.frames.count);
            this.element.dataset.longest = this.frames.longest.toFixed(1);
        });
    }

    /** @param {number} span @returns {number} */
    #indent(span) {
        return 4 + Math.min(this.#trace.depth[span] * INDENT, Math.max(0, this.#nameWidth - 140));
    }

    /** @returns {import("./waterfallrows.js").View} */
    #view() {
        return {
            trace: this.#trace, slots: this.#slots, folded: this.#folded, width: this.#width, cursor: this.#cursor,
            indent: (span) => this.#indent(span), sections: (span) => this.#sections(span),
        };
    }

    #draw() {
        if (this.#width === 0 || this.#height === 0) return;
        const colors = theme();
        drawAxis(this.axis, this.#view(), colors, this.#nameWidth, this.#cut, this.#rows.length);
        this.#drawMap(colors);
        const g = prepare(this.canvas, this.#width, this.#height);
        if (!g) return;
        g.clearRect(0, 0, this.#width, this.#height);
        const left = this.#nameWidth;
        const [from, to] = this.#cut;
        const scale = (this.#width - left - 8) / (to - from);
        const x = (/** @type {number} */ time) => left + (time - from) * scale;
        const scroll = this.scroller.scrollTop;
        const first = Math.max(0, Math.floor(scroll / ROW));
        const last = Math.min(this.#rows.length - 1, Math.floor((scroll + this.#height) / ROW));
        g.fillStyle = colors.grid;
        for (const tick of timeTicks(from, to, Math.max(2, Math.floor((this.#width - left) / 110)))) g.fillRect(Math.round(x(tick)), 0, 1, this.#height);
        const view = this.#view();
        const isFocused = document.activeElement === this.scroller;
        for (let row = first; row <= last; row += 1) {
            const span = this.#rows[row];
            const y = row * ROW - scroll;
            if (span === this.#cursor || span === this.#hover) {
                g.fillStyle = span === this.#cursor ? colors.chosen : colors.sunken;
                g.globalAlpha = span === this.#cursor ? 1 : 0.7;
                g.fillRect(0, y, this.#width, ROW);
                g.globalAlpha = 1;
            }
            if (span === this.#cursor && isFocused) {
                g.strokeStyle = colors.accent;
                g.strokeRect(0.5, y + 0.5, this.#width - 1, ROW - 1);
            }
        }
        for (let row = first; row <= last; row += 1) {
            const span = this.#rows[row];
            g.globalAlpha = this.#found && !this.#found[span] ? 0.35 : 1;
            drawName(view, g, colors, span, row * ROW - scroll, left);
        }
        g.save();
        g.beginPath();
        g.rect(left, 0, this.#width - left, this.#height);
        g.clip();
        for (let row = first; row <= last; row += 1) {
            const span = this.#rows[row];
            g.globalAlpha = this.#found && !this.#found[span] ? 0.35 : 1;
            drawBar(view, g, colors, span, row * ROW - scroll, x, left);
        }
        this.#drawConnections(g, colors, first, last, scroll, x);
        for (let row = first; row <= last; row += 1) {
            g.globalAlpha = this.#found && !this.#found[this.#rows[row]] ? 0.35 : 1;
            drawDuration(view, g, colors, this.#rows[row], row * ROW - scroll, x, left);
        }
        g.globalAlpha = 1;
        if (this.#drag?.kind === "zoom" && Math.abs(this.#dragTo - this.#drag.x) > 2) {
            g.fillStyle = colors.selection;
            g.fillRect(Math.min(this.#drag.x, this.#dragTo), 0, Math.abs(this.#dragTo - this.#drag.x), this.#height);
        }
        g.restore();
        g.fillStyle = colors.hair;
        g.fillRect(left - 0.5, 0, 1, this.#height);
        this.element.dataset.rows = String(this.#rows.length);
    }

    /** @param {number} span @returns {[number, number][]} */
    #sections(span) {
        if (!this.#folded.has(span)) return this.#trace.critical[span] > 0 ? rowSections(this.#trace, span, false) : [];
        let found = this.#foldedSections.get(span);
        if (!found) {
            found = rowSections(this.#trace, span, true);
            this.#foldedSections.set(span, found);
        }
        return found;
    }

    /** The steps of the critical path from one row to another, as far as one of the two is seen.
     * @param {CanvasRenderingContext2D} g @param {ReturnType<typeof theme>} colors @param {number} first @param {number} last @param {number} scroll
     * @param {(time: number) => number} x */
    #drawConnections(g, colors, first, last, scroll, x) {
        const { path, offset, place, parent } = this.#trace;
        const folds = this.#folded.size > 0;
        const rowOf = (/** @type {number} */ span) => {
            if (!folds) return place[span];
            let seen = span;
            while (seen >= 0 && this.#row(seen) < 0) seen = parent[seen];
            return seen >= 0 ? this.#row(seen) : -1;
        };
        g.fillStyle = colors.text;
        for (let row = first; row <= last; row += 1) {
            const span = this.#rows[row];
            for (let i = path.first[span]; i < path.first[span + 1]; i += 1) {
                const section = path.list[i];
                for (const next of [section - 1, section + 1]) {
                    if (next < 0 || next >= path.span.length) continue;
                    const [early, late] = next < section ? [next, section] : [section, next];
                    if (path.end[early] !== path.start[late] || path.span[early] === path.span[late]) continue;
                    const other = rowOf(path.span[next]);
                    // A step between two rows that are both seen is drawn once.
                    if (other < 0 || other === row || (next < section && other >= first && other <= last)) continue;
                    const at = Math.round(x(path.start[late] + offset[path.span[late]]));
                    if (at < this.#nameWidth || at > this.#width) continue;
                    const [top, bottom] = [Math.min(row, other) * ROW - scroll + 15, Math.max(row, other) * ROW - scroll + 15];
                    g.globalAlpha = 0.55;
                    g.fillRect(at, Math.max(-4, top), 1, Math.min(this.#height + 4, bottom) - Math.max(-4, top));
                }
            }
        }
        g.globalAlpha = 1;
    }

    /** The whole trace in small, and which part of it is shown.
     * @param {ReturnType<typeof theme>} colors */
    #drawMap(colors) {
        const g = prepare(this.map, this.#width, MAP);
        if (!g) return;
        const left = this.#nameWidth;
        const room = this.#width - left - 8;
        if (!this.#mapImage) this.#mapImage = paintMap(this.#view(), colors, room);
        g.clearRect(0, 0, this.#width, MAP);
        if (room > 0) g.drawImage(this.#mapImage, left, 2, room, MAP - 4);
        const whole = Math.max(1, this.#trace.length);
        const [from, to] = this.#cut;
        const [low, high] = [left + (from / whole) * room, left + (to / whole) * room];
        if (from > 0 || to < whole) {
            g.fillStyle = colors.ground;
            g.globalAlpha = 0.75;
            g.fillRect(left, 0, low - left, MAP);
            g.fillRect(high, 0, left + room - high, MAP);
            g.globalAlpha = 1;
            g.fillStyle = colors.accent;
            g.fillRect(low - 1, 0, 2, MAP);
            g.fillRect(high - 1, 0, 2, MAP);
        }
        if (this.#drag?.kind === "map") {
            g.fillStyle = colors.selection;
            g.fillRect(Math.min(this.#drag.x, this.#dragTo), 0, Math.abs(this.#dragTo - this.#drag.x), MAP);
        }
        g.font = SMALL_FONT;
        g.fillStyle = colors.quiet;
        g.fillText(from > 0 || to < whole ? `${timeText(to - from)} of ${timeText(whole)}` : "whole trace", 4, 16);
        g.fillText(from > 0 || to < whole ? "0 or double click: all" : "drag to zoom", 4, 32);
        g.fillStyle = colors.hair;
        g.fillRect(0, MAP - 1, this.#width, 1);
    }

}
