import assert from "node:assert/strict";
import { test } from "node:test";

import { fault, fieldValue, parseTerms, question, quoted, tracesCommand, withField } from "../../Sources/Server/CMartletWeb/assets/tracequery.js";

test("takes a line apart", () => {
    const terms = parseTerms('service:shop duration:>200ms @user.id:42 "exact phrase" -word status:');
    assert.deepEqual(terms.map((term) => [term.field, term.isAttribute, term.isNot, term.operator, term.value]), [
        ["service", false, false, "", "shop"], ["duration", false, false, ">", "200ms"], ["user.id", true, false, "", "42"],
        ["", false, false, "", "exact phrase"], ["", false, true, "", "word"], ["", false, false, "", "status:"],
    ]);
    assert.deepEqual(parseTerms('a "open').map((term) => term.value), ["a", "open"]);
    assert.deepEqual(parseTerms('operation:"GET /a\\"b"').map((term) => term.value), ['GET /a"b']);
});

test("leaves what stands in parentheses alone", () => {
    const terms = parseTerms('a (b OR service:"x ) y") service:shop host:(c OR d) e');
    assert.deepEqual(terms.map((term) => term.text), ["a", '(b OR service:"x ) y")', "service:shop", "host:(c OR d)", "e"]);
    assert.equal(withField('(a service:bank) service:shop', "service", ""), "(a service:bank)");
    assert.equal(withField("a OR b", "service", "shop"), "(a OR b) service:shop");
    assert.equal(withField("a OR service:b", "service", ""), "a OR service:b");
});

test("hands the line over as it is, and knows a trace's id with or without its field", () => {
    assert.deepEqual(question(" a -b "), { line: "a -b", parameters: [["query", "a -b"]], trace: "" });
    assert.deepEqual(question(""), { line: "", parameters: [], trace: "" });
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert.equal(question(id.toUpperCase()).trace, id);
    assert.equal(question(`trace:${id}`).trace, id);
    for (const line of [`trace:${id} -b`, `a ${id}`, "trace:xyz", "trace:*", `-trace:${id}`]) assert.equal(question(line).trace, "", line);
});

test("shows where the server found a fault", () => {
    const { before, term, after, words } = fault("x duration:soon y", "1:12: parse error: a duration has a unit");
    assert.deepEqual([before, term, after, words], ["x duration:", "soon", " y", "a duration has a unit"]);
    // Places are characters: an emoji is one.
    assert.equal(fault("\u{1F600} status:no", "1:10: parse error: x").term, "no");
    assert.equal(fault("a (b", "1:3: parse error: x").term, "(b");
    assert.equal(fault("a", "1:9: parse error: x").term, "…");
    assert.equal(fault("a", "trace not found"), null);
});

test("changes one condition and leaves the others alone", () => {
    assert.equal(withField("", "service", "shop"), "service:shop");
    assert.equal(withField("a service:shop b", "service", "my bank"), 'a service:"my bank" b');
    assert.equal(withField("a service:shop b", "service", ""), "a b");
    assert.equal(withField("", "duration", "200ms", ">"), "duration:>200ms");
    assert.equal(withField("x", "@user.id", "u:7"), 'x @user.id:"u:7"');
    assert.equal(fieldValue("duration:>200ms", "duration"), ">200ms");
    assert.equal(fieldValue("@service:x", "service"), "");
    for (const value of ["plain", "two words", 'a"b', "-x", "a\\b", "über", ">5"]) {
        assert.equal(parseTerms(`k:${quoted(value)}`)[0].value, value);
        assert.equal(parseTerms(`k:${quoted(value)}`)[0].operator, "");
    }
});

test("writes the command that asks the same", () => {
    const asked = question('service:shop duration:>200ms "it\'s"');
    assert.equal(tracesCommand("http://h:9090", asked, "1h"),
        "martlet traces --query 'service:shop duration:>200ms \"it'\\''s\"' --since 1h --url http://h:9090");
    assert.equal(tracesCommand("http://h:9090", question(""), "", "compare"), "martlet traces compare --url http://h:9090");
});
