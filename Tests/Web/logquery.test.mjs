import assert from "node:assert/strict";
import { test } from "node:test";

import { condition, conditions, hasCondition, hasStage, joined, levelFace, spelled, toggled } from "../../Sources/Server/CMartletWeb/assets/logquery.js";

test("spells values so that they mean themselves", () => {
    const cases = [["shop", "shop"], ["a b", '"a b"'], ['a"b\\', '"a\\"b\\\\"'], ["", '""'], ["-x", '"-x"'], ["a*", '"a*"'], ["/x/", '"/x/"'], ["OR", '"OR"'], ["über-1.2", "über-1.2"]];
    for (const [value, text] of cases) assert.equal(spelled(value), text);
    assert.equal(condition("@http.route", "/pay", true), '-@http.route:"/pay"');
    assert.equal(condition("@a b", "x"), '@"a b":x');
});

test("knows the conditions of a line's top level", () => {
    assert.deepEqual(conditions('a service:shop "b c" -x:"d e" (f OR g)'), ["a", "service:shop", '"b c"', '-x:"d e"', "(f OR g)"]);
    assert.deepEqual(conditions("a AND b"), ["a", "b"]);
    assert.deepEqual(conditions("a OR b"), ["(a OR b)"]);
    assert.deepEqual(conditions('"a \\" OR b" c'), ['"a \\" OR b"', "c"]);
    assert.deepEqual(conditions(""), []);
});

test("a click adds a condition, a second one takes it away, its opposite goes", () => {
    assert.equal(toggled("", "service", "shop"), "service:shop");
    assert.equal(toggled("a service:shop", "service", "shop"), "a");
    assert.equal(toggled("a service:shop", "service", "shop", true), "a -service:shop");
    assert.equal(toggled("a OR b", "level", "error"), "(a OR b) level:error");
    assert.equal(toggled('"x | y" | count by (service)', "level", "error"), '"x | y" level:error | count by (service)');
    assert.equal(hasCondition("a -level:error", "level", "error", true), true);
    assert.equal(hasCondition("(level:error)", "level", "error"), false);
    assert.equal(hasStage('a "|"'), false);
    assert.equal(hasStage("a | top 10 user"), true);
});

test("joins what is newer to what was there, each once, and no more than so many", () => {
    const list = (text) => [...text].map((id) => ({ id }));
    assert.equal(joined(list("edc"), list("cba"), 10).map(({ id }) => id).join(""), "edcba");
    assert.equal(joined(list("ed"), list("cba"), 3).map(({ id }) => id).join(""), "edc");
});

test("a level has a glyph beside its colour", () => {
    assert.deepEqual(["emergency", "error", "warn", "info", "debug", ""].map((level) => levelFace(level).glyph).join(""), "✕✕◐●○○");
});
