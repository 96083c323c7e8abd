/// Where records go.
public protocol LogSink: Sendable {
    /// Takes a record; it may be called from any thread and does not fail.
    func write(_ record: LogRecord)

    /// Hands over what is held back; returns when it is done or the time is over, whichever comes first.
    func flush(within limit: Duration)
}

extension LogSink {
    /// Does nothing: for sinks that hold nothing back.
    public func flush(within limit: Duration) {}
}

/// Gives each record to several sinks, in their order.
public struct SeveralSinks: LogSink {
    private let sinks: [any LogSink]

    /// Creates a sink that gives to `sinks`.
    public init(_ sinks: [any LogSink]) {
        self.sinks = sinks
    }

    /// Gives the record to each.
    public func write(_ record: LogRecord) {
        for sink in sinks { sink.write(record) }
    }

    /// Flushes each, the time being shared.
    public func flush(within limit: Duration) {
        let end = ContinuousClock.now + limit
        for sink in sinks { sink.flush(within: max(.zero, end - .now)) }
    }
}

/// Drops everything.
public struct SilentSink: LogSink {
    /// Creates it.
    public init() {}

    /// Drops the record.
    public func write(_ record: LogRecord) {}
}
