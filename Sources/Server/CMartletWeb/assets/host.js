// What the overview shows of a host, as PromQL. Every function here is pure.

import { rateOver } from "./time.js";

/** @typedef {(labels: Record<string, string>) => string} Namer */
/** @typedef {object} HostPanel
 * @property {string} short
 * @property {string} title
 * @property {import("./format.js").Unit} unit
 * @property {boolean} [stacked]
 * @property {(select: (name: string, matchers?: string) => string, rate: (selector: string) => string) => string} query
 * @property {Namer} name
 * @property {string} [missing] what to do when only this panel stays empty
 */

const WAIT = "The server reads this host by itself, every 10 s at most; lines start with the second reading. If none come, look under Targets.";

/** A selector of one host: `name{matchers, instance="…"}`.
 * @param {string} host empty for any @returns {(name: string, matchers?: string) => string} */
export function selectorFor(host) {
    const own = host ? [`instance=${JSON.stringify(host)}`] : [];
    return (name, matchers) => {
        const all = [...(matchers ? [matchers] : []), ...own].join(",");
        return all ? `${name}{${all}}` : name;
    };
}

/** Two rates of a device as one expression, told apart by a `direction` label.
 * @param {string} device @param {string} first @param {string} firstName @param {string} second @param {string} secondName */
function bothWays(device, first, firstName, second, secondName) {
    return `label_replace(sum by (${device}) (${first}), "direction", "${firstName}", "", "")`
        + ` or label_replace(sum by (${device}) (${second}), "direction", "${secondName}", "", "")`;
}

/** @type {HostPanel[]} */
export const HOST_PANELS = [
    {
        short: "CPU", title: "CPU by mode", unit: "ratio", stacked: true,
        query: (select, rate) => `avg by (mode) (${rate(select("system_cpu_seconds_total", 'mode!="idle"'))})`,
        name: ({ mode }) => mode,
    },
    {
        short: "Memory", title: "Memory by state", unit: "bytes", stacked: true,
        query: (select) => `sum by (state) (${select("system_memory_usage_bytes", 'state!="free"')})`,
        name: ({ state }) => state,
    },
    {
        short: "Load", title: "Load average", unit: "number",
        query: (select) => `max by (window) (${select("system_load_average")})`,
        name: ({ window }) => window,
    },
    {
        short: "Disk", title: "Disk read and written", unit: "bytes/s",
        query: (select, rate) => bothWays("device", rate(select("system_disk_read_bytes_total")), "read",
            rate(select("system_disk_written_bytes_total")), "written"),
        name: ({ device, direction }) => `${device} ${direction}`,
        missing: "A host without block devices of its own, such as a container, shows none.",
    },
    {
        short: "Network", title: "Network received and sent", unit: "bytes/s",
        query: (select, rate) => bothWays("interface", rate(select("system_network_received_bytes_total")), "received",
            rate(select("system_network_sent_bytes_total")), "sent"),
        name: ({ interface: name, direction }) => `${name} ${direction}`,
    },
    {
        short: "Pressure", title: "Time lost waiting (PSI)", unit: "ratio",
        query: (select, rate) => `max by (resource, kind) (${rate(select("system_pressure_waiting_seconds_total"))})`,
        name: ({ resource, kind }) => `${resource} ${kind}`,
        missing: "The kernel tells pressure when it has CONFIG_PSI and was booted with psi=1.",
    },
    {
        short: "Busy", title: "Disk busy", unit: "ratio",
        query: (select, rate) => `max by (device) (${rate(select("system_disk_io_seconds_total"))})`,
        name: ({ device }) => device,
        missing: "A host without block devices of its own, such as a container, shows none.",
    },
];

/** What services tell of themselves by the performance pack, each job apart.
 * @type {HostPanel[]} */
export const SERVICE_PANELS = [
    {
        short: "Response", title: "Response time, 95 of 100", unit: "seconds",
        query: (select, rate) => `histogram_quantile(0.95, sum by (le, job, operation) (${rate(select("operation_duration_seconds_bucket"))}))`,
        name: ({ job, operation }) => `${operation}, ${job}`,
    },
    {
        short: "Throughput", title: "Operations a second", unit: "per-second",
        query: (select, rate) => `sum by (job, operation) (${rate(select("operations_total"))})`,
        name: ({ job, operation }) => `${operation}, ${job}`,
    },
    {
        short: "Failures", title: "Share of operations that failed", unit: "ratio",
        query: (select, rate) => `sum by (job, operation) (${rate(select("operations_total", 'result="failure"'))})`
            + ` / sum by (job, operation) (${rate(select("operations_total"))})`,
        name: ({ job, operation }) => `${operation}, ${job}`,
    },
];

/** Whether any service is there, and how often those are read. */
export const SERVICES_QUERY = "operations_total[5m]";

/** What a panel says while it has nothing to draw.
 * @param {HostPanel} panel @param {boolean} hasOthers whether the host has been read often enough for every panel
 * @returns {{title: string, todo: string}} */
export function emptyText(panel, hasOthers) {
    return hasOthers && panel.missing ? { title: "None on this host in this range", todo: panel.missing } : { title: "No data yet", todo: WAIT };
}

/** @param {HostPanel} panel @param {string} host @param {number} step @param {number} interval seconds between readings */
export function panelQuery(panel, host, step, interval) {
    return panel.query(selectorFor(host), rateOver(step, interval));
}

/** How long the free space of each file system lasts if it goes on as on the last day; none for those that do not fill, nor
 * for those that were not watched for an hour.
 * @param {(name: string, matchers?: string) => string} select */
export function secondsToFull(select) {
    const free = select("system_filesystem_usage_bytes", 'state="free"');
    return `sum by (device, mountpoint) (${free}) / -(sum by (device, mountpoint) (deriv(${free}[1d])) < 0)`
        + ` and sum by (device, mountpoint) (${free} offset 1h)`;
}

/** The queries behind the strip of current numbers.
 * @param {string} host @param {number} interval */
export function stripQueries(host, interval) {
    const select = selectorFor(host);
    const rate = rateOver(1, interval);
    return {
        cpu: `1 - avg(${rate(select("system_cpu_seconds_total", 'mode="idle"'))})`,
        memoryUsed: `sum(${select("system_memory_limit_bytes")}) - sum(${select("system_memory_available_bytes")}) or sum(${select("system_memory_usage_bytes", 'state="used"')})`,
        memoryLimit: `sum(${select("system_memory_limit_bytes")})`,
        load: `max(${select("system_load_average", 'window="1m"')})`,
        cpus: `count(count by (cpu) (${select("system_cpu_seconds_total")}))`,
        fileSystems: `sum by (device, mountpoint, type, state) (${select("system_filesystem_usage_bytes")})`,
        secondsToFull: secondsToFull(select),
    };
}

/** @typedef {{device: string, mountpoint: string, type: string, used: number, free: number, reserved: number, size: number, share: number, fullIn: number|null}} FileSystem */

/** File systems from their samples, fullest first; a device mounted more than once counts once, at its shortest place.
 * @param {{labels: Record<string, string>, value: number}[]} samples
 * @param {{labels: Record<string, string>, value: number}[]} trends the seconds to full of those that fill
 * @returns {FileSystem[]} */
export function fileSystems(samples, trends = []) {
    const lasting = new Map(trends.map(({ labels, value }) => [`${labels.device ?? ""}\n${labels.mountpoint ?? ""}`, value]));
    const mounts = /** @type {Map<string, FileSystem>} */ (new Map());
    for (const { labels, value } of samples) {
        const { device = "", mountpoint = "", type = "", state = "" } = labels;
        const key = `${device}\n${mountpoint}`;
        const mount = mounts.get(key) ?? { device, mountpoint, type, used: 0, free: 0, reserved: 0, size: 0, share: 0, fullIn: lasting.get(key) ?? null };
        if (state === "used" || state === "free" || state === "reserved") mount[state] = value;
        mounts.set(key, mount);
    }
    const devices = /** @type {Map<string, FileSystem>} */ (new Map());
    for (const mount of mounts.values()) {
        mount.size = mount.used + mount.free + mount.reserved;
        if (!(mount.size > 0)) continue;
        // What is reserved for root is not there for anybody else: df counts alike.
        mount.share = mount.used + mount.free > 0 ? mount.used / (mount.used + mount.free) : 1;
        const isReal = mount.device.startsWith("/dev/");
        const key = isReal ? mount.device : `${mount.device}\n${mount.mountpoint}`;
        const other = devices.get(key);
        if (!other || mount.mountpoint.length < other.mountpoint.length) devices.set(key, mount);
    }
    return [...devices.values()].sort((a, b) => b.share - a.share || a.mountpoint.localeCompare(b.mountpoint));
}

/** Further away than this, nobody plans for it. */
const FULL_IN_MAX = 365 * 86400;

/** @param {number|null} seconds until a file system is full */
export function fullInText(seconds) {
    if (seconds === null || !(seconds < FULL_IN_MAX)) return "–";
    const days = seconds / 86400;
    return days < 1 ? "< 1 day" : `${Math.floor(days)} day${Math.floor(days) === 1 ? "" : "s"}`;
}

/** How a share of something limited stands.
 * @param {number} share @returns {"good"|"warning"|"bad"} */
export function fillState(share) {
    return share >= 0.95 ? "bad" : share >= 0.85 ? "warning" : "good";
}
