import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Testing

/// Random queries over random data give what a plain evaluator gives.
@Suite("PromQL properties")
struct PropertyTests {

    @Test(arguments: 1...40)
    func `random queries give what a plain evaluator gives`(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = ExpressionGenerator(seed: seed)
        let series = generator.series()
        var memory = MemorySource()
        for one in series {
            for sample in one.samples { memory.add(one.labels, sample.timestamp, sample.value) }
        }
        let engine = QueryEngine(patterns: RE2Patterns())
        for _ in 0..<50 {
            let query = generator.vector(4)
            let tree = try engine.parse(query)
            let (start, step, count) = (Int64(400_000 + generator.next(300_000)), Int64(1 + generator.next(150_000)), 6)
            let end = start + Int64(count - 1) * step
            let plain = PlainEvaluator(series: series, start: start, end: end)
            compareRange(query, tree, engine, memory, plain, step: step, count: count)
            let instant = PlainEvaluator(series: series, start: start, end: start)
            compareInstant(query, tree, engine, memory, instant)
        }
    }

    private func compareInstant(
        _ query: String,
        _ tree: Expression,
        _ engine: QueryEngine,
        _ source: MemorySource,
        _ plain: PlainEvaluator
    ) {
        let expected = try? plain.value(tree, plain.start)
        let result = try? engine.instant(tree, text: query, at: plain.start, from: source)
        guard case .vector(let elements) = result?.value, case .vector(let wanted) = expected else {
            #expect(result == nil && expected == nil, "\(query) at \(plain.start): \(result as Any)")
            return
        }
        let found = Dictionary(elements.map { ($0.labels, $0.value) }, uniquingKeysWith: { $1 })
        expect(found, wanted, "\(query) at \(plain.start)")
    }

    private func compareRange(
        _ query: String,
        _ tree: Expression,
        _ engine: QueryEngine,
        _ source: MemorySource,
        _ plain: PlainEvaluator,
        step: Int64,
        count: Int
    ) {
        let result = try? engine.range(
            tree,
            text: query,
            from: plain.start,
            through: plain.end,
            step: step,
            from: source
        )
        let times = (0..<count).map { plain.start + Int64($0) * step }
        let expected = try? times.map { try plain.value(tree, $0) }
        guard case .matrix(let series) = result?.value, let expected else {
            #expect(result == nil && expected == nil, "\(query) from \(plain.start) step \(step): \(result as Any)")
            return
        }
        for (time, value) in zip(times, expected) {
            guard case .vector(let wanted) = value else { continue }
            var found: [LabelSet: Double] = [:]
            for one in series {
                if let place = one.timestamps.firstIndex(of: time) { found[one.labels] = one.values[place] }
            }
            expect(found, wanted, "\(query) from \(plain.start) step \(step) at \(time)")
        }
    }

    private func expect(_ found: [LabelSet: Double], _ wanted: PlainEvaluator.Vector, _ context: String) {
        #expect(Set(found.keys) == Set(wanted.map(\.labels)), "\(context)")
        for element in wanted {
            let value = found[element.labels] ?? .nan
            let isEqual =
                value == element.value || (value.isNaN && element.value.isNaN)
                || abs(value - element.value) <= 1e-7 * max(1e-3, abs(value), abs(element.value))
            #expect(isEqual, "\(context): \(element.labels) is \(value), expected \(element.value)")
        }
    }
}
