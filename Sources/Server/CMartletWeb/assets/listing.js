// What the views with a table have in common: a row of tools above it.

import { h } from "./dom.js";
import { stateMark } from "./table.js";

/** @typedef {import("./app.js").Context} Context */

/** A box that narrows a list; the address keeps what it holds.
 * @param {Context} context @param {string} label */
export function filterBox(context, label) {
    return h("input", {
        type: "search", class: "filter", placeholder: label, "aria-label": label, value: context.state.filter,
        spellcheck: false, autocomplete: "off",
        oninput: (/** @type {Event} */ event) =>
            context.go({ filter: /** @type {HTMLInputElement} */ (event.target).value }, true),
    });
}

/** Buttons that narrow a list to one state, with how many there are of each.
 * @param {Context} context @param {{key: string, kind: "good"|"warning"|"bad"|"off", word: string}[]} states */
export function stateButtons(context, states) {
    const counts = /** @type {Map<string, HTMLElement>} */ (new Map());
    const buttons = /** @type {Map<string, HTMLElement>} */ (new Map());
    const element = h("div", { class: "segments", role: "group", "aria-label": "Show one state" }, states.map(({ key, kind, word }) => {
        const count = h("span", { class: "count" }, "–");
        const button = h("button", {
            type: "button", onclick: () => context.go({ show: context.state.show === key ? "" : key }),
        }, stateMark(kind, word), count);
        counts.set(key, count);
        buttons.set(key, button);
        return button;
    }));
    return {
        element,
        /** @param {Record<string, number>} numbers */
        draw(numbers) {
            for (const [key, button] of buttons) {
                button.setAttribute("aria-pressed", String(context.state.show === key));
                const count = counts.get(key);
                if (count) count.textContent = String(numbers[key] ?? 0);
            }
        },
    };
}
