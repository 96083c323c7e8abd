import MartletCore
public import MartletLogging
import Synchronization

/// Brings audit records to a server from where nobody can wait: supervisors, and security events that are logged too.
///
/// Records are sent in their order, by one task, and again until the server has acknowledged them; one whose acknowledgement was
/// lost can be in the ledger twice. What comes while the queue is full is dropped, counted and told.
public final class AuditQueue: AuditSink {
    /// How many records one request brings.
    private static let batchMax = 100

    private struct State {
        var waiting: [String] = []
        var written: UInt64 = 0
        var dropped: UInt64 = 0
        var failures: UInt64 = 0
        var isStopped = false
    }

    private let log: RemoteAuditLog
    private let capacity: Int
    private let retryInterval: Duration
    private let logger: Logger
    private let state = Mutex(State())
    private let wake: AsyncStream<Void>.Continuation
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Creates a queue; nothing is sent before the first record.
    ///
    /// - Parameters:
    ///   - log: The server's ledger.
    ///   - capacity: How many records wait at most.
    ///   - retryInterval: How long after a failure the next try is made.
    ///   - logger: Is told of failures and of what is dropped.
    public init(
        _ log: RemoteAuditLog,
        capacity: Int = 1024,
        retryInterval: Duration = .seconds(1),
        logger: Logger = .silent
    ) {
        self.log = log
        self.capacity = max(1, capacity)
        self.retryInterval = retryInterval
        self.logger = logger
        let (signals, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.wake = wake
        let started = Task.detached { [weak self] in
            for await _ in signals { await self?.send() }
        }
        task.withLock { $0 = started }
    }

    deinit { wake.finish() }

    /// Puts the record into the queue; its trace is that of the current span where it tells none.
    public func write(_ record: AuditRecord) {
        let line = log.line(record, SpanContext.current?.traceID)
        let isTaken = state.withLock { state in
            guard state.waiting.count < capacity, !state.isStopped else {
                state.dropped += 1
                return false
            }
            state.waiting.append(line)
            return true
        }
        guard isTaken else {
            return logger.error(
                "an audit record was dropped: the queue is full",
                ["operation": .string(record.operation), "resource": .string(record.resource)]
            )
        }
        wake.yield()
    }

    /// How many records the server has acknowledged.
    public var written: UInt64 { state.withLock { $0.written } }

    /// How many records were dropped because the queue was full.
    public var dropped: UInt64 { state.withLock { $0.dropped } }

    /// How many requests failed.
    public var failures: UInt64 { state.withLock { $0.failures } }

    /// How many records wait.
    public var count: Int { state.withLock { $0.waiting.count } }

    /// Takes no more records, and ends when those that wait are written or the time is over; what is left then is dropped.
    public func stop(within limit: Duration = .seconds(5)) async {
        state.withLock { $0.isStopped = true }
        wake.yield()
        wake.finish()
        let started = task.withLock { $0 }
        let alarm = Task {
            try? await Task.sleep(for: limit)
            started?.cancel()
        }
        await started?.value
        alarm.cancel()
        state.withLock { state in
            state.dropped += UInt64(state.waiting.count)
            state.waiting = []
        }
    }

    private func send() async {
        while !Task.isCancelled {
            let batch = state.withLock { Array($0.waiting.prefix(Self.batchMax)) }
            guard !batch.isEmpty else { return }
            do throws(LogSinkError) {
                _ = try await log.append(lines: batch)
                state.withLock { state in
                    state.waiting.removeFirst(batch.count)
                    state.written += UInt64(batch.count)
                }
            } catch {
                state.withLock { $0.failures += 1 }
                logger.warn("audit records wait: the server does not take them", ["error": .string(error.description)])
                try? await Task.sleep(for: retryInterval)
            }
        }
    }
}
