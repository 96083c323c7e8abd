import MartletAlerting
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import Synchronization
import Testing

@testable import MartletServer

/// Rules of one evaluation that read the same series.
@Suite("Shared reads")
struct SharedReadsTests {
    /// Counts what is asked of it; every selector finds one series with a sample every 10 s.
    private final class CountingSource: SeriesSource {
        let reads = Atomic(0)

        func select(
            _ matchers: [LabelMatcher],
            in range: ClosedRange<Int64>,
            limit: SelectionLimit
        ) throws(SeriesError) -> [Series] {
            reads.add(1, ordering: .relaxed)
            let times = stride(from: range.lowerBound, through: range.upperBound, by: 10_000).map { $0 }
            let name = matchers.first { $0.name == Label.metricName }?.value ?? "m"
            return [
                Series(
                    labels: [Label.metricName: name],
                    timestamps: times,
                    values: times.map { Double($0 - range.lowerBound) }
                )
            ]
        }

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

    private func adapter(_ source: CountingSource) -> QueryAdapter {
        QueryAdapter(engine: QueryEngine(patterns: RE2Patterns()), source: source)
    }

    @Test func `a pass reads the newest samples of each series once for many rules`() throws {
        let form = "queue_depth > %"
        let source = CountingSource()
        let expressions = (0..<100).map { form.replacing("%", with: "\($0 - 1000)") }
        let answers = adapter(source).instant(expressions, at: 1_600_000_000_000)
        #expect(try answers.allSatisfy { try $0.get().count == 1 })
        // Each thread may begin before another has finished; without sharing there are a hundred reads.
        #expect((1...4).contains(source.reads.load(ordering: .relaxed)))
    }

    @Test func `a pass reads the windows of each series once for many rules`() throws {
        let form = "sum by (job) (rate(requests_total[5m])) > %"
        let source = CountingSource()
        let expressions = (0..<100).map { form.replacing("%", with: "\($0 - 1000)") }
        let answers = adapter(source).instant(expressions, at: 1_600_000_000_000)
        #expect(try answers.allSatisfy { try $0.get().count == 1 })
        #expect((1...4).contains(source.reads.load(ordering: .relaxed)))
    }

    @Test func `a stream is handed over again as it was, unless it was left early or is too long`() throws {
        let source = CountingSource()
        let shared = SharedReads(source, samplesMax: 50)
        let matchers = [LabelMatcher(Label.metricName, .equal, "m")]
        func stream(to end: Int64, goesOn: Bool = true) throws -> [[Double]] {
            var values: [[Double]] = []
            let sets = try shared.forEachSeries(matchers, in: 0...end, by: nil, limit: SelectionLimit()) { _, series in
                values.append(Array(series.values))
                return goesOn
            }
            #expect(sets == [[Label.metricName: "m"]])
            return values
        }
        _ = try stream(to: 30_000, goesOn: false)
        #expect(try stream(to: 30_000) == [[0, 10_000, 20_000, 30_000]])
        #expect(source.reads.load(ordering: .relaxed) == 2)
        #expect(try stream(to: 30_000) == [[0, 10_000, 20_000, 30_000]])
        #expect(source.reads.load(ordering: .relaxed) == 2)
        _ = try stream(to: 600_000)
        _ = try stream(to: 600_000)
        #expect(source.reads.load(ordering: .relaxed) == 4)
    }

    @Test func `what differs is read apart, and the next pass reads anew`() throws {
        let source = CountingSource()
        let expressions = (0..<20).map { "metric_\($0) > -1" }
        _ = adapter(source).instant(expressions, at: 1_600_000_000_000)
        #expect(source.reads.load(ordering: .relaxed) == 20)
        _ = adapter(source).instant(expressions, at: 1_600_000_015_000)
        #expect(source.reads.load(ordering: .relaxed) == 40)
    }

    @Test func `what is held is bounded`() throws {
        let source = CountingSource()
        let shared = SharedReads(source, samplesMax: 50)
        let matchers = [LabelMatcher(Label.metricName, .equal, "m")]
        for _ in 0..<3 { _ = try shared.select(matchers, in: 0...200_000, limit: SelectionLimit()) }
        #expect(source.reads.load(ordering: .relaxed) == 1)
        // A second one does not fit beside the first and is read each time.
        for _ in 0..<3 { _ = try shared.select(matchers, in: 0...400_000, limit: SelectionLimit()) }
        #expect(source.reads.load(ordering: .relaxed) == 4)
        // An answer that passes a smaller limit is no answer: the source says so itself.
        _ = try shared.select(matchers, in: 0...200_000, limit: SelectionLimit(samples: 5))
        #expect(source.reads.load(ordering: .relaxed) == 5)
    }
}
