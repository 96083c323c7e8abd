import MartletCore
public import MartletMetrics

/// What the Swift runtime does, as far as it can be seen from a program: tasks that are alive, jobs that ran.
///
/// Swift tells nobody about the tasks of its own executors, so that both families count what goes through these
/// instruments: tasks run in ``withTask(_:)`` and jobs of a ``MeteredExecutor``.
public final class RuntimeMetrics: Sendable {
    private let tasks: Gauge
    private let jobs: Counter

    /// Creates the instruments and shows both at 0.
    ///
    /// - Parameter registry: Where they are shown.
    public init(registry: MetricRegistry = .default) {
        let pack = PackDefinition.process
        tasks = Gauge("swift_tasks_active", help: pack["swift_tasks_active"]?.help ?? "", registry: registry)
        jobs = Counter(
            "swift_executor_jobs_total",
            help: pack["swift_executor_jobs_total"]?.help ?? "",
            registry: registry
        )
        tasks.set(to: 0)
        jobs.increment(by: 0)
    }

    /// Runs the body of a task and counts it among the active ones until it ends, however that is.
    ///
    /// ```swift
    /// Task { await runtime.withTask { await serve(connection) } }
    /// ```
    ///
    /// - Parameter body: What the task does; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func withTask<Result, Failure>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await tasks.track(body)
    }

    /// Counts a job that an executor has run.
    func jobDone() {
        jobs.increment()
    }
}
