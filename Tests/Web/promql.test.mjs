import assert from "node:assert/strict";
import { test } from "node:test";

import {
    completionContext, completionText, curlCommand, errorPosition, martletCommand, matching, shellQuote, splitThreshold,
} from "../../Sources/Server/CMartletWeb/assets/promql.js";

const at = (text) => completionContext(text.replace("|", ""), text.indexOf("|"));

test("finds the place an error points at", () => {
    const message = 'invalid parameter "query": 1:5: parse error: unknown function with name "rat"';
    assert.deepEqual(errorPosition(message, "sum(rat(up))"), { offset: 4, line: 1, column: 5 });
    assert.deepEqual(errorPosition("2:3: parse error: x", "sum(\n  up"), { offset: 7, line: 2, column: 3 });
    assert.equal(errorPosition("9:1: parse error: x", "up"), null);
    assert.equal(errorPosition("query timed out", "up"), null);
    assert.equal(errorPosition("cannot connect to 127.0.0.1:8081: refused", "up"), null);
});

test("tells names from labels from values", () => {
    const cases = [["sum(ht|", "name", "ht"], ["up{jo|", "label", "jo"], ['up{job="a|', "value", "a"], ["sum by (jo|", "label", "jo"],
        ["up{a=\"1\", |", "label", ""], ["a + b|", "name", "b"]];
    for (const [text, kind, prefix] of cases) {
        const context = at(text);
        assert.equal(context?.kind, kind, text);
        assert.equal(context?.prefix, prefix, text);
    }
    assert.equal(at('up{job=~"x|')?.label, "job");
    assert.equal(at('http_requests_total{job="x|')?.metric, "http_requests_total");
});

test("offers nothing in strings, ranges, comments and numbers", () => {
    for (const text of ['label_replace(up, "x|', "up[5m|", "# comm|", "12e|", "|"]) assert.equal(at(text), null, text);
});

test("puts names that begin with the prefix first", () => {
    assert.deepEqual(matching("cpu", ["system_cpu", "cpu_a", "CPU_b", "cpu"], 5), ["cpu_a", "CPU_b", "system_cpu"]);
    assert.deepEqual(matching("", ["a", "b", "c"], 2), ["a", "b"]);
});

test("quotes for the shell", () => {
    assert.equal(shellQuote("up"), "up");
    assert.equal(shellQuote("it's"), "'it'\\''s'");
    assert.equal(shellQuote("$(rm)"), "'$(rm)'");
    assert.equal(shellQuote(""), "''");
});

test("writes the command that asks the same", () => {
    const span = { start: 1_767_323_045, end: 1_767_323_945, step: 5, range: "15m" };
    assert.equal(martletCommand("http://127.0.0.1:9090", "up", null), "martlet query up");
    assert.equal(martletCommand("http://127.0.0.1:9090", 'up{a="b"}', span), "martlet query --range 15m --step 5s 'up{a=\"b\"}'");
    assert.equal(martletCommand("https://m.test", "up", { ...span, range: null }),
        "martlet query --url https://m.test --since 2026-01-02T03:04:05.000Z --until 2026-01-02T03:19:05.000Z --step 5s up");
});

test("writes the curl line that asks the same", () => {
    const span = { start: 100, end: 1000, step: 5, range: null };
    assert.equal(curlCommand("http://h:1/", "up", null), "curl -sG http://h:1/api/v1/query --data-urlencode query=up");
    assert.equal(curlCommand("http://h:1/", "a b", span),
        "curl -sG http://h:1/api/v1/query_range --data-urlencode 'query=a b' -d start=100 -d end=1000 -d step=5");
    assert.ok(curlCommand("http://h:1/", "up", { ...span, range: "15m" }).includes('-d "start=$(($(date +%s) - 900))"'));
});

test("completes a call with its parenthesis and a value with its quote", () => {
    assert.equal(completionText("name", "rate", "", "", []), "rate(");
    assert.equal(completionText("name", "rate", "", " (x)", []), "rate");
    assert.equal(completionText("name", "sum", "", "", ["sum"]), "sum");
    assert.equal(completionText("name", "up", "", "", ["up"]), "up");
    assert.equal(completionText("label", "job", "{", "", []), "job");
    assert.equal(completionText("value", 'a"b', 'job="', "}", []), 'a\\"b"');
    assert.equal(completionText("value", "a", "job='", "'}", []), "a");
});

test("finds the threshold of a rule", () => {
    const cases = [["system_filesystem_utilization_ratio > 0.9", "system_filesystem_utilization_ratio", 0.9],
        ['sum by (a) (rate(x{b=">1"}[5m]))>=1e3', 'sum by (a) (rate(x{b=">1"}[5m]))', 1000], ["up == 0", "up", 0], ["a * -2 < -1.5", "a * -2", -1.5]];
    for (const [text, expression, value] of cases) {
        const split = splitThreshold(text);
        assert.deepEqual([split?.expression, split?.value], [expression, value], text);
    }
    for (const text of ["up", "a > b", "a > bool 1", "a > 1 and b > 2", "1 < a < 3", "absent(up) ", "(a > 1", "sum(a > 1)"]) {
        assert.equal(splitThreshold(text), null, text);
    }
});
