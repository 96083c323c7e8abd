// The search box of traces: one line of words and conditions, and back. Every function here is pure.

/** @typedef {{text: string, at: number, field: string, isAttribute: boolean, isNot: boolean, operator: string, value: string, isQuoted: boolean}} Term */

/** Takes a line of search apart: `service:shop duration:>200ms @user.id:42 "exact phrase" -word`.
 * @param {string} line @returns {Term[]} */
export function parseTerms(line) {
    const terms = /** @type {Term[]} */ ([]);
    const pattern = /(-?)(?:(@?)((?:[^\s:"@()-])[^\s:"()]*):)?(>=|<=|>|<|=)?(?:"((?:[^"\\]|\\.)*)"?|(\S+))/gu;
    for (const match of line.matchAll(pattern)) {
        const [text, minus, at, field, operator, quoted, bare] = match;
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
    const rest = parseTerms(line).map((term) => {
        if (term.field !== name || term.isAttribute !== isAttribute || term.isNot) return term.text;
        if (isDone) return "";
        isDone = true;
        return piece;
    });
    if (!isDone) rest.push(piece);
    return rest.filter(Boolean).join(" ");
}

/** @typedef {{parameters: [string, string][], trace: string, problem: {term: Term, message: string}|null}} Question */

const STATUSES = ["error", "ok", "unset"];
const ATTRIBUTES_OF_FIELDS = /** @type {Record<string, string>} */ ({ host: "host.name", component: "component", kind: "span.kind" });

/** What a line of search asks the server.
 * @param {string} line @returns {Question} */
export function question(line) {
    const question = /** @type {Question} */ ({ parameters: [], trace: "", problem: null });
    const words = [];
    const refuse = (/** @type {Term} */ term, /** @type {string} */ message) => { question.problem ??= { term, message }; };
    for (const term of parseTerms(line)) {
        const { field, value, operator } = term;
        if (term.isNot) refuse(term, "traces cannot be searched for what they lack; take the condition out");
        else if (field === "duration" && !term.isAttribute) duration(term, question, refuse);
        else if (operator && operator !== "=" && field) refuse(term, `only duration can be compared with ${operator}; write ${field}:${value}`);
        else if (field && value === "") refuse(term, `${field}: lacks a value`);
        else if (!field) {
            if (/^[0-9a-f]{32}$/i.test(value)) question.trace = value.toLowerCase();
            else words.push(operator + value);
        } else if (term.isAttribute) question.parameters.push(["tag", `${field}=${value}`]);
        else if (field === "service") question.parameters.push(["service", value]);
        else if (field === "operation" || field === "name") question.parameters.push(["operation", value]);
        else if (field === "trace") question.trace = value.toLowerCase();
        else if (field === "status" && STATUSES.includes(value.toLowerCase())) question.parameters.push(["status", value.toLowerCase()]);
        else if (field === "status" && /^\d{3}$/.test(value)) question.parameters.push(["tag", `http.response.status_code=${value}`]);
        else if (field === "status") refuse(term, "status is error, ok, unset or an HTTP status such as 500");
        else question.parameters.push(["tag", `${ATTRIBUTES_OF_FIELDS[field] ?? field}=${value}`]);
    }
    if (question.trace && !/^[0-9a-f]{1,32}$/.test(question.trace)) {
        const term = parseTerms(line).find(({ field }) => field === "trace");
        if (term) refuse(term, "a trace id has 32 hexadecimal digits");
    }
    for (const word of words) question.parameters.push(["text", word]);
    return question;
}

/** @param {Term} term @param {Question} question @param {(term: Term, message: string) => void} refuse */
function duration(term, question, refuse) {
    const isDuration = (/** @type {string} */ text) => /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text);
    const [low, high, ...more] = term.value.split("..");
    if (term.value.includes("..") && !term.operator && more.length === 0) {
        if (!isDuration(low) || !isDuration(high)) refuse(term, "a range of durations is written as 100ms..2s");
        else question.parameters.push(["minDuration", low], ["maxDuration", high]);
    } else if (!isDuration(term.value)) refuse(term, "a duration is written as 200ms, 1.5s or 2m");
    else if (term.operator.startsWith(">")) question.parameters.push(["minDuration", term.value]);
    else if (term.operator.startsWith("<")) question.parameters.push(["maxDuration", term.value]);
    else refuse(term, `say longer or shorter: duration:>${term.value} or duration:<${term.value}`);
}

/** The command that asks the same.
 * @param {string} origin @param {Question} question @param {string} range @returns {string} */
export function tracesCommand(origin, { parameters }, range) {
    const options = /** @type {Record<string, string>} */ ({
        service: "--service", operation: "--operation", tag: "--tag", text: "--text", status: "--status", minDuration: "--min-duration", maxDuration: "--max-duration",
    });
    const shell = (/** @type {string} */ text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    const words = ["martlet", "traces", ...parameters.filter(([name]) => options[name]).flatMap(([name, value]) => [options[name], shell(value)])];
    if (range) words.push("--since", range);
    words.push("--url", shell(origin));
    return words.join(" ");
}
