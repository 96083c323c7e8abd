import assert from "node:assert/strict";
import { test } from "node:test";

import { roundStep, timeTicks, valueRange, valueTicks } from "../../Sources/Server/CMartletWeb/assets/ticks.js";

const labels = (ticks) => ticks.map((tick) => tick.label);

test("marks round clock times", () => {
    const noon = 1_767_355_200; // 2026-01-02 12:00:00 UTC
    assert.deepEqual(labels(timeTicks(noon - 130, noon + 770, 4, true)), ["12:00", "12:05", "12:10"]);
    assert.deepEqual(labels(timeTicks(noon, noon + 20, 4, true)), ["12:00:00", "12:00:05", "12:00:10", "12:00:15", "12:00:20"]);
});

test("marks days where a range spans them", () => {
    const noon = 1_767_355_200;
    assert.deepEqual(labels(timeTicks(noon, noon + 86_400, 4, true)), ["12:00", "18:00", "3 Jan", "06:00", "12:00"]);
    assert.deepEqual(labels(timeTicks(noon, noon + 3 * 86_400, 3, true)), ["3 Jan", "4 Jan", "5 Jan"]);
});

test("gives few marks, inside the range, in order", () => {
    for (let span = 7; span < 1e8; span *= 1.7) {
        for (const utc of [true, false]) {
            const ticks = timeTicks(1_700_000_000, 1_700_000_000 + span, 5, utc);
            assert.ok(ticks.length <= 7, `${ticks.length} marks for ${span} s`);
            ticks.forEach((tick, i) => {
                assert.ok(tick.v >= 1_700_000_000 && tick.v <= 1_700_000_000 + span);
                assert.ok(i === 0 || tick.v > ticks[i - 1].v);
            });
        }
    }
});

test("marks nothing on an empty range", () => {
    assert.deepEqual(timeTicks(5, 5, 4, true), []);
    assert.deepEqual(valueTicks(1, 1, 4, "number"), []);
    assert.deepEqual(valueTicks(0, Infinity, 4, "number"), []);
});

test("steps by 1, 2 and 5, and bytes by powers of two", () => {
    const cases = [[0.3, false, 0.5], [1, false, 1], [1.1, false, 2], [7, false, 10], [3, true, 4], [1000, true, 1024], [0.2, true, 0.2]];
    for (const [size, binary, step] of cases) assert.equal(roundStep(size, binary), step);
});

test("labels values with their unit", () => {
    assert.deepEqual(labels(valueTicks(0, 0.45, 4, "ratio")), ["0 %", "20 %", "40 %"]);
    assert.deepEqual(labels(valueTicks(0, 20 * 2 ** 30, 3, "bytes")), ["0 B", "8 GiB", "16 GiB"]);
    assert.deepEqual(valueTicks(-1, 1, 4, "number").map((tick) => tick.v), [-1, -0.5, 0, 0.5, 1]);
});

test("starts at zero unless something is below it", () => {
    assert.deepEqual(valueRange(5, 100, "number"), [0, 106]);
    assert.deepEqual(valueRange(-10, 10, "number"), [-11.2, 11.2]);
    assert.deepEqual(valueRange(0, 0, "ratio"), [0, 0.01]);
    assert.deepEqual(valueRange(0, 0, "bytes/s"), [0, 1024]);
    assert.deepEqual(valueRange(Infinity, -Infinity, "number"), [0, 1]);
});
