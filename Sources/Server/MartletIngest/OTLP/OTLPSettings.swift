/// How metrics of OpenTelemetry become series; the settings of Prometheus' `otlp` section.
public struct OTLPSettings: Hashable, Sendable {
    /// How names are translated (`translation_strategy`).
    public var strategy = TranslationStrategy.underscoreEscapingWithSuffixes

    /// Which attributes of the resource become labels of every series (`promote_resource_attributes`).
    public var promotedAttributes: [String] = []

    /// Whether all attributes of the resource become labels (`promote_all_resource_attributes`).
    public var promotesAllAttributes = false

    /// Which attributes do not, though all do (`ignore_resource_attributes`).
    public var ignoredAttributes: [String] = []

    /// Whether `target_info` keeps `service.name` and its like, which are `job` and `instance` already
    /// (`keep_identifying_resource_attributes`).
    public var keepsIdentifyingAttributes = false

    /// Whether every series says which library made it, as `otel_scope_…` (`promote_scope_metadata`).
    public var promotesScope = true

    /// Whether histograms with explicit bounds become native ones (`convert_histograms_to_nhcb`).
    public var convertsHistograms = false

    /// Whether a series that says when it began gets a zero at that time.
    public var ingestsCreatedTimestamps = false

    /// How many series of delta sums are remembered; others are read from the store again.
    public var deltaSeriesMax = 500_000

    /// How far back the store is asked for the last sum of a series, in milliseconds.
    public var deltaLookback: Int64 = 24 * 3_600_000

    /// How often `target_info` is repeated where a request spans a long time, in milliseconds.
    public var targetInfoInterval: Int64 = 150_000

    /// Creates settings with the defaults.
    public init() {}
}
