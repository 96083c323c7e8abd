// What is known of one span.

import { copyText, h, replace } from "./dom.js";
import { kindName, valueText } from "./tracemodel.js";
import { withField } from "./tracequery.js";
import { momentText } from "./time.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./tracemodel.js").Trace} Trace */

/** Longer values show so many letters until they are opened. */
const VALUE_MAX = 2000;

/** @param {string} text @returns {Node} */
function longText(text) {
    if (text.length <= VALUE_MAX) return document.createTextNode(text);
    const rest = h("span", {}, `${text.slice(0, VALUE_MAX)}…`);
    const more = h("button", { type: "button", class: "link", onclick: () => replace(rest, text) }, `all ${text.length.toLocaleString("en")} letters`);
    rest.append(" ", more);
    return rest;
}

/** @param {Context} context @param {string} title @param {any[]} attributes @param {boolean} canFind */
function attributeTable(context, title, attributes, canFind) {
    if (attributes.length === 0) return null;
    const sorted = [...attributes].sort((a, b) => String(a.key).localeCompare(String(b.key)));
    return [
        h("h3", {}, title, " ", h("span", { class: "quiet" }, String(sorted.length))),
        h("dl", { class: "facts" }, sorted.flatMap((item) => {
            const text = valueText(item.value);
            const find = canFind && text !== "" && text.length < 200 && h("a", {
                class: "find", "data-link": "", href: context.link({ trace: "", span: "", cut: null, fold: "", part: "", other: "", filter: "", q: withField("", `@${item.key}`, text) }),
                title: `find traces with ${item.key} = ${text}`, "aria-label": `find traces with ${item.key} = ${text}`,
            }, "⌕");
            return [h("dt", {}, String(item.key)), h("dd", {}, h("span", { class: "fact" }, longText(text)), find)];
        })),
    ];
}

/** @param {Context} context @param {Trace} trace @param {number} span @param {() => void} close
 * @param {Node|null} logs @returns {Node[]} */
export function spanDetails(context, trace, span, close, logs) {
    const raw = trace.spans[span];
    const service = trace.services[trace.service[span]];
    const startNano = trace.base + BigInt(Math.round(trace.start[span] + trace.offset[span]));
    const began = Number(startNano / 1_000_000n) / 1000;
    const kind = kindName(raw);
    const message = raw.status?.message ?? "";
    const share = trace.duration[span] > 0 ? ` (${Math.round((trace.critical[span] / trace.duration[span]) * 100)} %)` : "";
    const facts = /** @type {[string, Node|string|null][]} */ ([
        ["status", trace.failed[span] ? h("span", { class: "state bad" }, h("span", { "aria-hidden": "true" }, "✕"), `error${message ? `: ${message}` : ""}`) : message || null],
        ["duration", timeText(trace.duration[span])],
        ["own time", `${timeText(trace.own[span])}, in which no child ran`],
        ["critical", trace.critical[span] > 0 ? `${timeText(trace.critical[span])}${share} on the critical path` : "not on the critical path"],
        ["starts", `${timeText(trace.start[span] + trace.offset[span])} into the trace, ${momentText(began, context.state.utc)}`],
        ["clock", isMoved(trace, span) ? `shown ${timeText(Math.abs(shift(trace, span)))} ${shift(trace, span) > 0 ? "later" : "earlier"} than sent: its host's clock seems to differ` : null],
        ["kind", kind || null],
        ["scope", trace.scopes[span]?.name ? `${trace.scopes[span].name} ${trace.scopes[span].version ?? ""}`.trim() : null],
        ["span id", copyable(trace.ids[span], "span id")],
        ["parent", raw.parentSpanId ? parentLink(context, trace, span, String(raw.parentSpanId).toLowerCase()) : "none: a root"],
    ]);
    const events = raw.events ?? [];
    const links = raw.links ?? [];
    return [
        h("div", { class: "details-head" }, h("div", {}, h("h2", {}, trace.names[span] || "(no name)"), h("div", { class: "quiet" }, service || "no service named")),
            h("button", { type: "button", class: "icon", "aria-label": "Close the details", title: "Close (Escape)", onclick: close }, "×")),
        h("dl", { class: "facts" }, facts.filter(([, value]) => value !== null).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
        logs,
        events.length > 0 && h("h3", {}, "Events ", h("span", { class: "quiet" }, String(events.length))),
        events.length > 0 && h("ol", { class: "events" }, events.slice(0, 200).map((/** @type {any} */ event) => eventItem(context, trace, event, startNano, shift(trace, span)))),
        events.length > 200 && h("p", { class: "quiet" }, `showing 200 of ${events.length.toLocaleString("en")}; the JSON has them all`),
        attributeTable(context, "Attributes", raw.attributes ?? [], true),
        links.length > 0 && h("h3", {}, "Links ", h("span", { class: "quiet" }, String(links.length))),
        links.length > 0 && h("ul", { class: "events" }, links.slice(0, 200).map((/** @type {any} */ link) => linkItem(context, trace, link))),
        attributeTable(context, "Resource", trace.resources[span]?.attributes ?? [], true),
        dropped(raw),
    ].flat(2).filter((node) => node instanceof Node);
}

/** How far a span is shown from where it was sent, beside what all are moved by.
 * @param {Trace} trace @param {number} span */
function shift(trace, span) {
    const zero = trace.order.length > 0 ? trace.offset[trace.order[0]] : 0;
    return trace.offset[span] - zero;
}

/** @param {Trace} trace @param {number} span */
function isMoved(trace, span) {
    return Math.abs(shift(trace, span)) >= 1;
}

/** @param {string} text @param {string} what */
function copyable(text, what) {
    return h("span", {}, h("span", { class: "code" }, text), " ", h("button", { type: "button", class: "link", onclick: () => copyText(text, what), "aria-label": `Copy the ${what}` }, "copy"));
}

/** @param {Context} context @param {Trace} trace @param {number} span @param {string} parent */
function parentLink(context, trace, span, parent) {
    if (trace.parent[span] < 0) return h("span", { class: "code" }, `${parent} (not here)`);
    return h("button", { type: "button", class: "link", onclick: () => context.go({ span: parent }, true) }, trace.names[trace.parent[span]] || parent);
}

/** @param {Context} context @param {Trace} trace @param {any} event @param {bigint} startNano @param {number} moved */
function eventItem(context, trace, event, startNano, moved) {
    let after = "";
    try {
        after = timeText(Number(BigInt(event.timeUnixNano ?? 0) - startNano) + moved);
    } catch {
        // A time that is none is not shown.
    }
    return h("li", {}, h("span", { class: "quiet numeric" }, after), " ", h("strong", {}, String(event.name ?? "event")),
        h("dl", { class: "facts" }, (event.attributes ?? []).flatMap((/** @type {any} */ item) =>
            [h("dt", {}, String(item.key)), h("dd", { class: "fact" }, longText(valueText(item.value)))])));
}

/** @param {Context} context @param {Trace} trace @param {any} link */
function linkItem(context, trace, link) {
    const [traceID, spanID] = [String(link.traceId ?? "").toLowerCase(), String(link.spanId ?? "").toLowerCase()];
    const isHere = traceID === trace.id;
    const target = isHere ? { span: spanID } : { trace: traceID, span: spanID, cut: null, fold: "", other: "", part: "" };
    const words = (link.attributes ?? []).map((/** @type {any} */ item) => `${item.key}=${valueText(item.value)}`).join(" ");
    return h("li", {}, h("a", { href: context.link(target), "data-link": "", class: "code" }, isHere ? `span ${spanID}` : `trace ${traceID}`), isHere && " in this trace", words && h("div", { class: "quiet" }, words));
}

/** @param {any} raw */
function dropped(raw) {
    const parts = [[raw.droppedAttributesCount, "attributes"], [raw.droppedEventsCount, "events"], [raw.droppedLinksCount, "links"]]
        .filter(([count]) => Number(count) > 0).map(([count, what]) => `${count} ${what}`);
    return parts.length > 0 ? h("p", { class: "quiet" }, `left out by the sender: ${parts.join(", ")}`) : null;
}
