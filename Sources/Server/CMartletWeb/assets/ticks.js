// Where an axis has its marks and what stands beside them. Every function here is pure.

import { formatValue } from "./format.js";
import { clockText, dayText, parts } from "./time.js";

/** @typedef {{v: number, label: string}} Tick */

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 172_800, 432_000, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000];

/** Seconds that local time is ahead of UTC at a moment.
 * @param {number} seconds @param {boolean} utc @returns {number} */
function offset(seconds, utc) {
    return utc ? 0 : -new Date(seconds * 1000).getTimezoneOffset() * 60;
}

/** Marks at round clock times, at most `count` of them; times in Unix seconds.
 * @param {number} from @param {number} to @param {number} count @param {boolean} utc @returns {Tick[]} */
export function timeTicks(from, to, count, utc) {
    if (!(to > from) || count < 1) return [];
    const step = TIME_STEPS.find((size) => (to - from) / size <= count) ?? Math.ceil((to - from) / count);
    const ahead = offset(from, utc);
    const ticks = [];
    for (let local = Math.ceil((from + ahead) / step) * step; ticks.length <= count + 1; local += step) {
        // Round in local time; the offset may change inside the range when clocks change.
        const v = local - offset(local - ahead, utc);
        if (v > to) break;
        if (v < from) continue;
        const p = parts(v, utc);
        const midnight = p.hour === 0 && p.minute === 0 && p.second === 0;
        const label = step >= 86_400 || (midnight && to - from > 3600) ? dayText(v, utc)
            : step < 60 ? clockText(v, utc) : clockText(v, utc).slice(0, 5);
        ticks.push({ v, label });
    }
    return ticks;
}

/** The next 1, 2 or 5 times a power of the base, at or above a size; for bytes, a power of two.
 * @param {number} size @param {boolean} binary @returns {number} */
export function roundStep(size, binary) {
    if (!(size > 0)) return 1;
    if (binary && size >= 1) return 2 ** Math.ceil(Math.log2(size) - 1e-9);
    const power = 10 ** Math.floor(Math.log10(size) + 1e-9);
    for (const factor of [1, 2, 5]) if (size <= factor * power * (1 + 1e-9)) return factor * power;
    return 10 * power;
}

/** Marks at round values within a range, about `count` of them.
 * @param {number} low @param {number} high @param {number} count @param {import("./format.js").Unit} unit
 * @returns {Tick[]} */
export function valueTicks(low, high, count, unit) {
    if (!(high > low) || count < 1 || !Number.isFinite(high - low)) return [];
    const step = roundStep((high - low) / count, unit === "bytes" || unit === "bytes/s");
    const ticks = [];
    const first = Math.ceil(low / step - 1e-9);
    for (let i = first; i * step <= high + step * 1e-9 && ticks.length < 50; i += 1) {
        const v = Number((i * step).toPrecision(12));
        ticks.push({ v, label: formatValue(v, unit) });
    }
    return ticks;
}

/** The value range that a chart shows: from zero, unless something is below it, with a little room above.
 * @param {number} low @param {number} high @param {import("./format.js").Unit} unit
 * @returns {[number, number]} */
export function valueRange(low, high, unit) {
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
    const bottom = Math.min(0, low);
    const top = Math.max(0, high);
    if (top === bottom) return [0, unit === "ratio" ? 0.01 : unit.startsWith("bytes") ? 1024 : 1];
    const room = (top - bottom) * 0.06;
    return [bottom < 0 ? bottom - room : 0, top + room];
}
