import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Testing

@Suite("Query engine")
struct QueryEngineTests {
    private static func source(series: Int = 3, samples: Int = 10) -> MemorySource {
        var source = MemorySource()
        for index in 0..<series {
            for sample in 0..<samples {
                source.add(["__name__": "m", "i": "\(index)"], Int64(sample) * 60_000, Double(sample * (index + 1)))
            }
        }
        return source
    }

    private func engine(_ options: QueryEngine.Options = .init()) -> QueryEngine {
        QueryEngine(patterns: RE2Patterns(), options: options)
    }

    @Test func `gives each kind of value with its time`() throws {
        let source = Self.source(series: 1)
        #expect(
            try engine().instant("1 + 1", at: 5000, from: source).value == .scalar(Sample(timestamp: 5000, value: 2))
        )
        #expect(try engine().instant("\"x\"", at: 5000, from: source).value == .string("x", timestamp: 5000))
        #expect(
            try engine().instant("m", at: 61_000, from: source).value
                == .vector([VectorElement(labels: ["__name__": "m", "i": "0"], timestamp: 61_000, value: 1)])
        )
        #expect(
            try engine().instant("m[2m]", at: 120_000, from: source).value
                == .matrix([
                    Series(labels: ["__name__": "m", "i": "0"], timestamps: [60_000, 120_000], values: [1, 2])
                ])
        )
        #expect(
            try engine().range("time()", from: 0, through: 2000, step: 1000, from: source).value
                == .matrix([Series(labels: .empty, timestamps: [0, 1000, 2000], values: [0, 1, 2])])
        )
    }

    @Test func `counts what it reads`() throws {
        let result = try engine().range("m", from: 0, through: 540_000, step: 60_000, from: Self.source())
        #expect(result.statistics.samplesRead == 30)
        #expect(result.statistics.seriesRead == 3)
        #expect(result.statistics.steps == 10)
    }

    @Test func `an empty text gives annotations without places`() throws {
        let engine = engine()
        let tree = try engine.parse("rate(m[5m])")
        let result = try engine.instant(tree, at: 540_000, from: Self.source(series: 1))
        #expect(
            result.infos == [
                "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"m\""
            ]
        )
    }

    @Test func `refuses ranges that make no sense`() {
        let source = Self.source()
        for (query, from, through, step) in [
            ("m", Int64(0), Int64(10), Int64(0)), ("m", 10, 0, 1), ("m[5m]", 0, 10, 1), ("\"x\"", 0, 10, 1),
            ("m", .min, .max, 1), ("m", 0, 11_001_000, 1000), ("m", 0, .max, 1),
        ] {
            #expect(throws: PromQLError.self) {
                try engine().range(query, from: from, through: through, step: step, from: source)
            }
        }
        #expect(throws: PromQLError.self) { try engine().instant("m", at: .max, from: source) }
    }

    @Test func `holds no more samples than allowed`() {
        let source = Self.source()
        for query in ["m", "m + m", "sum_over_time(m[10m])", "sum_over_time(m[10m:1ms])"] {
            do {
                let options = QueryEngine.Options(samplesMax: 20)
                _ = try engine(options).range(query, from: 0, through: 540_000, step: 60_000, from: source)
                Issue.record("\(query) was answered")
            } catch {
                #expect(error.errorType == "execution")
                guard case .limit = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
    }

    @Test func `counts what is held at a time rather than in all`() throws {
        let query = [String](repeating: "m", count: 40).joined(separator: " + ")
        let options = QueryEngine.Options(samplesMax: 200)
        let result = try engine(options).range(query, from: 0, through: 540_000, step: 60_000, from: Self.source())
        // What stands in the query forty times is read once.
        #expect(result.statistics.samplesRead == 30)
    }

    @Test func `evaluates what nests as deep as allowed`() throws {
        let source = Self.source(series: 1)
        for (open, close) in [("(", ")"), ("abs(", ")"), ("sum(", ")"), ("-(", ")"), ("1 + (", ")")] {
            let depth = open.hasPrefix("-") || open.hasPrefix("1") ? 60 : 190
            let query = String(repeating: open, count: depth) + "m" + String(repeating: close, count: depth)
            _ = try engine().instant(query, at: 60_000, from: source)
        }
        let chain = [String](repeating: "m", count: 190).joined(separator: " or ")
        _ = try engine().instant(chain, at: 60_000, from: source)
    }

    @Test func `says of what it does not evaluate where it stands`() {
        #expect(
            PromQLError.unsupported(construct: "the function f", line: 1, column: 5).description
                == "1:5: the function f is understood but not evaluated by this version; rewrite the query without it"
        )
    }

    @Test(arguments: [
        "changes(m[5m] smoothed)", "sum_over_time(m[5m] anchored)", "m anchored", "timestamp(m smoothed)",
    ])
    func `refuses extents that have no meaning`(query: String) {
        #expect(throws: PromQLError.self) {
            try engine(.init(features: .all)).instant(query, at: 60_000, from: Self.source())
        }
    }

    @Test func `stops when told to and when time is up`() {
        let source = Self.source()
        #expect(throws: PromQLError.cancelled) {
            try engine().instant("m", at: 0, from: source, isCancelled: { true })
        }
        #expect(throws: PromQLError.timeout) {
            try engine(.init(timeout: .zero)).instant("m", at: 0, from: source)
        }
        #expect(PromQLError.timeout.errorType == "timeout")
        #expect(PromQLError.cancelled.errorType == "canceled")
    }

    /// A source that cannot be read.
    private struct BrokenSource: SeriesSource {
        var error: SeriesError

        func select(
            _ matchers: [LabelMatcher],
            in range: ClosedRange<Int64>,
            limit: SelectionLimit
        ) throws(SeriesError) -> [Series] { throw error }

        func labelSets(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [LabelSet] { throw error }

        func labelNames(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { throw error }

        func labelValues(
            of name: String,
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { throw error }
    }

    @Test(arguments: [
        (SeriesError.damaged("block 1"), PromQLError.storage(.damaged("block 1")), "internal"),
        (.cancelled, .cancelled, "canceled"),
        (.limitExceeded("too many"), .limit("too many"), "execution"),
    ])
    func `passes on why the source failed`(cause: SeriesError, error: PromQLError, type: String) {
        #expect(throws: error) { try engine().instant("m", at: 0, from: BrokenSource(error: cause)) }
        #expect(error.errorType == type)
        #expect(!error.description.isEmpty)
    }

    @Test func `looks back as far as it is told and forgets what is stale`() throws {
        var source = MemorySource()
        source.add(["__name__": "m"], 0, 1)
        let engine = engine(.init(lookback: .seconds(60)))
        func isThere(_ time: Int64) throws -> Bool {
            try engine.instant("m", at: time, from: source).value != .vector([])
        }
        #expect(try isThere(59_999))
        #expect(try !isThere(60_000))
        source.add(["__name__": "m"], 30_000, StaleMarker.value)
        #expect(try isThere(29_999))
        #expect(try !isThere(30_000))
    }

    @Test func `an ordinary NaN is a value`() throws {
        var source = MemorySource()
        source.add(["__name__": "m"], 0, .nan)
        guard case .vector(let elements) = try engine().instant("m + 1", at: 0, from: source).value else { return }
        #expect(elements.count == 1)
        #expect(elements.allSatisfy { $0.value.isNaN })
    }

    @Test(arguments: [
        "m", "m offset 1m", "rate(m[3m])", "sum by (i) (m)", "m > 5", "m and m > 3", "m unless m > 3", "m or vector(1)",
        "topk(1, m)", "m / on (i) m", "avg_over_time(m[3m:30s])", "m @ 120", "timestamp(m)", "absent(m > 100)",
        "scalar(sum(m))",
        "count_values(\"v\", m)", "predict_linear(m[4m] @ 240, 60)", "last_over_time(m[1m])", "quantile(0.3, m)",
        "time()",
        "changes(m[5m])", "label_replace(m, \"x\", \"$1\", \"i\", \"(.)\")", "minute()", "abs(-m)", "-m", "m == bool 2",
    ])
    func `a range query agrees with an instant query at each step`(query: String) throws {
        let source = Self.source(samples: 12)
        let engine = engine(.init(features: .all))
        let (start, end, step) = (Int64(-60_000), Int64(1_200_000), Int64(45_000))
        guard
            case .matrix(let series) = try engine.range(query, from: start, through: end, step: step, from: source)
                .value
        else { return }
        var found: [Int64: [LabelSet: Double]] = [:]
        for one in series {
            for sample in one.samples { found[sample.timestamp, default: [:]][one.labels] = sample.value }
        }
        for time in stride(from: start, through: end, by: Int(step)) {
            var expected: [LabelSet: Double] = [:]
            switch try engine.instant(query, at: time, from: source).value {
            case .vector(let elements): for element in elements { expected[element.labels] = element.value }
            case .scalar(let sample): expected[.empty] = sample.value
            default: break
            }
            let actual = found[time] ?? [:]
            #expect(Set(actual.keys) == Set(expected.keys), "at \(time)")
            for (labels, value) in expected {
                #expect(ScriptRunner.isNear(actual[labels] ?? .nan, value), "at \(time)")
            }
        }
    }
}
