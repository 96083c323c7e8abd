/// What one series says at the moment it is read.
public enum MetricValue: Hashable, Sendable {
    /// A whole count, exact beyond the 2^53 that a `Double` can hold.
    case integer(UInt64)
    /// Any number.
    case number(Double)
    /// Counts of observations by bucket; boxed, so that the series of counters stay small.
    indirect case histogram(HistogramValue)
    /// Quantiles computed in the service.
    case summary(SummaryValue)

    /// The number of a counter or gauge; `nil` for a histogram or summary.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .histogram, .summary: nil
        }
    }
}
