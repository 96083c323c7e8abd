// A trace as columns: who is whose child, when, how long, and what decided how long it all took. Every function here is
// pure, and none recurses, so that a trace of any depth is fine. Times are nanoseconds since the trace's first start.

/** @typedef {object} Trace
 * @property {string} id
 * @property {bigint} base when the first span began, in nanoseconds since 1970
 * @property {number} count
 * @property {number} length from the first start to the last end
 * @property {any[]} spans as they came, in OTLP's JSON
 * @property {any[]} resources by span
 * @property {any[]} scopes by span
 * @property {string[]} ids
 * @property {string[]} services
 * @property {Uint16Array} service by span, a place in `services`
 * @property {string[]} names
 * @property {Float64Array} start as the sender said
 * @property {Float64Array} duration
 * @property {Float64Array} offset what is added to show a span where it makes sense
 * @property {Uint8Array} failed
 * @property {Int32Array} parent -1 for none
 * @property {Int32Array} depth
 * @property {Int32Array} order the spans from the roots down, each before its children
 * @property {Int32Array} place by span its place in `order`
 * @property {Int32Array} size how many spans its subtree has, itself included
 * @property {Float64Array} own time in which no child ran
 * @property {Sections} path
 * @property {Float64Array} critical time on the critical path
 * @property {number} errors
 * @property {number} strays spans whose parent is not here
 * @property {number} skewed spans that were moved
 */
/** @typedef {object} Sections stretches of the critical path in the order of time, root by root
 * @property {Int32Array} span
 * @property {Float64Array} start
 * @property {Float64Array} end
 * @property {Int32Array} first by span, where its sections begin in `list`; one more at the end
 * @property {Int32Array} list places of sections, span by span
 */

export const SPANS_MAX = 300_000;
const KINDS = ["", "internal", "server", "client", "producer", "consumer"];
const KIND_WORDS = /** @type {Record<string, number>} */ ({
    SPAN_KIND_INTERNAL: 1, SPAN_KIND_SERVER: 2, SPAN_KIND_CLIENT: 3, SPAN_KIND_PRODUCER: 4, SPAN_KIND_CONSUMER: 5,
});

/** A span's kind as a number, however it was written.
 * @param {any} value @returns {number} */
function kindNumber(value) {
    return typeof value === "string" ? KIND_WORDS[value] ?? (Number(value) || 0) : Number(value) || 0;
}

/** @param {any} span @returns {string} */
export function kindName(span) {
    return KINDS[kindNumber(span.kind)] ?? "";
}

/** @param {any} span @returns {boolean} */
function isFailed(span) {
    const code = span.status?.code;
    return code === 2 || code === "2" || code === "STATUS_CODE_ERROR";
}

/** A value of OTLP's JSON as text.
 * @param {any} value @returns {string} */
export function valueText(value) {
    if (value === null || value === undefined) return "";
    if (typeof value !== "object") return String(value);
    if ("stringValue" in value) return String(value.stringValue);
    if ("boolValue" in value) return String(value.boolValue);
    if ("intValue" in value) return String(value.intValue);
    if ("doubleValue" in value) return String(value.doubleValue);
    if ("bytesValue" in value) return String(value.bytesValue);
    return value.arrayValue || value.kvlistValue ? JSON.stringify(plainValue(value, 0)) : "";
}

/** @param {any} value @param {number} depth @returns {any} */
function plainValue(value, depth) {
    if (depth > 16) return "…";
    if (value?.arrayValue) return (value.arrayValue.values ?? []).map((/** @type {any} */ item) => plainValue(item, depth + 1));
    if (value?.kvlistValue) {
        return Object.fromEntries((value.kvlistValue.values ?? []).map((/** @type {any} */ item) => [item.key, plainValue(item.value, depth + 1)]));
    }
    if (value && "intValue" in value) return Number.isSafeInteger(Number(value.intValue)) ? Number(value.intValue) : String(value.intValue);
    if (value && "doubleValue" in value) return value.doubleValue;
    if (value && "boolValue" in value) return value.boolValue;
    return String(value?.stringValue ?? value?.bytesValue ?? "");
}

/** @param {any} resource @returns {string} */
function serviceOf(resource) {
    const found = (resource?.attributes ?? []).find((/** @type {any} */ item) => item.key === "service.name");
    return found ? valueText(found.value) : "";
}

/** Nanoseconds since 1970; 0 for what is none.
 * @param {any} value @returns {bigint} */
function nanoseconds(value) {
    try {
        return BigInt(value ?? 0);
    } catch {
        return 0n;
    }
}

/** Nanoseconds since 1970 as whole seconds and the rest, each exact.
 * @param {any} value @returns {[number, number]} */
function timeParts(value) {
    if (typeof value === "string" && value.length > 9 && value.length < 20 && /^\d+$/.test(value)) {
        const middle = value.length - 9;
        return [Number(value.slice(0, middle)), Number(value.slice(middle))];
    }
    const time = nanoseconds(value);
    const seconds = time >= 0n ? time / 1_000_000_000n : (time - 999_999_999n) / 1_000_000_000n;
    return [Number(seconds), Number(time - seconds * 1_000_000_000n)];
}

/** An id in small letters; most are, so that no copy is made.
 * @param {any} value @returns {string} */
function lowerID(value) {
    const text = typeof value === "string" ? value : String(value ?? "");
    for (let i = 0; i < text.length; i += 1) {
        const code = text.charCodeAt(i);
        if (code >= 65 && code <= 90) return text.toLowerCase();
    }
    return text;
}

/** Reads traces from text: an OTLP document, one a line, or an answer of `/api/v3/traces`.
 * @param {string} text @returns {any[]} the `resourceSpans` found
 * @throws {Error} a sentence for people when there are none */
export function readDocument(text) {
    const found = [];
    const take = (/** @type {any} */ document) => {
        const list = document?.resourceSpans ?? document?.result?.resourceSpans ?? document?.resource_spans;
        if (!Array.isArray(list)) return false;
        found.push(...list);
        return true;
    };
    let whole;
    try {
        whole = JSON.parse(text);
    } catch (error) {
        const lines = text.split("\n").filter((line) => line.trim());
        if (lines.length < 2) throw new Error(`this is not JSON: ${error instanceof Error ? error.message : error}`);
        lines.forEach((line, index) => {
            let document;
            try {
                document = JSON.parse(line);
            } catch {
                throw new Error(`line ${index + 1} is not JSON`);
            }
            if (!take(document)) throw new Error(`line ${index + 1} has no resourceSpans`);
        });
        return found;
    }
    if (Array.isArray(whole) ? !whole.some(take) : !take(whole)) {
        throw new Error("the file has no resourceSpans: it is not OTLP's JSON; martlet traces show ID --export otlp writes such files");
    }
    return found;
}

/** The traces of a document, by id, the ones with most spans first.
 * @param {any[]} resourceSpans @returns {Map<string, any[]>} of each its own `resourceSpans` */
export function splitTraces(resourceSpans) {
    const traces = /** @type {Map<string, {spans: number, list: any[]}>} */ (new Map());
    for (const group of resourceSpans) {
        for (const scope of group.scopeSpans ?? group.instrumentationLibrarySpans ?? []) {
            const byTrace = /** @type {Map<string, any[]>} */ (new Map());
            for (const span of scope.spans ?? []) {
                const id = String(span.traceId ?? "").toLowerCase();
                const list = byTrace.get(id);
                if (list) list.push(span);
                else byTrace.set(id, [span]);
            }
            for (const [id, spans] of byTrace) {
                const trace = traces.get(id) ?? { spans: 0, list: [] };
                trace.spans += spans.length;
                trace.list.push({ resource: group.resource, scopeSpans: [{ scope: scope.scope, spans }] });
                traces.set(id, trace);
            }
        }
    }
    return new Map([...traces].sort((a, b) => b[1].spans - a[1].spans).map(([id, { list }]) => [id, list]));
}

/** Lays the spans of one trace out as columns and works out its tree, clock offsets and critical path.
 * @param {any[]} resourceSpans @param {string} [id] @returns {Trace} */
export function buildTrace(resourceSpans, id = "") {
    const spans = [];
    const resources = [];
    const scopes = [];
    const serviceNames = /** @type {string[]} */ ([]);
    const serviceCodes = /** @type {Map<string, number>} */ (new Map());
    const service = [];
    for (const group of resourceSpans) {
        const name = serviceOf(group.resource);
        let code = serviceCodes.get(name);
        if (code === undefined) {
            code = serviceNames.length;
            serviceCodes.set(name, code);
            serviceNames.push(name);
        }
        for (const scope of group.scopeSpans ?? []) {
            for (const span of scope.spans ?? []) {
                if (spans.length === SPANS_MAX) throw new Error(`the trace has over ${SPANS_MAX.toLocaleString("en")} spans, more than this page can draw`);
                spans.push(span);
                resources.push(group.resource ?? {});
                scopes.push(scope.scope ?? {});
                service.push(code);
            }
        }
    }
    const count = spans.length;
    // Whole seconds and the rest apart: both are exact as numbers, and thousands of big integers would take longer than
    // all else here.
    const seconds = new Float64Array(count);
    const rests = new Float64Array(count);
    let [firstSecond, firstRest] = [Infinity, 0];
    for (let i = 0; i < count; i += 1) {
        [seconds[i], rests[i]] = timeParts(spans[i].startTimeUnixNano);
        if (seconds[i] < firstSecond || (seconds[i] === firstSecond && rests[i] < firstRest)) [firstSecond, firstRest] = [seconds[i], rests[i]];
    }
    const base = count > 0 ? BigInt(firstSecond) * 1_000_000_000n + BigInt(firstRest) : 0n;
    const start = new Float64Array(count);
    const duration = new Float64Array(count);
    const failed = new Uint8Array(count);
    const ids = new Array(count);
    const names = new Array(count);
    let errors = 0;
    for (let i = 0; i < count; i += 1) {
        const span = spans[i];
        const [endSecond, endRest] = timeParts(span.endTimeUnixNano);
        start[i] = (seconds[i] - firstSecond) * 1e9 + (rests[i] - firstRest);
        duration[i] = Math.max(0, (endSecond - seconds[i]) * 1e9 + (endRest - rests[i]));
        failed[i] = isFailed(span) ? 1 : 0;
        errors += failed[i];
        ids[i] = lowerID(span.spanId);
        names[i] = String(span.name ?? "");
    }
    const tree = buildTree(spans, ids, start);
    const columns = { count, start, duration, parent: tree.parent, children: tree.children, roots: tree.roots };
    const offset = clockOffsets(columns, service);
    const isHandedOver = (/** @type {number} */ above, /** @type {number} */ below) => kindNumber(spans[above].kind) === 4 && kindNumber(spans[below].kind) === 5;
    const path = criticalPath(columns, isHandedOver);
    const critical = new Float64Array(count);
    for (let i = 0; i < path.span.length; i += 1) critical[path.span[i]] += path.end[i] - path.start[i];
    let low = Infinity;
    let high = -Infinity;
    let skewed = 0;
    for (let i = 0; i < count; i += 1) {
        if (offset[i] !== 0) skewed += 1;
        low = Math.min(low, start[i] + offset[i]);
        high = Math.max(high, start[i] + offset[i] + duration[i]);
    }
    // The first start that is shown is the zero of the axis, so that no bar lies left of it.
    if (count > 0 && low !== 0) for (let i = 0; i < count; i += 1) offset[i] -= low;
    const walk = preorder(columns);
    return {
        id: id || String(spans[0]?.traceId ?? "").toLowerCase(), base: base + BigInt(Number.isFinite(low) ? low : 0), count,
        length: count > 0 ? high - low : 0, spans, resources, scopes, ids, services: serviceNames, service: Uint16Array.from(service), names,
        start, duration, offset, failed, parent: tree.parent, ...walk, own: ownTimes(columns), path, critical, errors, strays: tree.strays, skewed,
    };
}

/** @typedef {object} Columns
 * @property {number} count
 * @property {Float64Array} start
 * @property {Float64Array} duration
 * @property {Int32Array} parent
 * @property {(number[]|undefined)[]} children by start
 * @property {number[]} roots by start
 */

/** @param {any[]} spans @param {string[]} ids @param {Float64Array} start */
function buildTree(spans, ids, start) {
    const count = spans.length;
    const parent = new Int32Array(count).fill(-1);
    const children = /** @type {(number[]|undefined)[]} */ (new Array(count));
    const roots = /** @type {number[]} */ ([]);
    const places = /** @type {Map<string, number>} */ (new Map());
    for (let i = 0; i < count; i += 1) if (!places.has(ids[i])) places.set(ids[i], i);
    const byStart = Int32Array.from({ length: count }, (_, i) => i);
    let isSorted = true;
    for (let i = 1; isSorted && i < count; i += 1) isSorted = start[i - 1] <= start[i];
    if (!isSorted) byStart.sort((a, b) => start[a] - start[b] || a - b);
    let strays = 0;
    for (const i of byStart) {
        const above = lowerID(spans[i].parentSpanId);
        const named = above !== "" && above !== "0000000000000000" && !/^0+$/.test(above);
        const found = named ? places.get(above) : undefined;
        if (found === undefined || found === i) {
            if (named) strays += 1;
            roots.push(i);
            continue;
        }
        parent[i] = found;
        (children[found] ??= []).push(i);
    }
    breakCycles(byStart, parent, children, roots);
    roots.sort((a, b) => start[a] - start[b] || a - b);
    return { parent, children, roots, strays };
}

/** Makes the earliest span of each cycle a root.
 * @param {Int32Array} byStart @param {Int32Array} parent @param {(number[]|undefined)[]} children @param {number[]} roots */
function breakCycles(byStart, parent, children, roots) {
    const isReached = new Uint8Array(parent.length);
    const reach = (/** @type {number} */ root) => {
        const pending = [root];
        for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
            if (isReached[span]) continue;
            isReached[span] = 1;
            for (const child of children[span] ?? []) if (!isReached[child]) pending.push(child);
        }
    };
    for (const root of roots) reach(root);
    for (const i of byStart) {
        if (isReached[i]) continue;
        let inside = i;
        for (let steps = 0; steps < parent.length && parent[inside] >= 0; steps += 1) inside = parent[inside];
        const members = new Set([inside]);
        for (let next = parent[inside]; next >= 0 && next !== inside; next = parent[next]) members.add(next);
        const earliest = byStart.find((span) => members.has(span) && !isReached[span]);
        if (earliest === undefined) continue;
        const above = parent[earliest];
        if (above >= 0) children[above] = children[above]?.filter((child) => child !== earliest);
        parent[earliest] = -1;
        roots.push(earliest);
        reach(earliest);
    }
}

/** How far each span is moved to be shown: a call that seems to lie outside of its caller, in another service, goes to
 * the caller's middle with all that service did below it.
 * @param {Columns} columns @param {number[]} service @returns {Float64Array} */
function clockOffsets({ count, start, duration, children, roots }, service) {
    const offset = new Float64Array(count);
    const pending = [...roots];
    for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
        const outer = start[parent] + offset[parent];
        for (const child of children[parent] ?? []) {
            pending.push(child);
            const room = duration[parent] - duration[child];
            if (service[child] === service[parent]) offset[child] = offset[parent];
            else if (room >= 0 && (start[child] < outer || start[child] - outer > room)) offset[child] = Math.floor(outer + room / 2 - start[child]);
        }
    }
    return offset;
}

/** The stretches of time that decided how long the trace took.
 *
 * From the end of each root back to its start, always into the child that ended last before the time reached. Sections
 * never overlap and add up to their root.
 * @param {Columns} columns @param {(above: number, below: number) => boolean} isHandedOver what nobody waits for
 * @returns {Sections} */
export function criticalPath({ count, start, duration, parent, children, roots }, isHandedOver) {
    const low = new Float64Array(count).fill(NaN);
    const high = new Float64Array(count).fill(NaN);
    const waiting = /** @type {(number[]|undefined)[]} */ (new Array(count));
    const spans = [];
    const starts = [];
    const ends = [];
    for (const root of roots) {
        low[root] = start[root];
        high[root] = start[root] + duration[root];
        const pending = [root];
        for (let outer = pending.pop(); outer !== undefined; outer = pending.pop()) {
            const kept = [];
            for (const child of children[outer] ?? []) {
                const end = start[child] + duration[child];
                if (isHandedOver(outer, child) || start[child] >= high[outer] || end <= low[outer]) continue;
                low[child] = Math.max(start[child], low[outer]);
                high[child] = Math.min(end, high[outer]);
                kept.push(child);
            }
            if (kept.length === 0) continue;
            for (const child of kept) pending.push(child);
            // Taken from the back: the greatest end first, and of equal ends the first in the order of the children; a sort
            // keeps what is equal in its order, so that the children are turned round before it.
            waiting[outer] = kept.reverse().sort((a, b) => high[a] - high[b]);
        }
        const begin = spans.length;
        const add = (/** @type {number} */ span, /** @type {number} */ from, /** @type {number} */ to) => {
            if (from >= to) return;
            const last = spans.length - 1;
            if (last >= begin && spans[last] === span && starts[last] === to) {
                starts[last] = from;
                return;
            }
            spans.push(span);
            starts.push(from);
            ends.push(to);
        };
        let span = root;
        let time = high[root];
        for (;;) {
            let next = -1;
            const list = waiting[span];
            while (next < 0 && list && list.length > 0) {
                const child = /** @type {number} */ (list.pop());
                if (high[child] <= time) next = child;
            }
            if (next >= 0) {
                add(span, high[next], time);
                time = high[next];
                span = next;
                continue;
            }
            add(span, low[span], time);
            if (span === root) break;
            time = low[span];
            span = parent[span];
        }
        // Found from the end: turned round, so that they follow one another in time.
        for (const list of [spans, starts, ends]) {
            const part = list.splice(begin);
            for (let i = part.length - 1; i >= 0; i -= 1) list.push(part[i]);
        }
    }
    return indexed(count, Int32Array.from(spans), Float64Array.from(starts), Float64Array.from(ends));
}

/** @param {number} count @param {Int32Array} span @param {Float64Array} start @param {Float64Array} end @returns {Sections} */
function indexed(count, span, start, end) {
    const first = new Int32Array(count + 1);
    for (const place of span) first[place + 1] += 1;
    for (let i = 0; i < count; i += 1) first[i + 1] += first[i];
    const next = first.slice(0, count);
    const list = new Int32Array(span.length);
    for (let i = 0; i < span.length; i += 1) {
        list[next[span[i]]] = i;
        next[span[i]] += 1;
    }
    return { span, start, end, first, list };
}

/** @param {Columns} columns */
function preorder({ count, parent, children, roots }) {
    const order = new Int32Array(count);
    const place = new Int32Array(count);
    const depth = new Int32Array(count);
    const size = new Int32Array(count).fill(1);
    const pending = [...roots].reverse();
    let at = 0;
    for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
        order[at] = span;
        place[span] = at;
        at += 1;
        if (parent[span] >= 0) depth[span] = depth[parent[span]] + 1;
        const below = children[span];
        if (below) for (let i = below.length - 1; i >= 0; i -= 1) pending.push(below[i]);
    }
    for (let i = count - 1; i >= 0; i -= 1) if (parent[order[i]] >= 0) size[parent[order[i]]] += size[order[i]];
    return { order, place, depth, size };
}

/** By span the time in which none of its children ran.
 * @param {Columns} columns @returns {Float64Array} */
function ownTimes({ count, start, duration, children }) {
    const own = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
        const end = start[i] + duration[i];
        let covered = 0;
        let reached = start[i];
        for (const child of children[i] ?? []) {
            const from = Math.max(reached, start[child]);
            const to = Math.min(end, start[child] + duration[child]);
            if (to > from) {
                covered += to - from;
                reached = to;
            }
        }
        own[i] = duration[i] - covered;
    }
    return own;
}

/** The rows of the tree that are open, from the top.
 * @param {Trace} trace @param {Set<number>} folded spans whose subtree is folded into their row @returns {Int32Array} */
export function visibleRows(trace, folded) {
    if (folded.size === 0) return trace.order;
    const rows = [];
    for (let i = 0; i < trace.count;) {
        const span = trace.order[i];
        rows.push(span);
        i += folded.has(span) ? trace.size[span] : 1;
    }
    return Int32Array.from(rows);
}

/** The critical path's stretches on a row, where they are shown; of a folded row those of its whole subtree, with what
 * follows without a gap drawn as one.
 * @param {Trace} trace @param {number} span @param {boolean} isFolded @returns {[number, number][]} from, to */
export function rowSections(trace, span, isFolded) {
    const { path, offset, order, place, size } = trace;
    const found = /** @type {[number, number][]} */ ([]);
    const take = (/** @type {number} */ one) => {
        for (let i = path.first[one]; i < path.first[one + 1]; i += 1) {
            const section = path.list[i];
            found.push([path.start[section] + offset[one], path.end[section] + offset[one]]);
        }
    };
    if (!isFolded) {
        take(span);
        return found;
    }
    for (let i = place[span]; i < place[span] + size[span]; i += 1) take(order[i]);
    return merged(found);
}

/** Stretches in the order of time, those that touch or overlap as one.
 * @param {[number, number][]} stretches @returns {[number, number][]} */
export function merged(stretches) {
    const sorted = [...stretches].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const result = /** @type {[number, number][]} */ ([]);
    for (const [from, to] of sorted) {
        const last = result[result.length - 1];
        if (last && from <= last[1]) last[1] = Math.max(last[1], to);
        else result.push([from, to]);
    }
    return result;
}

/** The next span after a row that meets a condition, going round at the end; -1 for none.
 * @param {Trace} trace @param {number} from a span @param {number} direction 1 or -1
 * @param {(span: number) => boolean} isWanted @returns {number} */
export function nextSpan(trace, from, direction, isWanted) {
    const begin = from < 0 ? (direction > 0 ? -1 : trace.count) : trace.place[from];
    for (let step = 1; step <= trace.count; step += 1) {
        const place = (((begin + direction * step) % trace.count) + trace.count) % trace.count;
        if (isWanted(trace.order[place])) return trace.order[place];
    }
    return -1;
}

/** Which spans contain all words, in their names, services, ids and attributes.
 * @param {Trace} trace @param {string} text @returns {Uint8Array|null} `null` when nothing is sought */
export function findSpans(trace, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return null;
    const found = new Uint8Array(trace.count);
    for (let i = 0; i < trace.count; i += 1) {
        const span = trace.spans[i];
        const attributes = (span.attributes ?? []).map((/** @type {any} */ item) => `${item.key}=${valueText(item.value)}`).join("\n");
        const all = `${trace.services[trace.service[i]]}\n${trace.names[i]}\n${trace.ids[i]}\n${span.status?.message ?? ""}\n${attributes}`.toLowerCase();
        found[i] = words.every((word) => all.includes(word)) ? 1 : 0;
    }
    return found;
}

/** @typedef {{service: string, name: string, count: number, total: number, own: number, critical: number, errors: number, longest: number, example: number}} Operation */

/** What each operation of each service took, the most critical first.
 * @param {Trace} trace @returns {Operation[]} */
export function operations(trace) {
    const found = /** @type {Map<string, Operation>} */ (new Map());
    for (let i = 0; i < trace.count; i += 1) {
        const service = trace.services[trace.service[i]];
        const key = `${service}\u0000${trace.names[i]}`;
        let entry = found.get(key);
        if (!entry) {
            entry = { service, name: trace.names[i], count: 0, total: 0, own: 0, critical: 0, errors: 0, longest: -1, example: i };
            found.set(key, entry);
        }
        entry.count += 1;
        entry.total += trace.duration[i];
        entry.own += trace.own[i];
        entry.critical += trace.critical[i];
        entry.errors += trace.failed[i];
        if (trace.duration[i] > entry.longest) {
            entry.longest = trace.duration[i];
            entry.example = i;
        }
    }
    return [...found.values()].sort((a, b) => b.critical - a.critical || b.own - a.own || a.name.localeCompare(b.name));
}

/** Round times for an axis.
 * @param {number} from @param {number} to @param {number} most @returns {number[]} */
export function timeTicks(from, to, most) {
    const span = to - from;
    if (!(span > 0) || most < 1) return [];
    const power = 10 ** Math.floor(Math.log10(span / most));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= most) ?? 10 * power;
    const ticks = [];
    for (let i = Math.ceil(from / step); i * step <= to && ticks.length <= most + 1; i += 1) ticks.push(i * step);
    return ticks;
}
