// A small menu behind a button, usable with the keyboard alone.

import { h } from "./dom.js";

/** @typedef {{label: string, run: () => void}} Item */

let count = 0;

/** @param {string} label said to those who do not see the button @param {string|Node} face @param {() => Item[]} items
 * @param {string} [style] @returns {HTMLElement} */
export function menuButton(label, face, items, style = "icon") {
    count += 1;
    const id = `menu-${count}`;
    const list = h("div", { class: "menu", role: "menu", id, hidden: true, "aria-label": label });
    const button = h("button", {
        type: "button", class: style, "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id,
        "aria-label": label, title: label,
    }, face);
    const wrapper = h("div", { class: "menu-anchor" }, button, list);

    const close = (/** @type {boolean} */ refocus) => {
        if (list.hidden) return;
        list.hidden = true;
        button.setAttribute("aria-expanded", "false");
        document.removeEventListener("pointerdown", outside, true);
        if (refocus) button.focus();
    };
    const outside = (/** @type {Event} */ event) => {
        if (!wrapper.contains(/** @type {Node} */ (event.target))) close(false);
    };
    const open = () => {
        list.textContent = "";
        for (const item of items()) {
            list.append(h("button", {
                type: "button", role: "menuitem", tabIndex: -1,
                onclick: () => { close(true); item.run(); },
            }, item.label));
        }
        list.hidden = false;
        button.setAttribute("aria-expanded", "true");
        document.addEventListener("pointerdown", outside, true);
        /** @type {HTMLElement|null} */ (list.firstElementChild)?.focus();
    };
    button.addEventListener("click", () => (list.hidden ? open() : close(true)));
    wrapper.addEventListener("focusout", (event) => {
        if (event.relatedTarget && !wrapper.contains(/** @type {Node} */ (event.relatedTarget))) close(false);
    });
    wrapper.addEventListener("keydown", (event) => {
        if (list.hidden) return;
        const all = /** @type {HTMLElement[]} */ ([...list.children]);
        const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        if (event.key === "Escape") close(true);
        else if (event.key === "ArrowDown") all[(at + 1) % all.length].focus();
        else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length].focus();
        else if (event.key === "Home") all[0].focus();
        else if (event.key === "End") all[all.length - 1].focus();
        else return;
        event.preventDefault();
        event.stopPropagation();
    });
    return wrapper;
}
