/// How metrics of OpenTelemetry become series: the `otlp` section, with Prometheus' keys.
public struct OTLPConfiguration: Hashable, Sendable {
    /// How names are translated; the words are Prometheus' own.
    public enum Strategy: String, Hashable, Sendable, CaseIterable {
        /// Letters, digits and underscores only; unit and `_total` behind the name.
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        /// Letters, digits and underscores only, nothing added.
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        /// Names as they are, with unit and `_total` behind them.
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        /// Names as they are.
        case noTranslation = "NoTranslation"
    }

    /// How names are translated (`translation_strategy`).
    public var strategy = Strategy.underscoreEscapingWithSuffixes

    /// Which attributes of the resource become labels (`promote_resource_attributes`).
    public var promotedAttributes: [String] = []

    /// Whether all of them do (`promote_all_resource_attributes`).
    public var promotesAllAttributes = false

    /// Which do not, though all do (`ignore_resource_attributes`).
    public var ignoredAttributes: [String] = []

    /// Whether `target_info` keeps what `job` and `instance` say (`keep_identifying_resource_attributes`).
    public var keepsIdentifyingAttributes = false

    /// Whether series say which library made them (`promote_scope_metadata`, default true).
    public var promotesScope = true

    /// Whether histograms with explicit bounds become native ones (`convert_histograms_to_nhcb`).
    public var convertsHistograms = false

    /// Creates the defaults.
    public init() {}
}
