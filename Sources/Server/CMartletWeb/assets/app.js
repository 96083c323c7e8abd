// The page's frame: its address, its views, the time shown, and the pulse.

import * as api from "./api.js";
import { mountAlerts } from "./alerts.js";
import { h, replace, setText, store, stored } from "./dom.js";
import { mountExplore } from "./explore.js";
import { mountHealth } from "./health.js";
import { Live } from "./live.js";
import { mountLogs } from "./logs.js";
import { mountOverview } from "./overview.js";
import { formatState, hasTime, parseState, switchView } from "./state.js";
import { mountTargets } from "./targets.js";
import { RANGES, clockText, dayText, momentText } from "./time.js";
import { mountTraces } from "./traces.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {object} Mounted
 * @property {number} every seconds between refreshes
 * @property {(signal: AbortSignal) => Promise<void>} refresh
 * @property {() => void} update draws what is there in the new state
 * @property {() => void} destroy
 * @property {boolean} [isStill] what it shows does not change any more
 */
/** @typedef {object} Context
 * @property {State} state
 * @property {string} host
 * @property {(patch: Partial<State>, replace?: boolean) => void} go
 * @property {(patch: Partial<State>) => string} link
 * @property {(from: number|null, to: number|null) => void} zoom
 * @property {(hosts: string[]) => void} setHosts
 * @property {() => void} again
 */

const VIEWS = /** @type {Record<import("./state.js").View, {title: string, mount: (root: HTMLElement, context: Context) => Mounted}>} */ ({
    overview: { title: "Overview", mount: mountOverview },
    targets: { title: "Targets", mount: mountTargets },
    alerts: { title: "Alerts", mount: mountAlerts },
    health: { title: "Health", mount: mountHealth },
    explore: { title: "Explore", mount: mountExplore },
    traces: { title: "Traces", mount: mountTraces },
    logs: { title: "Logs", mount: mountLogs },
});

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
    const element = document.getElementById(id);
    if (!element) throw new Error(`the page lacks #${id}; reload it`);
    return element;
}

const main = byId("main");
const notice = byId("notice");
let state = parseState(location.search);
/** @type {Mounted|null} */
let mounted = null;
/** @type {string[]} */
let hosts = [];

/** @type {Context} */
const context = {
    get state() { return state; },
    get host() { return state.host || (hosts.length > 1 ? hosts[0] : ""); },
    go, link, zoom, setHosts, again: () => live.now(),
};

/** @param {Partial<State>} patch @returns {State} */
function next(patch) {
    const base = patch.view && patch.view !== state.view ? switchView(state, patch.view) : state;
    return { ...base, ...patch };
}

/** @param {Partial<State>} patch @returns {string} */
function link(patch) {
    return formatState(next(patch));
}

/** What of the state decides which data is asked for.
 * @param {State} s */
function question(s) {
    return JSON.stringify([s.view, s.range, s.from, s.to, s.host, s.expr, s.tab, s.mark, s.q, s.part, s.trace, s.other]);
}

/** Goes to another state; `inPlace` for changes that Back should not undo one by one.
 * @param {Partial<State>} patch @param {boolean} [inPlace] */
function go(patch, inPlace = false) {
    const target = next(patch);
    const address = formatState(target);
    if (address === formatState(state)) return;
    history[inPlace ? "replaceState" : "pushState"](null, "", address === "?" ? location.pathname : address);
    show(target);
}

/** @param {State} target */
function show(target) {
    const before = state;
    state = target;
    drawFrame();
    if (!mounted || before.view !== state.view) {
        mounted?.destroy();
        main.textContent = "";
        main.dataset.view = state.view;
        mounted = VIEWS[state.view].mount(main, context);
        watch();
    } else if (question(before) !== question(state)) {
        mounted.update();
        watch();
    } else {
        mounted.update();
    }
}

function watch() {
    const view = mounted;
    if (!view) return;
    live.watch(view.refresh, () => view.every, () => view.isStill === true || (hasTime(state) && state.from !== null));
}

/** @param {number|null} from @param {number|null} to */
function zoom(from, to) {
    if (from === null || to === null) {
        go({ from: null, to: null });
        return;
    }
    const now = api.now();
    const end = Math.min(Math.ceil(to), Math.ceil(now));
    const start = Math.max(0, Math.min(Math.floor(from), end - 5));
    go({ from: start, to: end });
}

/** @param {string[]} found */
function setHosts(found) {
    if (found.join("\n") === hosts.join("\n")) return;
    hosts = found;
    drawFrame();
}

// The frame

const navigation = /** @type {import("./state.js").View[]} */ (Object.keys(VIEWS)).map((view) => {
    const anchor = h("a", { "data-link": "", href: "?" }, VIEWS[view].title);
    return { view, anchor };
});
replace(byId("navigation"), navigation.map(({ anchor }) => anchor));

const ranges = RANGES.map(([name]) => ({
    name,
    button: h("button", { type: "button", onclick: () => go({ range: name, from: null, to: null }) }, name),
}));
const zoomChip = h("button", { type: "button", class: "zoomed", hidden: true, onclick: () => zoom(null, null) });
replace(byId("ranges"), ranges.map(({ button }) => button));
byId("ranges").after(zoomChip);

const hostPicker = h("select", { "aria-label": "Host", hidden: true, onchange: () => go({ host: hostPicker.value }) });
byId("navigation").after(hostPicker);

const zone = h("button", { type: "button", class: "plain zone", onclick: () => go({ utc: !state.utc }, true) });
const theme = h("button", { type: "button", class: "icon", onclick: cycleTheme });
const chip = h("button", { type: "button", class: "chip", onclick: pressChip });
replace(byId("tools"), zone, theme, chip);

function pressChip() {
    if (mounted?.isStill) live.now();
    else if (hasTime(state) && state.from !== null) zoom(null, null);
    else live.setPaused(!live.isPaused);
}

function drawFrame() {
    document.body.dataset.view = state.view;
    for (const { view, anchor } of navigation) {
        anchor.setAttribute("href", link({ view }));
        if (view === state.view) anchor.setAttribute("aria-current", "page");
        else anchor.removeAttribute("aria-current");
    }
    byId("ranges").classList.toggle("unused", !hasTime(state));
    const isZoomed = hasTime(state) && state.from !== null && state.to !== null;
    for (const { name, button } of ranges) button.setAttribute("aria-pressed", String(!isZoomed && name === state.range));
    zoomChip.hidden = !isZoomed;
    if (state.from !== null && state.to !== null) {
        const sameDay = dayText(state.from, state.utc) === dayText(state.to, state.utc);
        const day = sameDay ? "" : `${dayText(state.to, state.utc)} `;
        setText(zoomChip, `${dayText(state.from, state.utc)} ${clockText(state.from, state.utc)} – ${day}${clockText(state.to, state.utc)} ×`);
        zoomChip.title = `${momentText(state.from, state.utc)} to ${momentText(state.to, state.utc)}; press to go back to the last ${state.range}`;
    }
    hostPicker.hidden = state.view !== "overview" || (hosts.length < 2 && !state.host);
    const choices = [...new Set([...hosts, ...(state.host ? [state.host] : [])])];
    if ([...hostPicker.options].map((option) => option.value).join("\n") !== choices.join("\n")) {
        replace(hostPicker, choices.map((host) => h("option", { value: host }, host)));
    }
    hostPicker.value = context.host;
    setText(zone, state.utc ? "UTC" : "Local");
    zone.title = state.utc ? "times are UTC; press for local time" : "times are local; press for UTC";
    zone.setAttribute("aria-label", zone.title);
    document.title = `${VIEWS[state.view].title} · Martlet`;
}

/** @param {import("./live.js").Pulse} pulse @param {Error|null} error */
function report(pulse, error) {
    const faces = /** @type {Record<import("./live.js").Pulse, [string, string, string]>} */ ({
        live: ["●", "LIVE", "new data comes in by itself; press to pause"],
        loading: ["○", "LIVE", "asking for data"],
        paused: ["❚❚", "PAUSED", "press to go on live"],
        still: ["❚❚", "FIXED", "a fixed stretch of time; press to go back to now"],
        offline: ["✕", "ERROR", "the last question got no answer"],
    });
    const isDone = pulse === "still" && mounted?.isStill === true;
    const [glyph, word, title] = isDone ? ["○", "COMPLETE", "this does not change any more; press to ask again"] : faces[pulse];
    chip.className = `chip ${isDone ? "done" : pulse}`;
    if (chip.textContent !== glyph + word) replace(chip, h("span", { class: "glyph", "aria-hidden": "true" }, glyph), h("span", {}, word));
    chip.title = title;
    chip.setAttribute("aria-label", `${word}: ${title}`);
    const remedy = error instanceof api.APIError ? error.remedy : "reload the page";
    const text = error ? `${error.message}; ${remedy}` : "";
    notice.hidden = !error;
    setText(notice, text);
    document.body.dataset.pulse = pulse;
}

const live = new Live(report);

// Light and dark

const THEMES = /** @type {Record<string, [string, string]>} */ ({ auto: ["◑", "light or dark as the system"], light: ["○", "light"], dark: ["●", "dark"] });
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function drawTheme() {
    const choice = stored("theme", "auto");
    const [glyph, words] = THEMES[choice] ?? THEMES.auto;
    setText(theme, glyph);
    theme.title = `colours: ${words}; press to change`;
    theme.setAttribute("aria-label", theme.title);
    const dark = choice === "dark" || (choice !== "light" && systemDark.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function cycleTheme() {
    const order = Object.keys(THEMES);
    store("theme", order[(order.indexOf(stored("theme", "auto")) + 1) % order.length]);
    drawTheme();
    mounted?.update();
}

systemDark.addEventListener("change", () => {
    drawTheme();
    mounted?.update();
});

// Links within the page, and the way back

document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("a[data-link]") : null;
    if (!target || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const address = target.getAttribute("href") ?? "?";
    if (parseState(address).view === state.view && formatState(parseState(address)) === formatState(state)) return;
    history.pushState(null, "", address === "?" ? location.pathname : address);
    show(parseState(address));
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
});
window.addEventListener("popstate", () => show(parseState(location.search)));

drawTheme();
report("loading", null);
const first = state;
state = { ...first };
drawFrame();
show(first);

api.get("api/v1/status/buildinfo").then(({ data }) => {
    byId("brand").title = `${data.application ?? "Martlet"} ${data.martletVersion ?? data.version ?? ""}`.trim();
}, () => {
    // Only the tool tip would miss it.
});
