// What the views with a table have in common: a row of tools above it.

import { h, replace } from "./dom.js";
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
    /** @type {Map<string, {button: HTMLElement, kind: "good"|"warning"|"bad"|"off", word: string, drawn: string}>} */
    const buttons = new Map();
    const element = h("div", { class: "segments", role: "group", "aria-label": "Show one state" }, states.map(({ key, kind, word }) => {
        const button = h("button", {
            type: "button", onclick: () => context.go({ show: context.state.show === key ? "" : key }),
        }, stateMark("off", word), h("span", { class: "count" }, "–"));
        buttons.set(key, { button, kind, word, drawn: "" });
        return button;
    }));
    return {
        element,
        /** @param {Record<string, number>} numbers */
        draw(numbers) {
            for (const [key, item] of buttons) {
                item.button.setAttribute("aria-pressed", String(context.state.show === key));
                const count = numbers[key] ?? 0;
                if (item.drawn === String(count)) continue;
                item.drawn = String(count);
                // A state that nothing is in stays quiet.
                replace(item.button, stateMark(count > 0 ? item.kind : "off", item.word), h("span", { class: "count" }, item.drawn));
            }
        },
    };
}
