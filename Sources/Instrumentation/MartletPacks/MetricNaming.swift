/// Under which names metrics are exported whose older names breach the conventions, such as a counter without `_total`.
public enum MetricNaming: String, CaseIterable, Sendable {
    /// Under the older names, which dashboards in use expect.
    case source
    /// Under the names that follow the conventions.
    case canonical
    /// Under both.
    case both

    /// Whether the older names are exported.
    public var hasSource: Bool { self != .canonical }

    /// Whether the names that follow the conventions are exported.
    public var hasCanonical: Bool { self != .source }
}
