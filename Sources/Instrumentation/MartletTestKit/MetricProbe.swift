public import MartletCore
public import MartletMetrics

/// Reads a registry's values in a test, and tells what changed since it was made.
///
/// ```swift
/// let probe = MetricProbe(registry)
/// service.handle(request)
/// #expect(probe.increase("http_requests_total", ["code": "200"]) == 1)
/// ```
public struct MetricProbe: Sendable {
    private let registry: MetricRegistry
    private let before: [MetricFamily]

    /// Notes what a registry says now.
    public init(_ registry: MetricRegistry = .default) {
        self.registry = registry
        before = registry.gather()
    }

    /// The number of a counter or gauge now, or how many observations a histogram or summary has; `nil` where there is no
    /// such series.
    ///
    /// - Parameters:
    ///   - name: The metric's name.
    ///   - labels: All its labels.
    /// - Returns: The number.
    public func value(_ name: String, _ labels: LabelSet = .empty) -> Double? {
        MetricProbe.number(registry.gather(), name, labels)
    }

    /// How much a counter, gauge or count of observations grew since the probe was made; what was not there counts as 0.
    ///
    /// - Parameters:
    ///   - name: The metric's name.
    ///   - labels: All its labels.
    /// - Returns: The difference.
    public func increase(_ name: String, _ labels: LabelSet = .empty) -> Double {
        (value(name, labels) ?? 0) - (MetricProbe.number(before, name, labels) ?? 0)
    }

    /// A histogram now; `nil` where there is none.
    public func histogram(_ name: String, _ labels: LabelSet = .empty) -> HistogramValue? {
        guard case .histogram(let value)? = MetricProbe.find(registry.gather(), name, labels) else { return nil }
        return value
    }

    /// A summary now; `nil` where there is none.
    public func summary(_ name: String, _ labels: LabelSet = .empty) -> SummaryValue? {
        guard case .summary(let value)? = MetricProbe.find(registry.gather(), name, labels) else { return nil }
        return value
    }

    /// What is not as expected, one line each; empty where all is.
    ///
    /// - Parameter expected: Numbers by series, as PromQL writes them: `http_requests_total{code="200"}`.
    /// - Returns: The differences, such as `http_requests_total{code="200"} is 1, expected 2`.
    public func differences(from expected: [String: Double]) -> [String] {
        let families = registry.gather()
        var found: [String: Double] = [:]
        for family in families {
            for series in family.series {
                found["\(series.labels.setting(Label.metricName, to: family.name))"] = MetricProbe.number(series.value)
            }
        }
        return expected.sorted { $0.key < $1.key }.compactMap { name, value in
            guard let actual = found[name] else { return "\(name) is not there, expected \(value)" }
            return actual == value || (actual.isNaN && value.isNaN) ? nil : "\(name) is \(actual), expected \(value)"
        }
    }

    private static func find(_ families: [MetricFamily], _ name: String, _ labels: LabelSet) -> MetricValue? {
        families.first { $0.name == name }?.series.first { $0.labels == labels }?.value
    }

    private static func number(_ families: [MetricFamily], _ name: String, _ labels: LabelSet) -> Double? {
        find(families, name, labels).flatMap(number)
    }

    private static func number(_ value: MetricValue) -> Double {
        switch value {
        case .integer(let count): Double(count)
        case .number(let number): number
        case .histogram(let histogram): Double(histogram.count)
        case .summary(let summary): Double(summary.count)
        }
    }
}
