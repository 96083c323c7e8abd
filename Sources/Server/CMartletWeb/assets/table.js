// A table that sorts, filters and copies.

import { copyText, h, replace, setText } from "./dom.js";

/** @typedef {object} Column
 * @property {string} key
 * @property {string} title empty for a column that needs none to be seen, and cannot be sorted by
 * @property {string} [label] what a column without a title is called for those who do not see it
 * @property {boolean} [numeric]
 * @property {string} [style]
 */
/** @typedef {object} Cell
 * @property {string} text what is filtered, copied and, without `node`, shown
 * @property {number|string} [sort] what is compared; the text when absent
 * @property {() => Node} [node]
 */
/** @typedef {{id: string, cells: Record<string, Cell>}} Row */

/** A table shows so many rows at most. */
const ROWS_MAX = 1000;

const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @param {Cell} a @param {Cell} b */
function compare(a, b) {
    const [x, y] = [a.sort ?? a.text, b.sort ?? b.text];
    if (typeof x === "number" && typeof y === "number") return (Number.isNaN(x) ? -Infinity : x) - (Number.isNaN(y) ? -Infinity : y);
    return words.compare(String(x), String(y));
}

export class DataTable {
    #columns;
    #onSort;
    #drawn = "";
    /** @type {Row[]} */
    #visible = [];
    #heads = /** @type {Map<string, HTMLElement>} */ (new Map());

    #rowsMax;

    /** @param {string} label @param {Column[]} columns @param {(sort: string) => void} onSort @param {number} [rowsMax] */
    constructor(label, columns, onSort, rowsMax = ROWS_MAX) {
        this.#rowsMax = rowsMax;
        this.#columns = columns;
        this.#onSort = onSort;
        this.body = h("tbody");
        this.count = h("span", { class: "quiet" });
        const heads = columns.map((column) => {
            const head = h("th", { scope: "col", class: column.numeric ? "numeric" : "" },
                column.title ? h("button", { type: "button", class: "sort", onclick: () => this.#toggle(column) }, column.title,
                    h("span", { class: "arrow", "aria-hidden": "true" })) : h("span", { class: "offscreen" }, column.label ?? column.key));
            this.#heads.set(column.key, head);
            return head;
        });
        this.table = h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, heads)), this.body);
        this.scroller = h("div", { class: "scroller", tabIndex: 0, role: "region", "aria-label": label }, this.table);
        this.copy = h("button", { type: "button", class: "plain", onclick: () => this.#copy() }, "Copy table");
        this.sort = "";
    }

    /** @param {Column} column */
    #toggle(column) {
        const isAscending = this.sort === column.key;
        const isDescending = this.sort === `-${column.key}`;
        // Numbers are wanted largest first; a third press gives the view's own order back.
        if (column.numeric) this.#onSort(isDescending ? column.key : isAscending ? "" : `-${column.key}`);
        else this.#onSort(isAscending ? `-${column.key}` : isDescending ? "" : column.key);
    }

    #copy() {
        const clean = (/** @type {string} */ text) => text.replace(/[\t\n\r]+/g, " ");
        const lines = [this.#columns.map((column) => column.title),
            ...this.#visible.map((row) => this.#columns.map((column) => clean(row.cells[column.key].text)))];
        copyText(lines.map((line) => line.join("\t")).join("\n"), "table");
    }

    /** @param {Row[]} rows @param {string} filter words that must all occur @param {string} sort @param {Node} empty */
    draw(rows, filter, sort, empty) {
        this.sort = sort;
        const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
        let visible = rows;
        if (wanted.length > 0) {
            visible = rows.filter((row) => {
                const text = this.#columns.map((column) => row.cells[column.key].text).join("\n").toLowerCase();
                return wanted.every((word) => text.includes(word));
            });
        }
        const key = sort.replace(/^-/, "");
        const direction = sort.startsWith("-") ? -1 : 1;
        if (this.#columns.some((column) => column.key === key)) {
            visible = [...visible].sort((a, b) => direction * compare(a.cells[key], b.cells[key]));
        }
        for (const [name, head] of this.#heads) {
            const isSorted = name === key;
            head.setAttribute("aria-sort", isSorted ? (direction > 0 ? "ascending" : "descending") : "none");
            const arrow = head.querySelector(".arrow");
            if (arrow) setText(arrow, isSorted ? (direction > 0 ? " ▲" : " ▼") : "");
        }
        setText(this.count, visible.length === rows.length ? `${rows.length}` : `${visible.length} of ${rows.length}`);
        this.#visible = visible;
        const shown = visible.slice(0, this.#rowsMax);
        const drawn = JSON.stringify(shown.map((row) => [row.id, ...this.#columns.map((column) => row.cells[column.key].text)]))
            + (shown.length === 0 ? `${rows.length} ${filter}` : "");
        // A refresh that changes nothing leaves focus and selection alone.
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        const focused = document.activeElement instanceof HTMLElement && this.body.contains(document.activeElement)
            ? document.activeElement.dataset.focus : undefined;
        replace(this.body, shown.map((row) => h("tr", {}, this.#columns.map((column) => {
            const cell = row.cells[column.key];
            return h("td", { class: `${column.numeric ? "numeric " : ""}${column.style ?? ""}` }, cell.node ? cell.node() : cell.text);
        }))));
        if (shown.length === 0) {
            const nothing = rows.length === 0 ? empty
                : h("p", {}, "Nothing fits the filter. Clear it to see all ", String(rows.length), ".");
            this.body.append(h("tr", {}, h("td", { colSpan: this.#columns.length, class: "nothing" }, nothing)));
        } else if (visible.length > this.#rowsMax) {
            this.body.append(h("tr", {}, h("td", { colSpan: this.#columns.length, class: "nothing" },
                `showing ${this.#rowsMax.toLocaleString("en")} of ${visible.length.toLocaleString("en")}; filter to see the rest`)));
        }
        if (focused) /** @type {HTMLElement|null} */ (this.body.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
    }
}

/** A state as a glyph and a word, in its colour.
 * @param {"good"|"warning"|"bad"|"off"} kind @param {string} word @returns {HTMLElement} */
export function stateMark(kind, word) {
    const glyph = { good: "●", warning: "◐", bad: "✕", off: "○" }[kind];
    return h("span", { class: `state ${kind}` }, h("span", { class: "glyph", "aria-hidden": "true" }, glyph), word);
}

/** Labels as small `name="value"` marks.
 * @param {Record<string, string>} labels @returns {HTMLElement} */
export function labelMarks(labels) {
    return h("span", { class: "labels" }, Object.keys(labels).sort().map((name) =>
        h("span", { class: "label" }, h("span", { class: "quiet" }, `${name}=`), labels[name])));
}

/** @param {Record<string, string>} labels @returns {string} */
export function labelText(labels) {
    return Object.keys(labels).sort().map((name) => `${name}=${labels[name]}`).join(" ");
}
