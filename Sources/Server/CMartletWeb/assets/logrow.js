// A log record as a line, and opened.

import { copyText, h } from "./dom.js";
import { levelFace } from "./logquery.js";
import { clockText, dayText, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {object} Record_
 * @property {string} id
 * @property {string} time nanoseconds since 1970
 * @property {string} level
 * @property {string} service
 * @property {any} body
 * @property {Record<string, any>} attributes
 * @property {Record<string, any>} resource
 * @property {string} [traceId]
 * @property {string} [spanId]
 * @property {string} [scope]
 * @property {string} [eventName]
 */

/** @param {any} value @returns {string} */
export function plainText(value) {
    return value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** @param {Record_} record @returns {number} Unix seconds */
export function recordTime(record) {
    return Number(BigInt(record.time) / 1_000_000n) / 1000;
}

/** `14:03:20.123`
 * @param {Record_} record @param {boolean} utc @returns {string} */
export function timeOfDay(record, utc) {
    const milliseconds = String(Number((BigInt(record.time) / 1_000_000n) % 1000n)).padStart(3, "0");
    return `${clockText(Math.floor(recordTime(record)), utc)}.${milliseconds}`;
}

/** A level as glyph and word.
 * @param {string} level @returns {HTMLElement} */
export function levelMark(level) {
    const { glyph, style } = levelFace(level);
    return h("span", { class: `level ${style}` }, h("span", { "aria-hidden": "true" }, glyph), level || "–");
}

/** The columns of a line.
 * @param {Record_} record @param {boolean} utc @param {boolean} [withDay] @returns {HTMLElement[]} */
export function lineColumns(record, utc, withDay = false) {
    const text = plainText(record.body) || record.eventName || "";
    const day = withDay ? `${dayText(recordTime(record), utc)} ` : "";
    return [
        h("span", { class: "log-time" }, day + timeOfDay(record, utc)), levelMark(record.level),
        h("span", { class: "log-service" }, record.service || "–"),
        h("span", { class: "log-text" }, text.length > 1000 ? `${text.slice(0, 1000)}…` : text),
    ];
}

/** @typedef {object} Doings
 * @property {(field: string, value: string, isNot: boolean) => void} filter
 * @property {(record: Record_) => void} surroundings
 */

/** An opened record: all its fields, each with what narrows the search to it.
 * @param {Context} context @param {Record_} record @param {Doings} doings @returns {HTMLElement} */
export function openedRecord(context, record, doings) {
    const fact = (/** @type {string} */ shown, /** @type {string} */ field, /** @type {string} */ value) => [
        h("dt", {}, shown),
        h("dd", {}, h("span", { class: "fact" }, value), value !== "" && value.length <= 200 && h("span", { class: "only" },
            h("button", { type: "button", class: "link", "aria-label": `only ${shown} ${value}`, title: "only these", onclick: () => doings.filter(field, value, false) }, "+"),
            h("button", { type: "button", class: "link", "aria-label": `without ${shown} ${value}`, title: "without these", onclick: () => doings.filter(field, value, true) }, "−"))),
    ];
    const group = (/** @type {Record<string, any>} */ values) => Object.keys(values ?? {}).sort().flatMap((key) => fact(key, `@${key}`, plainText(values[key])));
    const body = plainText(record.body);
    return h("div", { class: "log-open" },
        h("pre", { class: "code" }, body),
        h("dl", { class: "facts" }, h("dt", {}, "time"), h("dd", {}, `${momentText(Math.floor(recordTime(record)), context.state.utc)} (${record.time})`),
            fact("level", "level", record.level), fact("service", "service", record.service),
            record.traceId && fact("trace", "trace", record.traceId), record.spanId && fact("span", "span", record.spanId),
            record.scope && [h("dt", {}, "scope"), h("dd", {}, record.scope)], group(record.attributes), group(record.resource)),
        h("p", {},
            record.traceId && h("a", {
                "data-link": "", href: context.link({ view: "traces", trace: record.traceId, span: record.spanId ?? "" }),
            }, "Open the trace"), record.traceId && " · ",
            h("button", { type: "button", class: "link", onclick: () => doings.surroundings(record) }, "Show what stands around it"), " · ",
            h("button", { type: "button", class: "link", onclick: () => copyText(JSON.stringify(record, null, 2), "record") }, "Copy as JSON")));
}
