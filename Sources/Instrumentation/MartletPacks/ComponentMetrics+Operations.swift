import MartletCore
import MartletMetrics

extension ComponentMetrics {
    /// What is done with a file.
    public enum FileOperation: String, CaseIterable, Sendable {
        /// It is opened or created.
        case open
        /// Bytes are read.
        case read
        /// Bytes are written.
        case write
        /// It is deleted.
        case delete
        /// Something else, such as a look at its size.
        case other
    }

    /// Measures an operation on a file.
    ///
    /// - Parameters:
    ///   - operation: What is done; the bytes of reads and writes are added up.
    ///   - body: Does it and gives the number of bytes that were moved.
    /// - Returns: The number of bytes.
    /// - Throws: What the body throws.
    @discardableResult
    public func file<Failure: Error>(
        _ operation: FileOperation,
        _ body: () throws(Failure) -> Int
    ) throws(Failure) -> Int {
        let bytes = try measured(
            operation.rawValue,
            total: "component_filesystem_operations_total",
            errors: "component_filesystem_errors_total",
            duration: "component_filesystem_operation_duration_seconds",
            body
        )
        switch operation {
        case .read: counter("component_filesystem_read_bytes_total").increment(by: bytes)
        case .write: counter("component_filesystem_written_bytes_total").increment(by: bytes)
        default: break
        }
        return bytes
    }

    /// Measures an operation on the component's storage, such as `get` or `put`.
    ///
    /// - Parameters:
    ///   - operation: What is done, one of few words.
    ///   - body: Does it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func storage<Result, Failure: Error>(
        _ operation: String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try measured(
            operation,
            total: "component_storage_operations_total",
            errors: "component_storage_errors_total",
            duration: "component_storage_operation_duration_seconds",
            body
        )
    }

    /// Tells how much is stored.
    public func stored(bytes: Int, quota: Int? = nil, keys: Int? = nil) {
        gauge("component_storage_used_bytes").set(to: bytes)
        if let quota { gauge("component_storage_quota_bytes").set(to: quota) }
        if let keys { gauge("component_storage_keys").set(to: keys) }
    }

    /// Measures a request over the network.
    ///
    /// - Parameters:
    ///   - direction: `in` for a request that was served, `out` for one that was made.
    ///   - protocolName: The protocol, such as `http`.
    ///   - body: Does it and gives the bytes that were sent and received.
    /// - Returns: The bytes.
    /// - Throws: What the body throws.
    @discardableResult
    public func network<Failure: Error>(
        direction: String,
        protocol protocolName: String,
        _ body: () throws(Failure) -> (sent: Int, received: Int)
    ) throws(Failure) -> (sent: Int, received: Int) {
        counter("component_network_requests_total", direction, protocolName).increment()
        let start = pack.time.now
        defer { histogram("component_network_request_duration_seconds", protocolName).observe(pack.time.now - start) }
        do {
            let bytes = try body()
            counter("component_network_sent_bytes_total").increment(by: bytes.sent)
            counter("component_network_received_bytes_total").increment(by: bytes.received)
            return bytes
        } catch {
            counter("component_network_errors_total", ErrorType.name(error)).increment()
            throw error
        }
    }

    /// Counts a connection that was opened; the state is `idle` or `active`, or another of few words.
    public func connectionOpened(state: String = "active") {
        gauge("component_network_connections", state).increment()
    }

    /// Counts a connection that was closed, in the state in which it was counted.
    public func connectionClosed(state: String = "active") {
        gauge("component_network_connections", state).decrement()
    }

    /// Counts a process that was started.
    public func processSpawned() {
        counter("component_process_spawns_total").increment()
        gauge("component_processes_running").increment()
    }

    /// Counts a process that has ended.
    ///
    /// - Parameter status: Its exit status, or minus the signal that ended it.
    public func processExited(status: Int) {
        counter("component_process_exits_total", String(status)).increment()
        gauge("component_processes_running").decrement()
    }

    /// Measures a call of the component into its host.
    ///
    /// - Parameters:
    ///   - interface: The interface called, such as `wasi:filesystem`.
    ///   - function: The function called.
    ///   - body: Does what is asked for.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func hostCall<Result, Failure: Error>(
        interface: String,
        function: String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        counter("component_host_calls_total", interface, function).increment()
        let start = pack.time.now
        defer { histogram("component_host_call_duration_seconds", interface, function).observe(pack.time.now - start) }
        do {
            return try body()
        } catch {
            counter("component_host_call_errors_total", interface, function, ErrorType.name(error)).increment()
            throw error
        }
    }

    private func measured<Result, Failure: Error>(
        _ operation: String,
        total: String,
        errors: String,
        duration: String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        counter(total, operation).increment()
        let start = pack.time.now
        defer {
            let spent = pack.time.now - start
            histogram(duration, operation).observe(spent)
            if spent > pack.slowThreshold { counter("component_slow_operations_total", operation).increment() }
        }
        do {
            return try body()
        } catch {
            counter(errors, operation, ErrorType.name(error)).increment()
            throw error
        }
    }

    // MARK: Security and audit

    /// Counts a request for a capability, and its refusal.
    ///
    /// - Parameters:
    ///   - capability: What was asked for.
    ///   - isGranted: Whether it was given.
    public func requested(capability: String, isGranted: Bool) {
        counter("component_capability_requests_total", capability).increment()
        if !isGranted { counter("component_capability_denied_total", capability).increment() }
    }

    /// Counts a breach of security; the type is one of few words.
    public func violation(_ type: String, severity: EventSeverity) {
        counter("component_security_violations_total", type, severity.rawValue).increment()
    }

    /// Counts an audit event that was written; the outcome is `success`, `failure` or `denied`.
    public func audited(operation: String, outcome: String) {
        counter("component_audit_events_total", operation, outcome).increment()
    }

    // MARK: Other signals

    /// Counts a span that has ended; the status is `ok`, `error` or `unset`.
    public func spanEnded(status: String) {
        counter("component_spans_total", status).increment()
    }

    /// Counts a log record; the level is a word such as `warn`.
    public func logged(level: String) {
        counter("component_log_records_total", level).increment()
    }

    /// Counts a reload of the configuration.
    public func configurationReloaded(isSuccess: Bool) {
        counter("component_config_reloads_total", isSuccess ? "success" : "failure").increment()
    }
}
