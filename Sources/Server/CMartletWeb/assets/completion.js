// Completion of names, labels and values under the expression box.

import * as api from "./api.js";
import { h, replace } from "./dom.js";
import { completionContext, completionText, matching, nameChoices } from "./promql.js";

const SHOWN_MAX = 12;
const NAMES_MAX_AGE_MS = 30_000;

export class Completion {
    #box;
    #items = /** @type {string[]} */ ([]);
    #selected = -1;
    #context = /** @type {ReturnType<typeof completionContext>} */ (null);
    /** @type {Map<string, {names: string[], at: number}>} */
    #known = new Map();
    #turn = 0;

    /** @param {HTMLTextAreaElement} box */
    constructor(box) {
        this.#box = box;
        this.element = h("div", { class: "menu completion", role: "listbox", id: "completion", "aria-label": "Completions", hidden: true });
        box.setAttribute("aria-autocomplete", "list");
        box.setAttribute("aria-controls", "completion");
        box.addEventListener("input", () => this.#offer());
        box.addEventListener("blur", () => this.close());
        box.addEventListener("keydown", (event) => this.#key(event));
    }

    close() {
        this.#turn += 1;
        this.element.hidden = true;
        this.#items = [];
        this.#selected = -1;
        this.#box.removeAttribute("aria-activedescendant");
    }

    /** Names from the server, kept for half a minute; none when it does not answer, since completion is a convenience.
     * @param {string} path @param {string} metric @returns {Promise<string[]>} */
    async #names(path, metric) {
        const key = `${path} ${metric}`;
        const known = this.#known.get(key);
        if (known && performance.now() - known.at < NAMES_MAX_AGE_MS) return known.names;
        try {
            const { data } = await api.get(path, metric ? { "match[]": metric } : {});
            if (this.#known.size > 100) this.#known.clear();
            this.#known.set(key, { names: data, at: performance.now() });
            return data;
        } catch {
            return known?.names ?? [];
        }
    }

    async #offer() {
        this.#turn += 1;
        const turn = this.#turn;
        const context = completionContext(this.#box.value, this.#box.selectionStart);
        if (!context) return this.close();
        const names = context.kind === "name" ? nameChoices(await this.#names("api/v1/label/__name__/values", ""))
            : context.kind === "label" ? (await this.#names("api/v1/labels", context.metric)).filter((name) => name !== "__name__")
                : await this.#names(`api/v1/label/${encodeURIComponent(context.label)}/values`, context.metric);
        if (turn !== this.#turn || document.activeElement !== this.#box) return;
        this.#items = matching(context.prefix, names, SHOWN_MAX);
        this.#context = context;
        this.#selected = -1;
        this.#box.removeAttribute("aria-activedescendant");
        this.element.hidden = this.#items.length === 0;
        replace(this.element, this.#items.map((name, i) => h("div", {
            role: "option", id: `completion-${i}`, class: "code", "aria-selected": "false",
            onpointerdown: (/** @type {Event} */ event) => { event.preventDefault(); this.#take(i); },
        }, name)));
    }

    /** @param {number} index */
    #select(index) {
        this.#selected = (index + this.#items.length) % this.#items.length;
        [...this.element.children].forEach((item, i) => {
            item.setAttribute("aria-selected", String(i === this.#selected));
            if (i === this.#selected) item.scrollIntoView({ block: "nearest" });
        });
        this.#box.setAttribute("aria-activedescendant", `completion-${this.#selected}`);
    }

    /** @param {number} index */
    #take(index) {
        const context = this.#context;
        if (!context) return;
        const { value, selectionStart: caret } = this.#box;
        const metrics = this.#known.get("api/v1/label/__name__/values ")?.names ?? [];
        const text = completionText(context.kind, this.#items[index], value.slice(0, context.start), value.slice(caret), metrics);
        this.#box.setRangeText(text, context.start, caret, "end");
        this.close();
        this.#box.focus();
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        if (event.key === " " && event.ctrlKey) {
            this.#offer();
        } else if (this.element.hidden) {
            return;
        } else if (event.key === "ArrowDown") {
            this.#select(this.#selected + 1);
        } else if (event.key === "ArrowUp") {
            this.#select(this.#selected < 0 ? -1 : this.#selected - 1);
        } else if (event.key === "Escape") {
            this.close();
        } else if (event.key === "Tab" || (event.key === "Enter" && this.#selected >= 0)) {
            this.#take(Math.max(0, this.#selected));
        } else {
            return;
        }
        event.preventDefault();
    }
}
