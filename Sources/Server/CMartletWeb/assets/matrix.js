// Range results, merged as they come in, and laid out for a chart. Every function here is pure but for the store it is
// handed.

/** @typedef {{metric: Record<string, string>, values: [number, string][]}} RangeSeries as the API sends it */
/** @typedef {{labels: Record<string, string>, times: number[], values: number[]}} Line */
/** @typedef {Map<string, Line>} Lines by the text of their labels */

/** A series' labels as text that is the same for the same labels, whatever their order.
 * @param {Record<string, string>} labels @returns {string} */
export function labelKey(labels) {
    return Object.keys(labels).sort().map((name) => `${name}=${JSON.stringify(labels[name])}`).join(",");
}

/** A series' name as PromQL writes it, without the labels in `without`.
 * @param {Record<string, string>} labels @param {Set<string>} [without] @returns {string} */
export function seriesName(labels, without = new Set()) {
    const pairs = Object.keys(labels).filter((name) => name !== "__name__" && !without.has(name)).sort()
        .map((name) => `${name}=${JSON.stringify(labels[name])}`);
    const name = without.has("__name__") ? "" : labels.__name__ ?? "";
    return pairs.length ? `${name}{${pairs.join(", ")}}` : name || "{}";
}

/** The labels that are the same in all of several series, which a legend need not repeat.
 * @param {Record<string, string>[]} all @returns {Set<string>} */
export function commonLabels(all) {
    if (all.length < 2) return new Set();
    return new Set(Object.keys(all[0]).filter((name) => all.every((labels) => labels[name] === all[0][name])));
}

/** A sample value; PromQL writes the special ones as words.
 * @param {string} text @returns {number} */
export function sampleValue(text) {
    if (text === "+Inf" || text === "Inf") return Infinity;
    if (text === "-Inf") return -Infinity;
    return Number(text);
}

/** Takes in a newer answer: what it covers (from `since` on) replaces what was there, what lies before `oldest` goes.
 *
 * A series that has ended keeps its past until the window has moved over it.
 * @param {Lines} lines changed in place @param {RangeSeries[]} result @param {number} since @param {number} oldest */
export function mergeRange(lines, result, since, oldest) {
    for (const line of lines.values()) {
        let keep = line.times.length;
        while (keep > 0 && line.times[keep - 1] >= since) keep -= 1;
        let drop = 0;
        while (drop < keep && line.times[drop] < oldest) drop += 1;
        line.times = line.times.slice(drop, keep);
        line.values = line.values.slice(drop, keep);
    }
    for (const series of result) {
        const key = labelKey(series.metric);
        let line = lines.get(key);
        if (!line) {
            line = { labels: series.metric, times: [], values: [] };
            lines.set(key, line);
        }
        for (const [time, text] of series.values) {
            if (time < since || time < oldest) continue;
            line.times.push(time);
            line.values.push(sampleValue(text));
        }
    }
    for (const [key, line] of lines) if (line.times.length === 0) lines.delete(key);
}

/** Lays lines on one time grid, milliseconds first, `null` where a line has no value: a gap stays a gap.
 * @param {Line[]} lines @param {number} start @param {number} end @param {number} step
 * @returns {(number|null)[][]} */
export function gridRows(lines, start, end, step) {
    const count = Math.max(0, Math.min(20_000, Math.floor((end - start) / step + 1e-6) + 1));
    const rows = Array.from({ length: count }, (_, i) => {
        const row = /** @type {(number|null)[]} */ (new Array(lines.length + 1).fill(null));
        row[0] = Math.round((start + i * step) * 1000);
        return row;
    });
    lines.forEach((line, column) => {
        line.times.forEach((time, i) => {
            const row = rows[Math.round((time - start) / step)];
            const value = line.values[i];
            if (row && Number.isFinite(value)) row[column + 1] = value;
        });
    });
    return rows;
}

/** The lowest and highest value drawn; of the sums when the lines are stacked.
 * @param {(number|null)[][]} rows @param {boolean} stacked @returns {[number, number]} infinite when there is none */
export function extent(rows, stacked) {
    let low = Infinity;
    let high = -Infinity;
    for (const row of rows) {
        let sum = 0;
        let any = false;
        for (let i = 1; i < row.length; i += 1) {
            const value = row[i];
            if (value === null) continue;
            any = true;
            sum += value;
            if (!stacked) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (stacked && any) {
            low = Math.min(low, sum);
            high = Math.max(high, sum);
        }
    }
    return [low, high];
}

/** The newest value of a line, or `null` when it has ended before `since`.
 * @param {Line} line @param {number} since @returns {number|null} */
export function lastValue(line, since) {
    const last = line.times.length - 1;
    return last >= 0 && line.times[last] >= since ? line.values[last] : null;
}

/** The most telling lines first: by last value, the ended ones at the end, at most `most` of them.
 * @param {Line[]} lines @param {number} since @param {number} most */
export function rankLines(lines, since, most) {
    const ranked = lines.map((line) => ({ line, last: lastValue(line, since) }));
    ranked.sort((a, b) => (b.last ?? -Infinity) - (a.last ?? -Infinity)
        || labelKey(a.line.labels).localeCompare(labelKey(b.line.labels)));
    return { shown: ranked.slice(0, most), total: ranked.length };
}
