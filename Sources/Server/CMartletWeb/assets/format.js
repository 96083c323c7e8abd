// Numbers as people read them. Every function here is pure.

/** @typedef {"number"|"bytes"|"bytes/s"|"ratio"|"seconds"|"per-second"|"seconds/s"} Unit */

const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const LARGE = ["", " k", " M", " G", " T", " P"];

/** Groups without looking at the browser's language, so that a number reads the same everywhere.
 * @param {number} value @param {number} digits significant digits
 * @returns {string} */
export function significant(value, digits = 3) {
    if (value === 0) return "0";
    const magnitude = Math.floor(Math.log10(Math.abs(value)));
    const decimals = Math.min(12, Math.max(0, digits - 1 - magnitude));
    const text = value.toFixed(decimals);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** @param {number} value @returns {string} */
function plain(value) {
    const size = Math.abs(value);
    if (size !== 0 && size < 0.0001) return value.toExponential(1).replace("e", " e");
    if (size < 10_000) return significant(value, size >= 1000 ? 4 : 3);
    let power = Math.min(LARGE.length - 1, Math.floor(Math.log10(size) / 3));
    // 999,950 rounds to 1000 k: one step further reads better.
    if (Math.abs(Number((value / 1000 ** power).toPrecision(3))) >= 1000 && power < LARGE.length - 1) power += 1;
    return significant(value / 1000 ** power) + LARGE[power];
}

/** @param {number} value @returns {string} */
function bytes(value) {
    let size = value;
    let power = 0;
    while (Math.abs(size) >= 1023.5 && power < BINARY.length - 1) {
        size /= 1024;
        power += 1;
    }
    if (power === 0) return `${significant(size)} B`;
    return `${significant(size, Math.abs(size) >= 1000 ? 4 : 3)} ${BINARY[power]}`;
}

/** A span of time in its two leading parts, such as `2 h 5 min` or `12.4 ms`.
 * @param {number} seconds @returns {string} */
export function formatSeconds(seconds) {
    const size = Math.abs(seconds);
    const sign = seconds < 0 ? "-" : "";
    if (size === 0) return "0 s";
    if (size < 1e-6) return `${sign}${significant(size * 1e9)} ns`;
    if (size < 1e-3) return `${sign}${significant(size * 1e6)} µs`;
    if (size < 1) return `${sign}${significant(size * 1e3)} ms`;
    if (size < 60) return `${sign}${significant(size)} s`;
    const whole = Math.round(size);
    const parts = /** @type {[number, string, number, string][]} */ ([
        [86_400, "d", 3600, "h"],
        [3600, "h", 60, "min"],
        [60, "min", 1, "s"],
    ]);
    for (const [unit, name, subunit, subname] of parts) {
        if (whole < unit) continue;
        const rest = Math.floor((whole % unit) / subunit);
        return `${sign}${Math.floor(whole / unit)} ${name}${rest ? ` ${rest} ${subname}` : ""}`;
    }
    return `${sign}${whole} s`;
}

/** A value with its unit; a dash where there is none.
 * @param {number|null|undefined} value @param {Unit} unit @returns {string} */
export function formatValue(value, unit) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
    switch (unit) {
        case "bytes": return bytes(value);
        case "bytes/s": return `${bytes(value)}/s`;
        case "ratio": return `${significant(value * 100, Math.abs(value) >= 0.1 ? 3 : 2)} %`;
        case "seconds": return formatSeconds(value);
        case "seconds/s": return `${formatSeconds(value)}/s`;
        case "per-second": return `${plain(value)}/s`;
        default: return plain(value);
    }
}

/** Guesses the unit of an expression's result from the metric names and functions in it.
 *
 * A division has no unit that a name could tell, except that two like things give a plain number.
 * @param {string} expression @returns {Unit} */
export function guessUnit(expression) {
    const bare = expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, "");
    if (/^\s*(count|absent|count_over_time|changes|resets)\b/.test(bare) || /[<>]=?\s*bool/.test(bare)) return "number";
    if (/\//.test(bare.replace(/\{[^}]*\}|\[[^\]]*\]/g, ""))) return "number";
    const isRate = /\b(rate|irate|deriv)\s*\(/.test(bare);
    const isQuantile = /\bhistogram_(quantile|avg|stddev)\s*\(/.test(bare);
    const names = bare.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? [];
    const has = (/** @type {RegExp} */ suffix) => names.some((name) => suffix.test(name));
    if (has(/_bytes(_total|_sum)?$/)) return isRate ? "bytes/s" : "bytes";
    if (isQuantile && has(/_seconds(_bucket)?$/)) return "seconds";
    if (has(/_seconds(_total|_sum)?$/)) return isRate ? "ratio" : "seconds";
    if (has(/_ratio$/)) return "ratio";
    return isRate ? "per-second" : "number";
}
