import MartletCore

/// What scrapes store beyond the samples that targets expose, each as Prometheus does behind a flag.
public struct ScrapeExtras: Sendable {
    /// Whether a series that tells when its counting began gets a zero at that time, so that nothing that was counted
    /// before its first scrape is missing from rates (`created-timestamp-zero-ingestion`).
    public var storesZeros = false

    /// How long before a scrape that may be; older beginnings are left out, as the store takes no sample so late.
    public var zeroAgeMax: Duration = .seconds(1800)

    /// Whether series carry the type and the unit of their metric as labels `__type__` and `__unit__`
    /// (`type-and-unit-labels`).
    public var addsTypeAndUnit = false

    /// Creates extras that are all off.
    public init() {}

    /// The labels of a series with those of its family.
    func adding(_ metadata: MetricMetadata?, to labels: LabelSet) -> LabelSet {
        guard addsTypeAndUnit, let metadata else { return labels }
        var labels = labels
        if metadata.type != .unknown { labels = labels.setting("__type__", to: metadata.type.rawValue) }
        if !metadata.unit.isEmpty { labels = labels.setting("__unit__", to: metadata.unit) }
        return labels
    }
}
