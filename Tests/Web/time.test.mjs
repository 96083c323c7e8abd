import assert from "node:assert/strict";
import { test } from "node:test";

import {
    agoText, chooseStep, clockText, dayText, recentInterval, momentText, parseSpan, promSpan, rateOver,
} from "../../Sources/Server/CMartletWeb/assets/time.js";

test("reads spans and refuses what is none", () => {
    const cases = [["15m", 900], ["1h30m", 5400], ["7d", 604_800], ["90s", 90], ["2w", 1_209_600]];
    for (const [text, seconds] of cases) assert.equal(parseSpan(text), seconds);
    for (const text of ["", "m", "15", "15 m", "-5m", "1y", "0s", "99999d"]) assert.equal(parseSpan(text), null, text);
});

test("writes spans as PromQL does", () => {
    const cases = [[30, "30s"], [60, "1m"], [90, "90s"], [3600, "1h"], [86_400, "1d"]];
    for (const [seconds, text] of cases) assert.equal(promSpan(seconds), text);
});

test("chooses a step that gives at most 360 points", () => {
    const cases = [[60, 1], [300, 1], [900, 5], [3600, 10], [21_600, 60], [86_400, 300], [604_800, 1800], [2_592_000, 7200]];
    for (const [span, step] of cases) assert.equal(chooseStep(span), step);
    assert.ok(31_536_000 * 10 / chooseStep(31_536_000 * 10) <= 360);
});

test("takes the last two samples while steps are shorter than their distance, and an average after that", () => {
    assert.equal(rateOver(5, 10)("x"), "irate(x[30s])");
    assert.equal(rateOver(10, 10)("x"), "irate(x[30s])");
    assert.equal(rateOver(15, 10)("x"), "rate(x[40s])");
    assert.equal(rateOver(300, 10)("x"), "rate(x[310s])");
    assert.equal(rateOver(5, 60)("x"), "irate(x[3m])");
    assert.equal(rateOver(5, 1)("x"), "rate(x[10s])");
});

test("finds how far apart samples come now", () => {
    assert.equal(recentInterval([0, 10, 20, 30, 40], 45), 10);
    assert.equal(recentInterval([5], 6), null);
    assert.equal(recentInterval([], 6), null);
    // A server that has begun reads every second at first, and then every ten.
    assert.equal(recentInterval([1, 2, 3, 4, 5], 5.5), 1);
    assert.equal(recentInterval([1, 2, 3, 4, 5], 13), 8);
    assert.equal(recentInterval([1, 2, 3, 4, 5, 15], 16), 10);
    // What is not read any more says nothing of the others.
    assert.equal(recentInterval([0, 10, 20, 30], 250), 15);
});

test("writes moments in UTC", () => {
    const time = 1_767_323_045; // 2026-01-02 03:04:05 UTC
    assert.equal(clockText(time, true), "03:04:05");
    assert.equal(momentText(time, true), "2026-01-02 03:04:05 UTC");
    assert.equal(dayText(time, true), "2 Jan");
});

test("writes how long ago something was", () => {
    const cases = [[100, 100, "now"], [88, 100, "12 s ago"], [0, 300, "5 min ago"], [105, 100, "in 5 s"],
        [0, 7200, "2 h ago"], [0, 259_200, "3 d ago"]];
    for (const [then, now, text] of cases) assert.equal(agoText(then, now), text);
});
