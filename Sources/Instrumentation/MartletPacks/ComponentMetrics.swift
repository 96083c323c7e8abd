import MartletCore
import MartletMetrics
import Synchronization

/// The metrics of one component, made by ``ComponentPack/component(_:version:source:runtime:)``.
///
/// Recording what has no label of its own (messages, their latency) takes no lock. What has one, such as an error's type,
/// takes a short one to find its series.
public final class ComponentMetrics: Sendable {
    /// What a component is doing with its life.
    public enum Lifecycle: String, CaseIterable, Sendable {
        /// It is being set up.
        case starting
        /// It does its work.
        case running
        /// It is being shut down.
        case stopping
        /// It is not there.
        case stopped
        /// It ended without being asked to.
        case failed
    }

    private struct Key: Hashable {
        var family: String
        var values: [String]
    }

    private struct State {
        var counters: [Key: CounterSeries] = [:]
        var gauges: [Key: GaugeSeries] = [:]
        var histograms: [Key: HistogramSeries] = [:]
        var memoryPeak = 0.0
        var startTime: Double?
        var status: Int?
    }

    /// What the component is called.
    public let name: String

    /// The label that all its series carry.
    let labels: LabelSet
    let info: LabelSet
    let pack: ComponentPack
    let processed: CounterSeries
    let latency: HistogramSeries
    private let inFlight: GaugeSeries
    private let processorTime: CounterSeries
    private let state = Mutex(State())

    init(_ name: String, pack: ComponentPack, info: LabelSet) {
        self.name = name
        self.pack = pack
        self.info = info
        labels = ["component": name]
        processed = pack.instruments.counter(pack.processedName, [name])
        latency = pack.instruments.histogram("component_processing_latency_seconds", [name])
        inFlight = pack.instruments.gauge("component_messages_in_flight", [name])
        processorTime = pack.instruments.counter("component_cpu_seconds_total", [name])
        note(pack.processedName, "component_processing_latency_seconds")
        // What counts from 0 shows 0; gauges appear when they are set.
        for family in PackDefinition.component.families where family.labels.isEmpty {
            let isKept = family.name == pack.processedName || !family.name.hasPrefix("component_messages_processed")
            switch family.type {
            case .counter where isKept: _ = counter(family.name)
            case .histogram: _ = histogram(family.name)
            default: break
            }
        }
        _ = gauge("component_messages_in_flight")
    }

    var processedCount: UInt64 { UInt64(max(0, processed.value)) }

    var processorSeconds: Double { processorTime.value }

    /// When it started, in seconds since the epoch; `nil` before that.
    var startTime: Double? { state.withLock { $0.startTime } }

    // MARK: Messages

    /// Counts a message that was accepted.
    ///
    /// - Parameter bytes: How long it is; `nil` where nobody knows.
    public func received(bytes: Int? = nil) {
        counter("component_messages_received_total").increment()
        if let bytes { histogram("component_message_size_bytes", "in").observe(Double(bytes)) }
    }

    /// Counts a message that was sent.
    ///
    /// - Parameters:
    ///   - target: To whom; one of few names.
    ///   - bytes: How long it is; `nil` where nobody knows.
    public func sent(to target: String, bytes: Int? = nil) {
        counter("component_messages_sent_total", target).increment()
        if let bytes { histogram("component_message_size_bytes", "out").observe(Double(bytes)) }
    }

    /// Counts a message that was dropped before anybody handled it; the reason is one of few words.
    public func dropped(reason: String) {
        counter("component_messages_dropped_total", reason).increment()
    }

    /// Counts a message that is handled again after a failure.
    public func retried() {
        counter("component_messages_retried_total").increment()
    }

    /// Handles a message: counts it, measures how long that took and what processor time it cost, and tells an error that
    /// the body throws by its type.
    ///
    /// - Parameter body: What handles the message.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func process<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        inFlight.increment()
        let start = pack.time.now
        let before = ThreadTime.nanoseconds
        defer {
            inFlight.decrement()
            cpu(nanoseconds: ThreadTime.nanoseconds - before)
            finish(since: start)
        }
        do {
            return try body()
        } catch {
            failed(error)
            throw error
        }
    }

    /// Handles a message in a task.
    ///
    /// The processor time of a task is that of whichever threads it ran on, which only an executor can tell: run the task
    /// on ``executor(threads:)`` to have it counted.
    ///
    /// - Parameter body: What handles the message; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func process<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        inFlight.increment()
        let start = pack.time.now
        defer {
            inFlight.decrement()
            finish(since: start)
        }
        do {
            return try await body()
        } catch {
            failed(error)
            throw error
        }
    }

    /// An executor whose jobs' processor time is this component's; end it with ``MeteredExecutor/stop()``.
    public func executor(threads: Int = 1) -> MeteredExecutor {
        MeteredExecutor(threads: threads) { [weak self] in self?.cpu(nanoseconds: $0) }
    }

    private func finish(since start: ContinuousClock.Instant) {
        let spent = pack.time.now - start
        processed.increment()
        latency.observe(spent)
        if spent > pack.slowThreshold { counter("component_slow_operations_total", "message").increment() }
    }

    private func failed(_ error: any Error) {
        counter("component_messages_failed_total", ErrorType.name(error)).increment()
        self.error(type: ErrorType.name(error))
    }

    /// Tells how many messages wait, and how many may.
    public func queue(depth: Int, capacity: Int? = nil) {
        gauge("component_queue_depth").set(to: depth)
        if let capacity { gauge("component_queue_capacity").set(to: capacity) }
    }

    /// Tells how long a message waited before it was handled.
    public func waited(_ duration: Duration) {
        histogram("component_queue_wait_seconds").observe(duration)
    }

    // MARK: Errors

    /// Counts an error; the type is one of few words, never a message.
    public func error(type: String) {
        counter("component_errors_total", type).increment()
        gauge("component_last_error_timestamp_seconds").set(to: pack.time.seconds)
    }

    /// Counts a trap, a fault or a fatal error.
    public func crashed(reason: String) {
        counter("component_crashes_total", reason).increment()
        set(.failed)
    }

    /// Counts an operation that ran out of time.
    public func timedOut(operation: String) {
        counter("component_timeouts_total", operation).increment()
    }

    /// Counts a restart by whoever watches over the component.
    public func restarted(reason: String) {
        counter("component_restarts_total", reason).increment()
    }

    // MARK: Resources

    /// Tells how much memory the component holds, and may hold.
    public func memory(bytes: Int, limit: Int? = nil) {
        let peak = state.withLock { state in
            state.memoryPeak = max(state.memoryPeak, Double(bytes))
            return state.memoryPeak
        }
        gauge("component_memory_usage_bytes").set(to: bytes)
        gauge("component_memory_peak_bytes").set(to: peak)
        if let limit { gauge("component_memory_limit_bytes").set(to: limit) }
    }

    /// Counts a request for more memory.
    public func memoryGrowth(granted: Bool) {
        counter("component_memory_growths_total", granted ? "granted" : "refused").increment()
    }

    /// Adds processor time that the component took.
    public func cpu(nanoseconds: UInt64) {
        processorTime.increment(by: Double(nanoseconds) * 1e-9)
    }

    /// Adds time in which a limit held the component back.
    public func throttled(_ duration: Duration) {
        counter("component_cpu_throttled_seconds_total").increment(by: duration / .seconds(1))
    }

    /// Adds fuel that the component burnt.
    public func fuel(_ units: Int) {
        counter("component_fuel_consumed_total").increment(by: units)
    }

    /// Counts a handle or resource that was opened.
    public func opened(_ kind: String) {
        gauge("component_open_handles", kind).increment()
    }

    /// Counts a handle or resource that was closed.
    public func closed(_ kind: String) {
        gauge("component_open_handles", kind).decrement()
    }

    /// Runs the body of a task and counts it among the component's active ones.
    ///
    /// - Parameter body: What the task does; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func withTask<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let active = gauge("component_tasks_active")
        active.increment()
        defer { active.decrement() }
        return try await body()
    }

    // MARK: Lifecycle and health

    /// Starts the component: measures how long that took, and counts it.
    ///
    /// - Parameter body: What starts it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, after the state became `failed`.
    public func start<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        set(.starting)
        let start = pack.time.now
        do {
            let result = try body()
            histogram("component_start_duration_seconds").observe(pack.time.now - start)
            counter("component_starts_total").increment()
            let now = pack.time.seconds
            state.withLock { $0.startTime = now }
            gauge("component_start_time_seconds").set(to: now)
            set(.running)
            return result
        } catch {
            self.error(type: ErrorType.name(error))
            set(.failed)
            throw error
        }
    }

    /// Counts an end that was asked for.
    public func stopped(reason: String) {
        counter("component_stops_total", reason).increment()
        state.withLock { $0.startTime = nil }
        set(.stopped)
    }

    /// Tells the lifecycle state.
    public func set(_ lifecycle: Lifecycle) {
        for each in Lifecycle.allCases { gauge("component_state", each.rawValue).set(to: each == lifecycle ? 1 : 0) }
    }

    /// Counts a health check and, where the component's state changed by it, the change.
    ///
    /// - Parameters:
    ///   - check: The check's name.
    ///   - status: What it found: 0 healthy, 1 degraded, 2 unhealthy, 3 critical.
    ///   - duration: How long it took.
    public func healthChecked(_ check: String, status: Int, duration: Duration) {
        let words = ["healthy", "degraded", "unhealthy", "critical"]
        let status = min(max(0, status), words.count - 1)
        counter("component_health_checks_total", check, words[status]).increment()
        histogram("component_health_check_duration_seconds", check).observe(duration)
        let last = state.withLock { state in
            defer { state.status = status }
            return state.status
        }
        gauge("component_health_status").set(to: status)
        if let last, last != status {
            counter("component_health_transitions_total", words[last], words[status]).increment()
        }
    }

    // MARK: Series

    /// Takes all series of the component away.
    func removeSeries() {
        let keys = state.withLock { state in
            defer {
                state.counters = [:]
                state.gauges = [:]
                state.histograms = [:]
            }
            return (Array(state.counters.keys), Array(state.gauges.keys), Array(state.histograms.keys))
        }
        for key in keys.0 { pack.instruments.removeCounter(key.family, key.values) }
        for key in keys.1 { pack.instruments.removeGauge(key.family, key.values) }
        for key in keys.2 { pack.instruments.removeHistogram(key.family, key.values) }
    }

    /// Remembers series that were found beforehand, so that they are taken away with the others.
    private func note(_ counter: String, _ histogram: String) {
        state.withLock { state in
            state.counters[Key(family: counter, values: [name])] = processed
            state.histograms[Key(family: histogram, values: [name])] = latency
            state.gauges[Key(family: "component_messages_in_flight", values: [name])] = inFlight
            state.counters[Key(family: "component_cpu_seconds_total", values: [name])] = processorTime
        }
    }

    func counter(_ family: String, _ values: String...) -> CounterSeries {
        let key = Key(family: family, values: [name] + values)
        return state.withLock { state in
            if let known = state.counters[key] { return known }
            let fresh = pack.instruments.counter(family, key.values)
            state.counters[key] = fresh
            return fresh
        }
    }

    func gauge(_ family: String, _ values: String...) -> GaugeSeries {
        let key = Key(family: family, values: [name] + values)
        return state.withLock { state in
            if let known = state.gauges[key] { return known }
            let fresh = pack.instruments.gauge(family, key.values)
            state.gauges[key] = fresh
            return fresh
        }
    }

    func histogram(_ family: String, _ values: String...) -> HistogramSeries {
        let key = Key(family: family, values: [name] + values)
        return state.withLock { state in
            if let known = state.histograms[key] { return known }
            let fresh = pack.instruments.histogram(family, key.values)
            state.histograms[key] = fresh
            return fresh
        }
    }
}

/// Errors as label values: their type, which is one of few, and never their text.
enum ErrorType {
    static func name(_ error: any Error) -> String {
        error is CancellationError ? "cancelled" : String(describing: type(of: error))
    }
}
