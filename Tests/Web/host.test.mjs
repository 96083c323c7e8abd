import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTES, colorSlots } from "../../Sources/Server/CMartletWeb/assets/colors.js";
import {
    HOST_PANELS, SERVICE_PANELS, emptyText, fileSystems, fillState, fullInText, panelQuery, selectorFor, stripQueries,
} from "../../Sources/Server/CMartletWeb/assets/host.js";

const panel = (short) => HOST_PANELS.find((item) => item.short === short);

test("asks for one host where there are several", () => {
    assert.equal(selectorFor("")("up"), "up");
    assert.equal(selectorFor("a:1")("up", 'x="y"'), 'up{x="y",instance="a:1"}');
    assert.equal(panelQuery(panel("CPU"), "", 5, 10), 'avg by (mode) (irate(system_cpu_seconds_total{mode!="idle"}[30s]))');
    assert.equal(panelQuery(panel("Load"), 'a"b', 5, 10), 'max by (window) (system_load_average{instance="a\\"b"})');
    for (const query of Object.values(stripQueries("h", 10))) assert.ok(query.includes('instance="h"'), query);
});

test("tells both directions of a device apart", () => {
    const query = panelQuery(panel("Disk"), "", 300, 10);
    assert.ok(query.includes('label_replace(sum by (device) (rate(system_disk_read_bytes_total[310s])), "direction", "read", "", "")'));
    assert.equal(panel("Disk").name({ device: "vda", direction: "read" }), "vda read");
});

test("says why a panel alone is empty", () => {
    assert.notDeepEqual(emptyText(panel("Pressure"), true), emptyText(panel("Pressure"), false));
    assert.deepEqual(emptyText(panel("CPU"), true), emptyText(panel("CPU"), false));
});

test("counts a device once, and what is reserved as df does", () => {
    const samples = [];
    const add = (device, mountpoint, used, free, reserved) => {
        for (const [state, value] of Object.entries({ used, free, reserved })) {
            samples.push({ labels: { device, mountpoint, type: "ext4", state }, value });
        }
    };
    add("/dev/vda1", "/mnt/again", 50, 40, 10);
    add("/dev/vda1", "/", 50, 40, 10);
    add("tmpfs", "/run", 0, 10, 0);
    add("tmpfs", "/tmp", 9, 1, 0);
    add("none", "/empty", 0, 0, 0);
    const mounts = fileSystems(samples);
    assert.deepEqual(mounts.map((mount) => mount.mountpoint), ["/tmp", "/", "/run"]);
    assert.equal(mounts[1].size, 100);
    assert.equal(mounts[1].share, 50 / 90);
});

test("tells when a file system that fills will be full", () => {
    const samples = [["/", 100], ["/srv", 10]].map(([mountpoint, value]) => (
        { labels: { device: "/dev/vda", mountpoint, type: "ext4", state: "free" }, value }));
    const mounts = fileSystems(samples.map((sample, index) => ({ ...sample, labels: { ...sample.labels, device: `/dev/vd${index}` } })),
        [{ labels: { device: "/dev/vd0", mountpoint: "/" }, value: 3.5 * 86400 }]);
    assert.deepEqual(mounts.map((mount) => [mount.mountpoint, fullInText(mount.fullIn)]), [["/", "3 days"], ["/srv", "–"]]);
    assert.deepEqual([null, 3600, 86400, 400 * 86400].map(fullInText), ["–", "< 1 day", "1 day", "–"]);
});

test("shows how services fare, whichever host is chosen", () => {
    assert.deepEqual(SERVICE_PANELS.map((item) => panelQuery(item, "", 5, 10)), [
        "histogram_quantile(0.95, sum by (le, job, operation) (irate(operation_duration_seconds_bucket[30s])))",
        "sum by (job, operation) (irate(operations_total[30s]))",
        'sum by (job, operation) (irate(operations_total{result="failure"}[30s])) / sum by (job, operation) (irate(operations_total[30s]))',
    ]);
    assert.equal(SERVICE_PANELS[0].name({ job: "shop", operation: "checkout" }), "checkout, shop");
});

test("judges a share", () => {
    assert.deepEqual([0.5, 0.85, 0.949, 0.95, 1].map(fillState), ["good", "warning", "warning", "bad", "bad"]);
});

test("gives the same name the same colour, and different names different ones", () => {
    assert.deepEqual(colorSlots(["user", "system"]), [0, 1]);
    assert.deepEqual(colorSlots(["system", "user"]), [1, 0]);
    assert.deepEqual(colorSlots(["eth0 sent"]), colorSlots(["eth0 sent"]));
    const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
    assert.equal(new Set(colorSlots(names)).size, 8);
    assert.ok(colorSlots([...names, "n8", "n9"]).every((slot) => slot >= 0 && slot < 8));
});

test("series colours stand out from their background by 3 to 1", () => {
    const luminance = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (a, b) => {
        const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
        return (x + 0.05) / (y + 0.05);
    };
    for (const color of PALETTES.light) assert.ok(ratio(color, "#ffffff") >= 3, color);
    for (const color of PALETTES.dark) assert.ok(ratio(color, "#121518") >= 3, color);
});
