// Measures the time-series store: `swift run -c release TimeSeriesBenchmark [series] [steps]`, or with the bodies of a
// remote-write workload: `… --workload FILE`. The file has eight bytes, then for each body its connection, twelve bytes
// in all, its length in four bytes, and the body, protobuf compressed with snappy.
// Prints TSV rows `peer op threads value`; rates are per second of one thread, sizes in bytes.

import Foundation
import MartletCore
import MartletSeries
import MartletTSDB

/// A clock that the benchmark sets.
struct FixedClock: WallClock {
    let nanosecondsSinceEpoch: Int64
}

func report(_ operation: String, _ value: Double) {
    print("martlet\t\(operation)\t1\t\(String(format: "%.3f", value))")
}

/// A line of `/proc/self/status` in bytes.
func memory(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return (line?.split(separator: " ").dropLast().last.flatMap { Double($0) } ?? 0) * 1024
}

func cpuSeconds() -> Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
}

@discardableResult
func measure<Result>(_ operation: String, count: Int, _ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    let cpu = cpuSeconds()
    let result = try body()
    report("\(operation)_per_second", Double(count) / ((ContinuousClock.now - start) / .seconds(1)))
    report("\(operation)_per_cpu_second", Double(count) / (cpuSeconds() - cpu))
    return result
}

/// One body as columns.
struct Columns {
    var batch = SampleBatch()
    var labels: [UInt8] = []
}

let arguments = CommandLine.arguments
let directory = FileManager.default.temporaryDirectory.path + "/martlet-benchmark-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: directory) }
let file = arguments.firstIndex(of: "--workload").map { arguments[$0 + 1] }
let workload: any Workload =
    if let file {
        try RemoteWriteWorkload(path: file)
    } else {
        SyntheticWorkload(
            series: arguments.count > 1 ? Int(arguments[1]) ?? 10_000 : 10_000,
            steps: arguments.count > 2 ? Int(arguments[2]) ?? 240 : 240
        )
    }
let configuration = TimeSeriesStore.Configuration(directory: directory, retention: .seconds(400 * 86_400))
let now = FixedClock(nanosecondsSinceEpoch: workload.end * 1_000_000)
let empty = memory("VmRSS")
report("memory_empty_bytes", empty)
var store = try TimeSeriesStore(configuration, clock: now)
var sessions: [Int: WriteSession] = [:]
var (cpu, seconds, count) = (0.0, 0.0, 0)
var columns = Columns()
while true {
    let (before, start) = (cpuSeconds(), ContinuousClock.now)
    guard let connection = try workload.next(into: &columns) else { break }
    if !workload.countsReading { (cpu, seconds) = (cpu - (cpuSeconds() - before), seconds) }
    var session = sessions[connection] ?? WriteSession(origin: "\(connection)")
    let result = try store.append(columns.batch, labels: columns.labels.span, session: &session)
    precondition(result.rejections.isEmpty)
    sessions[connection] = session
    count += result.appended
    cpu += cpuSeconds() - before
    seconds += (ContinuousClock.now - start) / .seconds(1)
}
report("append_samples_per_cpu_second", Double(count) / cpu)
report("memory_peak_bytes", memory("VmHWM"))
report("memory_resident_bytes", memory("VmRSS"))
report("log_bytes_per_sample", Double(store.statistics.logBytes) / Double(count))
report("live_disk_bytes_per_sample", Double(store.statistics.diskBytes) / Double(count))
try store.close()
let reopening = ContinuousClock.now
store = try TimeSeriesStore(configuration, clock: now)
report("replay_milliseconds", (ContinuousClock.now - reopening) / .milliseconds(1))
report("replayed_samples", Double(store.statistics.replayedSamples))
try measure("seal_samples", count: count) { try store.sealAll() }
report("segments", Double(store.statistics.segments))
report("sealed_bytes_per_sample", Double(store.statistics.segmentBytes) / Double(count))
report("memory_resident_sealed_bytes", memory("VmRSS"))
let range = (workload.end - 300_000)...workload.end
func milliseconds(_ operation: String, _ repeats: Int = 5, _ body: () throws -> Int) rethrows {
    var best = Double.infinity
    var result = 0
    for _ in 0..<repeats {
        let before = cpuSeconds()
        result = try body()
        best = min(best, (cpuSeconds() - before) * 1000)
    }
    report("\(operation)_cpu_milliseconds", best)
    report("\(operation)_results", Double(result))
}
let limit = SelectionLimit()
try milliseconds("count_by_name") { try store.counts([], in: range, by: .by(["__name__"]), limit: limit).count }
try milliseconds("latest_all") { try store.latest([], in: range, limit: limit).count }
try milliseconds("select_all", 2) { try store.select([], in: .min ... .max, limit: limit).count }
let cpuTime = [LabelMatcher("__name__", .equal, "node_cpu_seconds_total")]
let lastHour = (workload.end - 3_600_000)...workload.end
try milliseconds("select_cpu_hour") { try store.select(cpuTime, in: lastHour, limit: limit).count }
let one = [LabelMatcher("instance", .equal, workload.instance)]
try milliseconds("series_one_host") { try store.labelSets(matching: [one], in: range, limit: 1 << 20).count }
try milliseconds("label_values") {
    try store.labelValues(of: "instance", matching: [], in: range, limit: 1 << 20).count
}
try store.close()
