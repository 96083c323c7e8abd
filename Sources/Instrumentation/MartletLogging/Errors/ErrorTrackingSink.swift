/// Groups the records of level error and above before it hands every record on.
///
/// The type is the field `error_type`, or the record's message; what it says is the field `error`, or the message.
public struct ErrorTrackingSink: LogSink {
    private let tracker: ErrorTracker
    private let next: any LogSink

    /// Puts a tracker before a sink.
    public init(_ tracker: ErrorTracker, before next: any LogSink) {
        self.tracker = tracker
        self.next = next
    }

    /// Takes the record.
    public func write(_ record: LogRecord) {
        if record.level >= .error {
            let said = Self.text(record.fields["error"]) ?? record.message
            let type = Self.text(record.fields["error_type"]) ?? record.message
            tracker.record(type: type, message: said, component: record.target)
        }
        next.write(record)
    }

    /// Flushes the sink behind.
    public func flush(within limit: Duration) { next.flush(within: limit) }

    private static func text(_ value: LogValue?) -> String? {
        guard case .string(let text) = value else { return nil }
        return text
    }
}
