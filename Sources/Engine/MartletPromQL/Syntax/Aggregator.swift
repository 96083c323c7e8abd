/// What makes one element of each group of elements, or picks some.
public enum Aggregator: String, Sendable, CaseIterable {
    /// The sum.
    case sum
    /// The mean.
    case avg
    /// The least value.
    case min
    /// The greatest value.
    case max
    /// How many elements there are.
    case count
    /// 1 where there is any element.
    case group
    /// The population standard deviation.
    case stddev
    /// The population variance.
    case stdvar
    /// The greatest elements.
    case topk
    /// The least elements.
    case bottomk
    /// The value below which a share of the elements fall.
    case quantile
    /// How often each value occurs.
    case countValues = "count_values"
    /// Any elements, up to a number.
    case limitk
    /// A share of the elements.
    case limitRatio = "limit_ratio"

    /// Whether a parameter stands before the vector.
    public var takesParameter: Bool {
        switch self {
        case .topk, .bottomk, .quantile, .countValues, .limitk, .limitRatio: true
        default: false
        }
    }

    /// Whether Prometheus keeps it behind a feature flag.
    public var isExperimental: Bool { self == .limitk || self == .limitRatio }
}
