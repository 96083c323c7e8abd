// Measures the time-series store: `swift run -c release TimeSeriesBenchmark [series] [steps]`.
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

func residentBytes() -> Double {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")[1]
    return (pages.flatMap { Double($0) } ?? 0) * 4096
}

func cpuSeconds() -> Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
}

@discardableResult
func measure<Result>(_ operation: String, count: Int, _ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    let cpu = cpuSeconds()
    let result = try body()
    let elapsed = ContinuousClock.now - start
    report("\(operation)_per_second", Double(count) / (elapsed / .seconds(1)))
    report("\(operation)_per_cpu_second", Double(count) / (cpuSeconds() - cpu))
    return result
}

let seriesCount = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 10_000 : 10_000
let stepCount = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 240 : 240
let start: Int64 = 1_767_225_600_000
let end = start + Int64(stepCount) * 15_000
let directory = FileManager.default.temporaryDirectory.path + "/martlet-benchmark-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: directory) }
let configuration = TimeSeriesStore.Configuration(directory: directory, headSamplesMax: .max / 4)
let now = FixedClock(nanosecondsSinceEpoch: end * 1_000_000)

/// A third counters, a third gauges with two decimals, a sixth constants, a sixth noise; a jitter of 0 to 2 ms.
let labels = (0..<seriesCount).map { index in
    LabelSet([
        Label("__name__", "benchmark_metric_\(index % 100)"), Label("instance", "host-\(index / 1000):9100"),
        Label("job", "node"), Label("device", "dev\(index / 100 % 10)"), Label("mode", "mode\(index % 7)"),
    ])
}
var generator = SystemRandomNumberGenerator()
var values = [Double](repeating: 100, count: seriesCount)
let empty = residentBytes()
var store = try TimeSeriesStore(configuration, clock: now)
var batches: [[IncomingSample]] = []
for step in 0..<min(stepCount, 8) {
    batches.append(batch(step))
}

@MainActor func batch(_ step: Int) -> [IncomingSample] {
    let time = start + Int64(step) * 15_000 + Int64.random(in: 0...2)
    return (0..<seriesCount).map { index in
        switch index % 6 {
        case 0, 1: values[index] += Double(Int.random(in: 0...100))
        case 2, 3: values[index] = Double(Int.random(in: 4000...4400)) / 100
        case 4: break
        default: values[index] = Double.random(in: 0...1)
        }
        return IncomingSample(labels: labels[index], timestamp: time, value: values[index])
    }
}

var appendSeconds = 0.0
var appendCPU = 0.0
for step in 0..<stepCount {
    let samples = step < batches.count ? batches[step] : batch(step)
    let (began, cpu) = (ContinuousClock.now, cpuSeconds())
    for first in stride(from: 0, to: samples.count, by: 1000) {
        try store.append(Array(samples[first..<min(first + 1000, samples.count)]))
    }
    appendSeconds += (ContinuousClock.now - began) / .seconds(1)
    appendCPU += cpuSeconds() - cpu
}
let count = seriesCount * stepCount
report("append_samples_per_second", Double(count) / appendSeconds)
report("append_samples_per_cpu_second", Double(count) / appendCPU)
let statistics = store.statistics
report("memory_resident_growth_bytes", residentBytes() - empty)
report("memory_column_bytes_per_sample", Double(statistics.headBytes) / Double(count))
report("log_bytes_per_sample", Double(statistics.logBytes) / Double(count))
try store.close()
store = try TimeSeriesStore(configuration, clock: now)
report("replay_samples_per_second", Double(count) / store.statistics.replaySeconds)
let head = try measure("select_head_samples", count: count) { try store.select([], in: start...end).count }
precondition(head == seriesCount)
try measure("seal_samples", count: count) { try store.sealAll() }
report("sealed_bytes_per_sample", Double(store.statistics.segmentBytes) / Double(count))
try measure("select_sealed_samples", count: count) { try store.select([], in: start...end).count }
let one = [
    LabelMatcher("__name__", .equal, "benchmark_metric_1"), LabelMatcher("instance", .equal, "host-0:9100"),
]
try measure("select_ten_series", count: 100) {
    for _ in 0..<100 { _ = try store.select(one, in: start...end) }
}
try store.close()
