// Lines of search over logs: putting conditions in and taking them out. Every function here is pure.

/** A value as the language spells it: bare where it is one plain word, else in quotation marks.
 * @param {string} value @returns {string} */
export function spelled(value) {
    return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(value) && !/^(AND|OR|NOT)$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** A condition on a field.
 * @param {string} field with `@` for an attribute @param {string} value @param {boolean} [isNot] @returns {string} */
export function condition(field, value, isNot = false) {
    return `${isNot ? "-" : ""}${/^@?[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(field) ? field : `@"${field.replace(/^@/, "").replace(/["\\]/g, "\\$&")}"`}:${spelled(value)}`;
}

/** Where the part behind the bar begins that counts what was found, or the length. Bars in quotation marks do not count.
 * @param {string} line @returns {number} */
function stageStart(line) {
    let isQuoted = false;
    for (let i = 0; i < line.length; i += 1) {
        if (line[i] === "\\" && isQuoted) i += 1;
        else if (line[i] === '"') isQuoted = !isQuoted;
        else if (line[i] === "|" && !isQuoted) return i;
    }
    return line.length;
}

/** The line's conditions at its top level, as they were written; one that holds everything where it has alternatives.
 * @param {string} text @returns {string[]} */
export function conditions(text) {
    const found = [];
    let [start, depth, isQuoted, hasOr] = [0, 0, false, false];
    for (let i = 0; i <= text.length; i += 1) {
        const letter = text[i];
        if (letter === "\\" && isQuoted) i += 1;
        else if (letter === '"') isQuoted = !isQuoted;
        else if (isQuoted && letter !== undefined) continue;
        else if (letter === "(") depth += 1;
        else if (letter === ")") depth -= 1;
        else if (letter === undefined || (/\s/.test(letter) && depth <= 0)) {
            const word = text.slice(start, i).trim();
            if (word === "OR") hasOr = true;
            if (word && word !== "AND") found.push(word);
            start = i + 1;
        }
    }
    return hasOr ? [`(${text.trim()})`] : found;
}

/** The line with a condition added, or without it where it has it already; its opposite goes.
 * @param {string} line @param {string} field @param {string} value @param {boolean} [isNot] @returns {string} */
export function toggled(line, field, value, isNot = false) {
    const bar = stageStart(line);
    const [wanted, opposite] = [condition(field, value, isNot), condition(field, value, !isNot)];
    const all = conditions(line.slice(0, bar));
    const rest = all.filter((one) => one !== wanted && one !== opposite);
    if (!all.includes(wanted)) rest.push(wanted);
    return `${rest.join(" ")} ${line.slice(bar)}`.trim();
}

/** Whether a line has a condition at its top level.
 * @param {string} line @param {string} field @param {string} value @param {boolean} [isNot] @returns {boolean} */
export function hasCondition(line, field, value, isNot = false) {
    return conditions(line.slice(0, stageStart(line))).includes(condition(field, value, isNot));
}

/** Whether a line counts what it finds instead of showing it.
 * @param {string} line @returns {boolean} */
export function hasStage(line) {
    return stageStart(line) < line.length;
}

/** Joins pages of records, the newest first, each once.
 * @template {{id: string}} R
 * @param {R[]} newer @param {R[]} older @param {number} most @returns {R[]} */
export function joined(newer, older, most) {
    const seen = new Set();
    const list = [];
    for (const record of [...newer, ...older]) {
        if (list.length >= most) break;
        if (seen.has(record.id)) continue;
        seen.add(record.id);
        list.push(record);
    }
    return list;
}

/** How a level is shown: a glyph and a style, so that colour is never alone.
 * @param {string} level @returns {{glyph: string, style: "bad"|"warning"|"info"|"off"}} */
export function levelFace(level) {
    switch (level) {
        case "emergency": case "critical": case "fatal": return { glyph: "✕", style: "bad" };
        case "error": return { glyph: "✕", style: "bad" };
        case "warn": case "warning": return { glyph: "◐", style: "warning" };
        case "info": case "notice": return { glyph: "●", style: "info" };
        default: return { glyph: "○", style: "off" };
    }
}
