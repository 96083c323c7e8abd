// The view of a host: a strip of current numbers above charts that move together.

import * as api from "./api.js";
import { Sync } from "./chart.js";
import { copyText, h, replace, setText } from "./dom.js";
import { formatValue, significant } from "./format.js";
import {
    HOST_PANELS, SERVICE_PANELS, SERVICES_QUERY, emptyText, fileSystems, fillState, fullInText, panelQuery, stripQueries,
} from "./host.js";
import { chooseStep, recentInterval } from "./time.js";
import { menuButton } from "./menu.js";
import { Panel } from "./panel.js";
import { curlCommand, martletCommand } from "./promql.js";
import { timeWindow } from "./state.js";

/** @typedef {import("./app.js").Context} Context */

const FILE_SYSTEMS_MAX = 200;

/** Seconds of readings after which the pace of a server is what it stays. */
const SETTLED_SECONDS = 120;

/** Seconds shown at least when a server has just begun. */
const YOUNG_SPAN_MIN = 60;

/** So many runnable tasks a CPU count as full: some queueing is normal. */
const LOAD_FULL = 4;

/** A word for a share that calls for attention; the colour and the glyph say the same.
 * @param {number|null} share @param {string} warning @param {string} bad @returns {string} */
function degree(share, warning = "high", bad = "very high") {
    const word = share === null ? "" : { good: "", warning, bad }[fillState(share)];
    return word && `${word}: `;
}

/** The numbers at the top, each a link to the query behind it. */
class Strip {
    #tiles = /** @type {Map<string, {link: HTMLAnchorElement, value: HTMLElement, more: HTMLElement}>} */ (new Map());

    constructor() {
        this.element = h("div", { class: "strip", role: "group", "aria-label": "Current numbers" });
        for (const [key, title] of [["cpu", "CPU"], ["memory", "Memory"], ["load", "Load, 1 min"], ["disk", "Fullest disk"],
            ["alerts", "Alerts"], ["targets", "Targets"]]) {
            const value = h("span", { class: "big" }, "–");
            const more = h("span", { class: "quiet" }, "\u00a0");
            const link = h("a", { class: "tile", href: "?", "data-link": "" }, h("span", { class: "tile-title" }, title), value, more);
            this.#tiles.set(key, { link, value, more });
            this.element.append(link);
        }
    }

    /** @param {string} key @param {string} value @param {string} more @param {string} href
     * @param {"good"|"warning"|"bad"|"off"} state */
    set(key, value, more, href, state) {
        const tile = this.#tiles.get(key);
        if (!tile) return;
        const glyph = { good: "", off: "", warning: "◐ ", bad: "✕ " }[state];
        setText(tile.value, glyph + value);
        setText(tile.more, more || "\u00a0");
        tile.more.title = more;
        tile.value.className = `big ${state}`;
        tile.link.setAttribute("href", href);
    }
}

/** The table of file systems, with what the chart panels offer. */
class FileSystemPanel {
    #drawn = "";
    #expression = "";

    /** @param {Context} context */
    constructor(context) {
        this.body = h("tbody");
        this.table = h("table", { "aria-label": "File systems" }, h("thead", {}, h("tr", {},
            h("th", { scope: "col" }, "Mounted on"), h("th", { scope: "col" }, "Type"), h("th", { scope: "col", class: "bar-head" }, "Used"),
            h("th", { scope: "col", class: "numeric" }, "Share"), h("th", { scope: "col", class: "numeric" }, "Free"),
            h("th", { scope: "col", class: "numeric" }, "Size"),
            h("th", { scope: "col", class: "numeric", title: "If it goes on as on the last day" }, "Full in"))), this.body);
        this.message = h("div", { class: "empty", hidden: true }, h("p", {}, "No file systems yet"),
            h("p", { class: "quiet" }, "The server reads this host every 10 s at most: they come with the first reading."));
        const origin = new URL(api.base).origin;
        this.element = h("section", { class: "panel wide", "aria-label": "File systems", "data-panel": "File systems" },
            h("header", { class: "panel-head" }, h("h2", {}, "File systems"), h("span", { class: "quiet note" }, "now, fullest first"),
                menuButton("File systems: copy or explore", "⋯", () => [
                    { label: "Copy PromQL", run: () => copyText(this.#expression, "PromQL") },
                    { label: "Copy martlet command", run: () => copyText(martletCommand(origin, this.#expression, null), "command") },
                    { label: "Copy curl", run: () => copyText(curlCommand(api.base, this.#expression, null), "curl line") },
                    { label: "Open in Explore", run: () => context.go({ view: "explore", expr: this.#expression, tab: "table" }) },
                ])),
            h("div", { class: "panel-table scroller", tabIndex: 0, role: "group", "aria-label": "Table of file systems" }, this.table, this.message));
    }

    /** @param {import("./host.js").FileSystem[]} mounts @param {string} expression */
    draw(mounts, expression) {
        this.#expression = expression;
        this.message.hidden = mounts.length > 0;
        const drawn = JSON.stringify(mounts);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        replace(this.body, mounts.slice(0, FILE_SYSTEMS_MAX).map((mount) => {
            const state = fillState(mount.share);
            const fill = h("span", { class: `fill ${state}` });
            fill.style.width = `${Math.min(100, mount.share * 100)}%`;
            const share = `${significant(mount.share * 100, 3)} %`;
            return h("tr", {}, h("td", { class: "code", title: mount.device }, mount.mountpoint), h("td", { class: "quiet" }, mount.type),
                h("td", { class: "bar-cell" }, h("span", { class: "bar", "aria-hidden": "true" }, fill)),
                h("td", { class: `numeric share ${state}` }, { good: "", warning: "◐ ", bad: "✕ " }[state] + share),
                h("td", { class: "numeric" }, formatValue(mount.free, "bytes")), h("td", { class: "numeric" }, formatValue(mount.size, "bytes")),
                h("td", { class: "numeric" }, fullInText(mount.fullIn)));
        }));
    }
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountOverview(root, context) {
    const sync = new Sync();
    const strip = new Strip();
    const zoom = (/** @type {number|null} */ from, /** @type {number|null} */ to) => context.zoom(from, to);
    const explore = (/** @type {string} */ expr) => context.go({ view: "explore", expr, tab: "graph" });
    // A rate takes two readings: once the CPU has one, what is still empty has nothing to show.
    const hasHostData = () => panels.some(({ definition, panel }) => definition.short === "CPU" && panel.element.dataset.points !== "0");
    /** @param {import("./host.js").HostPanel[]} definitions
     * @returns {{definition: import("./host.js").HostPanel, panel: Panel}[]} */
    const make = (definitions) => definitions.map((definition) => ({
        definition,
        panel: new Panel({
            title: definition.title, short: definition.short, unit: definition.unit, stacked: definition.stacked,
            name: definition.name, empty: () => emptyText(definition, hasHostData()), sync, zoom, explore,
        }),
    }));
    const panels = make(HOST_PANELS);
    const services = make(SERVICE_PANELS);
    const mounts = new FileSystemPanel(context);
    const serviceSection = h("section", { "aria-label": "Services", hidden: true }, h("h2", { class: "section-title" }, "Services"),
        h("div", { class: "grid" }, services.map(({ panel }) => panel.element)));
    root.append(h("h1", { class: "offscreen" }, "Overview of this host"), strip.element,
        h("div", { class: "grid" }, panels.map(({ panel }) => panel.element), mounts.element), serviceSection);
    let interval = 10;
    let serviceInterval = 0;
    let intervalKnown = 0;
    let isSettled = false;

    const state = () => context.state;
    /** @param {string} expr */
    const exploreHref = (expr) => context.link({ view: "explore", expr, tab: "graph" });

    /** Learns which hosts there are and how often they are read.
     * @param {AbortSignal} signal */
    async function learn(signal) {
        const now = api.now();
        // A server that has begun reads often at first: once a minute will do only when its pace is settled.
        if (isSettled && now - intervalKnown < 60) return;
        const [hosts, samples, served] = await Promise.all([
            api.instant("group by (instance) (system_memory_limit_bytes)", null, signal),
            api.instant('system_load_average{window="1m"}[5m]', null, signal),
            api.instant(SERVICES_QUERY, null, signal),
        ]);
        serviceInterval = slowest(served.data.result, now);
        serviceSection.hidden = serviceInterval === 0;
        context.setHosts(api.vector(hosts.data).map(({ labels }) => labels.instance ?? "").filter(Boolean).sort());
        const found = slowest(samples.data.result, now);
        if (found === 0) return;
        interval = found;
        intervalKnown = now;
        isSettled = samples.data.result.every((/** @type {any} */ series) => now - series.values[0][0] > SETTLED_SECONDS);
    }

    /** The seconds between readings of the series that is read least often, 0 where none was read twice.
     * @param {any[]|undefined} result @param {number} now */
    function slowest(result, now) {
        const gaps = /** @type {number[]} */ (/** @type {any[]} */ (result ?? [])
            .map((series) => recentInterval(series.values.map((/** @type {[number, string]} */ pair) => pair[0]), now))
            .filter((gap) => gap !== null));
        return gaps.length === 0 ? 0 : Math.min(300, Math.max(1, Math.round(Math.max(...gaps))));
    }

    /** Shows what there is, larger, while the server has not yet run for the whole range.
     * @param {import("./panel.js").TimeWindow} window */
    function showSince(window) {
        const oldest = Math.min(...panels.map(({ panel }) => panel.oldest));
        const isYoung = window.live && Number.isFinite(oldest) && oldest > window.start + 2 * window.step;
        const aligned = Math.floor(Math.min(oldest, window.end - YOUNG_SPAN_MIN) / window.step) * window.step;
        const from = isYoung ? Math.max(window.start, aligned) : null;
        for (const { panel } of panels) panel.showFrom(from);
    }

    /** @param {AbortSignal} signal */
    async function refreshStrip(signal) {
        const queries = stripQueries(context.host, interval);
        const at = state().to;
        const ask = async (/** @type {string} */ query) => {
            try {
                return api.vector((await api.instant(query, at, signal)).data);
            } catch (error) {
                // One number that cannot be had leaves a dash; only a server that does not answer stops them all.
                if (error instanceof api.APIError && error.status >= 400 && error.status < 500) return [];
                throw error;
            }
        };
        const [cpu, used, limit, load, cpus, files, trends, alerts, targets] = await Promise.all([
            ask(queries.cpu), ask(queries.memoryUsed), ask(queries.memoryLimit), ask(queries.load), ask(queries.cpus),
            ask(queries.fileSystems), ask(queries.secondsToFull), api.get("api/v1/alerts", {}, signal), api.get("api/v1/targets", { state: "active" }, signal),
        ]);
        const one = (/** @type {{value: number}[]} */ list) => (list.length > 0 ? list[0].value : null);
        const [cpuNow, memory, memoryAll, loadNow, cores] = [cpu, used, limit, load, cpus].map(one);
        strip.set("cpu", formatValue(cpuNow, "ratio"), `${degree(cpuNow)}${cores ? `of ${cores} CPU${cores === 1 ? "" : "s"}` : ""}`, exploreHref(queries.cpu),
            cpuNow === null ? "off" : fillState(cpuNow));
        const memoryShare = memory !== null && memoryAll ? memory / memoryAll : null;
        strip.set("memory", formatValue(memory, "bytes"),
            memoryShare !== null ? `${degree(memoryShare)}of ${formatValue(memoryAll, "bytes")}, ${formatValue(memoryShare, "ratio")}` : "",
            exploreHref(queries.memoryUsed), memoryShare === null ? "off" : fillState(memoryShare));
        strip.set("load", formatValue(loadNow, "number"), loadNow !== null && cores ? `${degree(loadNow / cores / LOAD_FULL)}${significant(loadNow / cores, 2)} a CPU` : "",
            exploreHref(queries.load), loadNow === null || !cores ? "off" : fillState(loadNow / cores / LOAD_FULL));
        const disks = fileSystems(files, trends);
        const full = disks[0];
        strip.set("disk", full ? formatValue(full.share, "ratio") : "–", full ? `${degree(full.share, "filling", "almost full")}${full.mountpoint}, ${formatValue(full.free, "bytes")} free` : "",
            exploreHref(queries.fileSystems), full ? fillState(full.share) : "off");
        mounts.draw(disks, queries.fileSystems);

        const active = /** @type {any[]} */ (alerts.data.alerts ?? []);
        const firing = active.filter((alert) => alert.state === "firing").length;
        const pending = active.filter((alert) => alert.state === "pending").length;
        strip.set("alerts", `${firing} firing`, `${pending} pending`, context.link({ view: "alerts" }),
            firing > 0 ? "bad" : pending > 0 ? "warning" : "good");
        const scraped = /** @type {any[]} */ (targets.data.activeTargets ?? []);
        const down = scraped.filter((target) => target.health === "down").length;
        const up = scraped.filter((target) => target.health === "up").length;
        strip.set("targets", down > 0 ? `${down} down` : `${up} up`, `${down > 0 ? `${up} up` : "0 down"} of ${scraped.length}`,
            context.link({ view: "targets", show: down > 0 ? "down" : "" }), down > 0 ? "bad" : "good");
    }

    return {
        get every() {
            return hasHostData() ? Math.min(30, Math.max(5, timeWindow(state(), api.now(), chooseStep).step)) : 2;
        },
        update() {
            for (const { panel } of [...panels, ...services]) panel.redraw(state().utc);
        },
        destroy() {
            for (const { panel } of [...panels, ...services]) panel.destroy();
        },
        async refresh(signal) {
            await learn(signal);
            const window = timeWindow(state(), api.now(), chooseStep);
            await Promise.all([
                refreshStrip(signal),
                ...panels.map(({ definition, panel }) => panel.refresh(
                    panelQuery(definition, context.host, window.step, interval), window, state().range, state().utc, signal)),
                // Services have addresses of their own: the choice of a host does not concern them.
                ...(serviceInterval === 0 ? [] : services).map(({ definition, panel }) => panel.refresh(
                    panelQuery(definition, "", window.step, serviceInterval), window, state().range, state().utc, signal)),
            ]);
            showSince(window);
            // What an empty panel says depends on the others.
            for (const { panel } of panels) if (panel.element.dataset.points === "0" && !panel.refusal) panel.redraw();
        },
    };
}
