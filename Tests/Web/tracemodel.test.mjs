import assert from "node:assert/strict";
import { test } from "node:test";

import { flameBoxes, flameOfStacks, flameOfTrace } from "../../Sources/Server/CMartletWeb/assets/flame.js";
import { layoutMap } from "../../Sources/Server/CMartletWeb/assets/maplayout.js";
import { durationRange, durationTicks } from "../../Sources/Server/CMartletWeb/assets/scatter.js";
import {
    buildTrace, findSpans, merged, nextSpan, operations, readDocument, rowSections, splitTraces, timeTicks, valueText, visibleRows,
} from "../../Sources/Server/CMartletWeb/assets/tracemodel.js";

const BASE = 1_700_000_000_000_000_000n;

/** A trace from rows of `[id, parent, start, end, service, more]`, times in nanoseconds. */
function trace(rows, id = "t") {
    const groups = new Map();
    for (const [spanId, parentSpanId, start, end, service = "s", more = {}] of rows) {
        if (!groups.has(service)) groups.set(service, []);
        groups.get(service).push({
            traceId: id, spanId, parentSpanId, name: spanId, startTimeUnixNano: String(BASE + BigInt(start)), endTimeUnixNano: String(BASE + BigInt(end)), ...more,
        });
    }
    return [...groups].map(([service, spans]) => ({
        resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] }, scopeSpans: [{ scope: {}, spans }],
    }));
}

/** The critical path as `id:from-to`. */
function path(built) {
    return [...built.path.span].map((span, i) => `${built.ids[span]}:${built.path.start[i]}-${built.path.end[i]}`).join(" ");
}

const ids = (built, list) => [...list].map((span) => built.ids[span]).join("");

test("lays a tree out, children by their starts", () => {
    const built = buildTrace(trace([["c", "a", 50, 90], ["a", "", 0, 100], ["b", "a", 10, 40], ["d", "b", 12, 20]]));
    assert.equal(ids(built, built.order), "abdc");
    assert.deepEqual([...built.order].map((span) => built.depth[span]), [0, 1, 2, 1]);
    assert.deepEqual([...built.order].map((span) => built.size[span]), [4, 2, 1, 1]);
    assert.equal(built.length, 100);
    assert.equal(built.base, BASE);
});

test("the critical path goes into the child that ended last, and adds up to the root", () => {
    const cases = [
        [[["a", "", 0, 100]], "a:0-100"],
        [[["a", "", 0, 100], ["b", "a", 10, 40], ["c", "a", 50, 90]], "a:0-10 b:10-40 a:40-50 c:50-90 a:90-100"],
        // Both run at once: the one that ends last is waited for.
        [[["a", "", 0, 100], ["b", "a", 10, 80], ["c", "a", 20, 60]], "a:0-10 b:10-80 a:80-100"],
        // One ends exactly where the next begins.
        [[["a", "", 0, 100], ["b", "a", 0, 50], ["c", "a", 50, 100]], "b:0-50 c:50-100"],
        // A child that goes on after its parent is cut.
        [[["a", "", 0, 100], ["b", "a", 60, 300]], "a:0-60 b:60-100"],
        // What a producer hands over, nobody waits for.
        [[["a", "", 0, 100, "s", { kind: 4 }], ["b", "a", 10, 90, "s", { kind: 5 }]], "a:0-100"],
        // A child that lies outside is not waited for.
        [[["a", "", 0, 100], ["b", "a", 100, 120]], "a:0-100"],
    ];
    for (const [rows, expected] of cases) assert.equal(path(buildTrace(trace(rows))), expected);
});

test("sections of random traces follow one another and add up", () => {
    let seed = 20_261_121;
    const random = (most) => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return seed % most;
    };
    for (let round = 0; round < 2000; round += 1) {
        const rows = [["0", "", 0, 1000]];
        const count = 1 + random(20);
        for (let i = 1; i <= count; i += 1) {
            const start = random(1200) - 100 + 100;
            rows.push([String(i), String(random(i + 3)), start, start + random(600), `s${random(3)}`]);
        }
        const built = buildTrace(trace(rows));
        const total = new Map();
        let before = null;
        for (let i = 0; i < built.path.span.length; i += 1) {
            let root = built.path.span[i];
            while (built.parent[root] >= 0) root = built.parent[root];
            if (before?.root === root) assert.equal(built.path.start[i], before.end, `round ${round}`);
            before = { root, end: built.path.end[i] };
            total.set(root, (total.get(root) ?? 0) + built.path.end[i] - built.path.start[i]);
        }
        for (const [root, sum] of total) assert.equal(sum, built.duration[root], `round ${round}`);
    }
});

test("a folded row shows its subtree's sections as one where they touch", () => {
    const built = buildTrace(trace([["a", "", 0, 100], ["b", "a", 10, 90], ["c", "b", 20, 50], ["d", "b", 60, 80]]));
    const place = (id) => built.ids.indexOf(id);
    assert.deepEqual(rowSections(built, place("b"), false), [[10, 20], [50, 60], [80, 90]]);
    assert.deepEqual(rowSections(built, place("b"), true), [[10, 90]]);
    assert.equal(ids(built, visibleRows(built, new Set([place("b")]))), "ab");
    assert.equal(ids(built, visibleRows(built, new Set())), "abcd");
    assert.deepEqual(merged([[5, 6], [0, 2], [2, 3], [9, 9]]), [[0, 3], [5, 6], [9, 9]]);
});

test("cycles, spans that name themselves, twins and strays all have a row", () => {
    const built = buildTrace(trace([["a", "b", 5, 10], ["b", "a", 1, 9], ["c", "c", 2, 3], ["d", "gone", 4, 6], ["e", "0000000000000000", 7, 8], ["a", "e", 7, 8]]));
    assert.equal(built.count, 6);
    assert.equal(ids(built, [...built.order].filter((span) => built.parent[span] < 0)), "bcde");
    assert.equal(built.strays, 2);
    assert.equal(new Set(built.order).size, 6);
    assert.equal(buildTrace([]).count, 0);
});

test("a call whose clock is off is shown in the middle of its caller, with what it did", () => {
    const built = buildTrace(trace([["a", "", 0, 100, "shop"], ["b", "a", -500, -460, "bank"], ["c", "b", -490, -480, "bank"]]));
    const shown = (id) => built.start[built.ids.indexOf(id)] + built.offset[built.ids.indexOf(id)];
    assert.deepEqual([shown("a"), shown("b"), shown("c")], [0, 30, 40]);
    assert.equal(built.skewed, 2);
    assert.equal(built.length, 100);
    assert.equal(built.base, BASE);
});

test("own time is what no child covers, however they overlap", () => {
    const built = buildTrace(trace([["a", "", 0, 100], ["b", "a", 10, 40], ["c", "a", 30, 60], ["d", "a", 95, 130]]));
    assert.equal(built.own[built.ids.indexOf("a")], 45);
});

test("a chain of 100,000 spans needs no stack", () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => [`s${i}`, i > 0 ? `s${i - 1}` : "", i, 300_000 - i]);
    const built = buildTrace(trace(rows));
    assert.equal(built.depth[built.order[99_999]], 99_999);
    assert.equal(built.critical.reduce((sum, time) => sum + time, 0), 300_000);
});

test("finds spans by words in names, services and attributes, and goes round", () => {
    const attributes = [{ key: "db.system", value: { stringValue: "SQLite" } }];
    const built = buildTrace(trace([["a", "", 0, 9], ["b", "a", 1, 2, "bank", { attributes }], ["c", "a", 3, 4, "bank"]]));
    assert.equal(findSpans(built, "  "), null);
    const found = findSpans(built, "sqlite bank");
    assert.equal(ids(built, built.order.filter((span) => found[span] === 1)), "b");
    const at = (id) => built.ids.indexOf(id);
    assert.equal(nextSpan(built, at("c"), 1, (span) => found[span] === 1), at("b"));
    assert.equal(nextSpan(built, at("b"), 1, () => false), -1);
    assert.equal(nextSpan(built, -1, -1, () => true), at("c"));
});

test("sums operations up", () => {
    const built = buildTrace(trace([["a", "", 0, 100], ["b", "a", 10, 40, "bank", { name: "x", status: { code: 2 } }], ["c", "a", 50, 90, "bank", { name: "x" }]]));
    const [first] = operations(built);
    assert.deepEqual([first.service, first.name, first.count, first.total, first.critical, first.errors, first.longest], ["bank", "x", 2, 70, 70, 1, 40]);
    assert.equal(built.errors, 1);
});

test("reads documents, lines and answers, and says what is wrong with others", () => {
    const one = trace([["a", "", 0, 1]], "t1");
    const two = trace([["b", "", 0, 1], ["c", "b", 0, 1]], "t2");
    assert.equal(readDocument(JSON.stringify({ resourceSpans: one })).length, 1);
    assert.equal(readDocument(JSON.stringify({ result: { resourceSpans: one } })).length, 1);
    const lines = readDocument(`${JSON.stringify({ resourceSpans: one })}\n\n${JSON.stringify({ resourceSpans: two })}\n`);
    assert.deepEqual([...splitTraces(lines).keys()], ["t2", "t1"]);
    assert.throws(() => readDocument("{"), /this is not JSON/);
    assert.throws(() => readDocument("{}"), /no resourceSpans/);
    assert.throws(() => readDocument(`${JSON.stringify({ resourceSpans: one })}\n{"a":1}`), /line 2 has no resourceSpans/);
    assert.throws(() => readDocument(`${JSON.stringify({ resourceSpans: one })}\nx`), /line 2 is not JSON/);
});

test("writes values of every type", () => {
    const values = [
        [{ stringValue: "x" }, "x"], [{ intValue: "9007199254740993" }, "9007199254740993"], [{ doubleValue: 0.5 }, "0.5"], [{ boolValue: false }, "false"],
        [{ arrayValue: { values: [{ intValue: "1" }, { stringValue: "b" }] } }, '[1,"b"]'],
        [{ kvlistValue: { values: [{ key: "k", value: { boolValue: true } }] } }, '{"k":true}'], [{}, ""], [undefined, ""],
    ];
    for (const [value, text] of values) assert.equal(valueText(value), text);
    let deep = { stringValue: "x" };
    for (let i = 0; i < 5000; i += 1) deep = { arrayValue: { values: [deep] } };
    assert.match(valueText(deep), /…/);
});

test("puts round marks on an axis", () => {
    assert.deepEqual(timeTicks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(timeTicks(12, 18, 3), [12, 14, 16, 18]);
    assert.deepEqual(timeTicks(5, 5, 3), []);
    assert.deepEqual(durationTicks(1e6, 1e9), [1e6, 1e7, 1e8, 1e9]);
    const points = (list) => list.map((duration) => ({ duration }));
    assert.deepEqual(durationRange(points([2e6, 3e8])), [1e6, 1e9]);
    assert.deepEqual(durationRange(points([0])), [1e3, 1e4]);
    assert.deepEqual(durationRange([]), [1e6, 1e9]);
});

test("a flame graph joins like calls, and its widths add up", () => {
    const built = buildTrace(trace([["a", "", 0, 100], ["b", "a", 10, 40, "bank", { name: "x" }], ["c", "a", 50, 90, "bank", { name: "x" }]]));
    const root = flameOfTrace(built, built.critical);
    assert.equal(root.total, 100);
    const [a] = root.children.values();
    const [x] = a.children.values();
    assert.deepEqual([a.own, x.count, x.total], [30, 2, 70]);
    assert.deepEqual(flameBoxes(root, 0).map((box) => [box.frame.name, box.depth, box.from, box.to]), [["all", 0, 0, 1], ["a", 1, 0, 1], ["x", 2, 0, 0.7]]);
    assert.deepEqual(flameBoxes(x, 0).map((box) => [box.frame.name, box.from, box.to]), [["all", 0, 1], ["a", 0, 1], ["x", 0, 1]]);
    assert.equal(flameBoxes(root, 0.8).length, 2);
    const stacks = flameOfStacks("shop: a;bank: b 30\nshop: a 70\nbroken\n");
    assert.deepEqual([stacks.total, [...stacks.children.values()][0].service, [...stacks.children.values()][0].own], [100, "shop", 70]);
});

test("a map puts callers left of what they call, whatever goes in circles", () => {
    const edge = (parent, child) => ({ parent, child, calls: 1, errors: 0 });
    const layers = (edges) => Object.fromEntries(layoutMap(edges).nodes.map((node) => [node.name, node.layer]));
    assert.deepEqual(layers([edge("a", "b"), edge("b", "c"), edge("a", "c")]), { a: 0, b: 1, c: 2 });
    assert.deepEqual(layers([edge("a", "b"), edge("b", "c"), edge("c", "b"), edge("c", "c")]), { a: 0, b: 1, c: 2 });
    assert.deepEqual(layers([edge("a", "b"), edge("b", "a")]), { a: 0, b: 1 });
    assert.deepEqual(layoutMap([]), { nodes: [], layers: 0, rows: 0 });
    const places = layoutMap([edge("a", "y"), edge("b", "x")]).nodes;
    assert.equal(new Set(places.map((node) => `${node.layer} ${node.row}`)).size, 4);
});
