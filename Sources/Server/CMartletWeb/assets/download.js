// Files out of the page.

import { h } from "./dom.js";

/** Offers a text as a file.
 * @param {string} text @param {string} name @param {string} type */
export function download(text, name, type) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const anchor = h("a", { href: url, download: name, class: "offscreen" });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    // The browser has taken hold of it by the next turn; a minute is on the safe side.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
