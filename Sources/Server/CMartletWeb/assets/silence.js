// A form that makes a silence: it shows at once how many alerts match, and the command that does the same.

import * as api from "./api.js";
import { announce, copyText, h, setText, store, stored } from "./dom.js";

/** A text in double quotes as matchers and shells take it.
 * @param {string} text @returns {string} */
export function quoted(text) {
    return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

/** A word for a shell.
 * @param {string} text @returns {string} */
export function shellWord(text) {
    return /^[A-Za-z0-9_=.,:@%+/-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

/** The conditions that cover exactly the alerts with these labels.
 * @param {Record<string, string>} labels @returns {string[]} */
export function matchersOf(labels) {
    return Object.keys(labels).sort().map((name) => `${name}=${quoted(labels[name])}`);
}

/** One condition, or `null` for a text that is none.
 * @param {string} text @returns {{name: string, value: string, isRegex: boolean, isEqual: boolean}|null} */
export function parseMatcher(text) {
    const found = /^\s*([^=!~\s"]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text);
    if (!found) return null;
    let value = found[3];
    if (value.length >= 2 && value.startsWith('"') && value.endsWith('"')) {
        value = value.slice(1, -1).replace(/\\(["\\n])/g, (_, c) => (c === "n" ? "\n" : c));
    }
    return { name: found[1], value, isRegex: found[2].includes("~"), isEqual: !found[2].startsWith("!") };
}

/** The conditions of a text, one a line or with commas between them outside of quotes.
 * @param {string} text @returns {string[]} */
export function splitMatchers(text) {
    const parts = [""];
    let inQuotes = false;
    for (let i = 0; i < text.length; i += 1) {
        const c = text[i];
        if (c === "\\" && inQuotes) { parts[parts.length - 1] += c + (text[i + 1] ?? ""); i += 1; continue; }
        if (c === '"') inQuotes = !inQuotes;
        if ((c === "," || c === "\n") && !inQuotes) parts.push("");
        else parts[parts.length - 1] += c;
    }
    return parts.map((part) => part.trim()).filter(Boolean);
}

const SPANS = { m: 60, h: 3600, d: 86400, w: 604800 };

/** Seconds of a text such as `2h` or `90m`, or `null`.
 * @param {string} text @returns {number|null} */
export function spanSeconds(text) {
    const found = /^(\d{1,5})([mhdw])$/.exec(text.trim());
    const seconds = found ? Number(found[1]) * SPANS[/** @type {"m"|"h"|"d"|"w"} */ (found[2])] : 0;
    return seconds > 0 ? seconds : null;
}

/** @param {() => void} done called when a silence was made or the form closed */
export function silenceForm(done) {
    const conditions = h("textarea", { placeholder: 'alertname="Down", team=~"db|web"', class: "expression code", rows: 2, spellcheck: false, id: "silence-matchers", "aria-describedby": "silence-count" });
    const duration = h("input", { type: "text", id: "silence-duration", value: "2h", size: 6, spellcheck: false, autocomplete: "off" });
    const author = h("input", { type: "text", id: "silence-author", value: stored("author", ""), autocomplete: "name" });
    const comment = h("input", { type: "text", id: "silence-comment", class: "grow", autocomplete: "off", required: true });
    const count = h("span", { id: "silence-count", class: "match-count", role: "status" }, "matches –");
    const names = h("span", { class: "quiet" });
    const command = h("code", { class: "code command" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const submit = h("button", { type: "submit", class: "primary" }, "Silence");
    const copy = h("button", { type: "button", class: "plain", onclick: () => copyText(command.textContent ?? "", "command") }, "Copy command");
    const close = h("button", { type: "button", class: "plain", onclick: () => hide() }, "Cancel");
    const form = h("form", { class: "silence-form", hidden: true, "aria-label": "New silence", onsubmit: send },
        h("label", { htmlFor: "silence-matchers" }, "Alerts with"), h("div", {}, conditions, h("div", {}, count, " ", names)),
        h("label", { htmlFor: "silence-duration" }, "For"), h("div", { class: "fields" }, duration,
            h("label", { htmlFor: "silence-author" }, "by"), author, h("label", { htmlFor: "silence-comment" }, "because"), comment),
        h("span", { class: "quiet" }, "Same as"), h("div", {}, command),
        h("span"), h("div", { class: "fields" }, submit, close, copy), h("span"), problem);
    let timer = 0;
    /** @type {AbortController|null} */
    let asking = null;

    /** @param {string} text */
    function complain(text) {
        problem.hidden = text === "";
        setText(problem, text);
    }

    function draw() {
        const words = splitMatchers(conditions.value).map(shellWord);
        setText(command, `martlet silences add ${words.join(" ")} --duration ${shellWord(duration.value || "2h")} --by ${shellWord(author.value || "me")} --comment ${shellWord(comment.value || "why")}`);
        clearTimeout(timer);
        timer = window.setTimeout(preview, 200);
    }

    async function preview() {
        asking?.abort();
        asking = new AbortController();
        const signal = asking.signal;
        const list = splitMatchers(conditions.value);
        if (list.length === 0) { setText(count, "matches –"); setText(names, ""); return; }
        try {
            const { data } = await api.get(`api/v1/alerting/preview?${new URLSearchParams(list.map((text) => ["filter", text]))}`, {}, signal);
            setText(count, `matches ${data.count}`);
            setText(names, data.count > 0 ? data.alerts.slice(0, 4).join(", ") + (data.count > 4 ? ", …" : "") : "no alert that is active now");
            complain("");
        } catch (error) {
            if (signal.aborted) return;
            setText(count, "matches –");
            setText(names, "");
            complain(error instanceof Error ? error.message : String(error));
        }
    }

    /** @param {Event} event */
    async function send(event) {
        event.preventDefault();
        const list = splitMatchers(conditions.value).map((text) => ({ text, matcher: parseMatcher(text) }));
        const bad = list.find(({ matcher }) => !matcher);
        const seconds = spanSeconds(duration.value);
        if (list.length === 0) return complain("name at least one label, such as alertname=\"Down\"");
        if (bad) return complain(`${bad.text} is no condition such as severity="page"`);
        if (seconds === null) return complain("the duration has to look like 30m, 2h, 1d or 1w");
        if (!comment.value.trim()) { comment.focus(); return complain("say why, so that others know"); }
        store("author", author.value);
        submit.disabled = true;
        try {
            const now = api.now();
            await api.send("POST", "api/v2/silences", {
                matchers: list.map(({ matcher }) => matcher),
                startsAt: new Date(now * 1000).toISOString(), endsAt: new Date((now + seconds) * 1000).toISOString(),
                createdBy: author.value || "web", comment: comment.value,
            });
            announce("silenced");
            hide();
            done();
        } catch (error) {
            complain(error instanceof Error ? error.message : String(error));
        } finally {
            submit.disabled = false;
        }
    }

    function hide() {
        form.hidden = true;
        complain("");
    }

    form.addEventListener("input", draw);
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    return {
        element: form,
        /** @param {Record<string, string>} labels */
        open(labels) {
            conditions.value = matchersOf(labels).join(",\n");
            conditions.rows = Math.min(8, Math.max(2, Object.keys(labels).length));
            form.hidden = false;
            draw();
            (Object.keys(labels).length > 0 ? comment : conditions).focus();
            form.scrollIntoView({ block: "nearest" });
        },
    };
}

/** The conditions of a silence as text.
 * @param {any} silence @returns {string} */
export function silenceText(silence) {
    return silence.matchers.map((/** @type {any} */ matcher) => {
        const operation = matcher.isRegex ? (matcher.isEqual === false ? "!~" : "=~") : matcher.isEqual === false ? "!=" : "=";
        return `${matcher.name}${operation}${quoted(String(matcher.value))}`;
    }).join(" ");
}
