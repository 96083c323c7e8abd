// The view of what is scraped and how that goes.

import * as api from "./api.js";
import { h, setText } from "./dom.js";
import { formatSeconds } from "./format.js";
import { filterBox, stateButtons } from "./listing.js";
import { DataTable, labelMarks, labelText, stateMark } from "./table.js";
import { agoText, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */

const KINDS = /** @type {Record<string, "good"|"bad"|"off">} */ ({ up: "good", down: "bad", unknown: "off" });
const ORDER = ["down", "unknown", "up"];

/** @param {Context} context @param {any} target @param {number} now @returns {import("./table.js").Row} */
function row(context, target, now) {
    const health = String(target.health ?? "unknown");
    const labels = /** @type {Record<string, string>} */ (target.labels ?? {});
    const scraped = Date.parse(target.lastScrape) / 1000;
    const isScraped = scraped > 0;
    const age = isScraped ? agoText(scraped, now) : "not yet";
    const seconds = Number(target.lastScrapeDuration ?? 0);
    const url = String(target.scrapeUrl ?? "");
    return {
        id: `${target.scrapePool} ${url} ${labelText(labels)}`,
        cells: {
            state: { text: health, sort: ORDER.indexOf(health), node: () => stateMark(KINDS[health] ?? "off", health) },
            job: { text: String(target.scrapePool ?? labels.job ?? "") },
            url: { text: url },
            scraped: {
                text: age, sort: isScraped ? scraped : 0,
                node: () => h("span", { title: isScraped ? momentText(scraped, context.state.utc) : "no scrape yet" }, age),
            },
            took: { text: isScraped ? formatSeconds(seconds) : "–", sort: seconds },
            every: { text: String(target.scrapeInterval ?? "") },
            labels: { text: labelText(labels), node: () => labelMarks(labels) },
            error: { text: String(target.lastError ?? "") },
        },
    };
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountTargets(root, context) {
    const table = new DataTable("Targets", [
        { key: "state", title: "State" }, { key: "job", title: "Job" }, { key: "url", title: "URL" },
        { key: "scraped", title: "Last scrape", numeric: true }, { key: "took", title: "Took", numeric: true },
        { key: "every", title: "Every", numeric: true }, { key: "labels", title: "Labels", style: "wrap" },
        { key: "error", title: "Last error", style: "wrap failed" },
    ], (sort) => context.go({ sort }));
    const states = stateButtons(context, [
        { key: "down", kind: "bad", word: "down" }, { key: "unknown", kind: "off", word: "unknown" },
        { key: "up", kind: "good", word: "up" },
    ]);
    const dropped = h("span", { class: "quiet" });
    root.append(h("div", { class: "tools" }, h("h1", {}, "Targets"), states.element, filterBox(context, "Filter targets"),
        table.count, dropped, h("span", { class: "spacer" }), table.copy), table.scroller);
    /** @type {any} */
    let data = null;

    const draw = () => {
        if (!data) return;
        const now = api.now();
        const targets = /** @type {any[]} */ (data.activeTargets ?? []);
        const numbers = /** @type {Record<string, number>} */ ({});
        for (const target of targets) numbers[target.health] = (numbers[target.health] ?? 0) + 1;
        states.draw(numbers);
        const show = context.state.show;
        const rows = targets.filter((target) => !show || target.health === show)
            .sort((a, b) => ORDER.indexOf(a.health) - ORDER.indexOf(b.health)).map((target) => row(context, target, now));
        const empty = h("div", {}, h("p", {}, show ? `No target is ${show}.` : "Nothing is scraped yet."),
            h("p", { class: "quiet" }, show ? "Press the state again to see all targets."
                : "Name your services in martlet.yml under scrape_configs, start with martlet serve --config martlet.yml, or send SIGHUP to reload."),
            !show && h("pre", {}, "scrape_configs:\n  - job_name: my-service\n    static_configs:\n      - targets: [\"127.0.0.1:8080\"]"));
        table.draw(rows, context.state.filter, context.state.sort, empty);
        const lost = data.droppedTargetCounts
            ? Object.values(data.droppedTargetCounts).reduce((sum, n) => sum + Number(n), 0) : (data.droppedTargets ?? []).length;
        setText(dropped, lost > 0 ? `${lost} dropped by relabelling` : "");
    };
    return {
        every: 5,
        update: draw,
        destroy() {},
        async refresh(signal) {
            data = (await api.get("api/v1/targets", {}, signal)).data;
            draw();
        },
    };
}
