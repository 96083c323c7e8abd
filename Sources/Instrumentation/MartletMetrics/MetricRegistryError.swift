public import MartletCore

/// Why a metric could not be registered.
public enum MetricRegistryError: Error, Hashable, Sendable {
    /// The name does not match `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    case invalidName(String)
    /// A label name does not match `[a-zA-Z_][a-zA-Z0-9_]*`, is reserved or comes twice.
    case invalidLabel(metric: String, label: String, reason: String)
    /// The bucket bounds are not finite and ascending, or too many.
    case invalidBuckets(metric: String, reason: String)
    /// The name is registered as another type.
    case otherType(metric: String, existing: MetricType, requested: MetricType)
    /// The name is registered with another help text, unit, label names or buckets.
    case otherDescription(metric: String, field: String, existing: String, requested: String)
    /// A sample of the metric, such as `x_count` of a histogram, has the name of another metric's sample.
    case sampleNameTaken(metric: String, sample: String, owner: String)
    /// All cells of the process are in use.
    case outOfCells(metric: String)
}

extension MetricRegistryError: CustomStringConvertible {
    /// What failed and what to do, in one line.
    public var description: String {
        switch self {
        case .invalidName(let name):
            "cannot register metric \(LabelSyntax.quoted(name)): the name must match [a-zA-Z_:][a-zA-Z0-9_:]*; rename it"
        case .invalidLabel(let metric, let label, let reason):
            "cannot register metric \(metric): label name \(LabelSyntax.quoted(label)) \(reason); rename it"
        case .invalidBuckets(let metric, let reason):
            "cannot register histogram \(metric): \(reason)"
        case .otherType(let metric, let existing, let requested):
            "cannot register \(metric) as a \(requested.rawValue): it is registered as a \(existing.rawValue); "
                + "use another name or the existing metric"
        case .otherDescription(let metric, let field, let existing, let requested):
            "cannot register \(metric) with \(field) \(requested): it is registered with \(existing); make them the same"
        case .sampleNameTaken(let metric, let sample, let owner):
            "cannot register \(metric): its sample \(sample) is also written by \(owner); use another name"
        case .outOfCells(let metric):
            "cannot register \(metric): all cells for metrics are in use; register fewer series"
        }
    }
}
