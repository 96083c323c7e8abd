import Foundation
import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries
import MartletTestKit
import StorageDoubles
import Synchronization
import Testing

@testable import MartletTSDB

/// Random stories of a store on a file system that fails, tears, reorders and forgets.
///
/// `MARTLET_SIMULATION_SEEDS` says how many seeds are tried, 1,000 unless said otherwise; `MARTLET_SIMULATION_SEED`
/// replays one.
@Suite("Simulation")
struct SimulationTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["MARTLET_SIMULATION_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["MARTLET_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 1000))
    }()

    @Test(arguments: 0..<4)
    func `whatever fails, no acknowledged sample is lost, none is wrong, and the store starts`(part: Int) throws {
        for seed in Self.seeds where Int(seed) % 4 == part {
            var story = Story(seed: seed)
            if let failure = story.run() {
                Issue.record(
                    "seed \(seed): \(failure); replay with MARTLET_SIMULATION_SEED=\(seed) swift test --filter SimulationTests"
                )
                return
            }
        }
    }
}

/// One random story.
private struct Story {
    private static let seriesCount = 6
    private static let histogramSeries = 5

    private let seed: UInt64
    private var generator: SeededGenerator
    private let files = SimulatedFileSystem()
    private let clock = ManualClock(milliseconds: noon)
    private var isEach: Bool
    private var isDamaged = false
    private var acknowledged: Set<Key> = []
    private var sent: Set<Key> = []
    private var deleted: Set<Key> = []

    private struct Key: Hashable {
        var series: Int
        var time: Int64
    }

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        isEach = Int.random(in: 0..<4, using: &generator) > 0
    }

    /// The only right value of a sample.
    private static func value(_ key: Key) -> Double {
        let mixed = (UInt64(bitPattern: key.time) &* 0x9e37_79b9 &+ UInt64(key.series)) % 10_007
        switch key.series {
        case 0: return 1
        case 1: return Double(mixed)
        case 2: return Double(mixed) / 100
        case 3: return Double(bitPattern: UInt64(mixed) << 40 | 0x3ff0_0000_0000_1234)
        default: return Double(key.time - noon) * 3
        }
    }

    private static func histogram(_ key: Key) -> NativeHistogram {
        NativeHistogram(
            schema: 1,
            count: Double(abs(key.time % 1000)),
            sum: value(key),
            positiveSpans: [.init(offset: 0, length: 2)],
            positiveBuckets: [1, Double(abs(key.time % 7))]
        )
    }

    private func open() throws -> TimeSeriesStore {
        var configuration = TimeSeriesStore.Configuration(directory: "/data", durability: isEach ? .each : .os)
        configuration.retryInterval = .zero
        configuration.logFileBytesMax = [200, 1000, 1 << 20][Int(seed % 3)]
        configuration.headSamplesMax = [20, 100, 1000][Int(seed / 3 % 3)]
        configuration.outOfOrderWindow = .seconds(600)
        configuration.segmentDuration = .seconds(300)
        configuration.seriesIdleMax = .seconds(seed % 2 == 0 ? 60 : 3600)
        configuration.retention = .seconds(30 * 86_400)
        configuration.rollups = []
        let salt = Mutex(UInt32(truncatingIfNeeded: seed))
        return try TimeSeriesStore(
            configuration,
            clock: clock,
            logger: .silent,
            fileSystem: files,
            randomSalt: {
                salt.withLock { salt in
                    salt = salt &* 1_664_525 &+ 1_013_904_223
                    return salt
                }
            }
        )
    }

    /// Plays the story; gives what went wrong.
    mutating func run() -> String? {
        do {
            var store = try open()
            for _ in 0..<Int.random(in: 10...40, using: &generator) {
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    let fault: SimulatedFileSystem.Fault = [.full, .failing, .stop][
                        Int.random(in: 0..<3, using: &generator)
                    ]
                    files.fail(after: Int.random(in: 0..<12, using: &generator), with: fault)
                }
                step(store)
                if files.isStopped || Int.random(in: 0..<12, using: &generator) == 0 {
                    store.abandon()
                    store = try reopen()
                    if let failure = try check(store) { return failure }
                }
            }
            files.failAlways(with: nil)
            store.abandon()
            store = try reopen()
            if let failure = try check(store) { return failure }
            try store.sealAll()
            return try check(store)
        } catch {
            return "\(error)"
        }
    }

    private mutating func reopen() throws -> TimeSeriesStore {
        if Bool.random(using: &generator) { files.cutPower(&generator) } else { files.killProcess() }
        if !isEach { acknowledged = [] }
        if Int.random(in: 0..<10, using: &generator) == 0 {
            isDamaged = files.flipBit(Bool.random(using: &generator) ? ".wal" : ".seg", &generator) || isDamaged
        }
        // A stop while opening is survived too.
        if Int.random(in: 0..<5, using: &generator) == 0 {
            files.fail(after: Int.random(in: 0..<10, using: &generator), with: .stop)
            if let store = try? open() { store.abandon() }
            files.killProcess()
        }
        return try open()
    }

    private mutating func step(_ store: TimeSeriesStore) {
        clock.advance(by: .milliseconds(Int.random(in: 1...60_000, using: &generator)))
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: try? store.sealAll()
        case 1...2: store.maintain()
        case 3:
            files.failAlways(with: .full)
            append(store)
            files.failAlways(with: nil)
        case 4: delete(store)
        default: append(store)
        }
    }

    private mutating func append(_ store: TimeSeriesStore) {
        var batch: [IncomingSample] = []
        var keys: [Key] = []
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let late =
                Int.random(in: 0..<6, using: &generator) == 0 ? Int64.random(in: 1...500_000, using: &generator) : 0
            let key = Key(
                series: Int.random(in: 0..<Self.seriesCount, using: &generator),
                time: clock.millisecondsSinceEpoch - late
            )
            guard !deleted.contains(key) else { continue }
            keys.append(key)
            let labels: LabelSet = [
                "__name__": "m", "i": "\(key.series)", "long": String(repeating: "x", count: key.series * 9),
            ]
            batch.append(
                key.series == Self.histogramSeries
                    ? IncomingSample(labels: labels, timestamp: key.time, histogram: Self.histogram(key))
                    : IncomingSample(labels: labels, timestamp: key.time, value: Self.value(key))
            )
        }
        sent.formUnion(keys)
        guard let result = try? store.append(batch) else { return }
        let refused = Set(result.rejections.map(\.index))
        for (index, key) in keys.enumerated() where !refused.contains(index) { acknowledged.insert(key) }
    }

    private mutating func delete(_ store: TimeSeriesStore) {
        let series = Int.random(in: 0..<Self.seriesCount, using: &generator)
        let end = clock.millisecondsSinceEpoch - 300_000
        let range = (end - 100_000)...end
        let gone = sent.filter { $0.series == series && range.contains($0.time) }
        // Whatever comes of it, nothing of this is owed any more; once it is done, nothing may be left.
        acknowledged.subtract(gone)
        guard (try? store.deleteSeries(matching: [[LabelMatcher("i", .equal, "\(series)")]], in: range)) != nil else {
            return
        }
        if isEach { deleted.formUnion(gone) }
    }

    /// What is missing or wrong in a store.
    private func check(_ store: TimeSeriesStore) throws -> String? {
        var found: Set<Key> = []
        for series in try store.everything() {
            guard let index = series.labels["i"].flatMap({ Int($0) }) else { return "\(series.labels) was never sent" }
            for place in series.timestamps.indices {
                let key = Key(series: index, time: series.timestamps[place])
                guard sent.contains(key) else {
                    return "series \(index) has a sample at \(key.time) that was never sent"
                }
                if index == Self.histogramSeries {
                    guard !series.histograms.isEmpty, series.histograms[place] == Self.histogram(key) else {
                        return "series \(index) has a wrong histogram at \(key.time)"
                    }
                } else if series.values[place].bitPattern != Self.value(key).bitPattern {
                    return "series \(index) has \(series.values[place]) at \(key.time), not \(Self.value(key))"
                }
                if deleted.contains(key), !isDamaged { return "series \(index) has a deleted sample at \(key.time)" }
                found.insert(key)
            }
        }
        let lost = acknowledged.subtracting(found)
        if !lost.isEmpty, !isDamaged {
            return
                "\(lost.count) acknowledged samples are lost, such as series \(lost.first?.series ?? 0) at \(lost.first?.time ?? 0)"
        }
        return nil
    }
}
