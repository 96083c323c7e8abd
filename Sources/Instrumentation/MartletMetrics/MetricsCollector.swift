public import MartletCore

/// A named group of metrics of its own, recorded by name: what one part of a program contributes to the exposition.
///
/// ```swift
/// let workflows = MetricsCollector("workflows", maxSeries: 100)
/// MetricRegistry.default.add(collector: workflows)
/// workflows.recordTimer("workflow_execution_time", 2500, labels: ["workflow_type": "etl"])
/// ```
///
/// It shows itself as `martlet_collector_up{collector="workflows"} 1`.
public final class MetricsCollector: MetricCollector {
    /// The name of the collector.
    public let name: String

    /// Where its metrics are kept.
    public let registry: MetricRegistry

    private let prefix: String

    /// Creates a collector.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - maxSeries: The highest number of series of each of its metrics; further ones are counted together as `other`.
    ///   - namespace: What the names of its metrics begin with in front of the collector's: `kailash` makes
    ///     `kailash_workflows_…`; `nil` leaves the names as they are.
    ///   - clock: Tells the time of records.
    public init(
        _ name: String,
        maxSeries: Int = 100,
        namespace: String? = nil,
        clock: any WallClock = SystemWallClock()
    ) {
        self.name = name
        registry = MetricRegistry(seriesLimit: maxSeries, clock: clock)
        prefix = namespace.map { "\($0)_\(name)_" } ?? ""
    }

    /// Its metrics as they are now, and that it is there.
    public func collect() -> [MetricFamily] {
        let up = MetricFamily(
            "martlet_collector_up",
            metadata: MetricMetadata(type: .gauge, help: "Collectors that are there."),
            series: [MetricSeries(labels: ["collector": name], 1)]
        )
        return [up]
            + registry.gather().map { family in
                var shown = family
                if !family.name.hasPrefix("martlet_") { shown.name = prefix + family.name }
                return shown
            }
    }

    /// Declares a metric with its description and unit.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - type: The kind.
    ///   - description: What it means, one sentence.
    ///   - unit: The unit.
    ///   - labels: The label names.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise.
    public func createMetric(
        _ name: String,
        _ type: MetricKind,
        description: String,
        unit: MetricUnit = .none,
        labels: [String] = []
    ) throws(MetricRegistryError) {
        try registry.createMetric(name, type, description: description, unit: unit, labels: labels)
    }

    /// Adds to a counter.
    @discardableResult
    public func increment(_ name: String, by amount: Double = 1, labels: LabelSet = .empty) -> Bool {
        registry.increment(name, by: amount, labels: labels)
    }

    /// Adds to a counter.
    @discardableResult
    public func incrementCounter(_ name: String, _ value: Double = 1) -> Bool {
        registry.increment(name, by: value)
    }

    /// Adds to a counter.
    @discardableResult
    public func recordCounter(_ name: String, _ value: Double = 1) -> Bool {
        registry.increment(name, by: value)
    }

    /// Sets a gauge.
    @discardableResult
    public func setGauge(_ name: String, _ value: Double) -> Bool {
        registry.setGauge(name, to: value)
    }

    /// Sets a gauge with labels.
    @discardableResult
    public func setGaugeWithLabels(_ name: String, _ value: Double, _ labels: LabelSet) -> Bool {
        registry.setGauge(name, to: value, labels: labels)
    }

    /// Sets a gauge.
    @discardableResult
    public func recordGauge(_ name: String, _ value: Double) -> Bool {
        registry.setGauge(name, to: value)
    }

    /// Observes a value in a histogram.
    @discardableResult
    public func recordHistogram(_ name: String, _ value: Double, labels: LabelSet = .empty) -> Bool {
        registry.record(name, value, labels: labels)
    }

    /// Notes a time in milliseconds.
    @discardableResult
    public func recordTimer(_ name: String, _ milliseconds: Double, labels: LabelSet = .empty) -> Bool {
        registry.recordTimer(name, milliseconds: milliseconds, labels: labels)
    }

    /// Records a value as a type says: a counter adds, a gauge replaces, a histogram collects.
    @discardableResult
    public func recordCustomMetric(_ name: String, _ value: Double, _ type: CustomMetricType) -> Bool {
        registry.recordCustomMetric(name, value, type)
    }

    /// The counter of a name as a value to keep.
    public func counter(_ name: String) -> Counter.Series {
        registry.counter(name)
    }

    /// One metric's first series as a record, or `nil` where none has that name.
    public func getMetric(_ name: String) -> Metric? {
        getMetrics().first { $0.name == name }
    }

    /// All its series as records.
    public func getMetrics() -> [Metric] {
        registry.metrics()
    }

    /// All its series as records.
    public func getAllMetrics() -> [Metric] {
        registry.metrics()
    }
}
