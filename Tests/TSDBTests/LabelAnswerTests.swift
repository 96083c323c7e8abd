import MartletCore
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Labels of the store")
struct LabelAnswerTests {
    let directory = TemporaryDirectory()

    /// A store with two segments and some series in memory; series come and go.
    private func filled() throws -> TimeSeriesStore {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 0..<300 {
            var batch: [IncomingSample] = []
            for index in 0..<40 where step % 60 > index || index % 5 == 0 {
                let labels: LabelSet =
                    index % 3 == 0
                    ? ["__name__": "a", "i": "\(index)", "phase": "\(step / 100)"]
                    : ["__name__": "b\(index % 4)", "dc": "\(index % 2)", "i": "\(index)"]
                batch.append(
                    IncomingSample(labels: labels, timestamp: clock.millisecondsSinceEpoch, value: Double(step))
                )
            }
            try store.append(batch)
            if step == 100 || step == 200 { try store.sealAll() }
            clock.advance(by: .seconds(15))
        }
        return store
    }

    @Test func `names, values and sets are those of the series with a sample in the range`() throws {
        let store = try filled()
        let selectors: [[[LabelMatcher]]] = [
            [], [[LabelMatcher("__name__", .equal, "a")]],
            [[LabelMatcher("dc", .equal, "1")], [LabelMatcher("i", .equal, "3")]],
            [[LabelMatcher("phase", .equal, "2")]], [[LabelMatcher("i", .equal, "none")]],
        ]
        // Whole segments, parts of them, memory, gaps, nothing.
        let bounds: [Int64] = [-100_000, 0, 700_000, 1_500_000, 1_515_000, 2_222_222, 3_015_000, 4_000_000, 5_000_000]
        for (index, low) in bounds.enumerated() {
            for high in bounds[index...] {
                let range = (noon + low)...(noon + high)
                for selector in selectors {
                    var wanted: Set<LabelSet> = []
                    for matchers in selector.isEmpty ? [[]] : selector {
                        for series in try store.select(matchers, in: range) { wanted.insert(series.labels) }
                    }
                    let sets = try store.labelSets(matching: selector, in: range, limit: .max)
                    #expect(sets == wanted.sorted())
                    #expect(
                        try store.labelNames(matching: selector, in: range, limit: .max)
                            == Set(wanted.flatMap { $0.map(\.name) }).sorted()
                    )
                    for name in ["__name__", "i", "phase", "dc", "none"] {
                        #expect(
                            try store.labelValues(of: name, matching: selector, in: range, limit: .max)
                                == Set(wanted.compactMap { $0[name] }).sorted()
                        )
                    }
                }
            }
        }
        #expect(try store.labelNames(matching: [], in: noon...(noon + 4_500_000), limit: 2) == ["__name__", "dc"])
        #expect(try store.labelSets(matching: [], in: noon...(noon + 4_500_000), limit: 3).count == 3)
    }
}
