public import MartletCore

/// Measures how long something takes: told in milliseconds or durations, shown as a histogram in seconds.
///
/// ```swift
/// let executions = Timer("workflow_execution_time", help: "Time of a workflow.")
/// executions.record(milliseconds: 2500)  // shown in workflow_execution_time_seconds, as 2.5
/// let answer = executions.measure { work() }
/// ```
///
/// No exposition format knows a type "timer"; JSON and ``MetricFamily/kind`` say that it was one.
public struct Timer: ~Copyable, Sendable {
    @usableFromInline let histogram: Histogram

    /// Describes a timer.
    ///
    /// - Parameters:
    ///   - name: The name, such as `workflow_execution_time`; it is shown with `_seconds`, in place of `_ms` or
    ///     `_milliseconds` where it ends in one.
    ///   - help: What is timed, one sentence.
    ///   - buckets: The upper bounds of the buckets, in seconds.
    ///   - labels: Labels that never change.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        buckets: HistogramBuckets = .latency,
        constantLabels labels: LabelSet? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        histogram = Histogram(
            name,
            .timer,
            help: help,
            unit: .seconds,
            buckets: buckets,
            labels: labels,
            registry: registry,
            file: file,
            line: line
        )
    }

    init(_ instrument: Instrument) {
        histogram = Histogram(instrument)
    }

    /// The timer as a value that may be copied, stored and captured freely.
    @inlinable @inline(__always)
    public var series: Series { Series(seconds: histogram.series) }

    /// Notes a time in milliseconds.
    @inlinable
    public func record(milliseconds: Double) {
        histogram.observe(milliseconds / 1000)
    }

    /// Notes a time.
    @inlinable
    public func record(_ duration: Duration) {
        histogram.observe(duration)
    }

    /// Notes how long the body takes, however it ends.
    ///
    /// - Parameter body: What is timed.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func measure<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try series.measure(body)
    }

    /// Notes how long the body takes, however it ends.
    ///
    /// - Parameter body: What is timed; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func measure<Result, Failure>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await series.measure(body)
    }

    /// The histogram in seconds as it is now.
    public var value: HistogramValue { histogram.value }

    /// One series of a timer, found: what a family's look-up gives, and what may be copied, stored and captured freely.
    public struct Series: Sendable {
        @usableFromInline let seconds: Histogram.Series

        @inlinable @inline(__always)
        init(seconds: Histogram.Series) {
            self.seconds = seconds
        }

        /// Notes a time in milliseconds.
        @inlinable
        public func record(milliseconds: Double) {
            seconds.observe(milliseconds / 1000)
        }

        /// Notes a time.
        @inlinable
        public func record(_ duration: Duration) {
            seconds.observe(duration)
        }

        /// Notes how long the body takes, however it ends.
        ///
        /// - Parameter body: What is timed.
        /// - Returns: What the body returns.
        /// - Throws: What the body throws.
        public func measure<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
            let start = ContinuousClock.now
            defer { record(start.duration(to: .now)) }
            return try body()
        }

        /// Notes how long the body takes, however it ends.
        ///
        /// - Parameter body: What is timed; it runs where the caller does.
        /// - Returns: What the body returns.
        /// - Throws: What the body throws.
        nonisolated(nonsending) public func measure<Result, Failure>(
            _ body: () async throws(Failure) -> Result
        ) async throws(Failure) -> Result {
            let start = ContinuousClock.now
            defer { record(start.duration(to: .now)) }
            return try await body()
        }

        /// The histogram in seconds as it is now.
        public var value: HistogramValue { seconds.value }
    }

    /// The name under which a timer is shown.
    static func exportedName(_ name: String) -> String {
        for suffix in ["_seconds", "_milliseconds", "_ms"] where name.hasSuffix(suffix) {
            return name.dropLast(suffix.count) + "_seconds"
        }
        return name + "_seconds"
    }
}

extension Timer: DeclaredMetric {
    /// Registers the timer, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        histogram.declare(in: registry)
    }

    /// Registers the timer, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        try histogram.register(in: registry)
    }
}
