// Two traces side by side: which calls one has and the other lacks, and where the time differs.

import * as api from "./api.js";
import { copyText, h, replace } from "./dom.js";
import { menuButton } from "./menu.js";
import { DataTable } from "./table.js";
import { momentText } from "./time.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */

/** @param {number} nanoseconds @returns {string} */
function changeText(nanoseconds) {
    return nanoseconds === 0 ? "same" : `${nanoseconds > 0 ? "+" : "−"}${timeText(Math.abs(nanoseconds))}`;
}

/** @param {any} node @returns {[string, string, string]} a glyph, a word and a style */
function verdict(node) {
    const [first, second] = node.spans;
    if (first === 0) return ["+", "only in B", "only-b"];
    if (second === 0) return ["−", "only in A", "only-a"];
    if (first !== second) return ["≠", `${first} and ${second} calls`, "changed"];
    return ["", "", ""];
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountTracePair(root, context) {
    const facts = h("div", { class: "pair-facts" });
    const table = new DataTable("Calls of both traces", [
        { key: "call", title: "Call", style: "tree" }, { key: "verdict", title: "", label: "What differs" },
        { key: "spansA", title: "Spans A", numeric: true }, { key: "spansB", title: "Spans B", numeric: true },
        { key: "totalA", title: "Time A", numeric: true }, { key: "totalB", title: "Time B", numeric: true },
        { key: "criticalA", title: "Critical A", numeric: true }, { key: "criticalB", title: "Critical B", numeric: true },
        { key: "change", title: "Critical B − A", numeric: true },
    ], (sort) => context.go({ sort }));
    const back = h("a", { "data-link": "", href: "?" }, "‹ Traces");
    const swap = h("button", { type: "button", class: "plain", onclick: () => context.go({ trace: context.state.other, other: context.state.trace }) }, "Swap");
    const copies = menuButton("Copy the comparison", "⋯", () => [
        { label: "Copy martlet command", run: () => copyText(`martlet traces compare ${context.state.trace} ${context.state.other} --url ${new URL(api.base).origin}`, "command") },
        { label: "Copy curl", run: () => copyText(`curl -s '${api.base}api/v1/traces/compare?a=${context.state.trace}&b=${context.state.other}'`, "curl line") },
    ]);
    const summary = h("p", { role: "status", class: "quiet" }, "Comparing…");
    root.append(h("div", { class: "tools" }, back, h("h1", {}, "Two traces"), h("span", { class: "spacer" }), swap, table.copy, copies), facts, summary, table.scroller);
    /** @type {any} */
    let answer = null;

    function draw() {
        back.setAttribute("href", context.link({ trace: "", other: "", sort: "", part: "" }));
        if (!answer) return;
        const sides = /** @type {any[]} */ (answer.traces);
        replace(facts, sides.map((side, index) => {
            const start = BigInt(side.minStartTimeUnixNano);
            const length = Number(BigInt(side.maxEndTimeUnixNano) - start);
            return h("div", { class: "pair-side" }, h("strong", {}, `${"AB"[index]} `),
                h("a", { "data-link": "", href: context.link({ trace: side.traceId, other: "", part: "", span: "", sort: "" }) }, `${side.rootServiceName || "?"}: ${side.rootOperationName}`),
                h("div", { class: "quiet" }, `${momentText(Number(start / 1_000_000n) / 1000, context.state.utc)} · ${timeText(length)} · ${side.spanCount} spans${side.errorSpanCount > 0 ? ` · ✕ ${side.errorSpanCount} failed` : ""}`),
                h("div", { class: "code quiet" }, side.traceId));
        }));
        const nodes = /** @type {any[]} */ (answer.nodes);
        const [onlyA, onlyB] = [nodes.filter((node) => node.spans[1] === 0).length, nodes.filter((node) => node.spans[0] === 0).length];
        const worst = [...nodes].sort((a, b) => Math.abs(b.critical[1] - b.critical[0]) - Math.abs(a.critical[1] - a.critical[0]))[0];
        const words = worst && worst.critical[1] !== worst.critical[0]
            ? `The largest change of critical time is ${changeText(worst.critical[1] - worst.critical[0])} in ${worst.service}: ${worst.operation}.` : "Neither spent more critical time anywhere.";
        replace(summary, `${words} ${onlyA} calls are only in A, ${onlyB} only in B.`, answer.spansLeftOut > 0 && ` ${answer.spansLeftOut} spans are in calls that are not shown.`);
        const time = (/** @type {number} */ value, /** @type {number} */ count) => ({ text: count > 0 ? timeText(value) : "–", sort: value });
        table.draw(nodes.map((node, index) => {
            const [glyph, word, style] = verdict(node);
            const change = node.critical[1] - node.critical[0];
            const failed = node.errors[0] + node.errors[1] > 0 ? `${node.errors[0]} and ${node.errors[1]} failed` : "";
            return {
                id: String(index),
                cells: {
                    call: {
                        text: `${node.service}: ${node.operation}`,
                        node: () => {
                            const cell = h("span", { class: `call ${style}` }, h("span", { class: "quiet" }, `${node.service || "?"}: `), node.operation || "(no name)");
                            if (!context.state.sort) cell.style.paddingLeft = `${Math.min(node.depth, 16) * 12}px`;
                            return cell;
                        },
                    },
                    verdict: {
                        text: [word, failed].filter(Boolean).join(", "),
                        node: () => h("span", { class: `verdict ${style}` }, glyph && h("span", { "aria-hidden": "true" }, `${glyph} `), word, failed && h("span", { class: "state bad" }, ` ✕ ${failed}`)),
                    },
                    spansA: { text: String(node.spans[0]), sort: node.spans[0] }, spansB: { text: String(node.spans[1]), sort: node.spans[1] },
                    totalA: time(node.duration[0], node.spans[0]), totalB: time(node.duration[1], node.spans[1]),
                    criticalA: time(node.critical[0], node.spans[0]), criticalB: time(node.critical[1], node.spans[1]),
                    change: { text: changeText(change), sort: change, node: () => h("span", { class: change > 0 ? "slower" : change < 0 ? "faster" : "quiet" }, changeText(change)) },
                },
            };
        }), "", context.state.sort, h("p", {}, "Neither trace has spans."));
    }
    return {
        every: 30,
        isStill: true,
        update: draw,
        destroy() {},
        async refresh(signal) {
            try {
                answer = await api.traces("api/v1/traces/compare", [["a", context.state.trace], ["b", context.state.other]], signal);
            } catch (error) {
                if (!(error instanceof api.APIError) || (error.status !== 404 && error.status !== 400)) throw error;
                replace(summary, h("span", { class: "problem" }, error.message), error.status === 404 ? "; traces are kept as long as traces.retention says, and those of a file cannot be compared" : "");
                answer = null;
                return;
            }
            draw();
        },
    };
}
