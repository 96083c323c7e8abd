/// What kind of numbers a metric family holds, in the words of the exposition formats.
public enum MetricType: String, Sendable, CaseIterable {
    /// A count that only grows, but for restarts.
    case counter
    /// A value that goes up and down.
    case gauge
    /// Counts of observations by bucket, with their sum.
    case histogram
    /// A histogram whose buckets can shrink, such as the ages of queued items (OpenMetrics).
    case gaugeHistogram = "gaugehistogram"
    /// Quantiles computed in the service, with sum and count.
    case summary
    /// Constant facts as labels of a 1 (OpenMetrics).
    case info
    /// One series a state, 1 for those that hold (OpenMetrics).
    case stateSet = "stateset"
    /// Not stated.
    case unknown
}
