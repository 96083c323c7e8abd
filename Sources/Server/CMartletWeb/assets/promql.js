// What the page knows about the query language: where an error is, what may follow, how to run an expression elsewhere.
// Every function here is pure.

export const FUNCTIONS = (
    "abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max clamp_min "
    + "cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv exp floor "
    + "histogram_avg histogram_count histogram_fraction histogram_quantile histogram_stddev histogram_stdvar "
    + "histogram_sum hour idelta increase irate label_join label_replace last_over_time ln log10 log2 max_over_time "
    + "min_over_time minute month pi predict_linear present_over_time quantile_over_time rad rate resets round scalar "
    + "sgn sin sinh sort sort_desc sqrt stddev_over_time stdvar_over_time sum_over_time tan tanh time timestamp vector "
    + "year"
).split(" ");

export const AGGREGATIONS = "avg bottomk count count_values group max min quantile stddev stdvar sum topk".split(" ");

const KEYWORDS = "and bool by group_left group_right ignoring offset on or unless without".split(" ");

/** The place that a message such as `1:14: parse error: …` points at, as an offset into the expression.
 * @param {string} message @param {string} expression
 * @returns {{offset: number, line: number, column: number}|null} */
export function errorPosition(message, expression) {
    const match = /(?:^|[\s(])(\d+):(\d+): /.exec(message);
    if (!match) return null;
    const line = Number(match[1]);
    const column = Number(match[2]);
    const lines = expression.split("\n");
    if (line < 1 || line > lines.length || column < 1 || column > lines[line - 1].length + 1) return null;
    const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    return { offset: Math.min(expression.length, before + column - 1), line, column };
}

/** What is being typed at the caret.
 * @param {string} text @param {number} caret
 * @returns {{kind: "name"|"label"|"value", start: number, prefix: string, metric: string, label: string}|null} */
export function completionContext(text, caret) {
    const before = text.slice(0, caret);
    let quote = "";
    let brace = -1;
    let paren = -1;
    let quoteStart = -1;
    /** @type {number[]} */
    const grouping = [];
    for (let i = 0; i < before.length; i += 1) {
        const c = before[i];
        if (quote) {
            if (c === "\\" && quote !== "`") i += 1;
            else if (c === quote) quote = "";
        } else if (c === '"' || c === "'" || c === "`") {
            quote = c;
            quoteStart = i;
        } else if (c === "{") brace = i;
        else if (c === "}") brace = -1;
        else if (c === "(") {
            const isGrouping = /\b(by|without|on|ignoring|group_left|group_right)\s*$/.test(before.slice(0, i));
            grouping.push(isGrouping ? i : -1);
        } else if (c === ")") grouping.pop();
        else if (c === "[" || c === "#") paren = i;
        else if (c === "]" || c === "\n") paren = -1;
    }
    if (paren >= 0) return null;
    const metricBefore = (/** @type {number} */ at) => /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*$/.exec(before.slice(0, at))?.[1] ?? "";
    if (quote) {
        if (brace < 0 || quoteStart < brace) return null;
        const label = /([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*$/.exec(before.slice(brace + 1, quoteStart));
        if (!label) return null;
        return { kind: "value", start: quoteStart + 1, prefix: before.slice(quoteStart + 1), metric: metricBefore(brace), label: label[1] };
    }
    const word = /[a-zA-Z_:][a-zA-Z0-9_:]*$/.exec(before);
    const prefix = word ? word[0] : "";
    const start = caret - prefix.length;
    if (brace >= 0) {
        if (!/[{,]\s*$/.test(before.slice(0, start))) return null;
        return { kind: "label", start, prefix, metric: metricBefore(brace), label: "" };
    }
    if (grouping.length > 0 && grouping[grouping.length - 1] >= 0) return { kind: "label", start, prefix, metric: "", label: "" };
    if (!prefix || /[0-9.]$/.test(before.slice(0, start))) return null;
    return { kind: "name", start, prefix, metric: "", label: "" };
}

/** The names that fit what is typed, those that begin with it first.
 * @param {string} prefix @param {string[]} names @param {number} most @returns {string[]} */
export function matching(prefix, names, most) {
    const wanted = prefix.toLowerCase();
    const starts = [];
    const contains = [];
    for (const name of names) {
        const at = name.toLowerCase().indexOf(wanted);
        if (name === prefix) continue;
        if (at === 0) starts.push(name);
        else if (at > 0 && wanted.length > 1) contains.push(name);
        if (starts.length >= most) break;
    }
    return starts.concat(contains).slice(0, most);
}

/** Takes a rule's condition apart where it compares something with a number, as most do.
 * @param {string} expression
 * @returns {{expression: string, operator: string, value: number}|null} `null` when it is anything else */
export function splitThreshold(expression) {
    const match = /^([^]*?\S)\s*(>=?|<=?|==|!=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*$/.exec(expression);
    if (!match) return null;
    const [, left, operator, number] = match;
    let outside = "";
    let depth = 0;
    for (const part of left.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[^]/g) ?? []) {
        if ("([{".includes(part)) depth += 1;
        else if (")]}".includes(part)) depth -= 1;
        else if (depth === 0 && part.length === 1) outside += part;
        if (depth < 0) return null;
    }
    if (depth !== 0 || /[<>!=]|\b(and|or|unless)\b/.test(outside)) return null;
    return { expression: left, operator, value: Number(number) };
}

/** What a completion puts in: a function with its parenthesis, a value with its closing quote.
 * @param {"name"|"label"|"value"} kind @param {string} choice @param {string} before what stands before it
 * @param {string} after what stands behind the caret @param {string[]} metrics @returns {string} */
export function completionText(kind, choice, before, after, metrics) {
    if (kind === "value") {
        const quote = before.slice(-1);
        const escaped = quote === "`" ? choice : choice.replace(/[\\"']/g, (c) => (c === "\\" || c === quote ? `\\${c}` : c));
        return after.startsWith(quote) ? escaped : escaped + quote;
    }
    const isCall = kind === "name" && !metrics.includes(choice) && (FUNCTIONS.includes(choice) || AGGREGATIONS.includes(choice));
    return isCall && !/^\s*\(/.test(after) ? `${choice}(` : choice;
}

/** All that may stand where a name stands.
 * @param {string[]} metrics @returns {string[]} */
export function nameChoices(metrics) {
    return [...metrics, ...AGGREGATIONS, ...FUNCTIONS, ...KEYWORDS];
}

/** Quotes a word for a POSIX shell.
 * @param {string} word @returns {string} */
export function shellQuote(word) {
    return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** @typedef {{start: number, end: number, step: number, range: string|null}} Span `range` is set while it ends now */

/** The command that asks the same.
 * @param {string} origin @param {string} expression @param {Span|null} span
 * @returns {string} */
export function martletCommand(origin, expression, span) {
    const url = origin === "http://127.0.0.1:9090" || origin === "http://localhost:9090" ? "" : ` --url ${shellQuote(origin)}`;
    if (!span) return `martlet query${url} ${shellQuote(expression)}`;
    const time = span.range
        ? `--range ${span.range}`
        : `--since ${new Date(span.start * 1000).toISOString()} --until ${new Date(span.end * 1000).toISOString()}`;
    return `martlet query${url} ${time} --step ${span.step}s ${shellQuote(expression)}`;
}

/** The curl line that asks the same.
 * @param {string} base ends in a slash @param {string} expression
 * @param {Span|null} span @returns {string} */
export function curlCommand(base, expression, span) {
    const data = (/** @type {string} */ pair) => `--data-urlencode ${shellQuote(pair)}`;
    if (!span) return `curl -sG ${shellQuote(`${base}api/v1/query`)} ${data(`query=${expression}`)}`;
    const [start, end] = span.range
        ? [`start=$(($(date +%s) - ${span.end - span.start}))`, "end=$(date +%s)"].map((pair) => `-d "${pair}"`)
        : [`start=${span.start}`, `end=${span.end}`].map((pair) => `-d ${pair}`);
    return `curl -sG ${shellQuote(`${base}api/v1/query_range`)} ${data(`query=${expression}`)} ${start} ${end} -d step=${span.step}`;
}
