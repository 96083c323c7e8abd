import Foundation
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import Testing

/// Prints figures; run with `MARTLET_SPEED=1 swift test -c release --filter SpeedTests`.
@Suite("PromQL speed", .enabled(if: ProcessInfo.processInfo.environment["MARTLET_SPEED"] != nil, "set MARTLET_SPEED"))
struct SpeedTests {
    /// A source that gives the same series whatever is asked, so that only the engine is measured.
    private struct FixedSource: SeriesSource {
        var series: [Series]

        func select(
            _ matchers: [LabelMatcher],
            in range: ClosedRange<Int64>,
            limit: SelectionLimit
        ) throws(SeriesError) -> [Series] { series }

        func labelSets(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [LabelSet] { [] }

        func labelNames(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { [] }

        func labelValues(
            of name: String,
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { [] }
    }

    @Test(arguments: [
        "sum by (x) (rate(m_total[5m]))",
        "m_total",
        "m_total * 2",
        "m_total / on (x, instance) m_total",
        "sum by (x) (m_total)",
        "avg_over_time(m_total[5m])",
        "topk(5, m_total)",
        "histogram_quantile(0.9, sum by (x, le) (rate(m_total[5m])))",
    ])
    func `a thousand series at 240 steps`(query: String) throws {
        let times = (0..<260).map { Int64($0) * 15_000 }
        let series = (0..<1000).map { index in
            let labels: LabelSet = [
                "__name__": "m_total", "instance": "host-\(index):9100", "job": "node", "le": "\(index % 10)",
                "x": "group-\(index / 10 % 10)",
            ]
            return Series(labels: labels, timestamps: times, values: times.map { Double($0) / 1000 + Double(index) })
        }.sorted { $0.labels < $1.labels }
        let source = FixedSource(series: series)
        let engine = QueryEngine(patterns: RE2Patterns())
        var best = Duration.seconds(1000)
        for _ in 0..<10 {
            let clock = ContinuousClock()
            let elapsed = try clock.measure {
                _ = try engine.range(query, from: 300_000, through: 300_000 + 239 * 15_000, step: 15_000, from: source)
            }
            best = min(best, elapsed)
        }
        print("\(query): \(best)")
    }
}
