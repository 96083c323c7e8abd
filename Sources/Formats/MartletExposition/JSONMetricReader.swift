import MartletCore
import MartletMetrics

/// Reads metrics in either JSON shape back; members that are not known are skipped.
struct JSONMetricReader {
    var seriesMax: Int

    func read(_ bytes: [UInt8]) throws(ExpositionReadError) -> [MetricFamily] {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .malformed(offset: error.offset, reason: error.reason)
        }
        guard let members = value.members else { throw problem("expected an object") }
        if let list = members["metrics"]?.elements { return try readList(list) }
        var families: [MetricFamily] = []
        var count = 0
        for (collector, metrics) in members.sorted(by: { $0.key < $1.key }) {
            for (name, entry) in (metrics.members ?? [:]).sorted(by: { $0.key < $1.key }) {
                var family = family(name, entry)
                family.collector = collector == "default" ? "" : collector
                for part in entry["series"]?.elements ?? [] { family.series.append(try series(part, of: name)) }
                count += family.series.count
                guard count <= seriesMax else { throw .tooMany("series", limit: seriesMax) }
                families.append(family)
            }
        }
        return families
    }

    private func readList(_ list: [JSONValue]) throws(ExpositionReadError) -> [MetricFamily] {
        guard list.count <= seriesMax else { throw .tooMany("series", limit: seriesMax) }
        var families: [MetricFamily] = []
        var places: [String: Int] = [:]
        for entry in list {
            guard let name = entry["name"]?.text else { throw problem("a metric has no name") }
            let place = places[name] ?? families.count
            if place == families.count {
                families.append(family(name, entry))
                places[name] = place
            }
            families[place].series.append(try series(entry, of: name))
        }
        return families
    }

    private func family(_ name: String, _ entry: JSONValue) -> MetricFamily {
        let kind = entry["type"]?.text.flatMap(MetricKind.init) ?? .unknown
        let metadata = MetricMetadata(
            type: kind.type,
            help: entry["description"]?.text ?? "",
            unit: entry["unit"]?.text ?? ""
        )
        return MetricFamily(name, metadata: metadata, kind: kind, series: [])
    }

    private func series(_ entry: JSONValue, of name: String) throws(ExpositionReadError) -> MetricSeries {
        guard let value = entry["value"].flatMap(JSONMetricReader.value) else {
            throw problem("the metric \(name) has no value")
        }
        return MetricSeries(
            labels: JSONMetricReader.labels(entry["labels"]),
            value: value,
            timestamp: entry["timestamp"]?.integer(),
            created: entry["created"]?.integer(),
            exemplar: entry["exemplar"].flatMap(JSONMetricReader.exemplar)
        )
    }

    private func problem(_ reason: String) -> ExpositionReadError {
        .malformed(offset: 0, reason: reason)
    }

    // MARK: Values

    private static func value(_ value: JSONValue) -> MetricValue? {
        if let buckets = value["buckets"]?.elements {
            let list = buckets.compactMap { bucket -> HistogramValue.Bucket? in
                guard let bound = bucket["le"]?.double, let count = bucket["count"]?.integer(UInt64.self) else {
                    return nil
                }
                return HistogramValue.Bucket(
                    upperBound: bound,
                    cumulativeCount: count,
                    exemplar: bucket["exemplar"].flatMap(exemplar)
                )
            }
            guard list.count == buckets.count, let count = value["count"]?.integer(UInt64.self) else { return nil }
            let sum = value["sum"]?.double ?? .nan
            return .histogram(
                HistogramValue(buckets: list, sum: sum, count: count, native: value["native"].flatMap(native))
            )
        }
        if let quantiles = value["quantiles"]?.elements {
            let list = quantiles.compactMap { quantile -> SummaryValue.Quantile? in
                guard let share = quantile["quantile"]?.double, let value = quantile["value"]?.double else {
                    return nil
                }
                return SummaryValue.Quantile(share: share, value: value)
            }
            guard list.count == quantiles.count, let count = value["count"]?.integer(UInt64.self) else { return nil }
            return .summary(SummaryValue(quantiles: list, sum: value["sum"]?.double ?? .nan, count: count))
        }
        if let whole = value.integer(UInt64.self) { return .integer(whole) }
        return value.double.map { .number($0) }
    }

    private static func labels(_ value: JSONValue?) -> LabelSet {
        LabelSet((value?.members ?? [:]).compactMap { name, value in value.text.map { Label(name, $0) } })
    }

    private static func exemplar(_ value: JSONValue) -> Exemplar? {
        guard let number = value["value"]?.double else { return nil }
        return Exemplar(labels: labels(value["labels"]), value: number, timestamp: value["timestamp"]?.integer())
    }

    private static func native(_ value: JSONValue) -> NativeHistogramValue? {
        guard let schema = value["schema"]?.integer(Int32.self), let positive = side(value["positive"]),
            let negative = side(value["negative"])
        else { return nil }
        return NativeHistogramValue(
            schema: schema,
            zeroThreshold: value["zero_threshold"]?.double ?? 0,
            zeroCount: value["zero_count"]?.double ?? 0,
            positiveSpans: positive.spans,
            positiveCounts: positive.counts,
            negativeSpans: negative.spans,
            negativeCounts: negative.counts,
            exemplars: (value["exemplars"]?.elements ?? []).compactMap(exemplar)
        )
    }

    /// The buckets of one sign; `nil` where spans and counts do not agree.
    private static func side(_ value: JSONValue?) -> (spans: [NativeHistogramValue.Span], counts: [Double])? {
        let spans = (value?["spans"]?.elements ?? []).compactMap { span -> NativeHistogramValue.Span? in
            guard let offset = span["offset"]?.integer(Int32.self), let length = span["length"]?.integer(UInt32.self)
            else { return nil }
            return NativeHistogramValue.Span(offset: offset, length: length)
        }
        let counts = (value?["counts"]?.elements ?? []).compactMap(\.double)
        guard spans.reduce(0, { $0 + Int($1.length) }) == counts.count else { return nil }
        return (spans, counts)
    }
}
