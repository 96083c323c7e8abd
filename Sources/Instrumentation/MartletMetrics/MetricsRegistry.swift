/// The registry by the name that other libraries give it.
public typealias MetricsRegistry = MetricRegistry

/// The registry of the process: the same at each call.
public func getMetricsRegistry() -> MetricRegistry {
    .default
}

extension MetricRegistry {
    /// Adds a collector under a name of the caller's choice.
    public func registerCollector(_ name: String, _ collector: any MetricCollector) {
        add(collector: RenamedCollector(name: name, collector: collector))
    }

    /// All collectors by name.
    public func getAllCollectors() -> [String: any MetricCollector] {
        let runners = state.withLock(\.collectors)
        return Dictionary(uniqueKeysWithValues: runners.map { ($0.collector.name, $0.collector) })
    }
}

/// A collector that goes by another name.
private struct RenamedCollector: MetricCollector {
    let name: String
    let collector: any MetricCollector

    func collect() throws -> [MetricFamily] {
        try collector.collect()
    }
}
