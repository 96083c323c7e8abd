/// A source of metrics that are read when somebody asks, rather than counted as things happen.
public protocol MetricCollector: Sendable {
    /// A word for this collector in error counts, such as `process`.
    var name: String { get }

    /// Reads the metrics as they are now; called by one thread at a time, which is none of the caller's.
    ///
    /// - Returns: The families; each name once.
    /// - Throws: Any error; the registry counts it and goes on with the other collectors.
    func collect() throws -> [MetricFamily]
}

extension MetricRegistry {
    /// Adds a collector, which is asked at each ``gather()``.
    ///
    /// A collector of the same name is replaced. One that takes longer than ``collectorTimeLimit`` is left out of that
    /// scrape and of those that follow, until it is done; `martlet_collector_timeouts_total` counts them.
    public func add(collector: any MetricCollector) {
        state.withLock { state in
            state.collectors.removeAll { $0.collector.name == collector.name }
            state.collectors.append(CollectorRunner(collector))
        }
    }

    /// Takes the collector of that name away; does nothing where there is none.
    public func removeCollector(named name: String) {
        state.withLock { $0.collectors.removeAll { $0.collector.name == name } }
    }

    /// The names of the collectors, in the order added.
    public var collectorNames: [String] {
        state.withLock { $0.collectors.map(\.collector.name) }
    }

    /// The collector of that name, or `nil` where there is none.
    public func collector(named name: String) -> (any MetricCollector)? {
        state.withLock { $0.collectors.first { $0.collector.name == name }?.collector }
    }
}
