import assert from "node:assert/strict";
import { test } from "node:test";

import { INITIAL, formatState, parseState, switchView, timeWindow } from "../../Sources/Server/CMartletWeb/assets/state.js";
import { chooseStep } from "../../Sources/Server/CMartletWeb/assets/time.js";

test("an empty address is the initial state, and the other way round", () => {
    assert.deepEqual(parseState(""), INITIAL);
    assert.equal(formatState(INITIAL), "?");
});

test("every state survives the address", () => {
    const states = [
        { ...INITIAL, view: "targets", filter: "a b&c=d", show: "down", sort: "-took" },
        { ...INITIAL, view: "explore", expr: 'rate(x{a="ü+%"}[5m])', tab: "graph", mark: 0.5, range: "6h", utc: true },
        { ...INITIAL, view: "traces", q: 'service:"a b" @k:1', part: "paths", range: "1h" },
        { ...INITIAL, view: "traces", trace: "ab12", other: "cd34", span: "ef", cut: [5, 9_000_000_000], fold: "aa,bb" },
        { ...INITIAL, from: 1_700_000_000, to: 1_700_000_060, host: "127.0.0.1:9090" },
    ];
    for (const state of states) assert.deepEqual(parseState(formatState(state)), state);
});

test("keeps the initial value where the address makes no sense", () => {
    assert.deepEqual(parseState("?view=nope&range=5x&from=9&to=3&tab=list"), INITIAL);
    assert.deepEqual(parseState("?from=1700000000"), INITIAL);
    assert.deepEqual(parseState("?range=__proto__&view=constructor"), INITIAL);
    for (const cut of ["9-5", "a-b", "5", "-1-4"]) assert.equal(parseState(`?cut=${cut}`).cut, null, cut);
});

test("reads moments as a person types them", () => {
    const state = parseState("?from=2026-01-02T03:04:05Z&to=2026-01-02T03:05:05Z");
    assert.deepEqual([state.from, state.to], [1_767_323_045, 1_767_323_105]);
});

test("takes links to the graph page of Prometheus", () => {
    const state = parseState("?g0.expr=up%20%3D%3D%200&g0.tab=0&g0.range_input=6h");
    assert.deepEqual([state.view, state.expr, state.tab, state.range], ["explore", "up == 0", "graph", "6h"]);
    assert.equal(parseState("?g0.expr=up&g0.tab=1").tab, "table");
});

test("another view keeps the time and drops the rest", () => {
    const state = { ...INITIAL, view: "explore", expr: "up", tab: "graph", range: "1h", filter: "x", sort: "y" };
    assert.deepEqual(switchView(state, "targets"), { ...INITIAL, view: "targets", range: "1h" });
});

test("aligns the window to its step", () => {
    assert.deepEqual(timeWindow(INITIAL, 1_700_000_003.7, chooseStep),
        { start: 1_699_999_100, end: 1_700_000_000, step: 5, live: true });
    assert.deepEqual(timeWindow({ ...INITIAL, from: 1_700_000_001, to: 1_700_003_602 }, 0, chooseStep),
        { start: 1_699_999_995, end: 1_700_003_610, step: 15, live: false });
});
