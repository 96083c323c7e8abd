// The view of health: one cell a check, worst first, and what changed lately.

import * as api from "./api.js";
import { h, replace, setText } from "./dom.js";
import { formatSeconds } from "./format.js";
import { DataTable } from "./table.js";
import { agoText, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */

/** The four states in their order, each with its glyph and its colour. */
export const STATES = /** @type {Record<string, {rank: number, glyph: string, kind: string}>} */ ({
    critical: { rank: 0, glyph: "✕", kind: "bad" }, unhealthy: { rank: 1, glyph: "○", kind: "bad" },
    degraded: { rank: 2, glyph: "◐", kind: "warning" }, healthy: { rank: 3, glyph: "●", kind: "good" },
});

/** Checks from the worst to the best, then by name.
 * @param {any[]} checks @returns {any[]} */
export function ordered(checks) {
    const rank = (/** @type {any} */ check) => STATES[check.status]?.rank ?? 4;
    return [...checks].sort((a, b) => rank(a) - rank(b) || String(a.name).localeCompare(String(b.name)));
}

/** @param {string} status */
function mark(status) {
    const face = STATES[status] ?? { glyph: "?", kind: "off" };
    return h("span", { class: `state ${face.kind}` }, h("span", { class: "glyph", "aria-hidden": "true" }, face.glyph), status);
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountHealth(root, context) {
    const overall = h("span", { class: "overall", role: "status" });
    const grid = h("ul", { class: "health-grid", "aria-label": "Health checks" });
    const count = h("span", { class: "quiet" });
    const changes = new DataTable("Changes of health", [
        { key: "when", title: "When", numeric: true }, { key: "check", title: "Check" }, { key: "from", title: "From" },
        { key: "to", title: "To" }, { key: "message", title: "Message", style: "wrap" },
    ], (sort) => context.go({ sort }));
    const section = h("div", { hidden: true }, h("h2", { class: "section" }, "Changes ", changes.count), changes.scroller);
    root.append(h("div", { class: "tools" }, h("h1", {}, "Health"), overall, h("span", { class: "spacer" }), count), grid, section);
    /** @type {any} */
    let report = null;
    /** @type {any[]} */
    let history = [];
    let drawn = "";

    const draw = () => {
        if (!report) return;
        const now = api.now();
        const checks = ordered(report.checks ?? []);
        replace(overall, mark(String(report.status)));
        setText(count, `${checks.length} ${checks.length === 1 ? "check" : "checks"}`);
        const face = JSON.stringify(checks.map((check) => [check.name, check.status, check.message, check.kind]));
        if (face !== drawn) {
            drawn = face;
            replace(grid, checks.map((check) => {
                const kind = [check.kind, check.critical ? "critical" : ""].filter(Boolean).join(", ");
                const details = Object.entries(check.details ?? {}).map(([name, value]) => `${name}: ${value}`).join("\n");
                return h("li", { class: `health-cell ${STATES[check.status]?.kind ?? "off"}`, title: details },
                    h("div", { class: "health-head" }, mark(String(check.status)), h("span", { class: "quiet" }, kind)),
                    h("div", { class: "health-name" }, String(check.name)), h("div", { class: "quiet health-message" }, String(check.message ?? "")),
                    h("div", { class: "quiet health-age", "data-check": String(check.name) }));
            }));
        }
        for (const check of checks) {
            const age = grid.querySelector(`[data-check="${CSS.escape(String(check.name))}"]`);
            const then = Number(check.last_check) / 1000;
            const took = check.response_time === undefined ? "" : `, took ${formatSeconds(Number(check.response_time))}`;
            const since = Number(check.since ?? 0) / 1000;
            const stays = since > 0 ? `for ${agoText(since, now).replace(" ago", "").replace("now", "a moment")}, ` : "";
            if (age && then > 0) setText(age, `${stays}checked ${agoText(then, now)}${took}`);
        }
        section.hidden = history.length === 0;
        changes.draw(history.map((entry, index) => {
            const then = Number(entry.timestamp ?? entry.time) / 1000;
            return {
                id: `${index} ${then}`,
                cells: {
                    when: { text: agoText(then, now), sort: then, node: () => h("span", { title: momentText(then, context.state.utc) }, agoText(then, now)) },
                    check: { text: String(entry.check ?? entry.name ?? "") },
                    from: { text: String(entry.from ?? ""), node: () => mark(String(entry.from ?? "")) },
                    to: { text: String(entry.to ?? entry.status ?? ""), node: () => mark(String(entry.to ?? entry.status ?? "")) },
                    message: { text: String(entry.message ?? "") },
                },
            };
        }), context.state.filter, context.state.sort, h("p", {}, "Nothing has changed."));
    };
    return {
        every: 5,
        update: draw,
        destroy() {},
        async refresh(signal) {
            report = (await api.plain("health", signal)).body;
            try {
                const answer = await api.plain("health/history", signal);
                if (answer.status === 200) history = answer.body.transitions ?? answer.body.history ?? [];
            } catch {
                // An older server has no history; the checks are what matters.
            }
            draw();
        },
    };
}
