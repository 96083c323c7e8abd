// Flame graphs: like calls under like callers as one frame. Every function here is pure.

/** @typedef {object} Frame
 * @property {string} service
 * @property {string} name
 * @property {number} count
 * @property {number} own weight of its own
 * @property {number} total its own and that of all below
 * @property {number} errors
 * @property {Frame|null} parent
 * @property {Map<string, Frame>} children
 * @property {number} example a span, or -1
 */

/** @param {string} service @param {string} name @param {Frame|null} parent @returns {Frame} */
function frame(service, name, parent) {
    return { service, name, count: 0, own: 0, total: 0, errors: 0, parent, children: new Map(), example: -1 };
}

/** @param {Frame} parent @param {string} service @param {string} name @returns {Frame} */
function child(parent, service, name) {
    const key = `${service}\u0000${name}`;
    let found = parent.children.get(key);
    if (!found) {
        found = frame(service, name, parent);
        parent.children.set(key, found);
    }
    return found;
}

/** Sums weights from the leaves up.
 * @param {Frame} root */
function sum(root) {
    const all = [root];
    for (let i = 0; i < all.length; i += 1) for (const below of all[i].children.values()) all.push(below);
    for (const one of all) one.total = one.own;
    for (let i = all.length - 1; i > 0; i -= 1) {
        const above = all[i].parent;
        if (above) above.total += all[i].total;
    }
    return root;
}

/** A trace's spans by the way from the root, weighed by a time of each.
 * @param {import("./tracemodel.js").Trace} trace @param {Float64Array} weights @returns {Frame} */
export function flameOfTrace(trace, weights) {
    const root = frame("", "all", null);
    const frames = /** @type {Frame[]} */ (new Array(trace.count));
    for (const span of trace.order) {
        const above = trace.parent[span] >= 0 ? frames[trace.parent[span]] : root;
        const one = child(above, trace.services[trace.service[span]], trace.names[span]);
        one.count += 1;
        one.own += weights[span];
        one.errors += trace.failed[span];
        if (one.example < 0 || trace.duration[span] > trace.duration[one.example]) one.example = span;
        frames[span] = one;
    }
    return sum(root);
}

/** Folded stacks, `a;b;c 12` a line, as frames; `service: name` is taken apart.
 * @param {string} text @returns {Frame} */
export function flameOfStacks(text) {
    const root = frame("", "all", null);
    for (const line of text.split("\n")) {
        const space = line.lastIndexOf(" ");
        const weight = Number(line.slice(space + 1));
        if (space <= 0 || !(weight > 0)) continue;
        let at = root;
        for (const part of line.slice(0, space).split(";")) {
            const colon = part.indexOf(": ");
            at = colon > 0 ? child(at, part.slice(0, colon), part.slice(colon + 2)) : child(at, "", part);
        }
        at.own += weight;
        at.count += 1;
    }
    return sum(root);
}

/** @typedef {{frame: Frame, depth: number, from: number, to: number}} Box in shares of the whole width */

/** Where the frames lie: those above the focus span the whole width, those below it are in proportion.
 * @param {Frame} focus @param {number} narrowest a share of the width below which a frame is left out
 * @returns {Box[]} */
export function flameBoxes(focus, narrowest) {
    const above = [];
    for (let one = focus.parent; one; one = one.parent) above.unshift(one);
    const boxes = /** @type {Box[]} */ (above.map((one, depth) => ({ frame: one, depth, from: 0, to: 1 })));
    if (!(focus.total > 0)) return boxes;
    const pending = [{ frame: focus, depth: above.length, from: 0, to: 1 }];
    for (let box = pending.pop(); box; box = pending.pop()) {
        boxes.push(box);
        let from = box.from;
        const below = [...box.frame.children.values()].sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
        for (const one of below) {
            const width = (one.total / focus.total);
            if (width >= narrowest) pending.push({ frame: one, depth: box.depth + 1, from, to: from + width });
            from += width;
        }
    }
    return boxes.sort((a, b) => a.depth - b.depth || a.from - b.from);
}
