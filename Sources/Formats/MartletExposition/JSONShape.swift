/// How metrics are laid out in JSON.
public enum JSONShape: String, CaseIterable, Sendable {
    /// `{"metrics":[{"name":…,"type":…,"value":…,"labels":{…},"timestamp":…},…]}`, one entry a series.
    case list
    /// `{"<collector>":{"<metric>":{"latest_value":…,…}}}`, one entry a metric.
    case collectors
}
