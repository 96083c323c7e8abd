import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import PromQLScripts
import Testing

@Suite("PromQL robustness")
struct RobustnessTests {
    private let engine = QueryEngine(patterns: RE2Patterns(), options: .init(features: .all))

    private static func source() -> MemorySource {
        var source = MemorySource()
        for index in 0..<60 {
            let special: [Double] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0]
            source.add(["__name__": "m", "a": "x"], Int64(index) * 10_000, special[index % special.count])
            source.add(["__name__": "m", "a": "y"], Int64(index) * 10_000, Double(index))
        }
        return source
    }

    /// Queries that are too much in one way or another; each must be refused or answered, whatever the way.
    private static let heavy: [String] = [
        [String](repeating: "1", count: 100_000).joined(separator: "+"),
        [String](repeating: "m", count: 60_000).joined(separator: " or "),
        String(repeating: "(", count: 10_000) + "m" + String(repeating: ")", count: 10_000),
        String(repeating: "sum(", count: 10_000) + "m" + String(repeating: ")", count: 10_000),
        String(repeating: "-", count: 100_000) + "1",
        "m" + String(repeating: "[5m:]", count: 10_000),
        "2" + String(repeating: "^2", count: 50_000),
        "m{a=~\"" + String(repeating: "a?", count: 500_000) + "\"}",
        "m{a=~\"" + String(repeating: "(", count: 50_000) + "\"}",
        "m{a=~\"(a+)+$\"}",
        "m{a=~\"((((a{0,100}){0,100}){0,100}){0,100}){0,100}\"}",
        "m[" + String(repeating: "1y", count: 1000) + "]",
        "m offset 99999999999999999999y", "m[9223372036854775807]", "m @ 1e300", "m @ -1e19", "m offset -1e18",
        "m[1e-400]", "sum_over_time(m[300y:1ms])", "m[5m:0s]", "m @ NaN", "m offset Inf", "1e999",
        "0x" + String(repeating: "f", count: 40),
        "topk(1e300, m)", "topk(NaN, m)", "limitk(-1e300, m)", "round(m, 1e-320)", "quantile(NaN, m)", "m ^ 1e9",
        "predict_linear(m[10m], 1e300)", "histogram_quantile(NaN, m)", "minute(m * 1e300)",
        "days_in_month(vector(-1e17))",
        "label_replace(m, \"a\", \"" + String(repeating: "$1", count: 10_000) + "\", \"a\", \"(.*)\")",
        "count_values(\"" + String(repeating: "é", count: 1000) + "\", m)", "\u{FFFD}", "m{a=\"\\xff\"}",
    ]

    @Test(arguments: heavy.indices)
    func `what is too much is refused or answered`(index: Int) {
        let query = Self.heavy[index]
        do {
            let result = try engine.range(query, from: 0, through: 600_000, step: 60_000, from: Self.source())
            #expect(result.value.typeName == "matrix")
        } catch {
            #expect(!error.description.isEmpty)
        }
        do {
            _ = try engine.instant(query, at: 300_000, from: Self.source())
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    @Test func `a query that needs too much memory fails, one that adds up as it reads does not`() throws {
        var source = MemorySource()
        for index in 0..<3_000 {
            for step in 0..<3 { source.add(["__name__": "m", "i": "\(index)"], Int64(step) * 10_000, Double(index)) }
        }
        var options = QueryEngine.Options()
        options.memoryBytesMax = 1 << 20
        let small = QueryEngine(patterns: RE2Patterns(), options: options)
        for query in ["m", "m + m", "rate(m[1m])", "sum by (i) (m)", "topk(1, m)", "{__name__=~\"m|n\"}", "m[1m]"] {
            #expect(throws: PromQLError.self, "\(query)") { try small.instant(query, at: 20_000, from: source) }
        }
        for query in ["sum(rate(m[1m]))", "max(m)", "count(m)", "avg by (j) (irate(m[1m]))"] {
            guard case .vector(let elements) = try small.instant(query, at: 20_000, from: source).value else {
                Issue.record("\(query)")
                continue
            }
            #expect(elements.count == 1, "\(query)")
        }
    }

    @Test func `long chains of operators are answered, and longer ones refused`() throws {
        let terms = (0..<700).map { "m{a=\"\($0 % 7 == 0 ? "x" : "y\($0)")\"}" }
        let set = try engine.instant(terms.joined(separator: " or "), at: 300_000, from: Self.source())
        guard case .vector(let elements) = set.value else {
            Issue.record("\(set.value.typeName)")
            return
        }
        #expect(elements.map(\.labels) == [["__name__": "m", "a": "x"]])
        let sum = [String](repeating: "1", count: 2_001).joined(separator: " + ")
        let result = try engine.instant(sum, at: 0, from: Self.source())
        #expect(result.value == .scalar(Sample(timestamp: 0, value: 2_001)))
        #expect(try engine.parse(sum).description == sum)
        #expect(try engine.parse(sum).type == .scalar)
        #expect(try engine.parse(sum).prettyPrinted.split(separator: "\n").count == 4_001)
        #expect(throws: PromQLError.self) { try engine.parse(sum + " + 1") }
        // Nested chains lean as far to the left as one long chain.
        let nested = (0..<190).reduce("m") { text, _ in "(\(text) + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10)" }
        #expect(try engine.instant(nested, at: 300_000, from: Self.source()).value.typeName == "vector")
        var explaining = QueryEngine.Options()
        explaining.explains = true
        let explained = try QueryEngine(patterns: RE2Patterns(), options: explaining)
            .instant(sum, at: 0, from: Self.source())
        #expect(explained.plan?.children.count == 2_001)
    }

    @Test func `every function takes values that are no numbers`() throws {
        for function in FunctionSignature.all.values {
            let arguments = function.arguments.map { type in
                switch type {
                case .scalar: "0.5"
                case .string: "\"a\""
                case .vector: "m"
                case .matrix: "m[2m]"
                }
            }
            let shown = function.name == "info" ? ["m"] : arguments
            let query = "\(function.name)(\(shown.joined(separator: ", ")))"
            do {
                _ = try engine.range(query, from: 0, through: 600_000, step: 60_000, from: Self.source())
            } catch {
                guard case .execution = error else {
                    Issue.record("\(query): \(error)")
                    continue
                }
            }
        }
    }

    @Test func `times and steps at the ends of what there is are refused or answered`() {
        let times: [Int64] = [.min, .min + 1, -1, 0, 1, .max / 2, .max - 1, .max]
        for start in times {
            for end in times {
                for step: Int64 in [.min, -1, 0, 1, 60_000, .max] {
                    _ = try? engine.range("m + rate(m[5m])", from: start, through: end, step: step, from: Self.source())
                }
            }
            _ = try? engine.instant("m + rate(m[5m] offset 1y)", at: start, from: Self.source())
        }
    }

    @Test func `a query stops when its asker goes away`() {
        #expect(throws: PromQLError.cancelled) {
            try engine.range("m", from: 0, through: 600_000, step: 60_000, from: Self.source()) { true }
        }
    }

    @Test func `a query stops when its time is up`() {
        let hasty = QueryEngine(patterns: RE2Patterns(), options: .init(timeout: .zero))
        #expect(throws: PromQLError.timeout) { try hasty.instant("m", at: 0, from: Self.source()) }
    }

    @Test func `a query that holds too many samples fails`() {
        let small = QueryEngine(patterns: RE2Patterns(), options: .init(samplesMax: 10))
        #expect(throws: PromQLError.self) {
            try small.range("m", from: 0, through: 600_000, step: 60_000, from: Self.source())
        }
    }
}
