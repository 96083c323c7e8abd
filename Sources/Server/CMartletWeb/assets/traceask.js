// What the pages about many traces share: the links between them, and one box with its filters.

import * as api from "./api.js";
import { announce, h, replace } from "./dom.js";
import { keepFile } from "./tracepage.js";
import { readDocument } from "./tracemodel.js";
import { fault, fieldValue, question, withField } from "./tracequery.js";
import { parseSpan } from "./time.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./tracequery.js").Question} Question */

const PAGES = [["", "Search"], ["map", "Service map"], ["paths", "Critical path"], ["sets", "Slow and fast"]];
const DURATIONS = ["10ms", "50ms", "100ms", "250ms", "500ms", "1s", "5s"];
const FILE_BYTES_MAX = 256 << 20;

/** The window of time that the page asks about.
 * @param {import("./state.js").State} state @returns {{start: number, end: number, live: boolean}} Unix seconds */
export function timeOf(state) {
    if (state.from !== null && state.to !== null) return { start: state.from, end: state.to, live: false };
    const end = Math.ceil(api.now());
    return { start: end - (parseSpan(state.range) ?? 900), end, live: true };
}

/** The time as the server's parameters.
 * @param {{start: number, end: number, live: boolean}} window @returns {[string, string][]} */
export function timeParameters(window) {
    const micro = (/** @type {number} */ seconds) => String(Math.round(seconds * 1e6));
    // What comes in while the question is under way is new as well.
    return [["start", micro(window.start)], ["end", micro(window.live ? window.end + 60 : window.end)]];
}

/** @param {Context} context */
export function pageLinks(context) {
    const links = PAGES.map(([part, title]) => ({ part, link: h("a", { "data-link": "", href: "?" }, title) }));
    const draw = () => {
        for (const { part, link } of links) {
            link.setAttribute("href", context.link({ part, sort: "" }));
            if (part === context.state.part) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
    };
    draw();
    return { element: h("nav", { class: "parts", "aria-label": "Pages about traces" }, links.map(({ link }) => link)), draw };
}

/** The search box with the choices that write into it.
 * @param {Context} context @param {string} button what its button says */
export function askBox(context, button) {
    const box = h("input", {
        type: "search", class: "code expression", value: context.state.q, spellcheck: false, autocomplete: "off", autocapitalize: "off",
        "aria-label": "Search traces", "aria-describedby": "trace-language", placeholder: 'service:shop duration:>200ms status:error @user.id:42 "exact phrase"',
    });
    const problem = h("div", { class: "remarks", "aria-live": "polite" });
    const submit = (/** @type {string} */ line) => {
        const text = line.trim();
        box.value = text;
        const asked = question(text);
        if (asked.trace) context.go({ trace: asked.trace, part: "", span: "", cut: null, fold: "", filter: "" });
        else if (text === context.state.q) context.again();
        else context.go({ q: text });
    };
    const choice = (/** @type {string} */ label, /** @type {string} */ field, /** @type {string} */ operator) => {
        const select = h("select", { "aria-label": label, onchange: () => submit(withField(box.value, field, select.value, operator)) });
        const fill = (/** @type {string[]} */ values) => {
            const written = fieldValue(box.value, field);
            const chosen = operator && written.startsWith(operator) ? written.slice(operator.length) : written;
            const all = [...new Set([...values, ...(chosen ? [chosen] : [])])];
            const wanted = ["", ...all].join("\n");
            if (select.dataset.values !== wanted) {
                select.dataset.values = wanted;
                replace(select, h("option", { value: "" }, label), all.map((value) => h("option", { value }, operator ? `> ${value}` : value)));
            }
            select.value = chosen;
        };
        fill([]);
        return { select, fill };
    };
    const service = choice("any service", "service", "");
    const operation = choice("any operation", "operation", "");
    const status = choice("any status", "status", "");
    const duration = choice("any duration", "duration", ">");
    const form = h("form", { class: "ask", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); submit(box.value); } },
        h("div", { class: "ask-box" }, box), h("button", { type: "submit", class: "primary" }, button));
    const filters = h("div", { class: "filters", role: "group", "aria-label": "Filters" }, service.select, operation.select, status.select, duration.select);
    const language = h("p", { class: "quiet keys", id: "trace-language" },
        "Words and \"phrases\" find names and attributes · service: operation: status: kind: duration:>200ms · @key:value for an attribute · prefix* /regex/ -not OR ( ) · a trace id opens it");
    let services = /** @type {string[]} */ ([]);
    let operations = /** @type {string[]} */ ([]);
    let operationsOf = "\u0000";
    const draw = () => {
        if (document.activeElement !== box) box.value = context.state.q;
        service.fill(services);
        operation.fill(operations);
        status.fill(["error", "ok", "unset"]);
        duration.fill(DURATIONS);
    };
    draw();
    return {
        elements: [form, language, problem], filters, submit, draw,
        get hasServices() { return services.length > 0; },
        /** Asks what there is to choose from. @param {AbortSignal} signal */
        async refresh(signal) {
            const chosen = fieldValue(context.state.q, "service");
            const answer = await api.traces("api/services", [], signal);
            services = answer.data ?? [];
            if (operationsOf !== chosen) {
                const names = chosen ? (await api.traces(`api/services/${encodeURIComponent(chosen)}/operations`, [], signal)).data ?? [] : [];
                [operations, operationsOf] = [names.slice(0, 500), chosen];
            }
            draw();
        },
        /** What the line asks. @returns {Question} */
        question() {
            return question(context.state.q);
        },
        /** Waits for an answer; where the server cannot understand the line, the fault stands below the box.
         * @template T @param {Promise<T>} answer @returns {Promise<T|null>} `null` for a line that is not understood */
        async understood(answer) {
            try {
                const value = await answer;
                replace(problem);
                return value;
            } catch (error) {
                const found = error instanceof api.APIError && error.status === 400 ? fault(context.state.q.trim(), error.message) : null;
                if (!found) throw error;
                replace(problem, h("div", { class: "remark bad", role: "alert" }, h("span", { "aria-hidden": "true" }, "✕ "), found.words,
                    h("pre", { class: "code place" }, found.before, h("mark", {}, found.term), found.after)));
                return null;
            }
        },
    };
}

/** A button that opens a file of traces without storing it.
 * @param {Context} context */
export function fileButton(context) {
    const read = async (/** @type {File|undefined} */ file) => {
        if (!file) return;
        if (file.size > FILE_BYTES_MAX) {
            announce(`the file has ${Math.round(file.size / 1048576)} MiB; this page opens up to ${FILE_BYTES_MAX >> 20} MiB`);
            return;
        }
        try {
            const count = keepFile(file.name, readDocument(await file.text()));
            if (count === 0) announce("the file has no spans");
            else context.go({ trace: "file", part: "", span: "", cut: null, fold: "", filter: "" });
        } catch (error) {
            announce(`cannot open ${file.name}: ${error instanceof Error ? error.message : error}`);
        }
    };
    const input = h("input", { type: "file", accept: ".json,.jsonl,.ndjson,application/json", class: "offscreen", tabIndex: -1, "aria-hidden": "true", onchange: () => { read(input.files?.[0]); input.value = ""; } });
    const button = h("button", { type: "button", class: "plain", title: "an OTLP JSON file is shown, not stored; it can be dropped here too", onclick: () => input.click() }, "Open file");
    return {
        element: h("span", {}, button, input),
        /** Lets files be dropped on an element. @param {HTMLElement} element */
        accept(element) {
            element.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
            element.addEventListener("drop", (event) => {
                if (!event.dataTransfer?.files.length) return;
                event.preventDefault();
                read(event.dataTransfer.files[0]);
            });
        },
    };
}
