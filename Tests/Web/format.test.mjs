import assert from "node:assert/strict";
import { test } from "node:test";

import { formatSeconds, formatValue, guessUnit, significant } from "../../Sources/Server/CMartletWeb/assets/format.js";

test("writes numbers with three significant digits and letters for thousands", () => {
    const cases = [[0, "0"], [1, "1"], [0.12345, "0.123"], [9.876, "9.88"], [1234.5, "1235"], [12_345, "12.3 k"],
        [999_950, "1 M"], [1_500_000, "1.5 M"], [-2500, "-2500"], [0.00001, "1.0 e-5"], [2e9, "2 G"]];
    for (const [value, text] of cases) assert.equal(formatValue(value, "number"), text);
});

test("writes bytes in powers of two", () => {
    const cases = [[0, "0 B"], [512, "512 B"], [1024, "1 KiB"], [1536, "1.5 KiB"], [1023.6, "1 KiB"],
        [1_048_575, "1 MiB"], [25_769_803_776, "24 GiB"], [1_073_741_824_000, "1000 GiB"]];
    for (const [value, text] of cases) assert.equal(formatValue(value, "bytes"), text);
    assert.equal(formatValue(2048, "bytes/s"), "2 KiB/s");
});

test("writes ratios as percentages and rates per second", () => {
    assert.equal(formatValue(0.0712, "ratio"), "7.1 %");
    assert.equal(formatValue(0.985, "ratio"), "98.5 %");
    assert.equal(formatValue(1, "ratio"), "100 %");
    assert.equal(formatValue(12.5, "per-second"), "12.5/s");
});

test("writes spans of time in their leading parts", () => {
    const cases = [[0, "0 s"], [3e-9, "3 ns"], [0.000_25, "250 µs"], [0.0124, "12.4 ms"], [1.5, "1.5 s"], [60, "1 min"],
        [125, "2 min 5 s"], [7500, "2 h 5 min"], [90_000, "1 d 1 h"], [-90, "-1 min 30 s"]];
    for (const [seconds, text] of cases) assert.equal(formatSeconds(seconds), text);
});

test("writes what is no number as words", () => {
    assert.equal(formatValue(null, "bytes"), "–");
    assert.equal(formatValue(undefined, "bytes"), "–");
    assert.equal(formatValue(NaN, "ratio"), "–");
    assert.equal(formatValue(Infinity, "seconds"), "+Inf");
    assert.equal(formatValue(-Infinity, "number"), "-Inf");
});

test("keeps no zeros after the point", () => {
    assert.equal(significant(1.5, 3), "1.5");
    assert.equal(significant(100, 3), "100");
    assert.equal(significant(0.1, 3), "0.1");
});

test("guesses the unit from names and functions", () => {
    const cases = [["system_memory_usage_bytes", "bytes"], ["rate(node_disk_read_bytes_total[5m])", "bytes/s"],
        ["system_filesystem_utilization_ratio", "ratio"], ["rate(process_cpu_seconds_total[1m])", "ratio"],
        ["histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m]))", "seconds"],
        ["scrape_duration_seconds", "seconds"], ["rate(http_requests_total[5m])", "per-second"], ["up", "number"],
        ["count(process_resident_memory_bytes)", "number"], ["a_bytes / b_bytes", "number"],
        ['up{path="/a_bytes"}', "number"], ['a_bytes{path="/x"}', "bytes"]];
    for (const [expression, unit] of cases) assert.equal(guessUnit(expression), unit, expression);
});
