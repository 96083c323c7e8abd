import MartletCore

/// A part of what a registry shows, or the whole of it added up: the same data per component and for the system.
///
/// ```swift
/// let database = MetricView(.default, where: "component", is: "database")
/// let system = MetricView(.default, without: ["component"])
/// ```
public struct MetricView: Sendable {
    private enum Choice {
        case series(label: String, value: String)
        case sums(labels: Set<String>)
    }

    private let registry: MetricRegistry
    private let choice: Choice

    /// Shows the series of one value of a label, such as one component's.
    ///
    /// - Parameters:
    ///   - registry: What is looked at.
    ///   - label: The label.
    ///   - value: Its value.
    public init(_ registry: MetricRegistry, where label: String, is value: String) {
        self.registry = registry
        choice = .series(label: label, value: value)
    }

    /// Adds up the series that differ in some labels only, such as those of all components.
    ///
    /// Counters, gauges and histograms of the same bounds are added. Quantiles cannot be: summaries keep their sum and
    /// count.
    ///
    /// - Parameters:
    ///   - registry: What is looked at.
    ///   - labels: The labels that go.
    public init(_ registry: MetricRegistry, without labels: Set<String>) {
        self.registry = registry
        choice = .sums(labels: labels)
    }

    /// The families as they are now.
    public func gather() -> [MetricFamily] {
        switch choice {
        case .series(let label, let value):
            registry.gather().compactMap { family in
                var part = family
                part.series = family.series.filter { $0.labels[label] == value }
                return part.series.isEmpty ? nil : part
            }
        case .sums(let labels):
            registry.gather().map { family in
                var sum = family
                sum.series = MetricView.sums(family.series, without: labels)
                return sum
            }
        }
    }

    private static func sums(_ series: [MetricSeries], without labels: Set<String>) -> [MetricSeries] {
        var places: [LabelSet: Int] = [:]
        var sums: [MetricSeries] = []
        for one in series {
            let kept = one.labels.removing(labels)
            if let place = places[kept] {
                sums[place].value = sums[place].value.adding(one.value)
                sums[place].created = [sums[place].created, one.created].compactMap(\.self).min()
                continue
            }
            places[kept] = sums.count
            var first = one
            first.labels = kept
            if kept != one.labels { first.value = first.value.adding(nil) }
            sums.append(first)
        }
        return sums
    }
}

extension MetricValue {
    /// The sum of two values of one kind; with `nil` the value as it goes into a sum.
    fileprivate func adding(_ other: MetricValue?) -> MetricValue {
        switch (self, other) {
        case (.integer(let left), .integer(let right)?):
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? .number(Double(left) + Double(right)) : .integer(sum)
        case (.histogram(let left), .histogram(let right)?):
            return .histogram(left.adding(right))
        case (.summary(let left), .summary(let right)?):
            return .summary(SummaryValue(quantiles: [], sum: left.sum + right.sum, count: left.count + right.count))
        case (.summary(let value), nil):
            return .summary(SummaryValue(quantiles: [], sum: value.sum, count: value.count))
        default:
            guard let left = number, let right = other?.number else { return self }
            return .number(left + right)
        }
    }
}

extension HistogramValue {
    /// The sum of two histograms; of other bounds than its own it takes the sum and count into the infinite bucket.
    fileprivate func adding(_ other: HistogramValue) -> HistogramValue {
        var sum = self
        sum.sum += other.sum
        sum.count += other.count
        sum.native = nil
        let isAlike = buckets.map(\.upperBound) == other.buckets.map(\.upperBound)
        for place in buckets.indices {
            if isAlike {
                sum.buckets[place].cumulativeCount += other.buckets[place].cumulativeCount
            } else if place == buckets.count - 1 {
                sum.buckets[place].cumulativeCount += other.count
            }
        }
        return sum
    }
}
