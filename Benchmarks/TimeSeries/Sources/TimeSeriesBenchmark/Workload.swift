import Foundation
import MartletCore
import MartletSeries

/// Where a benchmark's samples come from.
protocol Workload: AnyObject {
    /// The time of the last sample, in milliseconds since the epoch.
    var end: Int64 { get }

    /// The value of `instance` of some series.
    var instance: String { get }

    /// Whether reading is part of what is measured.
    var countsReading: Bool { get }

    /// Fills the next columns; gives their connection, or `nil` at the end.
    func next(into columns: inout Columns) throws -> Int?
}

/// A third counters, a third gauges with two decimals, a sixth constants, a sixth noise; a jitter of 0 to 2 ms.
final class SyntheticWorkload: Workload {
    let end: Int64
    let instance = "host-0:9100"
    let countsReading = false
    private let start: Int64 = 1_767_225_600_000
    private let labels: [[UInt8]]
    private let steps: Int
    private var values: [Double]
    private var step = 0
    private var first = 0
    private var time: Int64 = 0
    private var state: UInt64 = 1

    init(series: Int, steps: Int) {
        self.steps = steps
        end = start + Int64(steps) * 15_000
        values = Array(repeating: 100, count: series)
        labels = (0..<series).map { index in
            LabelBytes.encode(
                LabelSet([
                    Label("__name__", "benchmark_metric_\(index % 100)"),
                    Label("instance", "host-\(index / 1000):9100"),
                    Label("job", "node"), Label("device", "dev\(index / 100 % 10)"), Label("mode", "mode\(index % 7)"),
                ])
            )
        }
    }

    private func random(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }

    func next(into columns: inout Columns) -> Int? {
        guard step < steps else { return nil }
        if first == 0 { time = start + Int64(step) * 15_000 + Int64(random(3)) }
        columns.batch.removeAll()
        columns.labels.removeAll(keepingCapacity: true)
        let last = min(first + 5000, values.count)
        for index in first..<last {
            switch index % 6 {
            case 0, 1: values[index] += Double(random(101))
            case 2, 3: values[index] = Double(4000 + random(401)) / 100
            case 4: break
            default: values[index] = Double(random(1 << 30)) / Double(1 << 30)
            }
            let place = columns.labels.count
            columns.labels += labels[index]
            columns.batch.beginSeries(labels: place..<columns.labels.count)
            columns.batch.add(timestamp: time, value: values[index])
        }
        first = last == values.count ? 0 : last
        if first == 0 { step += 1 }
        return 0
    }
}

/// Bodies of remote write 1.0; unpacking and reading them counts as work.
final class RemoteWriteWorkload: Workload {
    let end: Int64
    let countsReading = true
    private(set) var instance = ""
    private let data: [UInt8]
    private var place = 8

    init(path: String) throws {
        data = Array(try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped))
        end = 1_767_268_800_000
        var columns = Columns()
        _ = next(into: &columns)
        instance = columns.batch.labels(of: 0, in: columns.labels.span)?["instance"] ?? ""
        place = 8
    }

    private func number(_ at: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
    }

    func next(into columns: inout Columns) -> Int? {
        guard place + 16 <= data.count else { return nil }
        let (connection, count) = (number(place), number(place + 12))
        Self.uncompress(data[(place + 16)..<(place + 16 + count)], into: &columns.labels)
        place += 16 + count
        let labels = columns.labels
        Self.parse(labels.span, into: &columns.batch)
        return connection
    }

    private static func varint(_ bytes: Span<UInt8>, _ at: inout Int) -> UInt64 {
        var (result, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = bytes[at]
            at += 1
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    private static func parse(_ bytes: Span<UInt8>, into batch: inout SampleBatch) {
        batch.removeAll()
        var at = 0
        while at < bytes.count {
            at += 1
            let end = Int(varint(bytes, &at)) + at
            let start = at
            while at < end, bytes[at] == 0x0a {
                at += 1
                let count = Int(varint(bytes, &at))
                at += count
            }
            batch.beginSeries(labels: start..<at)
            while at < end {
                at += 3
                var bits: UInt64 = 0
                for byte in 0..<8 { bits |= UInt64(bytes[at + byte]) << UInt64(8 * byte) }
                at += 9
                batch.add(timestamp: Int64(bitPattern: varint(bytes, &at)), value: Double(bitPattern: bits))
            }
        }
    }

    /// Snappy's block format, as its description has it.
    private static func uncompress(_ source: ArraySlice<UInt8>, into target: inout [UInt8]) {
        source.withUnsafeBufferPointer { source in
            var at = 0
            var (size, shift) = (0, 0)
            while true {
                size |= Int(source[at] & 0x7f) << shift
                shift += 7
                at += 1
                if source[at - 1] < 0x80 { break }
            }
            if target.count < size { target = [UInt8](repeating: 0, count: size) }
            target.removeLast(target.count - size)
            target.withUnsafeMutableBufferPointer { target in
                guard let base = target.baseAddress, let from = source.baseAddress else { return }
                var end = 0
                while at < source.count {
                    let tag = Int(source[at])
                    at += 1
                    if tag & 3 == 0 {
                        var count = tag >> 2
                        if count >= 60 {
                            let bytes = count - 59
                            count = (0..<bytes).reduce(0) { $0 | Int(source[at + $1]) << (8 * $1) }
                            at += bytes
                        }
                        count += 1
                        memcpy(base + end, from + at, count)
                        (at, end) = (at + count, end + count)
                        continue
                    }
                    let count = tag & 3 == 1 ? 4 + tag >> 2 & 7 : 1 + tag >> 2
                    let distance =
                        tag & 3 == 1
                        ? (tag & 0xe0) << 3 | Int(source[at]) : Int(source[at]) | Int(source[at + 1]) << 8
                    at += tag & 3 == 1 ? 1 : 2
                    if distance >= count {
                        memcpy(base + end, base + end - distance, count)
                    } else {
                        for offset in 0..<count { base[end + offset] = base[end + offset - distance] }
                    }
                    end += count
                }
            }
        }
    }
}
