// Which services call which, drawn from the traces of the time chosen.

import * as api from "./api.js";
import { h, replace, setText } from "./dom.js";
import { layoutMap } from "./maplayout.js";
import { DataTable } from "./table.js";
import { pageLinks, timeOf } from "./traceask.js";

/** @typedef {import("./app.js").Context} Context */

const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [152, 44, 104, 28];
/** More services than this are listed, not drawn. */
const SERVICES_MAX = 150;

/** @param {string} tag @param {Record<string, string|number>} attributes @param {...(Node|string)} children @returns {SVGElement} */
function svg(tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...children);
    return /** @type {SVGElement} */ (element);
}

/** @param {number} count @param {number} errors @returns {string} */
function callsText(count, errors) {
    const share = count > 0 ? (errors / count) * 100 : 0;
    return `${count.toLocaleString("en")} call${count === 1 ? "" : "s"}${errors > 0 ? `, ${share >= 10 ? share.toFixed(0) : share.toFixed(1)} % ✕` : ""}`;
}

/** Whether so many calls fail that it should stand out.
 * @param {number} calls @param {number} errors @returns {boolean} */
function isFailing(calls, errors) {
    return errors > 0 && errors >= calls / 100;
}

/** @param {string} text @param {number} most @returns {string} */
function short(text, most) {
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountServiceMap(root, context) {
    const links = pageLinks(context);
    const summary = h("span", { class: "quiet", role: "status" }, "Reading traces…");
    const picture = h("div", { class: "map scroller", tabIndex: 0, role: "region", "aria-label": "Service map" });
    const table = new DataTable("Calls between services", [
        { key: "parent", title: "Caller" }, { key: "child", title: "Called" }, { key: "calls", title: "Calls", numeric: true },
        { key: "errors", title: "Errors", numeric: true }, { key: "share", title: "Failed", numeric: true },
    ], (sort) => context.go({ sort }));
    root.append(h("h1", { class: "offscreen" }, "Service map"), h("div", { class: "tools" }, links.element, summary, h("span", { class: "spacer" }), table.copy), picture,
        h("h2", { class: "section" }, "Calls ", table.count), table.scroller);
    /** @type {import("./maplayout.js").Edge[]|null} */
    let edges = null;
    let drawn = "";

    const search = (/** @type {string} */ service) => context.link({ part: "", q: `service:${/[\s"]/.test(service) ? JSON.stringify(service) : service}`, sort: "" });

    function drawMap() {
        const list = edges ?? [];
        const key = JSON.stringify([list, document.documentElement.dataset.theme, context.state.range, context.state.from]);
        if (key === drawn) return;
        drawn = key;
        const { nodes, layers, rows } = layoutMap(list);
        picture.hidden = nodes.length === 0 || nodes.length > SERVICES_MAX;
        if (picture.hidden) return;
        const inLayer = (/** @type {number} */ layer) => nodes.filter((node) => node.layer === layer).length;
        const place = new Map(nodes.map((node) => [node.name, {
            x: 8 + node.layer * (WIDTH + GAP_X), y: 16 + (node.row + (rows - inLayer(node.layer)) / 2) * (HEIGHT + GAP_Y),
        }]));
        const most = Math.max(1, ...list.map((edge) => edge.calls));
        const labels = /** @type {SVGElement[]} */ ([]);
        const lines = list.flatMap((edge) => {
            const [from, to] = [place.get(edge.parent), place.get(edge.child)];
            if (!from || !to) return [];
            const isBack = to.x <= from.x;
            const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
            const path = edge.parent === edge.child ? `M${x1 - 24} ${from.y} C ${x1 - 24} ${from.y - 28}, ${x1} ${from.y - 28}, ${x1 - 4} ${from.y}`
                : isBack ? `M${from.x + WIDTH / 2} ${from.y} C ${from.x} ${Math.min(from.y, to.y) - 40}, ${to.x + WIDTH} ${Math.min(from.y, to.y) - 40}, ${to.x + WIDTH / 2} ${to.y}`
                    : `M${x1} ${y1} C ${x1 + GAP_X / 2} ${y1}, ${x2 - GAP_X / 2} ${y2}, ${x2 - 7} ${y2}`;
            const fails = isFailing(edge.calls, edge.errors);
            const kind = fails ? "edge failing" : "edge";
            const line = svg("path", { d: path, class: kind, "stroke-width": (1 + 2.5 * (Math.log1p(edge.calls) / Math.log1p(most))).toFixed(2), "marker-end": fails ? "url(#arrow-bad)" : "url(#arrow)" });
            line.append(svg("title", {}, `${edge.parent} calls ${edge.child}: ${callsText(edge.calls, edge.errors)}`));
            // Where one service alone calls, the box says how often.
            const isAlone = list.filter((one) => one.child === edge.child).length === 1;
            if (!isBack && !isAlone) labels.push(svg("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 4, class: fails ? "edge-label failing" : "edge-label", "text-anchor": "middle" }, edge.calls.toLocaleString("en")));
            return [line];
        });
        const boxes = nodes.map((node) => {
            const at = place.get(node.name) ?? { x: 0, y: 0 };
            const anchor = svg("a", { href: search(node.name), "data-link": "", "aria-label": `${node.name || "no name"}: ${node.calls > 0 ? callsText(node.calls, node.errors) : "an entry: nobody here calls it"}; search its traces` },
                svg("rect", { x: at.x, y: at.y, width: WIDTH, height: HEIGHT, rx: 4, class: isFailing(node.calls, node.errors) ? "node failing" : "node" }),
                svg("text", { x: at.x + 12, y: at.y + 19, class: "node-name" }, short(node.name || "(no name)", 20)),
                svg("text", { x: at.x + 12, y: at.y + 35, class: node.errors > 0 ? "node-calls failing" : "node-calls" }, node.calls > 0 ? callsText(node.calls, node.errors) : "entry"));
            anchor.append(svg("title", {}, node.name));
            return anchor;
        });
        const arrow = (/** @type {string} */ id, /** @type {string} */ kind) => svg("marker", { id, viewBox: "0 0 8 8", refX: 2, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" },
            svg("path", { d: "M0 0 L8 4 L0 8 z", class: kind }));
        const [width, height] = [16 + layers * (WIDTH + GAP_X) - GAP_X, 32 + rows * (HEIGHT + GAP_Y) - GAP_Y];
        replace(picture, svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Services and their calls" },
            svg("defs", {}, arrow("arrow", "arrow"), arrow("arrow-bad", "arrow failing")), ...lines, ...labels, ...boxes));
        picture.dataset.services = String(nodes.length);
    }

    function draw() {
        links.draw();
        if (!edges) return;
        const list = edges;
        drawMap();
        const services = new Set(list.flatMap((edge) => [edge.parent, edge.child])).size;
        setText(summary, list.length === 0 ? "" : services > SERVICES_MAX ? `${services} services: too many to draw, the list has them all` : `${services} services; press one to search its traces`);
        table.draw([...list].sort((a, b) => b.calls - a.calls).map((edge) => ({
            id: `${edge.parent} ${edge.child}`,
            cells: {
                parent: { text: edge.parent, node: () => h("a", { href: search(edge.parent), "data-link": "" }, edge.parent || "(no name)") },
                child: { text: edge.child, node: () => h("a", { href: search(edge.child), "data-link": "" }, edge.child || "(no name)") },
                calls: { text: edge.calls.toLocaleString("en"), sort: edge.calls }, errors: { text: edge.errors.toLocaleString("en"), sort: edge.errors },
                share: { text: `${((edge.errors / Math.max(1, edge.calls)) * 100).toFixed(1)} %`, sort: edge.errors / Math.max(1, edge.calls) },
            },
        })), "", context.state.sort, h("div", {}, h("p", {}, "No service called another in this stretch of time."),
            h("p", { class: "quiet" }, "A call is a span whose parent ran in another service: both sides must send their spans and pass the traceparent header on."),
            h("p", {}, h("button", { type: "button", class: "plain", onclick: () => context.go({ range: "7d", from: null, to: null }) }, "Look at 7 days"))));
    }
    return {
        every: 10,
        update() { draw(); },
        destroy() {},
        async refresh(signal) {
            const window = timeOf(context.state);
            const milliseconds = Math.round(window.end * 1000);
            const answer = await api.traces("api/dependencies", [["endTs", String(milliseconds)], ["lookback", String(Math.round((window.end - window.start) * 1000))]], signal);
            edges = (answer.data ?? []).map((/** @type {any} */ edge) => ({
                parent: String(edge.parent), child: String(edge.child), calls: Number(edge.callCount), errors: Number(edge.errorCount ?? 0),
            }));
            draw();
        },
    };
}
