import MartletCore
import MartletFiles
import MartletSeries
import Testing

@testable import MartletTSDB

@Suite("Faults of the disk")
struct FaultTests {
    let directory = TemporaryDirectory()

    /// A story of appends, seals and log files of little size; gives the samples that were acknowledged.
    private func story(_ store: TimeSeriesStore, steps: Range<Int>) -> [Int: [Int64: Double]] {
        var acknowledged: [Int: [Int64: Double]] = [:]
        for step in steps {
            let batch = (0..<3).map { IncomingSample(i: $0, noon + Int64(step) * 1000, Double(step * 10 + $0) / 4) }
            if (try? store.append(batch)) != nil {
                for index in 0..<3 {
                    acknowledged[index, default: [:]][noon + Int64(step) * 1000] = Double(step * 10 + index) / 4
                }
            }
            if step % 5 == 4 { try? store.sealAll() }
        }
        return acknowledged
    }

    /// Whether a store has all that was acknowledged and nothing that was never sent.
    private func check(_ store: TimeSeriesStore, has acknowledged: [Int: [Int64: Double]], _ comment: String) throws {
        var found: [Int: [Int64: Double]] = [:]
        for series in try store.everything() {
            let index = try #require(series.labels["i"].flatMap { Int($0) })
            for sample in series.samples {
                let step = Int((sample.timestamp - noon) / 1000)
                #expect(sample.value == Double(step * 10 + index) / 4, "\(comment)")
                found[index, default: [:]][sample.timestamp] = sample.value
            }
        }
        for (index, samples) in acknowledged {
            let missing = samples.keys.filter { found[index]?[$0] == nil }.map { ($0 - noon) / 1000 }.sorted()
            #expect(missing.isEmpty, "series \(index) lost \(missing); \(comment)")
        }
    }

    private func configure(_ configuration: inout TimeSeriesStore.Configuration) {
        configuration.logFileBytesMax = 256
    }

    /// How many operations the whole story takes.
    private func operationsOfStory() throws -> Int {
        let files = FaultyFileSystem()
        let store = try openStore(TemporaryDirectory(), durability: .each, fileSystem: files, configure)
        let before = files.operations
        _ = story(store, steps: 0..<12)
        return files.operations - before
    }

    @Test func `a stop between any two operations loses nothing acknowledged`() throws {
        for count in 0..<(try operationsOfStory()) {
            let directory = TemporaryDirectory()
            let files = FaultyFileSystem()
            let store = try openStore(directory, durability: .each, fileSystem: files, configure)
            files.fail(after: count, with: .stop)
            let acknowledged = story(store, steps: 0..<12)
            store.abandon()
            try check(try openStore(directory), has: acknowledged, "stopped at operation \(count)")
        }
    }

    @Test func `a power cut between any two operations loses nothing acknowledged`() throws {
        for count in 0..<(try operationsOfStory()) {
            let directory = TemporaryDirectory()
            let files = FaultyFileSystem()
            let store = try openStore(directory, durability: .each, fileSystem: files, configure)
            files.fail(after: count, with: .stop)
            let acknowledged = story(store, steps: 0..<12)
            let copy = try directory.copied()
            try files.cutPower(original: directory, copy: copy)
            store.abandon()
            try check(try openStore(copy), has: acknowledged, "power cut at operation \(count)")
        }
    }

    @Test(
        arguments: [FaultyFileSystem.Fault.full, .failing],
        [TimeSeriesStore.Durability.each, .os, .interval(milliseconds: 5)]
    )
    func `one failed operation anywhere is got over`(
        fault: FaultyFileSystem.Fault,
        durability: TimeSeriesStore.Durability
    ) throws {
        for count in 0..<(try operationsOfStory()) {
            let directory = TemporaryDirectory()
            let files = FaultyFileSystem()
            let store = try openStore(directory, durability: durability, fileSystem: files, configure)
            files.fail(after: count, with: fault)
            let acknowledged = story(store, steps: 0..<12)
            // At most the batch that met the fault is refused.
            #expect((11...12).contains(acknowledged[0]?.count ?? 0), "operation \(count)")
            try check(store, has: acknowledged, "operation \(count), before")
            store.abandon()
            try check(try openStore(directory), has: acknowledged, "operation \(count), after")
        }
    }

    @Test(arguments: [TimeSeriesStore.Durability.each, .os, .interval(milliseconds: 1)])
    func `while the disk is full reads go on and writes are refused, and afterwards all is well`(
        durability: TimeSeriesStore.Durability
    ) throws {
        let files = FaultyFileSystem()
        let store = try openStore(directory, durability: durability, fileSystem: files)
        var acknowledged = story(store, steps: 0..<4)
        files.failAlways(with: .full)
        for step in 4..<8 {
            do {
                try store.append([IncomingSample(i: 0, noon + Int64(step) * 1000, Double(step * 10) / 4)])
                Issue.record("a full disk took a sample")
            } catch {
                guard case .storageUnavailable(let message) = error else { throw error }
                #expect(message.contains("no space left on device; free space on its disk or lower the retention"))
            }
        }
        #expect(store.statistics.failure != nil)
        #expect(store.statistics.logFailures > 0)
        try check(store, has: acknowledged, "while full")
        files.failAlways(with: nil)
        acknowledged.merge(story(store, steps: 8..<10)) { $0.merging($1) { $1 } }
        #expect(acknowledged[0]?.count == 6)
        #expect(store.statistics.failure == nil)
        store.abandon()
        try check(try openStore(directory), has: acknowledged, "after recovery")
    }

    @Test func `a refused batch that is sent again is there once, and durable`() throws {
        let files = FaultyFileSystem()
        let store = try openStore(directory, durability: .each, fileSystem: files)
        let batch = [IncomingSample(noon, 1), IncomingSample(noon + 1, 2)]
        files.failAlways(with: .failing)
        #expect(throws: SeriesError.self) { try store.append(batch) }
        files.failAlways(with: nil)
        #expect(try store.append(batch) == AppendResult(appended: 2))
        let copy = try directory.copied()
        try files.cutPower(original: directory, copy: copy)
        #expect(try openStore(copy).everything().map(\.timestamps) == [[noon, noon + 1]])
    }

    @Test func `maintenance finds out that the disk is well again`() throws {
        let files = FaultyFileSystem()
        let store = try openStore(directory, durability: .each, fileSystem: files)
        files.failAlways(with: .full)
        #expect(throws: SeriesError.self) { try store.append([IncomingSample(noon, 1)]) }
        store.maintain()
        #expect(store.statistics.failure != nil)
        files.failAlways(with: nil)
        store.maintain()
        #expect(store.statistics.failure == nil)
    }

    @Test func `each syncs before it acknowledges and os never does`() throws {
        for (durability, expected) in [(TimeSeriesStore.Durability.each, 5), (.os, 0)] {
            let directory = TemporaryDirectory()
            let files = FaultyFileSystem()
            let store = try openStore(directory, durability: durability, fileSystem: files)
            let before = files.syncs
            for step in 0..<5 { try store.append([IncomingSample(noon + Int64(step), 1)]) }
            #expect(files.syncs - before == expected)
        }
    }

    @Test func `interval syncs by itself soon after`() async throws {
        let files = FaultyFileSystem()
        let store = try openStore(directory, durability: .interval(milliseconds: 1), fileSystem: files)
        let before = files.syncs
        try store.append([IncomingSample(noon, 1)])
        let deadline = ContinuousClock.now + .seconds(30)
        while files.syncs == before, ContinuousClock.now < deadline { await Task.yield() }
        #expect(files.syncs > before)
        try store.close()
    }

    @Test func `a full disk while sealing keeps the samples in the log`() throws {
        let files = FaultyFileSystem()
        let store = try openStore(directory, durability: .each, fileSystem: files)
        let acknowledged = story(store, steps: 0..<4)
        files.failAlways(with: .full)
        #expect(throws: SeriesError.self) { try store.sealAll() }
        try check(store, has: acknowledged, "after a failed seal")
        files.failAlways(with: nil)
        try store.sealAll()
        #expect(store.statistics.headSamples == 0)
        try store.close()
        try check(try openStore(directory), has: acknowledged, "reopened")
    }
}
