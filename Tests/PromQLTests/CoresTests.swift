import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Testing

/// Queries so large that several cores share the work give what small ones give.
@Suite("PromQL on several cores")
struct CoresTests {
    @Test(arguments: ["rate", "delta", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time"])
    func `many series at once give what each gives alone`(function: String) throws {
        var generator = ExpressionGenerator(seed: 11)
        var source = MemorySource()
        for index in 0..<900 {
            var value = Double(index)
            for step in 0..<40 {
                value = generator.next(20) == 0 ? 0 : value + Double(generator.next(100)) / 4
                let labels: LabelSet = ["__name__": "m_total", "i": "\(index)"]
                source.add(labels, Int64(step) * 15_000 + Int64(generator.next(5)), value)
            }
        }
        let engine = QueryEngine(patterns: RE2Patterns())
        let whole = try engine.range(
            "\(function)(m_total[2m])",
            from: 0,
            through: 600_000,
            step: 2000,
            from: source
        )
        guard case .matrix(let all) = whole.value else {
            Issue.record("no matrix")
            return
        }
        #expect(all.count == 900)
        for index in [0, 111, 112, 113, 450, 898, 899] {
            let query = "\(function)(m_total{i=\"\(index)\"}[2m])"
            let single = try engine.range(query, from: 0, through: 600_000, step: 2000, from: source)
            #expect(single.value == .matrix(all.filter { $0.labels["i"] == "\(index)" }))
        }
    }
}
