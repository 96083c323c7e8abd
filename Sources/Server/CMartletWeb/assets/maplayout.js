// Where the services of a map stand: callers left of what they call. Every function here is pure.

/** @typedef {{parent: string, child: string, calls: number, errors: number}} Edge */
/** @typedef {{name: string, layer: number, row: number, calls: number, errors: number}} Node calls that came in */

/** Puts each service into a column right of its callers, as far as calls do not go in circles, and orders the columns so
 * that few lines cross.
 * @param {Edge[]} edges @returns {{nodes: Node[], layers: number, rows: number}} */
export function layoutMap(edges) {
    const names = [...new Set(edges.flatMap((edge) => [edge.parent, edge.child]))].sort();
    const below = new Map(names.map((name) => [name, /** @type {string[]} */ ([])]));
    for (const { parent, child } of edges) if (parent !== child) below.get(parent)?.push(child);
    const forward = withoutCircles(names, below, edges);
    const layer = new Map(names.map((name) => [name, 0]));
    // Longest way from a service that nobody calls; as many rounds as there are services at most.
    for (let round = 0, isMoved = true; isMoved && round <= names.length; round += 1) {
        isMoved = false;
        for (const [parent, child] of forward) {
            const wanted = (layer.get(parent) ?? 0) + 1;
            if ((layer.get(child) ?? 0) < wanted) {
                layer.set(child, wanted);
                isMoved = true;
            }
        }
    }
    const layers = Math.max(0, ...layer.values()) + 1;
    const columns = Array.from({ length: layers }, (_, i) => names.filter((name) => layer.get(name) === i));
    const row = new Map(columns.flatMap((column) => column.map((name, i) => /** @type {[string, number]} */ ([name, i]))));
    for (let sweep = 0; sweep < 6; sweep += 1) {
        const order = sweep % 2 === 0 ? columns : [...columns].reverse();
        for (const column of order) {
            const middle = new Map(column.map((name) => {
                const near = forward.filter(([a, b]) => (sweep % 2 === 0 ? b : a) === name).map(([a, b]) => row.get(sweep % 2 === 0 ? a : b) ?? 0);
                return [name, near.length > 0 ? near.reduce((sum, at) => sum + at, 0) / near.length : row.get(name) ?? 0];
            }));
            column.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || a.localeCompare(b));
            column.forEach((name, i) => row.set(name, i));
        }
    }
    const nodes = names.map((name) => {
        const incoming = edges.filter((edge) => edge.child === name);
        return {
            name, layer: layer.get(name) ?? 0, row: row.get(name) ?? 0,
            calls: incoming.reduce((sum, edge) => sum + edge.calls, 0), errors: incoming.reduce((sum, edge) => sum + edge.errors, 0),
        };
    });
    return { nodes, layers: names.length > 0 ? layers : 0, rows: Math.max(0, ...columns.map((column) => column.length)) };
}

/** The calls without those that close a circle, found by walking from the services that few call.
 * @param {string[]} names @param {Map<string, string[]>} below @param {Edge[]} edges @returns {[string, string][]} */
function withoutCircles(names, below, edges) {
    const called = new Map(names.map((name) => [name, edges.filter((edge) => edge.child === name && edge.parent !== name).length]));
    const state = /** @type {Map<string, "open"|"done">} */ (new Map());
    const kept = /** @type {[string, string][]} */ ([]);
    for (const root of [...names].sort((a, b) => (called.get(a) ?? 0) - (called.get(b) ?? 0) || a.localeCompare(b))) {
        if (state.has(root)) continue;
        const stack = [{ name: root, next: 0 }];
        state.set(root, "open");
        while (stack.length > 0) {
            const top = stack[stack.length - 1];
            const child = below.get(top.name)?.[top.next];
            top.next += 1;
            if (child === undefined) {
                state.set(top.name, "done");
                stack.pop();
            } else if (state.get(child) !== "open") {
                kept.push([top.name, child]);
                if (!state.has(child)) {
                    state.set(child, "open");
                    stack.push({ name: child, next: 0 });
                }
            }
        }
    }
    return kept;
}
