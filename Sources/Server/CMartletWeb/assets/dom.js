// Elements from script. Text goes in as text nodes only; nothing here parses HTML.

/** @typedef {Node|string|number|null|undefined|false} Child */

/** Makes an element: `on…` properties become listeners, `class`, `data-…`, `aria-…`, `role` and the like attributes,
 * everything else a property.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} [properties] @param {...(Child|Child[])} children
 * @returns {HTMLElementTagNameMap[K]} */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name in element && !name.startsWith("aria")) /** @type {any} */ (element)[name] = value;
        else element.setAttribute(name === "class" ? "class" : name, value === true ? "" : String(value));
    }
    append(element, children);
    return element;
}

/** @param {Node} parent @param {(Child|Child[])[]} children */
export function append(parent, children) {
    for (const child of children.flat()) {
        if (child === null || child === undefined || child === false) continue;
        parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
    }
}

/** @param {Element} parent @param {...(Child|Child[])} children */
export function replace(parent, ...children) {
    parent.textContent = "";
    append(parent, children);
}

/** Sets text only where it changed, so that a selection survives a refresh.
 * @param {Element} element @param {string} text */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Copies text and says so to those who see and those who listen.
 * @param {string} text @param {string} what */
export async function copyText(text, what) {
    try {
        await navigator.clipboard.writeText(text);
        announce(`${what} copied`);
    } catch {
        // The clipboard is closed to pages without TLS on other hosts than this one.
        const area = h("textarea", { value: text, class: "offscreen", readOnly: true });
        document.body.append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        announce(done ? `${what} copied` : `cannot copy the ${what}: the browser refused; select it in Explore and copy it there`);
    }
}

let hideTimer = 0;

/** A short message at the foot of the page.
 * @param {string} text */
export function announce(text) {
    const toast = document.getElementById("toast");
    if (!toast) return;
    toast.textContent = text;
    toast.dataset.shown = "true";
    clearTimeout(hideTimer);
    hideTimer = window.setTimeout(() => { delete toast.dataset.shown; }, 2500);
}

/** A value kept in the browser, or `fallback` where nothing is kept or storage is closed.
 * @param {string} key @param {string} fallback @returns {string} */
export function stored(key, fallback) {
    try {
        return localStorage.getItem(`martlet.${key}`) ?? fallback;
    } catch {
        return fallback;
    }
}

/** @param {string} key @param {string} value */
export function store(key, value) {
    try {
        localStorage.setItem(`martlet.${key}`, value);
    } catch {
        // Closed or full storage costs a convenience, nothing more.
    }
}
