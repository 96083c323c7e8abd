// The view of alerts now active and of the rules behind them.

import * as api from "./api.js";
import { announce, h, stored } from "./dom.js";
import { formatSeconds, formatValue } from "./format.js";
import { filterBox, stateButtons } from "./listing.js";
import { drawTimeline, readEpisodes } from "./history.js";
import { splitThreshold } from "./promql.js";
import { silenceForm, silenceText } from "./silence.js";
import { DataTable, labelMarks, labelText, stateMark } from "./table.js";
import { agoText, momentText } from "./time.js";

/** @typedef {import("./app.js").Context} Context */

const KINDS = /** @type {Record<string, "good"|"bad"|"warning"|"off">} */ ({
    firing: "bad", pending: "warning", acknowledged: "warning", silenced: "off", inhibited: "off", inactive: "good", unknown: "off",
});
const ORDER = ["firing", "acknowledged", "pending", "silenced", "inhibited", "unknown", "inactive"];

/** How far back the timeline goes, in seconds. */
const HISTORY_SECONDS = 86_400;

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

/** What people can do about an alert.
 * @param {any} alert @param {Doings} doings */
function actions(alert, doings) {
    const labels = /** @type {Record<string, string>} */ (alert.labels);
    const isLive = alert.status !== "pending";
    const isAcknowledged = alert.status === "acknowledged";
    return h("span", { class: "actions" },
        isLive && h("button", {
            type: "button", class: "link", "data-focus": `ack ${alert.id}`, onclick: () => doings.acknowledge(alert, !isAcknowledged),
            "aria-label": `${isAcknowledged ? "Take back the acknowledgement of" : "Acknowledge"} ${alert.key}`,
        }, isAcknowledged ? "Unack" : "Ack"),
        h("button", {
            type: "button", class: "link", "data-focus": `silence ${alert.id}`, onclick: () => doings.silence(labels), "aria-label": `Silence ${alert.key}`,
        }, "Silence"));
}

/** @typedef {{acknowledge: (alert: any, on: boolean) => void, silence: (labels: Record<string, string>) => void}} Doings */

/** @param {Context} context @param {any} alert @param {any} rule @param {number} now @param {Doings} doings
 * @returns {import("./table.js").Row} */
function alertRow(context, alert, rule, now, doings) {
    const labels = /** @type {Record<string, string>} */ ({ ...alert.labels });
    const name = labels.alertname ?? rule?.name ?? "";
    delete labels.alertname;
    delete labels.severity;
    const annotations = /** @type {Record<string, string>} */ (alert.annotations ?? {});
    const summary = annotations.summary ?? annotations.message ?? annotations.description ?? Object.values(annotations)[0] ?? "";
    const since = Date.parse(alert.triggered_at) / 1000;
    const all = Object.entries(annotations).map(([key, text]) => `${key}: ${text}`).join("\n");
    const rest = Object.keys(annotations).length - (summary ? 1 : 0);
    const state = String(alert.status);
    const by = alert.acknowledged_by ? ` by ${alert.acknowledged_by}` : "";
    const level = alert.escalated ? ` ↑${alert.escalation_level}` : "";
    const told = (alert.receivers ?? []).join(", ");
    return {
        id: `${alert.id} ${state}`,
        cells: {
            state: {
                text: state + by + level, sort: ORDER.indexOf(state),
                node: () => h("span", { title: alert.acknowledged_comment ?? "" }, stateMark(KINDS[state] ?? "off", state),
                    (by || level) && h("span", { class: "quiet" }, by + level)),
            },
            severity: { text: String(alert.severity ?? "") },
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
            value: { text: alert.value === undefined ? "" : formatValue(Number(alert.value), "number"), sort: Number(alert.value ?? NaN) },
            labels: { text: labelText(labels), node: () => labelMarks(labels) },
            annotations: {
                text: summary + (rest > 0 ? ` (+${rest})` : ""),
                node: () => h("span", { title: all }, summary, rest > 0 && h("span", { class: "quiet" }, ` +${rest}`)),
            },
            told: { text: told },
            actions: { text: "", node: () => actions(alert, doings) },
        },
    };
}

/** @param {any} silence @param {number} now @param {boolean} utc @param {(id: string) => void} expire
 * @returns {import("./table.js").Row} */
function silenceRow(silence, now, utc, expire) {
    const ends = Date.parse(silence.endsAt) / 1000;
    const starts = Date.parse(silence.startsAt) / 1000;
    const state = String(silence.status.state);
    const left = state === "pending" ? `begins in ${formatSeconds(Math.max(0, starts - now))}` : formatSeconds(Math.max(0, Math.round(ends - now)));
    return {
        id: `${silence.id} ${state}`,
        cells: {
            state: { text: state, node: () => stateMark(state === "active" ? "good" : "off", state) },
            matchers: { text: silenceText(silence), node: () => h("span", { class: "code" }, silenceText(silence)) },
            left: { text: left, sort: ends, node: () => h("span", { title: momentText(ends, utc) }, left) },
            by: { text: String(silence.createdBy) },
            comment: { text: String(silence.comment) },
            actions: {
                text: "",
                node: () => h("button", {
                    type: "button", class: "link", "data-focus": `expire ${silence.id}`, onclick: () => expire(silence.id),
                    "aria-label": `End the silence ${silence.comment}`,
                }, "Expire"),
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
        { key: "state", title: "State" }, { key: "severity", title: "Severity" }, { key: "name", title: "Alert" },
        { key: "since", title: "For", numeric: true }, { key: "value", title: "Value", numeric: true },
        { key: "labels", title: "Labels", style: "wrap" }, { key: "annotations", title: "Summary", style: "wrap" },
        { key: "told", title: "Told" }, { key: "actions", title: "", label: "Actions" },
    ], (sort) => context.go({ sort }));
    const silences = new DataTable("Silences", [
        { key: "state", title: "State" }, { key: "matchers", title: "Alerts with", style: "wrap" }, { key: "left", title: "Left", numeric: true },
        { key: "by", title: "By" }, { key: "comment", title: "Because", style: "wrap" }, { key: "actions", title: "", label: "Actions" },
    ], (sort) => context.go({ sort }));
    const rules = new DataTable("Alert rules", [
        { key: "state", title: "State" }, { key: "name", title: "Rule" }, { key: "group", title: "Group" },
        { key: "expr", title: "Expression", style: "wrap" }, { key: "hold", title: "Hold", numeric: true },
        { key: "evaluated", title: "Evaluated", numeric: true }, { key: "labels", title: "Labels", style: "wrap" },
        { key: "error", title: "Last error", style: "wrap failed" },
    ], (sort) => context.go({ sort }));
    const states = stateButtons(context, [
        { key: "firing", kind: "bad", word: "firing" }, { key: "acknowledged", kind: "warning", word: "acknowledged" },
        { key: "pending", kind: "warning", word: "pending" }, { key: "silenced", kind: "off", word: "silenced" },
        { key: "inhibited", kind: "off", word: "inhibited" },
    ]);
    const form = silenceForm(() => context.again());
    const timeline = h("div", { class: "timeline" });
    const letters = h("p", { class: "remark warning", hidden: true });
    const silenceSection = h("div", { hidden: true }, h("h2", { class: "section" }, "Silences ", silences.count), silences.scroller);
    root.append(
        h("div", { class: "tools" }, h("h1", {}, "Alerts"), states.element, filterBox(context, "Filter alerts and rules"),
            h("span", { class: "spacer" }),
            h("button", { type: "button", class: "plain", onclick: () => form.open({}) }, "New silence"), active.copy),
        letters, form.element, h("h2", { class: "section" }, "Active ", active.count), active.scroller, silenceSection,
        h("h2", { class: "section" }, "Last 24 hours"), timeline,
        h("h2", { class: "section" }, "Rules ", rules.count, h("span", { class: "spacer" }), rules.copy), rules.scroller);
    /** @type {any[]|null} */
    let groups = null;
    /** @type {any[]} */
    let alerts = [];
    /** @type {any[]} */
    let quiet = [];
    /** @type {import("./history.js").Episode[]} */
    let episodes = [];

    /** @param {Promise<any>} change @param {string} words */
    const act = async (change, words) => {
        try {
            await change;
            announce(words);
        } catch (error) {
            announce(error instanceof Error ? error.message : String(error));
        }
        context.again();
    };
    /** @type {Doings} */
    const doings = {
        acknowledge: (alert, on) => act(
            api.send("POST", `api/v1/alerting/${on ? "acknowledge" : "unacknowledge"}`, new URLSearchParams({ alert: alert.id, by: stored("author", "") || "web" })),
            on ? `${alert.key} acknowledged: no repeats, no escalation` : `${alert.key} is no longer acknowledged`),
        silence: (labels) => form.open(labels),
    };
    const expire = (/** @type {string} */ id) => act(api.send("DELETE", `api/v2/silence/${encodeURIComponent(id)}`), "silence ended");

    const draw = () => {
        if (!groups) return;
        const now = api.now();
        const { show, filter, sort, utc } = context.state;
        const all = groups.flatMap((group) => group.rules.filter((/** @type {any} */ rule) => rule.type === "alerting")
            .map((/** @type {any} */ rule) => ({ rule, group: String(group.name) })));
        const numbers = /** @type {Record<string, number>} */ ({});
        for (const alert of alerts) numbers[alert.status] = (numbers[alert.status] ?? 0) + 1;
        states.draw(numbers);
        const named = new Map(all.map(({ rule }) => [rule.name, rule]));
        const byState = (/** @type {any} */ a, /** @type {any} */ b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status);
        active.draw(
            alerts.filter((alert) => !show || alert.status === show).sort(byState)
                .map((alert) => alertRow(context, alert, named.get(alert.labels?.alertname), now, doings)),
            filter, sort,
            h("div", {}, h("p", {}, show ? `No alert is ${show}.` : "No alert is pending or firing."),
                h("p", { class: "quiet" }, all.length > 0 ? "The rules below are evaluated all the time; what they find appears here."
                    : "There is no rule yet that could find anything; other programs can post alerts to /api/v2/alerts.")));
        silenceSection.hidden = quiet.length === 0;
        silences.draw(quiet.map((silence) => silenceRow(silence, now, utc, expire)), filter, sort, h("p", {}, "There are no silences."));
        drawTimeline(timeline, episodes, now - HISTORY_SECONDS, now, utc);
        const byRule = (/** @type {any} */ a, /** @type {any} */ b) => ORDER.indexOf(a.rule.state) - ORDER.indexOf(b.rule.state);
        rules.draw(
            all.sort(byRule).map(({ rule, group }) => ruleRow(context, rule, group, now)),
            filter, sort,
            h("div", {}, h("p", {}, "There are no alert rules."),
                h("p", { class: "quiet" }, "Name rule files in martlet.yml under rule_files, check them with martlet check rules FILE, and reload."),
                h("pre", {}, "groups:\n  - name: host\n    rules:\n      - alert: DiskAlmostFull\n        expr: system_filesystem_utilization_ratio > 0.9\n        for: 5m")));
    };
    return {
        every: 5,
        update: draw,
        destroy() {},
        async refresh(signal) {
            const since = Math.floor(api.now() - HISTORY_SECONDS);
            const [ruleAnswer, alertAnswer, silenceAnswer, historyAnswer, outbox] = await Promise.all([
                api.get("api/v1/rules", { type: "alert" }, signal), api.get("api/v1/alerting/alerts", {}, signal),
                api.plain("api/v2/silences?expired=false", signal), api.get("api/v1/alerting/history", { since, limit: 2000 }, signal),
                api.get("api/v1/alerting/outbox", { limit: 100 }, signal),
            ]);
            groups = ruleAnswer.data.groups ?? [];
            alerts = alertAnswer.data.alerts ?? [];
            quiet = Array.isArray(silenceAnswer.body) ? silenceAnswer.body : [];
            episodes = readEpisodes(historyAnswer.data.episodes ?? []);
            const dead = outbox.data.dead ?? [];
            letters.hidden = dead.length === 0;
            if (dead.length > 0) {
                letters.textContent = `${dead.length} ${dead.length === 1 ? "message" : "messages"} could not be delivered; last: ${dead[0].channel}: ${dead[0].error} (martlet alerts outbox)`;
            }
            draw();
        },
    };
}
