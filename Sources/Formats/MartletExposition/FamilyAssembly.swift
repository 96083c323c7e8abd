import MartletCore
import MartletMetrics

/// Puts the lines of a text exposition together to metric families.
struct FamilyAssembly {
    /// A family while its lines go by.
    private struct Family {
        var name: String
        var metadata = MetricMetadata(type: .unknown)
        var order: [LabelSet] = []
        var series: [LabelSet: SeriesParts] = [:]
    }

    private let format: ExpositionFormat
    private var list: [Family] = []
    private var places: [String: Int] = [:]
    /// The series so far.
    private(set) var seriesCount = 0

    init(format: ExpositionFormat) {
        self.format = format
    }

    mutating func add(_ name: String, _ line: MetadataLine) {
        let place = place(of: name)
        switch line {
        case .type(let type): list[place].metadata.type = type
        case .help(let help): list[place].metadata.help = help
        case .unit(let unit): list[place].metadata.unit = unit
        }
    }

    mutating func add(_ sample: ParsedSample, _ parser: ExpositionParser) {
        let labels = parser.labels(of: sample)
        let name = labels.metricName ?? ""
        let (place, role) = owner(of: name)
        let type = list[place].metadata.type
        var key = labels.setting(Label.metricName, to: nil)
        var bound: String?
        if role == .bucket { bound = key["le"] }
        if type == .summary, role == .value { bound = key["quantile"] }
        if bound != nil { key = key.removing([role == .bucket ? "le" : "quantile"]) }
        if list[place].series[key] == nil {
            list[place].order.append(key)
            seriesCount += 1
        }
        list[place].series[key, default: SeriesParts()].add(sample, parser, role: role, bound: bound, type: type)
    }

    /// The families in the order in which they came.
    var families: [MetricFamily] {
        list.compactMap { family in
            guard !family.order.isEmpty else { return nil }
            let type = family.metadata.type
            let series = family.order.compactMap { labels in
                family.series[labels].map { $0.series(labels, type) }
            }
            return MetricFamily(declaredName(family.name, type), metadata: family.metadata, series: series)
        }
    }

    private func declaredName(_ name: String, _ type: MetricType) -> String {
        guard format == .openMetrics else { return name }
        switch type {
        case .counter: return name + "_total"
        case .info: return name + "_info"
        default: return name
        }
    }

    private mutating func place(of name: String) -> Int {
        if let place = places[name] { return place }
        places[name] = list.count
        list.append(Family(name: name))
        return list.count - 1
    }

    /// The family whose sample has a name, and what the sample is to it.
    private mutating func owner(of sample: String) -> (place: Int, role: SampleRole) {
        if let place = places[sample], role(of: "", list[place].metadata.type) != nil { return (place, .value) }
        for (suffix, role) in SampleRole.suffixes where sample.hasSuffix(suffix) {
            let family = String(sample.dropLast(suffix.utf8.count))
            if let place = places[family], self.role(of: suffix, list[place].metadata.type) != nil {
                return (place, role)
            }
        }
        return (place(of: sample), .value)
    }

    private func role(of suffix: String, _ type: MetricType) -> SampleRole? {
        let known = format == .text ? LintFamily.textSuffixes(type) : LintFamily.suffixes(type)
        return known.contains(suffix) ? SampleRole.suffixes.first { $0.suffix == suffix }?.role ?? .value : nil
    }
}

/// What a sample is to its family.
enum SampleRole {
    case value
    case bucket
    case sum
    case count
    case created

    static let suffixes: [(suffix: String, role: SampleRole)] = [
        ("_bucket", .bucket), ("_count", .count), ("_gcount", .count), ("_sum", .sum), ("_gsum", .sum),
        ("_created", .created), ("_total", .value), ("_info", .value),
    ]
}

/// A series while its samples go by.
private struct SeriesParts {
    var value = MetricValue.number(0)
    var timestamp: Int64?
    var created: Int64?
    var exemplar: Exemplar?
    var buckets: [HistogramValue.Bucket] = []
    var quantiles: [SummaryValue.Quantile] = []
    var sum: Double?
    var count: UInt64?

    mutating func add(
        _ sample: ParsedSample,
        _ parser: ExpositionParser,
        role: SampleRole,
        bound: String?,
        type: MetricType
    ) {
        if role != .created { timestamp = sample.timestamp ?? timestamp }
        let exemplar = sample.exemplar.map {
            Exemplar(labels: parser.labels(of: $0), value: $0.value, timestamp: $0.timestamp)
        }
        switch role {
        case .created: created = SeriesParts.milliseconds(sample.value)
        case .sum: sum = sample.value
        case .count: count = SeriesParts.whole(sample, parser)
        case .bucket:
            buckets.append(
                HistogramValue.Bucket(
                    upperBound: SeriesParts.number(bound),
                    cumulativeCount: SeriesParts.whole(sample, parser),
                    exemplar: exemplar
                )
            )
        case .value where type == .summary:
            quantiles.append(SummaryValue.Quantile(share: SeriesParts.number(bound), value: sample.value))
        case .value:
            // Whole counts are exact beyond what a Double holds.
            let text = parser.bytes[sample.valueText]
            let isDigits = text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let exact = isDigits ? UInt64(String(decoding: text, as: UTF8.self)) : nil
            value = type == .counter ? exact.map { .integer($0) } ?? .number(sample.value) : .number(sample.value)
            self.exemplar = exemplar
        }
    }

    func series(_ labels: LabelSet, _ type: MetricType) -> MetricSeries {
        var series = MetricSeries(
            labels: labels,
            value: value,
            timestamp: timestamp,
            created: created,
            exemplar: exemplar
        )
        switch type {
        case .histogram, .gaugeHistogram:
            let total = count ?? buckets.last?.cumulativeCount ?? 0
            series.value = .histogram(HistogramValue(buckets: buckets, sum: sum ?? .nan, count: total))
        case .summary:
            series.value = .summary(SummaryValue(quantiles: quantiles, sum: sum ?? .nan, count: count ?? 0))
        default: break
        }
        return series
    }

    private static func number(_ text: String?) -> Double {
        guard let bytes = text.map({ Array($0.utf8) }) else { return .nan }
        return NumberText.double(bytes, bytes.indices) ?? .nan
    }

    private static func whole(_ sample: ParsedSample, _ parser: ExpositionParser) -> UInt64 {
        let text = String(decoding: parser.bytes[sample.valueText], as: UTF8.self)
        return UInt64(text) ?? UInt64(exactly: sample.value.rounded()) ?? 0
    }

    /// Seconds with a fraction as milliseconds.
    private static func milliseconds(_ seconds: Double) -> Int64? {
        seconds.isFinite ? Int64(exactly: (seconds * 1000).rounded()) : nil
    }
}
