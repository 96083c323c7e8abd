// The log records of a span, beside its attributes.

import * as api from "./api.js";
import { h, replace } from "./dom.js";
import { lineColumns } from "./logrow.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./tracemodel.js").Trace} Trace */

const RECORDS_MAX = 50;
/** Records may come a little before or after their trace. */
const MARGIN = 60_000_000_000n;

/** A place that fills itself with the records of a span; it stays empty where there are none.
 * @param {Context} context @param {Trace} trace @param {number} span @returns {HTMLElement} */
export function spanLogs(context, trace, span) {
    const query = `trace:${trace.id} span:${trace.ids[span]}`;
    const from = trace.base - MARGIN;
    const to = trace.base + BigInt(Math.ceil(trace.length)) + MARGIN;
    const place = h("section", { "aria-label": "Logs of the span", "data-logs": "" });
    const seconds = (/** @type {bigint} */ time) => Number(time / 1_000_000_000n);
    const link = context.link({ view: "logs", q: query, from: seconds(from), to: seconds(to) + 1 });
    api.get("api/v1/logs/query", { query, start: String(from), end: String(to), limit: RECORDS_MAX, direction: "forward" }).then(({ data }) => {
        if (data.records.length === 0) return;
        place.dataset.logs = String(data.matched);
        replace(place, h("h3", {}, "Logs ", h("span", { class: "quiet" }, String(data.matched)), " ", h("a", { href: link, "data-link": "" }, "open")),
            h("ol", { class: "span-logs" }, data.records.map((/** @type {any} */ record) => h("li", { class: "log-line" }, lineColumns(record, context.state.utc)))),
            data.matched > data.records.length && h("p", { class: "quiet" }, `showing the first ${data.records.length}`));
    }, (error) => {
        // A server without logs has none of this span.
        if (error instanceof api.APIError && error.status === 404) return;
        replace(place, h("p", { class: "quiet" }, `its logs cannot be shown: ${error instanceof Error ? error.message : error}`));
    });
    return place;
}
