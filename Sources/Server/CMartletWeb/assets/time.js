// Spans, steps and clock readings. Times are Unix seconds unless a name says otherwise. Every function here is pure.

/** The ranges on offer, with their spans in seconds. */
export const RANGES = /** @type {[string, number][]} */ ([
    ["5m", 300], ["15m", 900], ["1h", 3600], ["6h", 21_600], ["24h", 86_400], ["7d", 604_800], ["30d", 2_592_000],
]);

export const DEFAULT_RANGE = "15m";

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const UNITS = /** @type {Record<string, number>} */ ({ s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });

/** Reads `90s`, `15m`, `1h30m` or `7d`; gives `null` for anything else, and for nothing at all.
 * @param {string} text @returns {number|null} */
export function parseSpan(text) {
    if (!/^(\d+[smhdw])+$/.test(text)) return null;
    let seconds = 0;
    for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g)) seconds += Number(count) * UNITS[unit];
    return seconds > 0 && seconds <= 20 * 366 * 86_400 ? seconds : null;
}

/** The shortest PromQL spelling of a whole number of seconds.
 * @param {number} seconds @returns {string} */
export function promSpan(seconds) {
    for (const [unit, size] of [["d", 86_400], ["h", 3600], ["m", 60]]) {
        if (seconds % Number(size) === 0 && seconds > 0) return `${seconds / Number(size)}${unit}`;
    }
    return `${seconds}s`;
}

/** The step that gives at most 360 points over a range.
 * @param {number} span seconds @returns {number} seconds */
export function chooseStep(span) {
    return STEPS.find((step) => span / step <= 360) ?? Math.ceil(span / 360 / 86_400) * 86_400;
}

/** How a counter's rate is best taken at this step.
 *
 * While steps are no longer than the time between samples, `irate` shows every sample and is right from the second one
 * on; past that it would skip samples, so `rate` averages over at least four of them and never less than a step.
 * @param {number} step seconds @param {number} interval seconds between samples
 * @returns {(selector: string) => string} */
export function rateOver(step, interval) {
    const between = Math.max(1, Math.ceil(interval));
    if (step <= between) return (selector) => `irate(${selector}[${promSpan(Math.max(30, 3 * between))}])`;
    const window = Math.ceil(Math.max(4 * between, step + between) / 5) * 5;
    return (selector) => `rate(${selector}[${promSpan(window)}])`;
}

/** How far apart samples come now, from their times: the longest of the last gaps, the open one counted up to 15 s, so that a
 * change to a slower pace is known before the first slow sample is there; `null` for fewer than two.
 * @param {number[]} times @param {number} now @returns {number|null} */
export function recentInterval(times, now) {
    if (times.length < 2) return null;
    const recent = times.slice(-4);
    const gaps = recent.slice(1).map((time, i) => time - recent[i]);
    return Math.max(...gaps, Math.min(15, now - recent[recent.length - 1]));
}

const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment's parts, local or UTC.
 * @param {number} seconds @param {boolean} utc */
export function parts(seconds, utc) {
    const d = new Date(seconds * 1000);
    return utc
        ? { year: d.getUTCFullYear(), month: d.getUTCMonth(), day: d.getUTCDate(), hour: d.getUTCHours(),
            minute: d.getUTCMinutes(), second: d.getUTCSeconds() }
        : { year: d.getFullYear(), month: d.getMonth(), day: d.getDate(), hour: d.getHours(),
            minute: d.getMinutes(), second: d.getSeconds() };
}

/** `14:03:20`
 * @param {number} seconds @param {boolean} utc @returns {string} */
export function clockText(seconds, utc) {
    const p = parts(seconds, utc);
    return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/** `2026-03-01 14:03:20`, with ` UTC` where it is.
 * @param {number} seconds @param {boolean} utc @returns {string} */
export function momentText(seconds, utc) {
    const p = parts(seconds, utc);
    return `${p.year}-${two(p.month + 1)}-${two(p.day)} ${clockText(seconds, utc)}${utc ? " UTC" : ""}`;
}

/** `3 Mar`
 * @param {number} seconds @param {boolean} utc @returns {string} */
export function dayText(seconds, utc) {
    const p = parts(seconds, utc);
    return `${p.day} ${MONTHS[p.month]}`;
}

/** `12 s ago`, `3 min ago`, `in 5 s`, `now`.
 * @param {number} then @param {number} now @returns {string} */
export function agoText(then, now) {
    const age = Math.round(now - then);
    if (age === 0) return "now";
    const size = Math.abs(age);
    const [unit, name] = size < 90 ? [1, "s"] : size < 5400 ? [60, "min"] : size < 129_600 ? [3600, "h"] : [86_400, "d"];
    const text = `${Math.round(size / Number(unit))} ${name}`;
    return age > 0 ? `${text} ago` : `in ${text}`;
}
