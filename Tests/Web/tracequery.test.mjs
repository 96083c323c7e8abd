import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldValue, parseTerms, question, quoted, tracesCommand, withField } from "../../Sources/Server/CMartletWeb/assets/tracequery.js";

test("takes a line apart", () => {
    const terms = parseTerms('service:shop duration:>200ms @user.id:42 "exact phrase" -word status:');
    assert.deepEqual(terms.map((term) => [term.field, term.isAttribute, term.isNot, term.operator, term.value]), [
        ["service", false, false, "", "shop"], ["duration", false, false, ">", "200ms"], ["user.id", true, false, "", "42"],
        ["", false, false, "", "exact phrase"], ["", false, true, "", "word"], ["", false, false, "", "status:"],
    ]);
    assert.deepEqual(parseTerms('a "open').map((term) => term.value), ["a", "open"]);
    assert.deepEqual(parseTerms('operation:"GET /a\\"b"').map((term) => term.value), ['GET /a"b']);
});

test("asks the server what the line says", () => {
    const cases = [
        ["", []],
        ["service:shop operation:\"POST /pay\"", [["service", "shop"], ["operation", "POST /pay"]]],
        ["duration:>200ms duration:<1.5s", [["minDuration", "200ms"], ["maxDuration", "1.5s"]]],
        ["duration:100ms..2s", [["minDuration", "100ms"], ["maxDuration", "2s"]]],
        ["status:error @user.id:42", [["status", "error"], ["tag", "user.id=42"]]],
        ["status:500 kind:server host:h1 db.system:sqlite", [["tag", "http.response.status_code=500"], ["tag", "span.kind=server"], ["tag", "host.name=h1"], ["tag", "db.system=sqlite"]]],
        ['"connection reset" peer', [["text", "connection reset"], ["text", "peer"]]],
    ];
    for (const [line, parameters] of cases) assert.deepEqual(question(line), { parameters, trace: "", problem: null }, line);
});

test("knows a trace's id with or without its field", () => {
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert.equal(question(id.toUpperCase()).trace, id);
    assert.equal(question(`trace:${id}`).trace, id);
    assert.match(question("trace:xyz").problem.message, /32 hexadecimal digits/);
});

test("says what cannot be asked, and where", () => {
    for (const [line, words, at] of [
        ["a -b", /what they lack/, 2], ["duration:fast", /200ms/, 0], ["x duration:200ms", /longer or shorter/, 2],
        ["status:broken", /error, ok, unset/, 0], ["@n:>3", /only duration/, 0], ["duration:1s..x", /100ms\.\.2s/, 0],
    ]) {
        const { problem } = question(line);
        assert.match(problem.message, words, line);
        assert.equal(problem.term.at, at, line);
    }
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
        "martlet traces --service shop --min-duration 200ms --text 'it'\\''s' --since 1h --url http://h:9090");
});
