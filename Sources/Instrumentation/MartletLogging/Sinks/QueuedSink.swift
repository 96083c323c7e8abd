import CMartletCells
public import MartletCore

// Safety: the lock and the state live as long as the sink, and the thread holds the sink until it ends.

/// Takes records from any thread without making it wait, and gives them to a slow sink on a thread of its own.
///
/// What comes while the queue is full is dropped and counted, and the next record that goes through is followed by one that
/// tells how many were lost. Errors and what is critical may fill a reserve that the others may not.
@safe
public final class QueuedSink: LogSink, @unchecked Sendable {
    /// How many records wait at most.
    public let capacity: Int

    /// How long the thread waits for more after the first record, in nanoseconds.
    private static let gathering: Int64 = 5_000_000

    private let reserve: Int
    private let sink: any LogSink
    private let clock: any WallClock
    private let lock: OpaquePointer

    // All of these are guarded by the lock.
    private var waiting: [LogRecord] = []
    private var isBusy = false
    private var isThreadWaiting = false
    private var isStopped = false
    private var isFlushing = false
    private var droppedTotal: UInt64 = 0
    private var droppedUntold: UInt64 = 0

    /// Creates a queue before a sink.
    ///
    /// - Parameters:
    ///   - sink: What writes the records; it is called by one thread only.
    ///   - capacity: How many records wait at most, at least 16; a sixteenth is kept for errors.
    ///   - clock: Tells when records were lost.
    /// - Throws: ``LogSinkError`` where the system has no memory or thread to give.
    public init(_ sink: any LogSink, capacity: Int = 8192, clock: any WallClock = SystemWallClock())
        throws(LogSinkError)
    {
        self.sink = sink
        self.capacity = max(16, capacity)
        reserve = max(16, capacity) / 16
        self.clock = clock
        guard let lock = unsafe martlet_lock_make() else { throw LogSinkError("no memory for a log queue") }
        unsafe self.lock = lock
        let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
            guard let context = unsafe context else { return }
            unsafe Unmanaged<QueuedSink>.fromOpaque(context).takeRetainedValue().drain()
        }
        let this = unsafe Unmanaged.passRetained(self)
        guard unsafe martlet_thread_start(body, this.toOpaque()) else {
            unsafe this.release()
            throw LogSinkError("no thread for a log queue")
        }
    }

    deinit { unsafe martlet_lock_free(lock) }

    /// How many records were dropped since the start.
    public var dropped: UInt64 { locked { droppedTotal } }

    /// How many records wait.
    public var count: Int { locked { waiting.count } }

    /// Puts the record into the queue, or drops it where the queue is full.
    public func write(_ record: LogRecord) {
        locked {
            let room = record.level >= .error ? capacity : capacity - reserve
            guard waiting.count < room, !isStopped else {
                droppedTotal += 1
                droppedUntold += 1
                return
            }
            waiting.append(record)
            // Only the first record and urgent ones wake the thread; the others wait for the batch.
            let isUrgent = record.level >= .error || waiting.count == capacity / 2
            if isThreadWaiting && (waiting.count == 1 || isUrgent) { unsafe martlet_lock_notify(lock) }
        }
    }

    /// Waits until all that was written so far has gone through, but no longer than `limit`.
    public func flush(within limit: Duration) {
        let end = martlet_monotonic_nanoseconds() + max(0, limit.wholeNanoseconds)
        locked {
            isFlushing = true
            defer { isFlushing = false }
            unsafe martlet_lock_notify(lock)
            while !waiting.isEmpty || isBusy {
                let left = end - martlet_monotonic_nanoseconds()
                guard left > 0 else { return }
                _ = unsafe martlet_lock_wait(lock, min(left, 50_000_000))
            }
        }
        sink.flush(within: max(.zero, .nanoseconds(end - martlet_monotonic_nanoseconds())))
    }

    /// Ends the thread after what waits was written, or after `limit`; records that come later are dropped and counted.
    public func stop(within limit: Duration = .seconds(5)) {
        flush(within: limit)
        locked {
            isStopped = true
            unsafe martlet_lock_notify(lock)
        }
    }

    private func drain() {
        var batch: [LogRecord] = []
        while true {
            var lost: UInt64 = 0
            let goesOn = locked {
                isBusy = false
                if waiting.isEmpty { unsafe martlet_lock_notify(lock) }
                isThreadWaiting = true
                while waiting.isEmpty, !isStopped { _ = unsafe martlet_lock_wait(lock, 60_000_000_000) }
                // What comes in the next milliseconds goes with it.
                if !isStopped, !isFlushing, waiting.count < capacity / 2,
                    !waiting.contains(where: { $0.level >= .error })
                {
                    _ = unsafe martlet_lock_wait(lock, Self.gathering)
                }
                isThreadWaiting = false
                swap(&batch, &waiting)
                isBusy = true
                lost = droppedUntold
                droppedUntold = 0
                return !(batch.isEmpty && isStopped)
            }
            guard goesOn else { break }
            for record in batch { sink.write(record) }
            batch.removeAll(keepingCapacity: batch.count <= 1024)
            if lost > 0 { sink.write(loss(lost)) }
        }
        locked {
            isBusy = false
            unsafe martlet_lock_notify(lock)
        }
    }

    private func loss(_ count: UInt64) -> LogRecord {
        LogRecord(
            nanosecondsSinceEpoch: clock.nanosecondsSinceEpoch,
            level: .warn,
            target: "logging",
            message: "log records were lost: the queue was full",
            fields: ["dropped": LogValue(count), "capacity": LogValue(capacity)]
        )
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe martlet_lock_acquire(lock)
        defer { unsafe martlet_lock_release(lock) }
        return body()
    }
}
