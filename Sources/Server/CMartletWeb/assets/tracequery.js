// The search box of traces: what the choices below it read from the line and write into it. What the line means, the
// server knows. Every function here is pure.

/** @typedef {{text: string, at: number, field: string, isAttribute: boolean, isNot: boolean, operator: string, value: string, isQuoted: boolean}} Term */

/** How many parentheses a text opens and does not close, but for those in quotation marks.
 * @param {string} text @returns {number} */
function openIn(text) {
    let open = 0;
    for (const sign of text.replace(/"(?:[^"\\]|\\.)*"?/g, "").matchAll(/[()]/g)) open += sign[0] === "(" ? 1 : -1;
    return open;
}

/** Takes a line of search apart: `service:shop duration:>200ms @user.id:42 "exact phrase" -word`.
 * @param {string} line @returns {Term[]} */
export function parseTerms(line) {
    const terms = /** @type {Term[]} */ ([]);
    const pattern = /(-?)(?:(@?)((?:[^\s:"@()-])[^\s:"()]*):)?(>=|<=|>|<|=)?(?:"((?:[^"\\]|\\.)*)"?|(\S+))/gu;
    for (const match of line.matchAll(pattern)) {
        const [text, minus, at, field, operator, quoted, bare] = match;
        // What stands in parentheses is left alone as one.
        const last = terms[terms.length - 1];
        if (last && openIn(last.text) > 0) {
            last.text = line.slice(last.at, match.index + text.length);
            [last.field, last.isAttribute, last.operator, last.value] = ["", false, "", last.text];
            continue;
        }
        terms.push({
            text, at: match.index, field: field ?? "", isAttribute: at === "@", isNot: minus === "-", operator: operator ?? "",
            value: quoted !== undefined ? quoted.replace(/\\(.)/g, "$1") : bare ?? "", isQuoted: quoted !== undefined,
        });
    }
    return terms;
}

/** A value as the line spells it.
 * @param {string} value @returns {string} */
export function quoted(value) {
    return /^[^\s"():\\<>=-][^\s"():\\]*$/u.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** The value of a field in a line, or empty.
 * @param {string} line @param {string} field @returns {string} */
export function fieldValue(line, field) {
    const found = parseTerms(line).find((term) => term.field === field && !term.isAttribute && !term.isNot);
    return found ? found.operator + found.value : "";
}

/** The line with a field's condition put in, changed, or, for an empty value, taken out.
 * @param {string} line @param {string} field `@key` for an attribute @param {string} value @param {string} [operator]
 * @returns {string} */
export function withField(line, field, value, operator = "") {
    const isAttribute = field.startsWith("@");
    const name = isAttribute ? field.slice(1) : field;
    const piece = value === "" ? "" : `${field}:${operator}${quoted(value)}`;
    let isDone = false;
    const terms = parseTerms(line);
    if (terms.some(({ text }) => text === "OR")) return piece ? `(${line}) ${piece}` : line;
    const rest = terms.map((term) => {
        if (term.field !== name || term.isAttribute !== isAttribute || term.isNot) return term.text;
        if (isDone) return "";
        isDone = true;
        return piece;
    });
    if (!isDone) rest.push(piece);
    return rest.filter(Boolean).join(" ");
}

/** @typedef {{line: string, parameters: [string, string][], trace: string}} Question */

/** What a line of search asks the server; a line that is a trace's id, with its field or without, names it.
 * @param {string} line @returns {Question} */
export function question(line) {
    const text = line.trim();
    const named = /^(?:trace:([0-9a-f]{1,32})|([0-9a-f]{32}))$/i.exec(text);
    return { line: text, parameters: text ? [["query", text]] : [], trace: (named?.[1] ?? named?.[2] ?? "").toLowerCase() };
}

/** Where the server found a fault: the line before it, the faulty term, the line after it, and what is wrong.
 * @param {string} line @param {string} message @returns {{before: string, term: string, after: string, words: string}|null}
 * `null` where the message is of something else */
export function fault(line, message) {
    const found = /^1:(\d+): parse error: (.*)$/s.exec(message);
    if (!found) return null;
    // Places are in characters, not in what JavaScript counts.
    const characters = [...line];
    const from = Math.min(Number(found[1]) - 1, characters.length);
    let to = from;
    while (to < characters.length && !/[\s)]/.test(characters[to])) to += 1;
    if (to === from && to < characters.length) to += 1;
    return { before: characters.slice(0, from).join(""), term: characters.slice(from, to).join("") || "…", after: characters.slice(to).join(""), words: found[2] };
}

/** The command that asks the same.
 * @param {string} origin @param {Question} question @param {string} range @param {string} [verb] of `martlet traces`
 * @returns {string} */
export function tracesCommand(origin, { line }, range, verb = "") {
    const shell = (/** @type {string} */ text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    const words = ["martlet", "traces"];
    if (verb) words.push(verb);
    if (line) words.push("--query", shell(line));
    if (range) words.push("--since", range);
    words.push("--url", shell(origin));
    return words.join(" ");
}
