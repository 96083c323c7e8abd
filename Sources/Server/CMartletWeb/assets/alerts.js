// The view of alerts now active and of the rules behind them.

import * as api from "./api.js";
import { h } from "./dom.js";
import { formatSeconds, formatValue } from "./format.js";
import { filterBox, stateButtons } from "./listing.js";
import { sampleValue } from "./matrix.js";
import { splitThreshold } from "./promql.js";
import { DataTable, labelMarks, labelText, stateMark } from "./table.js";
import { agoText, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */

const KINDS = /** @type {Record<string, "good"|"bad"|"warning"|"off">} */ ({
    firing: "bad", pending: "warning", inactive: "good", unknown: "off",
});
const ORDER = ["firing", "pending", "unknown", "inactive"];

/** The graph of what a rule watches, with its threshold where it has one.
 * @param {Context} context @param {string} expression */
function graphOf(context, expression) {
    const split = splitThreshold(expression);
    return context.link({
        view: "explore", expr: split?.expression ?? expression, tab: "graph", mark: split?.value ?? null, range: "1h", from: null, to: null,
    });
}

/** @param {Context} context @param {string} expression */
function exploreLink(context, expression) {
    return h("a", {
        class: "code", href: graphOf(context, expression), "data-link": "", "data-focus": expression,
    }, expression);
}

/** @param {Context} context @param {any} alert @param {any} rule @param {number} now @returns {import("./table.js").Row} */
function alertRow(context, alert, rule, now) {
    const labels = /** @type {Record<string, string>} */ ({ ...alert.labels });
    const name = labels.alertname ?? rule?.name ?? "";
    delete labels.alertname;
    const annotations = /** @type {Record<string, string>} */ (alert.annotations ?? {});
    const summary = annotations.summary ?? annotations.description ?? Object.values(annotations)[0] ?? "";
    const since = Date.parse(alert.activeAt) / 1000;
    const value = sampleValue(String(alert.value ?? "NaN"));
    const all = Object.entries(annotations).map(([key, text]) => `${key}: ${text}`).join("\n");
    const rest = Object.keys(annotations).length - (summary ? 1 : 0);
    return {
        id: `${name} ${labelText(labels)}`,
        cells: {
            state: { text: alert.state, sort: ORDER.indexOf(alert.state), node: () => stateMark(KINDS[alert.state] ?? "off", alert.state) },
            name: {
                text: name,
                node: () => (rule ? h("a", {
                    href: graphOf(context, rule.query), "data-link": "", "data-focus": `${name} ${labelText(labels)}`,
                }, name) : document.createTextNode(name)),
            },
            since: {
                text: agoText(since, now).replace(" ago", ""), sort: now - since,
                node: () => h("span", { title: momentText(since, context.state.utc) }, agoText(since, now).replace(" ago", "")),
            },
            value: { text: formatValue(value, "number"), sort: value },
            labels: { text: labelText(labels), node: () => labelMarks(labels) },
            annotations: {
                text: summary + (rest > 0 ? ` (+${rest})` : ""),
                node: () => h("span", { title: all }, summary, rest > 0 && h("span", { class: "quiet" }, ` +${rest}`)),
            },
        },
    };
}

/** @param {Context} context @param {any} rule @param {string} group @param {number} now @returns {import("./table.js").Row} */
function ruleRow(context, rule, group, now) {
    const state = rule.health === "err" ? "unknown" : String(rule.state ?? "unknown");
    const word = rule.health === "err" ? "fails" : state;
    const evaluated = Date.parse(rule.lastEvaluation) / 1000;
    const age = evaluated > 0 ? agoText(evaluated, now) : "not yet";
    const labels = /** @type {Record<string, string>} */ (rule.labels ?? {});
    return {
        id: `${group} ${rule.name} ${rule.query}`,
        cells: {
            state: { text: word, sort: ORDER.indexOf(state), node: () => stateMark(rule.health === "err" ? "bad" : KINDS[state] ?? "off", word) },
            name: { text: rule.name },
            group: { text: group },
            expr: { text: rule.query, node: () => exploreLink(context, rule.query) },
            hold: { text: formatSeconds(Number(rule.duration ?? 0)), sort: Number(rule.duration ?? 0) },
            evaluated: {
                text: age, sort: evaluated || 0,
                node: () => h("span", { title: `${evaluated > 0 ? momentText(evaluated, context.state.utc) : ""}, took ${formatSeconds(Number(rule.evaluationTime ?? 0))}` }, age),
            },
            labels: { text: labelText(labels), node: () => labelMarks(labels) },
            error: { text: String(rule.lastError ?? "") },
        },
    };
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountAlerts(root, context) {
    const active = new DataTable("Active alerts", [
        { key: "state", title: "State" }, { key: "name", title: "Alert" }, { key: "since", title: "For", numeric: true },
        { key: "value", title: "Value", numeric: true }, { key: "labels", title: "Labels", style: "wrap" },
        { key: "annotations", title: "Annotations", style: "wrap" },
    ], (sort) => context.go({ sort }));
    const rules = new DataTable("Alert rules", [
        { key: "state", title: "State" }, { key: "name", title: "Rule" }, { key: "group", title: "Group" },
        { key: "expr", title: "Expression", style: "wrap" }, { key: "hold", title: "Hold", numeric: true },
        { key: "evaluated", title: "Evaluated", numeric: true }, { key: "labels", title: "Labels", style: "wrap" },
        { key: "error", title: "Last error", style: "wrap failed" },
    ], (sort) => context.go({ sort }));
    const states = stateButtons(context, [
        { key: "firing", kind: "bad", word: "firing" }, { key: "pending", kind: "warning", word: "pending" },
        { key: "inactive", kind: "good", word: "inactive" },
    ]);
    root.append(
        h("div", { class: "tools" }, h("h1", {}, "Alerts"), states.element, filterBox(context, "Filter alerts and rules"),
            h("span", { class: "spacer" }), active.copy),
        h("h2", { class: "section" }, "Active ", active.count), active.scroller,
        h("h2", { class: "section" }, "Rules ", rules.count, h("span", { class: "spacer" }), rules.copy), rules.scroller);
    /** @type {any[]|null} */
    let groups = null;
    /** @type {any[]} */
    let alerts = [];

    const draw = () => {
        if (!groups) return;
        const now = api.now();
        const { show, filter, sort } = context.state;
        const all = groups.flatMap((group) => group.rules.filter((/** @type {any} */ rule) => rule.type === "alerting")
            .map((/** @type {any} */ rule) => ({ rule, group: String(group.name) })));
        const numbers = /** @type {Record<string, number>} */ ({});
        for (const alert of alerts) numbers[alert.state] = (numbers[alert.state] ?? 0) + 1;
        numbers.inactive = all.filter(({ rule }) => rule.state === "inactive").length;
        states.draw(numbers);
        const byState = (/** @type {any} */ a, /** @type {any} */ b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state);
        const named = new Map(all.map(({ rule }) => [rule.name, rule]));
        active.draw(
            alerts.filter((alert) => !show || alert.state === show).sort(byState)
                .map((alert) => alertRow(context, alert, named.get(alert.labels?.alertname), now)),
            filter, sort,
            h("div", {}, h("p", {}, show ? `No alert is ${show}.` : "No alert is pending or firing."),
                h("p", { class: "quiet" }, all.length > 0 ? "The rules below are evaluated all the time; what they find appears here."
                    : "There is no rule yet that could find anything.")));
        rules.draw(
            all.filter(({ rule }) => !show || rule.state === show).sort((a, b) => byState(a.rule, b.rule))
                .map(({ rule, group }) => ruleRow(context, rule, group, now)),
            filter, sort,
            h("div", {}, h("p", {}, show ? `No rule is ${show}.` : "There are no alert rules."),
                h("p", { class: "quiet" }, show ? "Press the state again to see all rules."
                    : "Name rule files in martlet.yml under rule_files, check them with martlet check rules FILE, and reload."),
                !show && h("pre", {}, "groups:\n  - name: host\n    rules:\n      - alert: DiskAlmostFull\n        expr: system_filesystem_utilization_ratio > 0.9\n        for: 5m")));
    };
    return {
        every: 5,
        update: draw,
        destroy() {},
        async refresh(signal) {
            const [ruleAnswer, alertAnswer] = await Promise.all([
                api.get("api/v1/rules", { type: "alert" }, signal), api.get("api/v1/alerts", {}, signal),
            ]);
            groups = ruleAnswer.data.groups ?? [];
            alerts = alertAnswer.data.alerts ?? [];
            draw();
        },
    };
}
