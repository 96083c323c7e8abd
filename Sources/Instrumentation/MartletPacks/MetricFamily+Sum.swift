import MartletCore
public import MartletMetrics

extension MetricFamily {
    /// The family with the series added up that differ in one label only, which is taken away.
    ///
    /// Counters and histograms are added up; histograms must have the same buckets. Of gauges only those are that count
    /// things or amounts: a family whose name ends in `_ratio`, `_status`, `_state`, `_info` or `_timestamp_seconds`, or
    /// tells a time or a limit of one component, has no sum.
    ///
    /// - Parameter label: The label that is taken away, such as `component`.
    /// - Returns: The sums; `nil` where the family has none.
    public func summed(without label: String) -> MetricFamily? {
        let unsummable = [
            "_ratio", "_status", "_state", "_info", "_timestamp_seconds", "_time_seconds", "_uptime_seconds",
        ]
        switch metadata.type {
        case .counter, .histogram: break
        case .gauge where !unsummable.contains { name.hasSuffix($0) }: break
        default: return nil
        }
        var sums = MetricFamily(name, metadata: metadata, kind: kind, series: [])
        var places: [LabelSet: Int] = [:]
        for series in series {
            let labels = series.labels.setting(label, to: nil)
            guard let place = places[labels] else {
                places[labels] = sums.series.count
                sums.series.append(MetricSeries(labels: labels, value: series.value))
                continue
            }
            guard let sum = sums.series[place].value.adding(series.value) else { return nil }
            sums.series[place].value = sum
        }
        return sums
    }
}

extension MetricValue {
    /// The sum of two values of one kind; `nil` where they can't be added.
    fileprivate func adding(_ other: MetricValue) -> MetricValue? {
        switch (self, other) {
        case (.integer(let left), .integer(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? .number(Double(left) + Double(right)) : .integer(sum)
        case (.histogram(let left), .histogram(let right)):
            guard left.buckets.map(\.upperBound) == right.buckets.map(\.upperBound) else { return nil }
            let buckets = zip(left.buckets, right.buckets).map {
                HistogramValue.Bucket(
                    upperBound: $0.upperBound,
                    cumulativeCount: $0.cumulativeCount &+ $1.cumulativeCount
                )
            }
            return .histogram(
                HistogramValue(buckets: buckets, sum: left.sum + right.sum, count: left.count &+ right.count)
            )
        default:
            guard let left = number, let right = other.number else { return nil }
            return .number(left + right)
        }
    }
}
