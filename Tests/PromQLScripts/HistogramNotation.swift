import Foundation
import MartletCore
import MartletPromQL
import MartletSeries

/// Native histograms as scripts write them: `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`.
enum HistogramNotation {
    /// The values of a word such as `{{…}}`, `{{…}}x3` or `{{…}}+{{…}}x3`; nil where it is malformed.
    static func values(_ word: Substring) -> [ScriptValue]? {
        guard let end = word.range(of: "}}") else { return nil }
        guard let first = histogram(word[..<end.upperBound]) else { return nil }
        var rest = word[end.upperBound...]
        if rest.isEmpty { return [.histogram(first)] }
        var step: NativeHistogram?
        var factor = 1.0
        if let sign = rest.first, sign == "+" || sign == "-" {
            factor = sign == "+" ? 1 : -1
            rest.removeFirst()
            guard let end = rest.range(of: "}}"), let increment = histogram(rest[..<end.upperBound]) else { return nil }
            step = increment
            rest = rest[end.upperBound...]
        }
        guard rest.first == "x", let times = Int(rest.dropFirst()) else { return nil }
        var result: [ScriptValue] = [.histogram(first)]
        var current = first
        for _ in 0..<times {
            if let step {
                guard let next = current.adding(step, times: factor) else { return nil }
                current = next
            }
            result.append(.histogram(current))
        }
        return result
    }

    private static func histogram(_ text: Substring) -> NativeHistogram? {
        guard text.hasPrefix("{{"), text.hasSuffix("}}") else { return nil }
        var fields: [Substring: Substring] = [:]
        var rest = text.dropFirst(2).dropLast(2).drop { $0.isWhitespace }
        while !rest.isEmpty {
            guard let colon = rest.firstIndex(of: ":") else { return nil }
            let key = rest[..<colon]
            rest = rest[rest.index(after: colon)...].drop { $0.isWhitespace }
            if rest.first == "[" {
                guard let close = rest.firstIndex(of: "]") else { return nil }
                fields[key] = rest[..<close].dropFirst()
                rest = rest[rest.index(after: close)...]
            } else {
                let value = rest.prefix { !$0.isWhitespace }
                fields[key] = value
                rest = rest.dropFirst(value.count)
            }
            rest = rest.drop { $0.isWhitespace }
        }
        return histogram(fields)
    }

    private static func histogram(_ fields: [Substring: Substring]) -> NativeHistogram? {
        func number(_ key: Substring) -> Double { fields[key].flatMap { ScriptParser.number($0) } ?? 0 }
        func numbers(_ key: Substring) -> [Double] {
            (fields[key] ?? "").split(whereSeparator: \.isWhitespace).compactMap { ScriptParser.number($0) }
        }
        func spans(_ key: Substring, _ count: Int) -> [NativeHistogram.Span] {
            let offset = fields[key].flatMap { Int32($0) } ?? 0
            return count == 0 ? [] : [NativeHistogram.Span(offset: offset, length: UInt32(count))]
        }
        let hints: [Substring: NativeHistogram.ResetHint] = [
            "unknown": .unknown, "reset": .reset, "not_reset": .notReset, "gauge": .gauge,
        ]
        let (positive, negative) = (numbers("buckets"), numbers("n_buckets"))
        return NativeHistogram(
            resetHint: fields["counter_reset_hint"].flatMap { hints[$0] } ?? .unknown,
            schema: fields["schema"].flatMap { Int32($0) } ?? 0,
            zeroThreshold: number("z_bucket_w"),
            zeroCount: number("z_bucket"),
            count: number("count"),
            sum: number("sum"),
            positiveSpans: spans("offset", positive.count),
            positiveBuckets: positive,
            negativeSpans: spans("n_offset", negative.count),
            negativeBuckets: negative,
            customBounds: numbers("custom_values")
        )
    }
}

/// Native histograms with custom buckets made of classic ones, as `load_with_nhcb` wants them.
enum ClassicConversion {
    private struct Parts {
        /// Of each step the cumulative counts by upper bound.
        var buckets: [Int: [Double: Double]] = [:]
        var counts: [Int: Double] = [:]
        var sums: [Int: Double] = [:]
    }

    /// The series that the classic histograms among some series make.
    static func series(from all: [ScriptSeries]) -> [ScriptSeries] {
        var parts: [LabelSet: Parts] = [:]
        for series in all {
            guard let name = series.labels.metricName else { continue }
            for (index, value) in series.values.enumerated() {
                guard case .number(let number) = value else { continue }
                if name.hasSuffix("_bucket"), let bound = series.labels["le"].flatMap({ ScriptParser.number($0[...]) })
                {
                    let key = labels(series.labels, name, "_bucket")
                    // Of several ways to write a bound the first one counts.
                    if parts[key]?.buckets[index]?[bound] == nil {
                        parts[key, default: Parts()].buckets[index, default: [:]][bound] = number
                    }
                } else if name.hasSuffix("_count") {
                    parts[labels(series.labels, name, "_count"), default: Parts()].counts[index] = number
                } else if name.hasSuffix("_sum") {
                    parts[labels(series.labels, name, "_sum"), default: Parts()].sums[index] = number
                }
            }
        }
        return parts.filter { !$0.value.buckets.isEmpty }.map { labels, parts in
            let steps = (parts.buckets.keys.max() ?? 0) + 1
            return ScriptSeries(labels: labels, values: (0..<steps).map { histogram(parts, $0) })
        }
    }

    private static func labels(_ labels: LabelSet, _ name: String, _ suffix: String) -> LabelSet {
        labels.setting("le", to: nil).setting(Label.metricName, to: String(name.dropLast(suffix.count)))
    }

    private static func histogram(_ parts: Parts, _ index: Int) -> ScriptValue {
        guard let buckets = parts.buckets[index] else { return .missing }
        let bounds = buckets.keys.filter { $0 != .infinity }.sorted()
        let count = parts.counts[index] ?? buckets[.infinity] ?? buckets.values.max() ?? 0
        var previous = 0.0
        var counts: [Double] = []
        for bound in bounds {
            let cumulative = buckets[bound] ?? 0
            if cumulative < previous { return .missing }
            counts.append(cumulative - previous)
            previous = cumulative
        }
        counts.append(count - previous)
        return .histogram(
            NativeHistogram(
                schema: NativeHistogram.customSchema,
                count: count,
                sum: parts.sums[index] ?? 0,
                positiveSpans: [NativeHistogram.Span(offset: 0, length: UInt32(counts.count))],
                positiveBuckets: counts,
                customBounds: bounds
            )
        )
    }
}
