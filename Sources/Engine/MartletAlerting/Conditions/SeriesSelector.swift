public import MartletCore

/// Names series: those of a metric that have the labels given.
public struct SeriesSelector: Hashable, Sendable {
    /// The metric's name.
    public var metric: String

    /// Labels that the series must have.
    public var labels: LabelSet

    /// Creates a selector.
    public init(_ metric: String, labels: LabelSet = .empty) {
        self.metric = metric
        self.labels = labels
    }

    /// Whether a series is named.
    public func matches(_ series: LabelSet) -> Bool {
        series.metricName == metric && labels.allSatisfy { series[$0.name] == $0.value }
    }
}

extension SeriesSelector: CustomStringConvertible {
    /// The selector as PromQL: `http_requests_total{code="500"}`.
    public var description: String { labels.setting(Label.metricName, to: metric).description }
}
