/// A form in which a target can give its metrics, under Prometheus' name for it.
public enum ScrapeProtocol: String, Sendable, CaseIterable {
    /// Protocol buffers, which bring native histograms; asked for where a job names it.
    case prometheusProto = "PrometheusProto"
    /// OpenMetrics 1.0.0.
    case openMetrics1 = "OpenMetricsText1.0.0"
    /// OpenMetrics 0.0.1, which reads like 1.0.0.
    case openMetrics0 = "OpenMetricsText0.0.1"
    /// The Prometheus text format with UTF-8 names.
    case prometheusText1 = "PrometheusText1.0.0"
    /// The Prometheus text format 0.0.4.
    case prometheusText0 = "PrometheusText0.0.4"

    /// What a target is asked for when the configuration names nothing, best first.
    public static let standard: [ScrapeProtocol] = [
        .openMetrics1, .openMetrics0, .prometheusText1, .prometheusText0,
    ]
}
