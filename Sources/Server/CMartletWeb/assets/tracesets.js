// What slow traces have in common that fast ones lack.

import * as api from "./api.js";
import { copyText, h, setText } from "./dom.js";
import { menuButton } from "./menu.js";
import { DataTable } from "./table.js";
import { askBox, pageLinks, timeOf, timeParameters } from "./traceask.js";
import { tracesCommand, withField } from "./tracequery.js";
import { timeText } from "./waterfallrows.js";

/** @typedef {import("./app.js").Context} Context */

const TRACES_MAX = 1000;

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountTraceSets(root, context) {
    const links = pageLinks(context);
    const ask = askBox(context, "Compare");
    const summary = h("span", { class: "quiet", role: "status" }, "Reading traces…");
    // Which set is which stands in the address as `show`: nothing, `error`, or a duration.
    const threshold = h("select", { "aria-label": "What is compared", onchange: () => { context.go({ show: threshold.value }); context.again(); } },
        h("option", { value: "" }, "slowest tenth with the rest"), h("option", { value: "error" }, "failed with the rest"),
        ["50ms", "100ms", "250ms", "500ms", "1s", "5s"].map((time) => h("option", { value: time }, `${time} and longer with the rest`)));
    const parameters = () => {
        const asked = ask.question();
        const { show } = context.state;
        const sets = /** @type {[string, string][]} */ (show === "error" ? [["by", "error"]] : show ? [["threshold", show]] : []);
        return { asked, list: /** @type {[string, string][]} */ ([...asked.parameters, ...sets, ...timeParameters(timeOf(context.state)), ["limit", String(TRACES_MAX)]]) };
    };
    const copies = menuButton("Copy the question", "⋯", () => {
        const all = parameters();
        const sets = context.state.show === "error" ? " --by error" : context.state.show ? ` --threshold ${context.state.show}` : " --by duration";
        return [
            { label: "Copy martlet command", run: () => copyText(`${tracesCommand(new URL(api.base).origin, all.asked, timeOf(context.state).live ? context.state.range : "", "compare")}${sets}`, "command") },
            { label: "Copy curl", run: () => copyText(`curl -s '${api.base}api/v1/traces/compare-sets?${new URLSearchParams(all.list)}'`, "curl line") },
        ];
    });
    const table = new DataTable("Attributes by set", [
        { key: "key", title: "Attribute" }, { key: "value", title: "Value", style: "wrap" }, { key: "slow", title: "Of the slow", numeric: true },
        { key: "fast", title: "Of the rest", numeric: true }, { key: "lift", title: "Lift", numeric: true }, { key: "find", title: "", label: "Its traces" },
    ], (sort) => context.go({ sort }));
    root.append(h("h1", { class: "offscreen" }, "Slow and fast"), h("div", { class: "tools" }, links.element), ...ask.elements,
        h("div", { class: "tools" }, ask.filters, threshold, summary, h("span", { class: "spacer" }), table.copy, copies), table.scroller);
    /** @type {any} */
    let answer = null;

    function draw() {
        links.draw();
        ask.draw();
        threshold.value = context.state.show;
        if (!answer) return;
        const { slow, fast } = answer;
        const isError = context.state.show === "error";
        const [name, rest] = isError ? ["failed", "good"] : ["slow", "fast"];
        const meaning = isError ? "" : slow.traces > 0 ? ` (${timeText(Number(answer.thresholdNanoseconds))} and longer)` : "";
        setText(summary, `${slow.traces} ${name}${meaning}, ${fast.traces} ${rest}${answer.valuesLeftOut > 0 ? `; ${answer.valuesLeftOut.toLocaleString("en")} rare values left out` : ""}`);
        const measure = (/** @type {number} */ count, /** @type {number} */ all, /** @type {string} */ style) => {
            const share = all > 0 ? count / all : 0;
            const text = `${count} (${Math.round(share * 100)} %)`;
            return {
                text, sort: share,
                node: () => {
                    const fill = h("span", { class: `fill ${style}` });
                    fill.style.width = `${share * 100}%`;
                    return h("span", { class: "measure" }, text, h("span", { class: "bar", "aria-hidden": "true" }, fill));
                },
            };
        };
        table.draw((answer.values ?? []).map((/** @type {any} */ item) => {
            const lift = item.lift === null ? "only here" : `${item.lift >= 10 ? item.lift.toFixed(0) : item.lift.toFixed(1)}×`;
            const field = { service: "service", operation: "operation", status: "status" }[/** @type {string} */ (item.key)] ?? `@${item.key}`;
            return {
                id: `${item.key}=${item.value}`,
                cells: {
                    key: { text: String(item.key) },
                    value: {
                        text: [String(item.value), ...(item.alike ?? []).map((/** @type {any} */ one) => `${one.key}=${one.value}`)].join(" "),
                        node: () => h("span", {}, String(item.value), item.alikeCount > 0 && h("details", { class: "alike" },
                            h("summary", {}, `and ${item.alikeCount} that exactly these traces have`),
                            h("ul", {}, item.alike.map((/** @type {any} */ one) => h("li", {}, h("span", { class: "quiet" }, `${one.key} = `), one.value)),
                                item.alikeCount > item.alike.length && h("li", { class: "quiet" }, `and ${item.alikeCount - item.alike.length} more`)))),
                    },
                    slow: measure(item.slow, slow.traces, "warning"), fast: measure(item.fast, fast.traces, ""),
                    lift: { text: lift, sort: item.lift === null ? Infinity : item.lift },
                    find: {
                        text: "",
                        node: () => h("a", {
                            "data-link": "", href: context.link({ part: "", show: "", sort: "-duration", q: withField(context.state.q, field, String(item.value)) }),
                            "aria-label": `Search traces with ${item.key} = ${item.value}`,
                        }, "traces"),
                    },
                },
            };
        }), "", context.state.sort, h("div", {}, h("p", {}, slow.traces === 0 || fast.traces === 0 ? `There is nothing to compare: ${slow.traces} ${name} and ${fast.traces} ${rest} traces.` : "No attribute tells the two apart."),
            h("p", { class: "quiet" }, slow.traces === 0 || fast.traces === 0 ? "Choose another border between the two, widen the range, or clear the search."
                : "The cause may lie in something that spans do not say: add attributes, or look at the critical path.")));
    }
    return {
        every: 30,
        update: draw,
        destroy() {},
        async refresh(signal) {
            links.draw();
            const all = parameters();
            const answers = await ask.understood(Promise.all([api.traces("api/v1/traces/compare-sets", all.list, signal), ask.refresh(signal)]));
            if (!answers) return;
            [answer] = answers;
            draw();
        },
    };
}
