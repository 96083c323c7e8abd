import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries

/// Changes queries at random and has them parsed, printed and evaluated; the same for the same seed.
///
/// Whatever comes out is right but a crash, a hang, or a tree whose text is no query.
package struct QueryFuzzer {
    /// What was wrong.
    package struct Finding: Error, CustomStringConvertible {
        package var description: String
    }

    private var state: UInt64
    private let engine: QueryEngine
    private let source: MemorySource

    /// How many texts were queries, and how many of those had a value.
    package private(set) var parsed = 0
    package private(set) var evaluated = 0

    package init(seed: UInt64) {
        state = seed
        var options = QueryEngine.Options(samplesMax: 20_000, stepsMax: 50, timeout: .seconds(2), features: .all)
        options.explains = true
        options.countsSamplesPerStep = true
        engine = QueryEngine(patterns: RE2Patterns(), options: options)
        source = Self.data()
    }

    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return Int(mixed % UInt64(bound))
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(elements.count)] }

    /// Tries a number of texts.
    package mutating func run(_ count: Int) throws {
        for _ in 0..<count { try run(text()) }
    }

    private mutating func run(_ text: String) throws {
        guard let tree = try? engine.parse(text) else { return }
        parsed += 1
        let printed = tree.description
        guard (try? engine.parse(printed)) != nil else {
            throw Finding(description: "\(text.debugDescription) is printed as \(printed.debugDescription), no query")
        }
        _ = tree.prettyPrinted
        if (try? engine.instant(tree, text: text, at: Int64(next(900)) * 1000, from: source)) != nil { evaluated += 1 }
        if next(4) == 0 {
            let start = Int64(next(600)) * 1000
            let step = Int64(1 + next(120_000))
            _ = try? engine.range(tree, text: text, from: start, through: start + 20 * step, step: step, from: source)
        }
    }

    private mutating func text() -> String {
        var bytes = Array(pick(Self.seeds).utf8)
        for _ in 0..<(1 + next(4)) {
            switch next(7) {
            case 0 where !bytes.isEmpty: bytes.remove(at: next(bytes.count))
            case 1 where !bytes.isEmpty: bytes[next(bytes.count)] = UInt8(next(256))
            case 2: bytes.insert(contentsOf: pick(Self.pieces).utf8, at: next(bytes.count + 1))
            case 3:
                let other = Array(pick(Self.seeds).utf8)
                bytes = Array(bytes.prefix(next(bytes.count + 1)) + other.dropFirst(next(other.count + 1)))
            case 4: bytes = Array("\(pick(Self.wrappers))(".utf8) + bytes + Array(")".utf8)
            case 5: bytes += Array(" \(pick(Self.operators)) \(pick(Self.seeds))".utf8)
            default:
                let first = next(bytes.count + 1)
                let last = first + next(bytes.count - first + 1)
                bytes.insert(contentsOf: Array(bytes[first..<last]), at: next(bytes.count + 1))
            }
            if bytes.count > 2000 { bytes.removeLast(bytes.count - 2000) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension QueryFuzzer {
    private static let seeds = [
        "m", "m{a=\"x\",b!~\"y.*\"}", "{\"m\", a=~`x|y`}", "h", "mixed", "custom", "rate(m_total[5m])",
        "sum by (a) (rate(m_total{b=\"1\"}[2m] offset 30s))",
        "histogram_quantile(0.9, sum by (le) (rate(c_bucket[5m])))",
        "histogram_quantile(0.5, h)", "histogram_fraction(-Inf, 2, rate(h[3m]))", "h - on (a) h", "h </ 3 >/ 0.1",
        "topk(2, m) without (a)", "count_values(\"v\", m)", "quantile(0.3, m)", "m @ end() offset -1m",
        "max_over_time(sum(m)[5m:30s] @ 100)", "m[5m]", "m[3m:]", "1 + 2 * 3 ^ 4 % 5", "\"a string\"", "-m",
        "label_replace(m, \"d\", \"$1\", \"a\", \"(.*)\")", "label_join(m, \"d\", \"-\", \"a\", \"b\")",
        "predict_linear(m[5m], 60)", "m > bool 3", "m and on (a) h", "m or ignoring (b) h", "m unless m",
        "m * on (a) group_left (c) m", "absent(nothing{a=\"b\"})", "absent_over_time(nothing[1m])", "time()", "pi()",
        "vector(time())", "scalar(m)", "clamp(m, 1, 5)", "round(m, 0.1)", "info(m, {b=\"1\"})", "limit_ratio(0.5, m)",
        "limitk(1, h)", "rate(h[5m] smoothed)", "increase(m_total[1m] anchored)", "m smoothed", "0x1f + 1e3 + 5m",
        "rate(m[step() + 1m])", "m + fill(0) h", "days_in_month(m)", "quantile_over_time(0.5, m[5m])",
        "double_exponential_smoothing(m[5m], 0.5, 0.5)", "avg_over_time(h[5m])", "sum_over_time(custom[5m])",
        "sort_by_label(m, \"a\")", "histogram_quantiles(h, \"q\", 0.1, 0.9)", "start() + end() + step() + range()",
        "max_of(1, 2)", "start_timestamp(m)", "irate(mixed[5m])", "avg(h)", "stddev(m)", "histogram_stddev(h)",
    ]

    private static let pieces = [
        "(", ")", "[", "]", "{", "}", ",", ":", "@", "\"", "'", "`", "offset ", "by ", "without", "on", "group_left",
        "bool ", "[1h:1m]", "1e400", "NaN", "-Inf", "9223372036854775807", "0x", "5m", "1y", "\\", "\u{0}", "\u{FFFD}",
        "é", "#", "\n", " ", "=~", "!~", "==", "!=", "^", "smoothed", "anchored", "start()", "fill(", "99999999999w",
    ]

    private static let wrappers = [
        "sum", "avg", "count", "min", "abs", "histogram_count", "histogram_sum", "sort", "absent", "-", "", "stdvar",
        "timestamp", "group", "histogram_avg", "exp", "sgn", "scalar", "vector", "minute",
    ]

    private static let operators = [
        "+", "-", "*", "/", "%", "^", "==", "!=", ">", "<=", "and", "or", "unless", "atan2", "</", ">/", "> bool",
    ]

    /// Numbers, histograms of both kinds, a mix, classic buckets, gaps and values that are no numbers.
    private static func data() -> MemorySource {
        var source = MemorySource()
        let special: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude]
        for index in 0..<40 {
            let time = Int64(index) * 20_000
            for a in ["x", "y"] {
                let value = index % 9 == 0 ? special[index % special.count] : Double(index * (a == "x" ? 1 : 3))
                source.add(["__name__": "m", "a": a, "b": "1"], time, index == 17 ? StaleMarker.value : value)
                source.add(["__name__": "m_total", "a": a, "b": "1"], time + 7, Double(index % 13) * 2)
                source.add(["__name__": "c_bucket", "a": a, "le": "1"], time, Double(index))
                source.add(["__name__": "c_bucket", "a": a, "le": "+Inf"], time, Double(index * 2))
                let exponential = histogram(index, custom: false)
                source.add(["__name__": "h", "a": a], time, exponential.sum, histogram: exponential)
                let custom = histogram(index, custom: true)
                source.add(["__name__": "custom", "a": a], time, custom.sum, histogram: custom)
                let mixed = index % 3 == 0 ? nil : histogram(index, custom: index % 5 == 0)
                source.add(["__name__": "mixed", "a": a], time, mixed?.sum ?? 1, histogram: mixed)
            }
        }
        return source
    }

    private static func histogram(_ index: Int, custom: Bool) -> NativeHistogram {
        let counts = (0..<4).map { Double(index * $0 % 7) }
        return NativeHistogram(
            resetHint: index % 11 == 0 ? .gauge : .unknown,
            schema: custom ? NativeHistogram.customSchema : Int32(index % 4) - 1,
            zeroThreshold: custom ? 0 : index % 6 == 0 ? 0.5 : 0.001,
            zeroCount: custom ? 0 : Double(index % 5),
            count: counts.reduce(0, +) + Double(custom ? 0 : index % 5),
            sum: index == 23 ? .nan : Double(index),
            positiveSpans: [
                .init(offset: custom ? 0 : Int32(index % 3) - 1, length: 2), .init(offset: custom ? 0 : 1, length: 2),
            ],
            positiveBuckets: counts,
            customBounds: custom ? (index % 8 == 0 ? [1, 2, 5] : [1, 2, 4]) : []
        )
    }
}
