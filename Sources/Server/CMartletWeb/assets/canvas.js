// What our own canvases have in common: crisp pixels, the theme's colours, and text that fits.

import { PALETTES } from "./colors.js";

/** @param {string} name @returns {string} */
export function themeColor(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colours of the scheme shown. */
export function theme() {
    const dark = document.documentElement.dataset.theme === "dark";
    return {
        ground: themeColor("--ground"), sunken: themeColor("--sunken"), text: themeColor("--text"), quiet: themeColor("--quiet"),
        hair: themeColor("--hair"), grid: themeColor("--grid"), edge: themeColor("--edge"), accent: themeColor("--accent"),
        chosen: themeColor("--accent-ground"), bad: themeColor("--bad"), selection: themeColor("--selection"),
        palette: dark ? PALETTES.dark : PALETTES.light, isDark: dark,
    };
}

/** Gives a canvas as many pixels as its place has on this screen, and a context that counts in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height @returns {CanvasRenderingContext2D|null} */
export function prepare(canvas, width, height) {
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    const context = canvas.getContext("2d");
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
}

export const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
export const SMALL_FONT = FONT.replace("12px", "11px");

const widths = /** @type {Map<string, number>} */ (new Map());
const WIDTHS_MAX = 20_000;

/** @param {CanvasRenderingContext2D} context @param {string} text @returns {number} */
export function textWidth(context, text) {
    const key = `${context.font}\n${text}`;
    let width = widths.get(key);
    if (width === undefined) {
        if (widths.size >= WIDTHS_MAX) widths.clear();
        width = context.measureText(text).width;
        widths.set(key, width);
    }
    return width;
}

/** The text, or as much of it as fits, with an ellipsis; empty where not even one letter would.
 * @param {CanvasRenderingContext2D} context @param {string} text @param {number} room @returns {string} */
export function fitted(context, text, room) {
    // Longer texts are cut before they are measured: no screen shows more.
    const whole = text.length > 300 ? text.slice(0, 300) : text;
    if (textWidth(context, whole) <= room) return whole;
    let [low, high] = [0, whole.length];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (context.measureText(`${whole.slice(0, middle)}…`).width <= room) low = middle;
        else high = middle - 1;
    }
    return low > 0 ? `${whole.slice(0, low)}…` : "";
}
