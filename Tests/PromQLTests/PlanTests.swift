import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Testing

@Suite("Query plans and statistics")
struct PlanTests {
    private static func source() -> MemorySource {
        var source = MemorySource()
        for a in ["x", "y"] {
            for step in 0..<10 {
                source.add(["__name__": "m_total", "a": a], Int64(step) * 60_000, Double(step))
            }
        }
        return source
    }

    private func engine() -> QueryEngine {
        var options = QueryEngine.Options()
        options.explains = true
        options.countsSamplesPerStep = true
        return QueryEngine(patterns: RE2Patterns(), options: options)
    }

    /// The plan as lines of its operations, methods, series and values, indented.
    private func lines(_ plan: QueryPlan?, _ indent: String = "") -> [String] {
        guard let plan else { return [] }
        let method = plan.method.isEmpty ? "" : " (\(plan.method))"
        return ["\(indent)\(plan.operation)\(method) \(plan.series) \(plan.values) \(plan.samplesRead)"]
            + plan.children.flatMap { lines($0, indent + "  ") }
    }

    @Test func `a plan follows the expression`() throws {
        let query = "sum by (a) (rate(m_total[2m])) + on (a) 2 * m_total"
        let result = try engine().range(query, from: 120_000, through: 240_000, step: 60_000, from: Self.source())
        #expect(
            lines(result.plan) == [
                "+ on (a) 2 6 18",
                "  sum by (a) 2 6 8",
                "    rate 2 6 8",
                "      m_total[2m] 2 8 8",
                "  * 2 6 10",
                "    2 0 3 0",
                "    m_total 2 6 10",
            ]
        )
    }

    @Test func `a query at one time reads no columns`() throws {
        let newest = try engine().instant("m_total", at: 120_000, from: Self.source())
        #expect(lines(newest.plan) == ["m_total (newest samples) 2 2 2"])
        let counts = try engine().instant("count by (__name__) (m_total)", at: 120_000, from: Self.source())
        #expect(lines(counts.plan) == ["count by (__name__) (counts) 1 1 2"])
        #expect(
            counts.value
                == .vector([VectorElement(labels: ["__name__": "m_total"], timestamp: 120_000, value: 2)])
        )
        let rate = try engine().instant("rate(m_total[5m])", at: 300_000, from: Self.source())
        #expect(lines(rate.plan) == ["rate (window summaries) 2 2 10"])
    }

    @Test func `series are taken one by one where nothing needs them together`() throws {
        var options = QueryEngine.Options()
        options.explains = true
        let engine = QueryEngine(patterns: RE2Patterns(), options: options)
        let query = "sum by (a) (rate(m_total[2m])) + on (a) sum without (b) (m_total) * on (a) irate(m_total[5m])"
        let result = try engine.range(query, from: 120_000, through: 240_000, step: 60_000, from: Self.source())
        #expect(
            lines(result.plan) == [
                "+ on (a) 2 6 28",
                "  sum by (a) 2 6 8",
                "    rate (series by series into groups) 2 6 8",
                "  * on (a) 2 6 20",
                "    sum without (b) 2 6 10",
                "      m_total (series by series into groups) 2 6 10",
                "    irate (series by series) 2 6 10",
            ]
        )
        #expect(result.statistics.peakSamples < 40)
    }

    @Test func `a query holds no more than a series at a time of what it adds up`() throws {
        var source = MemorySource()
        for a in 0..<100 {
            for step in 0..<20 { source.add(["__name__": "m_total", "a": "\(a)"], Int64(step) * 15_000, Double(step)) }
        }
        let engine = QueryEngine(patterns: RE2Patterns(), options: .init(samplesMax: 60))
        let sum = try engine.range("sum(rate(m_total[1m]))", from: 60_000, through: 285_000, step: 15_000, from: source)
        #expect(sum.statistics.samplesRead == 1_900)
        #expect(sum.statistics.peakSamples < 60)
        #expect(throws: PromQLError.self) {
            try engine.range("rate(m_total[1m])", from: 60_000, through: 285_000, step: 15_000, from: source)
        }
    }

    @Test func `steps that are far apart are counted one by one`() throws {
        let source = Self.source()
        let result = try engine().range("count(m_total)", from: 0, through: 900_000, step: 300_000, from: source)
        #expect(
            result.value
                == .matrix([Series(labels: .empty, timestamps: [0, 300_000, 600_000], values: [2, 2, 2])])
        )
        #expect(lines(result.plan).first == "count (counts) 1 3 6")
    }

    @Test func `counts the samples that each step looks at`() throws {
        let source = Self.source()
        let range = try engine().range("rate(m_total[2m])", from: 0, through: 180_000, step: 60_000, from: source)
        #expect(range.statistics.samplesPerStep == [2, 4, 4, 4])
        #expect(range.statistics.queryableSamples == 14)
        let selector = try engine().range("m_total", from: 0, through: 120_000, step: 60_000, from: source)
        #expect(selector.statistics.samplesPerStep == [2, 2, 2])
        #expect(selector.statistics.peakSamples >= 6)
        let subquery = try engine().instant("max_over_time(m_total[3m:1m])", at: 180_000, from: source)
        #expect(subquery.statistics.queryableSamples >= 6)
    }

    @Test func `what stands twice is worked out once and annotated twice`() throws {
        var source = Self.source()
        source.add(["__name__": "m", "a": "x"], 0, 1)
        source.add(["__name__": "m", "a": "x"], 60_000, 2)
        let result = try engine().instant("rate(m[5m]) + rate(m[5m])", at: 60_000, from: source)
        #expect(result.statistics.samplesRead == 2)
        #expect(result.infos.count == 2)
        #expect(result.infos.first?.hasSuffix("(1:6)") == true)
        #expect(result.infos.last?.hasSuffix("(1:20)") == true)
    }
}
