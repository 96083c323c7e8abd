public import MartletMetrics

/// Takes the metrics of a service somewhere: to a log, a file, a dashboard.
public protocol MetricsExporter: Sendable {
    /// What it is called; a reporter has one exporter of a name.
    var name: String { get }

    /// Takes the metrics as they are now.
    ///
    /// - Parameters:
    ///   - families: The metrics.
    ///   - timestamp: When they were read, in milliseconds since the epoch.
    /// - Throws: Why it could not; the next time brings all values again, so that nothing is lost but this moment.
    func export(_ families: [MetricFamily], at timestamp: Int64) async throws
}
