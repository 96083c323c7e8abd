import MartletCore
import MartletMetrics

/// Writes `{"metrics":[{"name":…,"type":…,"value":…,"labels":{…},"timestamp":…}]}`, one entry a series.
///
/// A histogram's value is `{"buckets":[{"le":0.1,"count":2},…],"sum":…,"count":…}`, a summary's
/// `{"quantiles":[{"quantile":0.5,"value":…},…],"sum":…,"count":…}`. Numbers that JSON does not have are the texts
/// `"NaN"`, `"+Inf"` and `"-Inf"`.
enum JSONExposition {
    static func bytes(_ families: [MetricFamily], now: Int64) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.key("metrics")
            $0.array { writer in
                for family in families {
                    for series in family.series { write(series, of: family, now: now, to: &writer) }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ series: MetricSeries, of family: MetricFamily, now: Int64, to writer: inout JSONWriter)
    {
        writer.object {
            $0.member("name", family.name)
            $0.member("type", family.metadata.type.rawValue)
            $0.member("description", family.metadata.help)
            $0.member("unit", family.metadata.unit)
            $0.member("labels", labels: series.labels)
            $0.key("value")
            write(series.value, to: &$0)
            $0.member("timestamp", series.timestamp ?? now)
        }
    }

    private static func write(_ value: MetricValue, to writer: inout JSONWriter) {
        switch value {
        case .integer(let count): writer.integer(count)
        case .number(let number): writer.number(number)
        case .histogram(let histogram):
            writer.object {
                $0.member("buckets", array: histogram.buckets) { writer, bucket in
                    writer.object {
                        $0.member("le", bucket.upperBound)
                        $0.member("count", bucket.cumulativeCount)
                    }
                }
                $0.member("sum", histogram.sum)
                $0.member("count", histogram.count)
            }
        case .summary(let summary):
            writer.object {
                $0.member("quantiles", array: summary.quantiles) { writer, quantile in
                    writer.object {
                        $0.member("quantile", quantile.share)
                        $0.member("value", quantile.value)
                    }
                }
                $0.member("sum", summary.sum)
                $0.member("count", summary.count)
            }
        }
    }
}
