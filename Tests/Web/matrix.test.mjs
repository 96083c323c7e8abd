import assert from "node:assert/strict";
import { test } from "node:test";

import {
    commonLabels, extent, gridRows, labelKey, lastValue, mergeRange, rankLines, sampleValue, seriesName,
} from "../../Sources/Server/CMartletWeb/assets/matrix.js";

const series = (metric, values) => ({ metric, values: values.map(([time, value]) => [time, String(value)]) });

test("a newer answer replaces what it covers and drops what is too old", () => {
    const lines = new Map();
    mergeRange(lines, [series({ a: "1" }, [[10, 1], [15, 2], [20, 3]])], 10, 10);
    mergeRange(lines, [series({ a: "1" }, [[20, 30], [25, 4]])], 20, 15);
    const [line] = lines.values();
    assert.deepEqual(line.times, [15, 20, 25]);
    assert.deepEqual(line.values, [2, 30, 4]);
});

test("merging in pieces gives what one answer gives", () => {
    const points = Array.from({ length: 60 }, (_, i) => [i * 5, Math.sin(i)]).filter(([time]) => time < 100 || time > 140);
    const whole = new Map();
    mergeRange(whole, [series({ a: "1" }, points.filter(([time]) => time >= 95))], 95, 95);
    const pieces = new Map();
    for (let end = 0; end <= 295; end += 20) {
        const since = Math.max(0, end - 50);
        mergeRange(pieces, [series({ a: "1" }, points.filter(([time]) => time >= since && time <= end))], since, Math.max(0, end - 200));
    }
    mergeRange(pieces, [series({ a: "1" }, points.filter(([time]) => time >= 245))], 245, 95);
    assert.deepEqual([...pieces], [...whole]);
});

test("a series that ended stays until the window has passed it", () => {
    const lines = new Map();
    mergeRange(lines, [series({ a: "1" }, [[10, 1]]), series({ a: "2" }, [[10, 1]])], 10, 0);
    mergeRange(lines, [series({ a: "2" }, [[15, 1]])], 15, 5);
    assert.equal(lines.size, 2);
    mergeRange(lines, [series({ a: "2" }, [[20, 1]])], 15, 11);
    assert.deepEqual([...lines.keys()], ['a="2"']);
});

test("the order of labels does not matter", () => {
    assert.equal(labelKey({ b: "2", a: "1" }), labelKey({ a: "1", b: "2" }));
    assert.notEqual(labelKey({ a: '1",b="2' }), labelKey({ a: "1", b: "2" }));
});

test("lays lines on a grid with gaps as nulls", () => {
    const lines = [
        { labels: {}, times: [10, 20], values: [1, 2] },
        { labels: {}, times: [15, 20], values: [5, NaN] },
    ];
    assert.deepEqual(gridRows(lines, 10, 25, 5), [[10_000, 1, null], [15_000, null, 5], [20_000, 2, null], [25_000, null, null]]);
    assert.deepEqual(gridRows([], 10, 5, 5), []);
});

test("finds what is drawn lowest and highest", () => {
    const rows = [[0, 1, 5], [1, null, 7], [2, null, null]];
    assert.deepEqual(extent(rows, false), [1, 7]);
    assert.deepEqual(extent(rows, true), [6, 7]);
    assert.deepEqual(extent([[0, null]], false), [Infinity, -Infinity]);
});

test("ranks by last value, the ended ones at the end", () => {
    const line = (name, times, values) => ({ labels: { name }, times, values });
    const lines = [line("low", [20], [1]), line("ended", [5], [99]), line("high", [20], [3])];
    const { shown, total } = rankLines(lines, 15, 2);
    assert.deepEqual(shown.map((item) => item.line.labels.name), ["high", "low"]);
    assert.equal(total, 3);
    assert.equal(lastValue(lines[1], 15), null);
});

test("names a series as PromQL writes it", () => {
    assert.equal(seriesName({ __name__: "up", job: "a", b: 'q"' }), 'up{b="q\\"", job="a"}');
    assert.equal(seriesName({ __name__: "up" }), "up");
    assert.equal(seriesName({}), "{}");
    const common = commonLabels([{ __name__: "up", job: "a", i: "1" }, { __name__: "up", job: "a", i: "2" }]);
    assert.equal(seriesName({ __name__: "up", job: "a", i: "1" }, common), '{i="1"}');
});

test("reads the special values", () => {
    assert.equal(sampleValue("+Inf"), Infinity);
    assert.equal(sampleValue("-Inf"), -Infinity);
    assert.ok(Number.isNaN(sampleValue("NaN")));
    assert.equal(sampleValue("1.5e3"), 1500);
});
