import MartletSeries

/// A native histogram while it is read from its notation, its buckets by index.
struct HistogramDraft {
    private var schema: Int32 = 0
    private var zeroThreshold = 0.0
    private var zeroCount = 0.0
    private var count = 0.0
    private var sum = 0.0
    private var positive: [Int32: Double] = [:]
    private var negative: [Int32: Double] = [:]
    private var bounds: [Double] = []
    private var hint = NativeHistogram.ResetHint.unknown

    /// Reads what stands between the braces: `schema:1 sum:-0.3 count:32.1 buckets:[5.1 10 7] offset:-3`.
    init(_ text: Substring) throws(SeriesNotation.Problem) {
        var (offset, negativeOffset): (Int32, Int32) = (0, 0)
        var (buckets, negativeBuckets): ([Double], [Double]) = ([], [])
        var seen: Set<Substring> = []
        for (name, value) in try Self.fields(text) {
            guard seen.insert(name).inserted else {
                throw SeriesNotation.Problem(message: "duplicate key \"\(name)\" in histogram")
            }
            switch name {
            case "schema": schema = try Self.integer(name, value)
            case "sum": sum = try Self.number(name, value)
            case "count": count = try Self.number(name, value)
            case "z_bucket": zeroCount = try Self.number(name, value)
            case "z_bucket_w": zeroThreshold = try Self.number(name, value)
            case "custom_values": bounds = try Self.list(name, value)
            case "buckets": buckets = try Self.list(name, value)
            case "n_buckets": negativeBuckets = try Self.list(name, value)
            case "offset": offset = try Self.integer(name, value)
            case "n_offset": negativeOffset = try Self.integer(name, value)
            case "counter_reset_hint":
                guard let known = Self.hints[String(value)] else {
                    throw SeriesNotation.Problem(message: "counter_reset_hint: no such hint \"\(value)\"")
                }
                hint = known
            default: throw SeriesNotation.Problem(message: "bad histogram descriptor found: \"\(name)\"")
            }
        }
        for (place, value) in buckets.enumerated() where value != 0 { positive[offset &+ Int32(place)] = value }
        for (place, value) in negativeBuckets.enumerated() where value != 0 {
            negative[negativeOffset &+ Int32(place)] = value
        }
    }

    private static let hints: [String: NativeHistogram.ResetHint] = [
        "unknown": .unknown, "reset": .reset, "not_reset": .notReset, "gauge": .gauge,
    ]

    /// Adds another histogram, or takes it away; the coarser schema of the two remains.
    mutating func add(_ other: HistogramDraft, sign: Double) {
        var other = other
        if schema != NativeHistogram.customSchema, other.schema != NativeHistogram.customSchema {
            let coarser = min(schema, other.schema)
            reduce(to: coarser)
            other.reduce(to: coarser)
        }
        zeroThreshold = max(zeroThreshold, other.zeroThreshold)
        zeroCount += sign * other.zeroCount
        count += sign * other.count
        sum += sign * other.sum
        positive.merge(other.positive.mapValues { sign * $0 }, uniquingKeysWith: +)
        negative.merge(other.negative.mapValues { sign * $0 }, uniquingKeysWith: +)
    }

    private mutating func reduce(to coarser: Int32) {
        guard coarser < schema else { return }
        let shift = schema - coarser
        func reduced(_ buckets: [Int32: Double]) -> [Int32: Double] {
            Dictionary(buckets.map { ((($0.key - 1) >> shift) + 1, $0.value) }, uniquingKeysWith: +)
        }
        positive = reduced(positive)
        negative = reduced(negative)
        schema = coarser
    }

    /// The histogram.
    var finished: NativeHistogram {
        let (positiveSpans, positiveBuckets) = Self.packed(positive)
        let (negativeSpans, negativeBuckets) = Self.packed(negative)
        return NativeHistogram(
            resetHint: hint,
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: zeroCount,
            count: count,
            sum: sum,
            positiveSpans: positiveSpans,
            positiveBuckets: positiveBuckets,
            negativeSpans: negativeSpans,
            negativeBuckets: negativeBuckets,
            customBounds: bounds
        )
    }

    private static func packed(_ buckets: [Int32: Double]) -> ([NativeHistogram.Span], [Double]) {
        var spans: [NativeHistogram.Span] = []
        var counts: [Double] = []
        var next: Int32 = 0
        for (index, count) in buckets.sorted(by: { $0.key < $1.key }) where count != 0 {
            if let last = spans.indices.last, index == next {
                spans[last].length += 1
            } else {
                spans.append(NativeHistogram.Span(offset: index &- next, length: 1))
            }
            counts.append(count)
            next = index &+ 1
        }
        return (spans, counts)
    }

    // MARK: - Reading

    /// Names and values: `name:value`, where a value in brackets may hold spaces.
    private static func fields(_ text: Substring) throws(SeriesNotation.Problem) -> [(Substring, Substring)] {
        var fields: [(Substring, Substring)] = []
        var rest = SeriesNotation.trimmed(text)
        while !rest.isEmpty {
            guard let colon = rest.firstIndex(of: ":") else {
                throw SeriesNotation.Problem(message: "unexpected \"\(rest)\" in histogram")
            }
            let name = SeriesNotation.trimmed(rest[..<colon])
            rest = rest[rest.index(after: colon)...].drop(while: \.isWhitespace)
            let end: Substring.Index
            if rest.hasPrefix("[") {
                guard let close = rest.firstIndex(of: "]") else {
                    throw SeriesNotation.Problem(message: "missing ] in histogram")
                }
                end = rest.index(after: close)
            } else {
                end = rest.firstIndex(where: \.isWhitespace) ?? rest.endIndex
            }
            fields.append((name, rest[..<end]))
            rest = rest[end...].drop(while: \.isWhitespace)
        }
        return fields
    }

    private static func integer(_ name: Substring, _ text: Substring) throws(SeriesNotation.Problem) -> Int32 {
        guard let value = Int32(text), abs(value) < 1 << 24 else {
            throw SeriesNotation.Problem(message: "\(name) needs a whole number; got \"\(text)\"")
        }
        return value
    }

    private static func number(_ name: Substring, _ text: Substring) throws(SeriesNotation.Problem) -> Double {
        guard let value = SeriesNotation.number(text) else {
            throw SeriesNotation.Problem(message: "\(name) needs a number; got \"\(text)\"")
        }
        return value
    }

    private static func list(_ name: Substring, _ text: Substring) throws(SeriesNotation.Problem) -> [Double] {
        guard text.hasPrefix("["), text.hasSuffix("]") else {
            throw SeriesNotation.Problem(message: "\(name) needs a list in brackets; got \"\(text)\"")
        }
        var values: [Double] = []
        for word in text.dropFirst().dropLast().split(whereSeparator: \.isWhitespace) {
            values.append(try number(name, word))
        }
        return values
    }
}
