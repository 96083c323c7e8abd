public import MartletCore

/// What a metric was declared as: the words of JSON and of configurations.
///
/// A timer is kept in milliseconds by those who record it and shown as a histogram in seconds, because no exposition
/// format knows timers; ``MetricFamily/kind`` remembers what it was.
public enum MetricKind: String, CaseIterable, Hashable, Sendable {
    /// A count that only grows.
    case counter
    /// A value that goes up and down.
    case gauge
    /// Counts of observations by bucket.
    case histogram
    /// A histogram of lengths of time.
    case timer
    /// Quantiles computed in the service.
    case summary
    /// Constant facts as labels of a 1.
    case info
    /// One series a state, 1 for those that hold.
    case stateSet = "stateset"
    /// A histogram whose buckets can shrink.
    case gaugeHistogram = "gaugehistogram"
    /// Not stated.
    case unknown

    /// The kind of which a type is without further knowledge.
    public init(_ type: MetricType) {
        self =
            switch type {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            case .gaugeHistogram: .gaugeHistogram
            case .summary: .summary
            case .info: .info
            case .stateSet: .stateSet
            case .unknown: .unknown
            }
    }

    /// The type that exposition formats write for the kind; a timer's is histogram.
    public var type: MetricType {
        switch self {
        case .counter: .counter
        case .gauge: .gauge
        case .histogram, .timer: .histogram
        case .gaugeHistogram: .gaugeHistogram
        case .summary: .summary
        case .info: .info
        case .stateSet: .stateSet
        case .unknown: .unknown
        }
    }
}
