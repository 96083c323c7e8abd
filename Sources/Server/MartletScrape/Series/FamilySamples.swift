import MartletCore
import MartletMetrics
import MartletSeries

/// A sample of an exposition, whatever form that has.
struct ScrapedSample {
    /// Where a sample stands, for those who have to mend it.
    enum Place: CustomStringConvertible {
        case line(Int)
        case family(String)

        var description: String {
            switch self {
            case .line(let number): "line \(number)"
            case .family(let name): "family \(name)"
            }
        }
    }

    var place: Place
    var value: Double
    var histogram: NativeHistogram?
    var timestamp: Int64?
    /// When its counting began.
    var created: Int64?
}

/// The samples of a metric family that came as a message rather than as lines, named as the lines would be.
///
/// A native histogram is one sample, under the family's name; where a histogram has both forms its classic buckets are
/// left out, as Prometheus does.
struct FamilySamples {
    let family: MetricFamily

    /// Calls a body with each sample and its labels, the metric's name among them.
    func forEach<Failure: Error>(_ body: (LabelSet, ScrapedSample) throws(Failure) -> Void) throws(Failure) {
        for series in family.series {
            func give(
                _ suffix: String,
                _ value: Double,
                _ extra: Label? = nil,
                histogram: NativeHistogram? = nil,
                counts: Bool = true
            ) throws(Failure) {
                var labels = series.labels.setting(Label.metricName, to: family.name + suffix)
                if let extra { labels = labels.setting(extra.name, to: extra.value) }
                let place = ScrapedSample.Place.family(family.name)
                try body(
                    labels,
                    ScrapedSample(
                        place: place,
                        value: value,
                        histogram: histogram,
                        timestamp: series.timestamp,
                        created: counts ? series.created : nil
                    )
                )
            }
            switch series.value {
            case .histogram(let value):
                if let native = value.native {
                    let histogram = NativeHistogram(native, of: value, isGauge: family.metadata.type == .gaugeHistogram)
                    try give("", value.sum, histogram: histogram)
                    continue
                }
                for bucket in value.buckets {
                    let bound = Label("le", FamilySamples.text(bucket.upperBound))
                    try give("_bucket", Double(bucket.cumulativeCount), bound)
                }
                try give("_sum", value.sum)
                try give("_count", Double(value.count))
            case .summary(let value):
                for quantile in value.quantiles {
                    let share = Label("quantile", FamilySamples.text(quantile.share))
                    try give("", quantile.value, share, counts: false)
                }
                try give("_sum", value.sum)
                try give("_count", Double(value.count))
            default:
                try give("", series.value.number ?? .nan)
            }
        }
    }

    /// A bound as OpenMetrics has it, so that a target has the same series in either form: whole numbers end in `.0`.
    private static func text(_ value: Double) -> String {
        let text = FloatText.general(value)
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } ? text + ".0" : text
    }
}

extension NativeHistogram {
    /// What a service exposed, as the store has it.
    fileprivate convenience init(_ native: NativeHistogramValue, of value: HistogramValue, isGauge: Bool) {
        self.init(
            resetHint: isGauge ? .gauge : .unknown,
            schema: native.schema,
            zeroThreshold: native.zeroThreshold,
            zeroCount: native.zeroCount,
            count: Double(value.count),
            sum: value.sum,
            positiveSpans: native.positiveSpans.map { Span(offset: $0.offset, length: $0.length) },
            positiveBuckets: native.positiveCounts,
            negativeSpans: native.negativeSpans.map { Span(offset: $0.offset, length: $0.length) },
            negativeBuckets: native.negativeCounts
        )
    }
}
