// What a row of a trace's timeline looks like: the name in its tree, the bar, and how long it took.

import { FONT, SMALL_FONT, fitted, prepare, textWidth, theme } from "./canvas.js";
import { formatSeconds } from "./format.js";
import { timeTicks } from "./tracemodel.js";

/** @typedef {object} View
 * @property {import("./tracemodel.js").Trace} trace
 * @property {number[]} slots by service its colour
 * @property {Set<number>} folded
 * @property {number} width
 * @property {number} cursor
 * @property {(span: number) => number} indent
 * @property {(span: number) => [number, number][]} sections
 */

export const ROW = 20;
const BAR = 8;
export const MAP = 44;
const AXIS = 20;

/** @param {number} nanoseconds @returns {string} */
export function timeText(nanoseconds) {
    return formatSeconds(nanoseconds / 1e9);
}

/** The name, with what folds its subtree.
 * @param {View} view @param {CanvasRenderingContext2D} g @param {ReturnType<typeof theme>} colors @param {number} span @param {number} y @param {number} left */
export function drawName(view, g, colors, span, y, left) {
    const trace = view.trace;
    let x = view.indent(span);
    const middle = y + ROW / 2 + 4;
    const isFolded = view.folded.has(span);
    if (trace.size[span] > 1) {
        g.fillStyle = colors.quiet;
        g.beginPath();
        const [cx, cy] = [x + 4, y + ROW / 2];
        if (isFolded) {
            g.moveTo(cx - 2, cy - 4);
            g.lineTo(cx + 3, cy);
            g.lineTo(cx - 2, cy + 4);
        } else {
            g.moveTo(cx - 4, cy - 2);
            g.lineTo(cx + 4, cy - 2);
            g.lineTo(cx, cy + 3);
        }
        g.fill();
    }
    x += 13;
    g.fillStyle = colors.palette[view.slots[trace.service[span]]];
    g.fillRect(x, y + 4, 3, ROW - 8);
    x += 8;
    g.font = FONT;
    if (trace.failed[span]) {
        g.fillStyle = colors.bad;
        g.fillText("✕", x, middle);
        x += 14;
    }
    const more = isFolded ? ` +${(trace.size[span] - 1).toLocaleString("en")}` : "";
    const moreWidth = more ? textWidth(g, more) : 0;
    const name = fitted(g, trace.names[span] || "(no name)", left - x - 8 - moreWidth);
    g.fillStyle = trace.failed[span] ? colors.bad : colors.text;
    g.fillText(name, x, middle);
    x += textWidth(g, name);
    g.fillStyle = colors.quiet;
    if (more) {
        g.fillText(more, x, middle);
        x += moreWidth;
    }
    // A service stands where the trace enters it; below, the colour says it.
    const above = trace.parent[span];
    if (above < 0 || trace.service[above] !== trace.service[span]) {
        g.font = SMALL_FONT;
        g.fillText(fitted(g, trace.services[trace.service[span]], left - x - 16), x + 8, middle);
    }
}

/** @param {View} view @param {CanvasRenderingContext2D} g @param {ReturnType<typeof theme>} colors @param {number} span @param {number} y
 * @param {(time: number) => number} x @param {number} left */
export function drawBar(view, g, colors, span, y, x, left) {
    const trace = view.trace;
    const start = trace.start[span] + trace.offset[span];
    const from = x(start);
    const to = Math.max(from + 1.5, x(start + trace.duration[span]));
    const top = y + (ROW - BAR) / 2 - 1;
    const alpha = g.globalAlpha;
    if (to >= left && from <= view.width) {
        const color = colors.palette[view.slots[trace.service[span]]];
        const [clipFrom, clipTo] = [Math.max(left - 2, from), Math.min(view.width + 2, to)];
        g.fillStyle = color;
        g.globalAlpha = alpha * (colors.isDark ? 0.4 : 0.35);
        g.fillRect(clipFrom, top, clipTo - clipFrom, BAR);
        g.globalAlpha = alpha;
        for (const [low, high] of view.sections(span)) {
            const [sectionFrom, sectionTo] = [Math.max(left - 2, x(low)), Math.min(view.width + 2, x(high))];
            if (sectionTo < left || sectionFrom > view.width) continue;
            const width = Math.max(1, sectionTo - sectionFrom);
            g.fillStyle = color;
            g.fillRect(sectionFrom, top, width, BAR);
            g.fillStyle = colors.text;
            g.fillRect(sectionFrom, top + BAR, width, 2);
        }
        if (trace.failed[span]) {
            g.strokeStyle = colors.bad;
            g.strokeRect(clipFrom - 0.5, top - 0.5, clipTo - clipFrom + 1, BAR + 1);
        }
    }
}

/** How long a span took, beside its bar.
 * @param {View} view @param {CanvasRenderingContext2D} g @param {ReturnType<typeof theme>} colors @param {number} span @param {number} y
 * @param {(time: number) => number} x @param {number} left */
export function drawDuration(view, g, colors, span, y, x, left) {
    const trace = view.trace;
    const start = trace.start[span] + trace.offset[span];
    const from = x(start);
    const to = Math.max(from + 1.5, x(start + trace.duration[span]));
    g.font = SMALL_FONT;
    const words = timeText(trace.duration[span]);
    const width = textWidth(g, words);
    const [low, high] = [Math.max(left, from), Math.min(view.width, to)];
    const isInside = high + 6 + width > view.width && low - 6 - width < left;
    const [text, at] = to < left ? [`‹ ${words}`, left + 4]
        : from > view.width ? [`${words} ›`, view.width - width - 20]
            : high + 6 + width <= view.width ? [words, high + 6] : isInside ? [words, high - width - 10] : [words, low - 6 - width];
    // Bars and lines of the path pass behind the words.
    g.strokeStyle = span === view.cursor ? colors.chosen : colors.ground;
    g.fillStyle = g.strokeStyle;
    if (isInside) g.fillRect(at - 4, y + 3, width + 8, ROW - 6);
    g.lineWidth = 3;
    g.lineJoin = "round";
    g.strokeText(text, at, y + 14);
    g.lineWidth = 1;
    g.fillStyle = isInside ? colors.text : colors.quiet;
    g.fillText(text, at, y + 14);
}

/** @param {View} view @param {ReturnType<typeof theme>} colors @param {number} room @returns {HTMLCanvasElement} */
export function paintMap(view, colors, room) {
    const image = document.createElement("canvas");
    const trace = view.trace;
    const height = MAP - 4;
    const g = prepare(image, Math.max(1, room), height);
    if (!g) return image;
    const scale = room / Math.max(1, trace.length);
    const step = Math.min(4, height / Math.max(1, trace.count));
    const thick = Math.max(1, step - 1);
    if (step < 0.5) {
        paintDense(view, g, colors, Math.max(1, Math.ceil(room)), height, scale);
        return image;
    }
    // One pass a service, because changing the colour costs more than a rectangle.
    for (let service = 0; service < trace.services.length; service += 1) {
        g.fillStyle = colors.palette[view.slots[service]];
        for (let i = 0; i < trace.count; i += 1) {
            const span = trace.order[i];
            if (trace.service[span] !== service) continue;
            g.fillRect((trace.start[span] + trace.offset[span]) * scale, i * step, Math.max(0.5, trace.duration[span] * scale), thick);
        }
    }
    return image;
}

/** Paints a map in which several rows share a line of pixels: what they cover together, in few rectangles.
 * @param {View} view @param {CanvasRenderingContext2D} g @param {ReturnType<typeof theme>} colors @param {number} width @param {number} height
 * @param {number} scale */
function paintDense(view, g, colors, width, height, scale) {
    const { order, service, start, offset, duration, count, services } = view.trace;
    const byService = /** @type {number[][]} */ (services.map(() => []));
    for (let i = 0; i < count; i += 1) byService[service[order[i]]].push(i);
    // Where spans begin is counted up, where they end down; in between the sum is over 0.
    const changes = new Int32Array((width + 1) * height);
    byService.forEach((places, one) => {
        changes.fill(0);
        for (const i of places) {
            const span = order[i];
            const line = Math.min(height - 1, Math.floor((i / count) * height)) * (width + 1);
            const from = Math.max(0, Math.min(width - 1, Math.floor((start[span] + offset[span]) * scale)));
            const to = Math.max(from + 1, Math.min(width, Math.ceil((start[span] + offset[span] + duration[span]) * scale)));
            changes[line + from] += 1;
            changes[line + to] -= 1;
        }
        g.fillStyle = colors.palette[view.slots[one]];
        for (let y = 0; y < height; y += 1) {
            let [open, began] = [0, -1];
            for (let x = 0; x <= width; x += 1) {
                open += changes[y * (width + 1) + x];
                if (open > 0 && began < 0) began = x;
                if (open === 0 && began >= 0) {
                    g.fillRect(began, y, x - began, 1);
                    began = -1;
                }
            }
        }
    });
}

/** The times above the rows, and how many of these there are.
 * @param {HTMLCanvasElement} canvas @param {View} view @param {ReturnType<typeof theme>} colors @param {number} left
 * @param {[number, number]} cut @param {number} rows */
export function drawAxis(canvas, view, colors, left, [from, to], rows) {
    const g = prepare(canvas, view.width, AXIS);
    if (!g) return;
    g.clearRect(0, 0, view.width, AXIS);
    const scale = (view.width - left - 8) / (to - from);
    g.font = SMALL_FONT;
    g.fillStyle = colors.quiet;
    g.fillText(`${rows.toLocaleString("en")} of ${view.trace.count.toLocaleString("en")} spans`, 4, 14);
    for (const tick of timeTicks(from, to, Math.max(2, Math.floor((view.width - left) / 110)))) {
        const at = left + (tick - from) * scale;
        const words = timeText(tick);
        if (at + textWidth(g, words) + 4 <= view.width) g.fillText(words, at + 3, 14);
        g.fillRect(Math.round(at), 4, 1, AXIS - 4);
    }
}
