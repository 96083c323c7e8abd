// Measures queries against the store: `swift run -c release PromQLBenchmark [hosts] [steps] [rounds] [query]`.
// Prints TSV rows `peer op threads value`; values are milliseconds of processor time a query, the least of the rounds.

import Foundation
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import MartletTSDB

/// A clock that the benchmark sets.
struct FixedClock: WallClock {
    let nanosecondsSinceEpoch: Int64
}

func argument(_ place: Int, _ standard: Int) -> Int {
    CommandLine.arguments.count > place ? Int(CommandLine.arguments[place]) ?? standard : standard
}

let hosts = argument(1, 20)
let stepCount = argument(2, 240)
let rounds = argument(3, 10)
let only = CommandLine.arguments.count > 4 ? CommandLine.arguments[4] : nil
let start: Int64 = 1_767_225_600_000
let end = start + Int64(stepCount) * 15_000
let directory = FileManager.default.temporaryDirectory.path + "/promql-benchmark-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: directory) }

/// The series of one host: about 500, as a node exporter and a web service give them.
func series(of host: Int) -> [LabelSet] {
    let base = [
        Label("job", "node"), Label("instance", "host-\(host / 10000)\(host % 10000).dc\(host % 4).example.net:9100"),
        Label("dc", "dc\(host % 4)"), Label("env", host % 2 == 0 ? "prod" : "stage"),
    ]
    func make(_ name: String, _ labels: [(String, String)] = []) -> LabelSet {
        LabelSet([Label("__name__", name)] + base + labels.map { Label($0.0, $0.1) })
    }
    var result: [LabelSet] = []
    for cpu in 0..<16 {
        for mode in ["idle", "user", "system", "iowait", "softirq", "irq", "nice", "steal"] {
            result.append(make("node_cpu_seconds_total", [("cpu", "\(cpu)"), ("mode", mode)]))
        }
        result.append(make("node_schedstat_running_seconds_total", [("cpu", "\(cpu)")]))
    }
    for device in ["lo", "eth0", "eth1", "docker0", "cni0"] {
        for name in ["receive_bytes", "transmit_bytes", "receive_packets", "transmit_packets"] {
            result.append(make("node_network_\(name)_total", [("device", device)]))
        }
    }
    for device in ["nvme0n1", "nvme1n1", "sda", "dm-0"] {
        result.append(make("node_disk_written_bytes_total", [("device", device)]))
    }
    for mount in ["/", "/boot", "/boot/efi", "/home", "/var", "/var/lib/docker", "/srv", "/run"] {
        for name in ["size_bytes", "avail_bytes", "free_bytes"] {
            let type = mount == "/run" ? "tmpfs" : "ext4"
            result.append(
                make("node_filesystem_\(name)", [("mountpoint", mount), ("fstype", type), ("device", "/dev" + mount)])
            )
        }
    }
    for handler in ["/api/v1/items", "/api/v1/items/:id", "/api/v1/login", "/api/v1/search", "/healthz", "/metrics"] {
        for bound in ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "+Inf"] {
            result.append(
                make(
                    "http_request_duration_seconds_bucket",
                    [("handler", handler), ("method", "GET"), ("code", "200"), ("le", bound)]
                )
            )
        }
    }
    for name in ["MemFree", "MemAvailable", "MemTotal", "Buffers"] { result.append(make("node_memory_\(name)_bytes")) }
    for other in 0..<(500 - result.count) { result.append(make("node_other_\(other)")) }
    return result
}

let queries: [(name: String, isRange: Bool, step: Int64, text: String)] = [
    ("i_cpu_rate_by_instance", false, 0, #"sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))"#),
    ("i_count_by_name_all", false, 0, #"count by (__name__) ({__name__=~".+"})"#),
    ("i_topk_net", false, 0, "topk(10, rate(node_network_receive_bytes_total[5m]))"),
    ("i_avg_over_time_1h", false, 0, "avg_over_time(node_memory_MemAvailable_bytes[1h])"),
    ("r_single_raw", true, 15, #"node_memory_MemFree_bytes{instance="host-00.dc0.example.net:9100"}"#),
    ("r_cpu_rate_by_mode", true, 30, "sum by (mode) (rate(node_cpu_seconds_total[5m]))"),
    (
        "r_cpu_busy_by_instance", true, 30,
        #"100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[2m])))"#
    ),
    (
        "r_histogram_quantile", true, 30,
        "histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))"
    ),
    ("r_topk_net", true, 60, "topk(5, sum by (instance, device) (rate(node_network_transmit_bytes_total[2m])))"),
    ("r_fs_ratio_match", true, 60, #"1 - node_filesystem_avail_bytes{fstype="ext4"} / node_filesystem_size_bytes"#),
    (
        "r_regex_instances", true, 30,
        #"sum by (cpu) (irate(node_cpu_seconds_total{instance=~"host-0[0-4].*",mode=~"user|system"}[1m]))"#
    ),
    (
        "r_offset", true, 30,
        "sum(rate(node_disk_written_bytes_total[2m])) / sum(rate(node_disk_written_bytes_total[2m] offset 3m))"
    ),
    (
        "r_subquery", true, 60,
        "max_over_time(sum by (dc) (rate(node_network_receive_packets_total[1m]))[5m:30s])"
    ),
    ("l_count_by_name_all", true, Int64(stepCount) * 15 / 20, #"count by (__name__) ({__name__=~"node_.+"})"#),
    (
        "l_rate_whole_range", true, max(1, Int64(stepCount) * 15 / 240),
        "sum by (dc) (rate(node_schedstat_running_seconds_total[5m]))"
    ),
]

let configuration = TimeSeriesStore.Configuration(directory: directory, headSamplesMax: .max / 4)
let store = try TimeSeriesStore(configuration, clock: FixedClock(nanosecondsSinceEpoch: end * 1_000_000))
let labels = (0..<hosts).flatMap { series(of: $0) }
var values = [Double](repeating: 100, count: labels.count)
var state: UInt64 = 7
for step in 0..<stepCount {
    let time = start + Int64(step) * 15_000
    let batch = labels.indices.map { index in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        if index % 2 == 0 { values[index] += Double(state >> 54) }
        return IncomingSample(labels: labels[index], timestamp: time, value: values[index])
    }
    for first in stride(from: 0, to: batch.count, by: 1000) {
        try store.append(Array(batch[first..<min(first + 1000, batch.count)]))
    }
}
try store.sealAll()
let engine = QueryEngine(patterns: RE2Patterns())
for query in queries where only.map({ query.name == $0 }) ?? true {
    var best = Double.infinity
    var size = 0
    for _ in 0..<rounds {
        let began = clock()
        if query.isRange {
            let from = query.name.hasPrefix("l_") ? start : max(start, end - 3_600_000)
            let step = query.step * 1000
            let result = try engine.range(query.text, from: from, through: end, step: step, from: store)
            if case .matrix(let series) = result.value { size = series.count }
        } else if case .vector(let elements) = try engine.instant(query.text, at: end, from: store).value {
            size = elements.count
        }
        best = min(best, Double(clock() - began) / Double(CLOCKS_PER_SEC) * 1000)
    }
    print("martlet\t\(query.name)\t1\t\(String(format: "%.3f", best))\t\(size)")
}
try store.close()
