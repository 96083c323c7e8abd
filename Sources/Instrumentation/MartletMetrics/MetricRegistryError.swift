import MartletCore

/// Where the two declarations stand that contradict each other.
public struct DeclarationSites: Hashable, Sendable {
    /// The one that came first and holds.
    public var existing: DeclarationSite

    /// The one that was refused.
    public var requested: DeclarationSite

    /// Creates a pair.
    public init(existing: DeclarationSite, requested: DeclarationSite) {
        self.existing = existing
        self.requested = requested
    }

    var description: String { "first declared at \(existing), again at \(requested)" }
}

/// Why a metric could not be registered, or a call by name not be done.
public enum MetricRegistryError: Error, Hashable, Sendable {
    /// The name does not match `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    case invalidName(String)
    /// A label name does not match `[a-zA-Z_][a-zA-Z0-9_]*`, is reserved or comes twice.
    case invalidLabel(metric: String, label: String, reason: String)
    /// The bucket bounds are not finite and ascending, or too many.
    case invalidBuckets(metric: String, reason: String)
    /// Another setting of the metric can't be: its quantiles, states or share.
    case invalidSetting(metric: String, reason: String)
    /// The name is registered as another kind.
    case otherType(metric: String, existing: MetricKind, requested: MetricKind, DeclarationSites)
    /// The name is registered with another help text, unit, label names, buckets or settings.
    case otherDescription(metric: String, field: String, existing: String, requested: String, DeclarationSites)
    /// A sample of the metric, such as `x_count` of a histogram, has the name of another metric's sample.
    case sampleNameTaken(metric: String, sample: String, owner: String, DeclarationSites)
    /// All cells of the process are in use.
    case outOfCells(metric: String)
    /// The registry has as many metrics as it may.
    case tooManyMetrics(metric: String, limit: Int)
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
        case .invalidSetting(let metric, let reason):
            "cannot register \(metric): \(reason)"
        case .otherType(let metric, let existing, let requested, let sites):
            "cannot register \(metric) as a \(requested.rawValue): it is registered as a \(existing.rawValue); "
                + "use another name or the existing metric (\(sites.description))"
        case .otherDescription(let metric, let field, let existing, let requested, let sites):
            "cannot register \(metric) with \(field) \(requested): it is registered with \(existing); "
                + "make them the same (\(sites.description))"
        case .sampleNameTaken(let metric, let sample, let owner, let sites):
            "cannot register \(metric): its sample \(sample) is also written by \(owner); "
                + "use another name (\(sites.description))"
        case .outOfCells(let metric):
            "cannot register \(metric): all cells for metrics are in use; register fewer series"
        case .tooManyMetrics(let metric, let limit):
            "cannot register \(metric): the registry has \(limit) metrics, as many as it may; "
                + "raise its limit or use labels instead of names"
        }
    }
}
