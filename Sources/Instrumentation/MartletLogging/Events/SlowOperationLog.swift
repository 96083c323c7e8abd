/// Tells of operations that took too long, such as queries of a database: what, on what, and how long.
///
/// ```swift
/// let slow = SlowOperationLog(log.named("db"))
/// let rows = try await slow.measure("select", "users where id = ?") { try await connection.run(query) }
/// ```
///
/// An operation that is fast costs two looks at the clock.
public struct SlowOperationLog: Sendable {
    /// Whether anything is told (`enable_slow_query_log`).
    public var isEnabled: Bool

    /// From how long on an operation is told of (`slow_query_threshold_ms`), one second unless said otherwise.
    public var threshold: Duration

    private let log: Logger

    /// Creates a log.
    public init(_ log: Logger, isEnabled: Bool = true, threshold: Duration = .milliseconds(1000)) {
        self.log = log
        self.isEnabled = isEnabled
        self.threshold = threshold
    }

    /// Takes an operation that has ended, and tells of it where it took long.
    ///
    /// - Parameters:
    ///   - operation: What was done, such as `get` or `select`.
    ///   - subject: The key or the query, without the values of its parameters; the first 1,024 characters are told.
    ///   - duration: How long it took.
    ///   - error: Why it failed, where it did.
    /// - Returns: Whether it took long.
    @discardableResult
    public func record(
        _ operation: String,
        _ subject: @autoclosure () -> String,
        took duration: Duration,
        error: (any Error)? = nil
    ) -> Bool {
        guard duration >= threshold else { return false }
        guard isEnabled else { return true }
        log.warn(
            "slow operation",
            [
                "operation": .string(operation), "query": .string(String(subject().prefix(1024))),
                "duration_ms": .double(duration / .milliseconds(1)),
                "threshold_ms": .double(threshold / .milliseconds(1)),
                "error": .init(optional: error.map { "\($0)" }),
            ]
        )
        return true
    }

    /// Runs an operation, and tells of it where it takes long, also where it fails.
    ///
    /// - Parameters:
    ///   - operation: What is done.
    ///   - subject: The key or the query.
    ///   - clock: Tells how long it takes.
    ///   - isolation: Where it runs, the caller's unless said otherwise.
    ///   - body: The operation.
    /// - Returns: What the operation does.
    /// - Throws: What the operation throws.
    public func measure<Value, Failure>(
        _ operation: String,
        _ subject: @autoclosure () -> String,
        clock: some Clock<Duration> = ContinuousClock(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let start = clock.now
        do {
            let value = try await body()
            record(operation, subject(), took: start.duration(to: clock.now))
            return value
        } catch {
            record(operation, subject(), took: start.duration(to: clock.now), error: error)
            throw error
        }
    }

    /// Runs an operation that does not wait, and tells of it where it takes long, also where it fails.
    ///
    /// - Parameters:
    ///   - operation: What is done.
    ///   - subject: The key or the query.
    ///   - clock: Tells how long it takes.
    ///   - body: The operation.
    /// - Returns: What the operation does.
    /// - Throws: What the operation throws.
    public func measure<Value, Failure>(
        _ operation: String,
        _ subject: @autoclosure () -> String,
        clock: some Clock<Duration> = ContinuousClock(),
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let start = clock.now
        do {
            let value = try body()
            record(operation, subject(), took: start.duration(to: clock.now))
            return value
        } catch {
            record(operation, subject(), took: start.duration(to: clock.now), error: error)
            throw error
        }
    }
}
