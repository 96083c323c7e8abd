// The view of logs: one box, how many over time, what fields there are, and the records, the newest first and live.

import * as api from "./api.js";
import { copyText, h, replace, setText } from "./dom.js";
import { LogBars } from "./logbars.js";
import { hasCondition, hasStage, joined, toggled } from "./logquery.js";
import { lineColumns, openedRecord } from "./logrow.js";
import { menuButton } from "./menu.js";
import { errorPosition } from "./promql.js";
import { DataTable } from "./table.js";
import { timeOf } from "./traceask.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./logrow.js").Record_} Record_ */

const PAGE = 200;
/** So many records stand in the list; the oldest leave it while new ones come. */
const ROWS_MAX = 1000;
/** So many that came while nobody looked are kept; more are counted, and asked for again. */
const WAITING_MAX = 5000;
const FACETS = ["level", "service", "host", "operation"];
const PARTS = [["", "Logs"], ["patterns", "Patterns"], ["audit", "Audit"]];

/** @param {HTMLElement} root @param {Context} context @returns {import("./app.js").Mounted} */
export function mountLogs(root, context) {
    const parts = PARTS.map(([part, title]) => ({ part, link: h("a", { "data-link": "", href: "?" }, title) }));
    const box = h("input", {
        type: "search", class: "code expression", value: context.state.q, spellcheck: false, autocomplete: "off", autocapitalize: "off",
        "aria-label": "Search logs", "aria-describedby": "log-language", placeholder: 'level:>=warn service:shop "connection reset" -path:/healthz',
    });
    const form = h("form", { class: "ask", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); submit(box.value); } },
        h("div", { class: "ask-box" }, box), h("button", { type: "submit", class: "primary" }, "Search"));
    const remarks = h("div", { class: "remarks", "aria-live": "polite" });
    const bars = new LogBars((from, to) => context.zoom(from, to));
    const summary = h("span", { class: "quiet", role: "status" }, "Searching…");
    const chip = h("button", { type: "button", class: "chip live", onclick: () => (isPaused ? resume() : pause(true)) });
    const list = h("ul", { class: "log-list", "aria-label": "Records, the newest first" });
    const older = h("button", { type: "button", class: "plain", hidden: true, onclick: () => more() }, "Older");
    const facets = h("div", { class: "facets" });
    const table = new DataTable("Groups", [], (sort) => context.go({ sort }));
    let groups = table;
    const groupBox = h("div", { class: "groups", hidden: true });
    const result = h("div", { class: "log-result" }, list, older, groupBox);
    const copies = menuButton("Copy or export", "⋯", () => {
        const parameters = new URLSearchParams(asked());
        const command = `martlet ${context.state.part === "audit" ? "audit" : "logs"}${context.state.q ? ` '${context.state.q.replaceAll("'", "'\\''")}'` : ""}${context.state.from === null ? ` --since ${context.state.range}` : ""} --url ${new URL(api.base).origin}`;
        return [
            { label: "Copy martlet command", run: () => copyText(command, "command") },
            { label: "Copy curl", run: () => copyText(`curl -s '${api.base}${path()}/query?${parameters}'`, "curl line") },
            { label: "Save as JSON Lines", run: () => save("jsonl") }, { label: "Save as CSV", run: () => save("csv") },
        ];
    });
    root.append(h("h1", { class: "offscreen" }, "Logs"), h("div", { class: "tools" }, h("nav", { class: "parts", "aria-label": "Pages about logs" }, parts.map(({ link }) => link))), form,
        h("p", { class: "quiet keys", id: "log-language" }, 'Words and "phrases" · field:value · @attribute:value · level:>=warn · -without · a OR b · | count by (service) · ↑ ↓ move, Enter opens'),
        remarks, bars.element, h("div", { class: "tools log-tools" }, summary, h("span", { class: "spacer" }), chip, copies),
        h("div", { class: "log-split" }, facets, result));

    /** @type {Record_[]} */
    let records = [];
    /** What came while the list was held still.
     * @type {Record_[]} */
    let waiting = [];
    let missed = 0;
    let cursor = "";
    let isPaused = false;
    let isHeld = false;
    let key = "";
    /** @type {EventSource|null} */
    let source = null;
    let timer = 0;
    let names = /** @type {string[]} */ ([]);
    /** @type {any} */
    let latest = null;
    let utcShown = context.state.utc;
    const opened = /** @type {Set<string>} */ (new Set());
    const rows = /** @type {Map<string, HTMLElement>} */ (new Map());

    const path = () => (context.state.part === "audit" ? "api/v1/audit" : "api/v1/logs");
    const extra = () => context.state.show.split(",").filter(Boolean).slice(0, 8);
    const nano = (/** @type {number} */ seconds) => String(BigInt(Math.round(seconds * 1000)) * 1_000_000n);

    /** @returns {[string, string][]} */
    function asked() {
        const window = timeOf(context.state);
        return [["query", context.state.q], ["start", nano(window.start)], ["end", nano(window.live ? window.end + 60 : window.end)]];
    }

    /** @param {string} line */
    function submit(line) {
        const text = line.trim();
        box.value = text;
        if (text === context.state.q) context.again();
        else context.go({ q: text });
    }

    /** @param {string} field @param {string} value @param {boolean} isNot */
    function filter(field, value, isNot) {
        submit(toggled(context.state.q, field, value, isNot));
    }

    /** @param {string} format */
    function save(format) {
        const anchor = h("a", { href: `${api.base}${path()}/export?${new URLSearchParams([...asked(), ["format", format]])}`, download: `logs.${format}`, class: "offscreen" });
        document.body.append(anchor);
        anchor.click();
        anchor.remove();
    }

    // Following

    /** @param {boolean} byHand */
    function pause(byHand) {
        isPaused = byHand || isPaused;
        drawChip();
    }

    function resume() {
        isPaused = false;
        isHeld = false;
        flush();
        window.scrollTo({ top: 0 });
        drawChip();
    }

    function flush() {
        if (missed > 0) {
            // More came than is kept: what is shown is asked for anew, so that nothing is missing between.
            [missed, waiting, key] = [0, [], ""];
            context.again();
            return;
        }
        if (waiting.length === 0) return;
        records = joined(waiting, records, ROWS_MAX);
        waiting = [];
        drawList();
        drawChip();
    }

    function drawChip() {
        const isLive = source !== null && !isPaused && !isHeld;
        const count = waiting.length + missed;
        const [glyph, word] = source === null ? ["○", "NOT LIVE"] : isLive ? ["●", "LIVE"] : ["❚❚", count > 0 ? `PAUSED +${count.toLocaleString("en")}` : "PAUSED"];
        const text = `${glyph}${word}`;
        if (chip.textContent !== text) replace(chip, h("span", { class: "glyph", "aria-hidden": "true" }, glyph), h("span", {}, word));
        chip.className = `chip wide ${source === null ? "done" : isLive ? "live" : "paused"}`;
        chip.title = source === null ? "a fixed stretch of time, or a count: nothing is followed" : isLive ? "new records come in; press to hold them" : "press to see what has come meanwhile";
        chip.setAttribute("aria-label", `${word}: ${chip.title}`);
        chip.disabled = source === null;
        list.dataset.waiting = String(count);
    }

    /** @param {string} from the number of the last record that is here */
    function follow(from) {
        stop();
        const window = timeOf(context.state);
        if (!window.live || hasStage(context.state.q) || context.state.part === "patterns") {
            drawChip();
            return;
        }
        source = new EventSource(`${api.base}${path()}/tail?${new URLSearchParams([["query", context.state.q], ["last_event_id", from]])}`);
        source.addEventListener("message", (event) => {
            /** @type {Record_} */
            const record = JSON.parse(event.data);
            if (waiting.length < WAITING_MAX) waiting.unshift(record);
            else missed += 1;
            if (timer === 0) {
                // Many a second become a few drawings a second.
                timer = setTimeout(() => {
                    timer = 0;
                    if (!isPaused && !isHeld) flush();
                    drawChip();
                }, 250);
            }
        });
        source.addEventListener("problem", (event) => {
            replace(remarks, h("div", { class: "remark warning" }, `following stopped: ${/** @type {MessageEvent} */ (event).data}`));
            stop();
            drawChip();
        });
        drawChip();
    }

    function stop() {
        source?.close();
        source = null;
        clearTimeout(timer);
        timer = 0;
    }

    // Rows never move under the pointer, nor under one that has the focus or is read further down.
    const hold = () => {
        const was = isHeld;
        isHeld = list.matches(":hover") || list.contains(document.activeElement) || window.scrollY > 240;
        if (was && !isHeld && !isPaused) flush();
        if (was !== isHeld) drawChip();
    };
    list.addEventListener("pointerenter", hold);
    list.addEventListener("pointerleave", hold);
    list.addEventListener("focusin", hold);
    list.addEventListener("focusout", () => setTimeout(hold));
    window.addEventListener("scroll", hold, { passive: true });

    // The list

    /** @param {Record_} record @returns {HTMLElement} */
    function row(record) {
        let item = rows.get(record.id);
        if (item) return item;
        const button = h("button", {
            type: "button", class: "log-row", tabIndex: -1, "aria-expanded": String(opened.has(record.id)), onclick: () => toggle(record),
        }, lineColumns(record, context.state.utc, true));
        item = h("li", { "data-id": record.id }, button);
        if (opened.has(record.id)) item.append(openedRecord(context, record, doings));
        rows.set(record.id, item);
        return item;
    }

    /** @param {Record_} record */
    function toggle(record) {
        const item = rows.get(record.id);
        const isOpen = opened.has(record.id);
        if (isOpen) opened.delete(record.id);
        else opened.add(record.id);
        item?.firstElementChild?.setAttribute("aria-expanded", String(!isOpen));
        item?.querySelector(".log-open")?.remove();
        if (!isOpen) item?.append(openedRecord(context, record, doings));
    }

    const doings = {
        filter,
        /** @param {Record_} record */
        surroundings: async (record) => {
            const item = rows.get(record.id);
            const place = h("ol", { class: "log-around", "aria-label": "What stands around it" }, h("li", { class: "quiet" }, "Fetching…"));
            item?.querySelector(".log-around")?.remove();
            item?.querySelector(".log-open")?.append(place);
            try {
                const service = /** @type {Record<string, string>} */ (record.service ? { service: record.service } : {});
                const { data } = await api.get(`${path()}/context`, { id: record.id, before: 10, after: 10, ...service });
                replace(place, data.records.map((/** @type {Record_} */ one) => h("li", { class: one.id === record.id ? "log-line here" : "log-line" }, lineColumns(one, context.state.utc))));
            } catch (error) {
                replace(place, h("li", { class: "problem" }, error instanceof Error ? error.message : String(error)));
            }
        },
    };

    list.addEventListener("keydown", (event) => {
        const buttons = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".log-row")]);
        const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        if (at < 0) return;
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1, PageDown: at + 20, PageUp: at - 20 }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const target = buttons[Math.max(0, Math.min(buttons.length - 1, next))];
        for (const button of buttons) button.tabIndex = -1;
        target.tabIndex = 0;
        target.focus();
    });

    function drawList() {
        const wanted = new Set(records.map((record) => record.id));
        for (const [id, item] of rows) {
            if (wanted.has(id)) continue;
            item.remove();
            rows.delete(id);
        }
        // Only what is new is put in: what stands keeps its focus and selection.
        let before = list.firstElementChild;
        for (const record of records) {
            const item = row(record);
            if (item === before) before = before.nextElementSibling;
            else list.insertBefore(item, before);
        }
        while (before) {
            const next = before.nextElementSibling;
            before.remove();
            before = next;
        }
        const first = /** @type {HTMLElement|null} */ (list.querySelector(".log-row"));
        if (first && !list.querySelector('.log-row[tabindex="0"]')) first.tabIndex = 0;
        older.hidden = cursor === "" || records.length >= ROWS_MAX;
        list.dataset.records = String(records.length);
        if (records.length === 0) replace(list, h("li", { class: "nothing" }, empty()));
    }

    function empty() {
        if (context.state.q) {
            return h("div", {}, h("p", {}, "No record fits in this stretch of time."), h("p", {},
                h("button", { type: "button", class: "plain", onclick: () => submit("") }, "Clear the search"),
                h("button", { type: "button", class: "plain", onclick: () => context.go({ range: "7d", from: null, to: null }) }, "Look at 7 days")));
        }
        if (context.state.part === "audit") return h("p", {}, "No audit event in this stretch of time. What is done with rights, and by whom, appears here.");
        return h("div", {}, h("p", {}, names.length > 0 ? "No record in this stretch of time." : "Nothing has sent a log record yet."),
            h("p", { class: "quiet" }, "Start a program with these and its records appear here, or run it with martlet run -- COMMAND, which takes what it prints:"),
            h("pre", {}, `OTEL_EXPORTER_OTLP_ENDPOINT=${api.base.replace(/\/$/, "")}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nOTEL_SERVICE_NAME=my-service`));
    }

    async function more() {
        older.disabled = true;
        try {
            const { data } = await api.get(`${path()}/query`, Object.fromEntries([...asked(), ["limit", String(PAGE)], ["cursor", cursor], ["count", "false"]]));
            records = joined(records, data.records, ROWS_MAX);
            cursor = data.cursor ?? "";
            drawList();
        } finally {
            older.disabled = false;
        }
    }

    // Facets

    function drawFacets() {
        const found = /** @type {any[]} */ (latest?.facets ?? []).filter((facet) => facet.values.length > 0 || extra().includes(facet.field));
        const line = context.state.q;
        replace(facets, found.map((facet) => h("section", { "aria-label": facet.field }, h("h2", {}, facet.field,
            extra().includes(facet.field) && h("button", {
                type: "button", class: "link", "aria-label": `Hide ${facet.field}`, onclick: () => context.go({ show: extra().filter((name) => name !== facet.field).join(",") }, true),
            }, "×")),
        h("ul", {}, facet.values.map((/** @type {any} */ item) => {
            const [isOnly, isNot] = [hasCondition(line, facet.field, item.value), hasCondition(line, facet.field, item.value, true)];
            return h("li", {},
                h("button", {
                    type: "button", class: "facet", "aria-pressed": String(isOnly), title: `${item.value}: click for these only, alt-click for all but these`,
                    onclick: (/** @type {MouseEvent} */ event) => filter(facet.field, item.value, event.altKey),
                }, h("span", { class: "facet-name" }, isNot && "− ", item.value === "" ? "(empty)" : item.value), h("span", { class: "quiet" }, Number(item.count).toLocaleString("en"))),
                h("button", { type: "button", class: "link not", "aria-label": `All but ${facet.field} ${item.value}`, title: "all but these", onclick: () => filter(facet.field, item.value, true) }, "−"));
        })), facet.distinct > facet.values.length && h("p", { class: "quiet" }, `and ${(facet.distinct - facet.values.length).toLocaleString("en")} more`))),
        names.length > 0 && h("select", {
            "aria-label": "Show another field", onchange: (/** @type {Event} */ event) => {
                const { value } = /** @type {HTMLSelectElement} */ (event.target);
                if (value) context.go({ show: [...new Set([...extra(), value])].join(",") }, true);
            },
        }, h("option", { value: "" }, "another field…"), names.filter((name) => !extra().includes(name)).map((name) => h("option", { value: name }, name))));
    }

    /** @param {{columns: string[], rows: string[][]}} data */
    function drawGroups(data) {
        const columns = data.columns.map((title, index) => ({
            key: String(index), title, numeric: data.rows.length > 0 && data.rows.every((cells) => /^-?\d+(\.\d+)?$/.test(cells[index])), style: "wrap",
        }));
        const shape = JSON.stringify(columns.map(({ title, numeric }) => [title, numeric]));
        if (groupBox.dataset.shape !== shape) {
            groupBox.dataset.shape = shape;
            groups = new DataTable("Groups", columns, (sort) => context.go({ sort }));
            replace(groupBox, h("div", { class: "tools" }, groups.copy), groups.scroller);
        }
        groups.draw(data.rows.map((cells, place) => ({
            id: String(place), cells: Object.fromEntries(cells.map((text, index) => [String(index), { text, sort: columns[index].numeric ? Number(text) : text }])),
        })), "", context.state.sort, h("p", {}, "Nothing to count in this stretch of time."));
    }

    function draw() {
        for (const { part, link } of parts) {
            link.setAttribute("href", context.link({ part, sort: "" }));
            if (part === context.state.part) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
        if (document.activeElement !== box) box.value = context.state.q;
        if (!latest) return;
        const isTable = Boolean(latest.table);
        list.hidden = isTable;
        groupBox.hidden = !isTable;
        if (isTable) {
            older.hidden = true;
            drawGroups(latest.table);
        } else {
            drawList();
        }
        drawFacets();
        drawChip();
        const window = timeOf(context.state);
        bars.show((latest.histogram ?? []).map((/** @type {any} */ bar) => ({ start: Number(BigInt(bar.start) / 1_000_000n) / 1000, count: Number(bar.count), levels: bar.levels ?? {} })),
            Number(latest.stepNanoseconds ?? 1e9) / 1e9, window, context.state.utc);
        bars.element.hidden = !latest.histogram;
        setText(summary, `${Number(latest.matched).toLocaleString("en")} record${latest.matched === 1 ? "" : "s"}${latest.complete === false ? " so far: the search ran out of time, narrow it" : ""}`);
        const notes = /** @type {string[]} */ (latest.notes ?? []);
        replace(remarks, notes.map((note) => h("div", { class: "remark" }, note)));
    }

    /** @param {api.APIError} error */
    function showError(error) {
        const line = context.state.q;
        const place = errorPosition(error.message, line);
        const word = place ? /^(?:[\w:]+|.)/.exec(line.slice(place.offset))?.[0] ?? "" : "";
        latest = null;
        records = [];
        drawList();
        replace(list);
        bars.element.hidden = true;
        setText(summary, "");
        replace(remarks, h("div", { class: "remark bad", role: "alert" }, h("span", { "aria-hidden": "true" }, "✕ "), h("span", { class: "code" }, error.message),
            place && h("pre", { class: "code place" }, line.slice(0, place.offset), h("mark", {}, word || "\u00a0"), line.slice(place.offset + word.length))));
    }

    draw();
    drawChip();
    return {
        every: 5,
        update() {
            if (utcShown !== context.state.utc) {
                utcShown = context.state.utc;
                rows.clear();
                replace(list);
            }
            draw();
        },
        destroy() {
            stop();
            bars.destroy();
            window.removeEventListener("scroll", hold);
        },
        async refresh(signal) {
            const now = JSON.stringify([context.state.q, context.state.part, context.state.range, context.state.from, context.state.to]);
            const isNew = now !== key;
            const wantsPatterns = context.state.part === "patterns";
            const fields = [...new Set([...FACETS, ...extra()])].join(",");
            try {
                // While records come in by themselves, only what counts them is asked for again.
                const limit = isNew || source === null ? PAGE : 0;
                const question = Object.fromEntries([...asked(), ["limit", String(limit)], ["histogram", "auto"], ["facets", fields], ["facet_limit", "10"]]);
                const [{ data }, known, patterns] = await Promise.all([
                    api.get(`${path()}/query`, question, signal), isNew ? api.get(`${path()}/fields`, {}, signal) : null,
                    wantsPatterns ? api.get(`${path()}/patterns`, Object.fromEntries(asked()), signal) : null,
                ]);
                latest = patterns ? { ...data, table: patterns.data.table } : data;
                if (known) names = known.data.map((/** @type {any} */ field) => (field.name.startsWith("@") ? field.name : `@${field.name}`)).slice(0, 500);
                if (limit > 0) {
                    records = joined(data.records, isNew ? [] : records, ROWS_MAX);
                    cursor = data.cursor ?? "";
                    if (isNew) {
                        [waiting, missed, key] = [[], 0, now];
                        opened.clear();
                        const next = BigInt(data.nextSequence ?? 0);
                        follow(next > 0n ? String(next - 1n) : "");
                    }
                }
            } catch (error) {
                if (!(error instanceof api.APIError) || (error.status !== 400 && error.status !== 422)) throw error;
                stop();
                key = "";
                showError(error);
                return;
            }
            draw();
        },
    };
}
