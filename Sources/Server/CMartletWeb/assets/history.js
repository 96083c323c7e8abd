// What fired over the last hours: one line an alert, its episodes as bars on a common axis of time.

import { h, replace } from "./dom.js";
import { formatSeconds } from "./format.js";
import { clockText, momentText } from "./time.js";

/** How many alerts the timeline shows. */
const LINES_MAX = 60;

/** @typedef {{key: string, severity: string, from: number, to: number|null, by: string, id: string}} Episode */

/** The episodes of an answer, in Unix seconds.
 * @param {any[]} episodes @returns {Episode[]} */
export function readEpisodes(episodes) {
    return episodes.map((episode) => ({
        key: String(episode.key), severity: String(episode.severity ?? ""), id: String(episode.id),
        from: Date.parse(episode.triggered_at) / 1000,
        to: episode.resolved_at ? Date.parse(episode.resolved_at) / 1000 : null,
        by: String(episode.acknowledged_by ?? ""),
    })).filter((episode) => Number.isFinite(episode.from));
}

/** Episodes by alert, the one that fired last first.
 * @param {Episode[]} episodes @returns {{key: string, episodes: Episode[]}[]} */
export function linesOf(episodes) {
    /** @type {Map<string, Episode[]>} */
    const lines = new Map();
    for (const episode of episodes) lines.set(episode.key, [...(lines.get(episode.key) ?? []), episode]);
    return [...lines].map(([key, list]) => ({ key, episodes: list.sort((a, b) => a.from - b.from) }))
        .sort((a, b) => b.episodes[b.episodes.length - 1].from - a.episodes[a.episodes.length - 1].from);
}

/** Where a stretch of time lies between two others, in percent, at least wide enough to be seen.
 * @param {number} from @param {number} to @param {number} start @param {number} end
 * @returns {{left: number, width: number}|null} */
export function place(from, to, start, end) {
    if (to < start || from > end) return null;
    const left = Math.max(0, (from - start) / (end - start) * 100);
    const right = Math.min(100, (to - start) / (end - start) * 100);
    const width = Math.max(0.4, right - left);
    return { left: Math.min(left, 100 - width), width };
}

/** @param {HTMLElement} root @param {Episode[]} episodes @param {number} start @param {number} end @param {boolean} utc */
export function drawTimeline(root, episodes, start, end, utc) {
    const lines = linesOf(episodes);
    if (lines.length === 0) {
        replace(root, h("p", { class: "nothing" }, "Nothing fired in this time."));
        return;
    }
    const ticks = Array.from({ length: 5 }, (_, index) => start + (end - start) * index / 4);
    const axis = h("div", { class: "line-axis", "aria-hidden": "true" }, ticks.map((tick) => h("span", {}, clockText(tick, utc).slice(0, 5))));
    const rows = lines.slice(0, LINES_MAX).map(({ key, episodes: list }) => {
        const track = h("div", { class: "track" });
        for (const episode of list) {
            const spot = place(episode.from, episode.to ?? end, start, end);
            if (!spot) continue;
            const bad = !["info", "warning"].includes(episode.severity);
            const until = episode.to === null ? "still firing" : `to ${momentText(episode.to, utc)}, ${formatSeconds(episode.to - episode.from)}`;
            const bar = h("span", {
                class: `span ${bad ? "bad" : "warning"}${episode.to === null ? " open" : ""}`,
                title: `${key}, ${momentText(episode.from, utc)} ${until}${episode.by ? `, acknowledged by ${episode.by}` : ""}`,
            });
            bar.style.left = `${spot.left}%`;
            bar.style.width = `${spot.width}%`;
            track.append(bar);
        }
        const total = list.reduce((sum, episode) => sum + Math.min(episode.to ?? end, end) - Math.max(episode.from, start), 0);
        const words = `${key}: fired ${list.length === 1 ? "once" : `${list.length} times`}, ${formatSeconds(Math.max(0, total))} in all`;
        return h("li", { class: "line-row" }, h("span", { class: "line-name", title: key }, key), track,
            h("span", { class: "numeric quiet" }, `${list.length} × ${formatSeconds(Math.max(0, total))}`), h("span", { class: "offscreen" }, words));
    });
    const rest = lines.length - LINES_MAX;
    replace(root, axis, h("ul", { class: "lines-of-time" }, rows), rest > 0 && h("p", { class: "quiet" }, `and ${rest} more alerts`));
}
