import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Synchronization
import Testing

/// Series taken one by one give what all of them together give.
@Suite("Streams of series")
struct StreamTests {
    private static func source(series: Int, seed: UInt64) -> MemorySource {
        var generator = SplitMix(state: seed)
        var source = MemorySource()
        for index in 0..<series {
            let labels: LabelSet = [
                "__name__": "m_total", "a": "\(index % 7)", "b": "\(index % 3 == 0 ? "" : "\(index % 5)")",
                "i": "\(index)",
            ]
            var value = Double(Int.random(in: 0..<1000, using: &generator))
            for step in 0..<20 where Int.random(in: 0..<12, using: &generator) > 0 {
                switch Int.random(in: 0..<15, using: &generator) {
                case 0: value = 0
                case 1:
                    source.add(labels, Int64(step) * 15_000, StaleMarker.value)
                    continue
                default: value += Double.random(in: 0..<100, using: &generator)
                }
                source.add(labels, Int64(step) * 15_000, value)
            }
        }
        return source
    }

    private func matrix(_ query: String, _ source: MemorySource, together: Bool) throws -> [Series] {
        var options = QueryEngine.Options(
            features: .all.subtracting([
                .delayedNameRemoval, .startTimestamps, .typeAndUnitLabels,
            ])
        )
        options.countsSamplesPerStep = together
        let engine = QueryEngine(patterns: RE2Patterns(), options: options)
        let result = try engine.range(query, from: 30_000, through: 330_000, step: 20_000, from: source)
        guard case .matrix(let series) = result.value else { return [] }
        return series
    }

    private func isNear(_ one: Double, _ other: Double) -> Bool {
        one == other || (one.isNaN && other.isNaN) || abs(one - other) <= 1e-12 * max(abs(one), abs(other))
    }

    @Test(arguments: ["m_total", "rate", "increase", "delta", "irate", "idelta"])
    func `give the same`(function: String) throws {
        try compare(function == "m_total" ? function : "\(function)(m_total[1m])", Self.source(series: 40, seed: 3))
    }

    @Test func `give the same where there are more than one thread takes on`() throws {
        try compare("rate(m_total[1m])", Self.source(series: 1_300, seed: 4))
    }

    @Test(arguments: ["sum", "avg", "min", "max", "count", "present", "last"])
    func `over time give the same`(function: String) throws {
        try compare("\(function)_over_time(m_total[45s])", Self.source(series: 60, seed: 7))
    }

    private func compare(_ inner: String, _ source: MemorySource) throws {
        var queries = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"].flatMap { operation in
            ["\(operation)(\(inner))", "\(operation) by (a, b) (\(inner))", "\(operation) without (i, b) (\(inner))"]
        }
        queries += [inner, "sum by (__name__, a) (\(inner))", "\(inner) > 1", "topk(2, \(inner))"]
        for query in queries {
            let streamed = try matrix(query, source, together: false)
            let together = try matrix(query, source, together: true)
            #expect(streamed.map(\.labels) == together.map(\.labels), "\(query)")
            #expect(streamed.map(\.timestamps) == together.map(\.timestamps), "\(query)")
            for (one, other) in zip(streamed, together) {
                #expect(zip(one.values, other.values).allSatisfy(isNear), "\(query) \(one.labels)")
            }
        }
    }

    @Test func `stop when told to, in the middle of many series`() throws {
        let source = Self.source(series: 2_000, seed: 1)
        let engine = QueryEngine(patterns: RE2Patterns())
        let calls = CallCount()
        #expect(throws: PromQLError.cancelled) {
            try engine.range("sum(rate(m_total[1m]))", from: 0, through: 300_000, step: 15_000, from: source) {
                calls.next() > 60
            }
        }
    }

    @Test func `names that go may make series alike`() throws {
        var source = MemorySource()
        for name in ["a_total", "b_total"] {
            for step in 0..<5 { source.add(["__name__": name, "i": "1"], Int64(step) * 15_000, Double(step)) }
        }
        let engine = QueryEngine(patterns: RE2Patterns())
        #expect(throws: PromQLError.self) {
            try engine.instant("rate({__name__=~\".+_total\"}[1m])", at: 60_000, from: source)
        }
        #expect(throws: PromQLError.self) {
            try engine.instant("sum by (i) (rate({__name__=~\".+_total\"}[1m]))", at: 60_000, from: source)
        }
        let kept = try engine.instant(
            "sum by (i) (last_over_time({__name__=~\".+_total\"}[1m]))",
            at: 60_000,
            from: source
        )
        #expect(kept.value == .vector([VectorElement(labels: ["i": "1"], timestamp: 60_000, value: 8)]))
    }
}

/// SplitMix64, by Sebastiano Vigna.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

/// Counts its calls.
private final class CallCount: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
