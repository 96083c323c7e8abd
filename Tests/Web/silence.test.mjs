import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { baseURI: "http://127.0.0.1/" };
const { matchersOf, parseMatcher, quoted, shellWord, silenceText, spanSeconds, splitMatchers } =
    await import("../../Sources/Server/CMartletWeb/assets/silence.js");
const { linesOf, place, readEpisodes } = await import("../../Sources/Server/CMartletWeb/assets/history.js");
const { ordered } = await import("../../Sources/Server/CMartletWeb/assets/health.js");

test("makes conditions of labels and reads them back", () => {
    const labels = { alertname: "Down", path: 'a "b" \\ c,d' };
    const text = matchersOf(labels).join(",\n");
    const read = splitMatchers(text).map(parseMatcher);
    assert.deepEqual(Object.fromEntries(read.map((matcher) => [matcher.name, matcher.value])), labels);
    assert.deepEqual(parseMatcher("team!~db|web"), { name: "team", value: "db|web", isRegex: true, isEqual: false });
    assert.deepEqual(parseMatcher('a = "x=y"'), { name: "a", value: "x=y", isRegex: false, isEqual: true });
    assert.equal(parseMatcher("nothing"), null);
    assert.deepEqual(splitMatchers("a=b, c=d,, "), ["a=b", "c=d"]);
});

test("quotes for matchers and for shells", () => {
    assert.equal(quoted('a"b\n'), '"a\\"b\\n"');
    assert.equal(shellWord("severity=page"), "severity=page");
    assert.equal(shellWord("it's $HOME"), "'it'\\''s $HOME'");
});

test("reads durations", () => {
    assert.equal(spanSeconds("90m"), 5400);
    assert.equal(spanSeconds("1w"), 604800);
    assert.equal(spanSeconds("0h"), null);
    assert.equal(spanSeconds("soon"), null);
});

test("shows a silence's conditions", () => {
    const matchers = [{ name: "a", value: "b", isRegex: false, isEqual: true }, { name: "c", value: "d.*", isRegex: true, isEqual: false }];
    assert.equal(silenceText({ matchers }), 'a="b" c!~"d.*"');
});

test("puts episodes on lines, the latest first, and in their place", () => {
    const episodes = readEpisodes([
        { key: "A", severity: "warning", id: "1", triggered_at: "2026-11-21T00:00:00Z", resolved_at: "2026-11-21T01:00:00Z" },
        { key: "B", severity: "critical", id: "2", triggered_at: "2026-11-21T02:00:00Z" },
        { key: "A", severity: "warning", id: "3", triggered_at: "2026-11-21T01:30:00Z", resolved_at: "2026-11-21T01:40:00Z" },
        { key: "X", triggered_at: "nonsense" },
    ]);
    assert.deepEqual(linesOf(episodes).map(({ key, episodes: list }) => [key, list.length]), [["B", 1], ["A", 2]]);
    assert.deepEqual(place(0, 50, 0, 100), { left: 0, width: 50 });
    assert.deepEqual(place(-50, 200, 0, 100), { left: 0, width: 100 });
    assert.equal(place(200, 300, 0, 100), null);
    assert.equal(place(99.9, 100, 0, 100).width, 0.4);
});

test("orders checks from the worst to the best", () => {
    const names = ordered([{ name: "b", status: "healthy" }, { name: "a", status: "healthy" }, { name: "c", status: "critical" }, { name: "d", status: "degraded" }])
        .map((check) => check.name);
    assert.deepEqual(names, ["c", "d", "a", "b"]);
});
