public import MartletCore

/// A log record as OTLP carries it: `LogRecord`.
public struct LogEntry: Hashable, Sendable {
    /// When it happened, in nanoseconds since the epoch; 0 where that is not known.
    public var time: UInt64

    /// When it was first seen by a collector, in nanoseconds since the epoch; 0 where that is not known.
    public var observedTime: UInt64

    /// How much it matters, from 1 (trace) to 24 (fatal); 0 where nothing was said.
    public var severity: UInt8

    /// How much it matters in the source's own word, such as `WARN`.
    public var severityText: String

    /// What is told.
    public var body: AttributeValue

    /// The particulars.
    public var attributes: [Attribute]

    /// How many attributes were left out.
    public var droppedAttributes: UInt32

    /// The flags of `traceparent` in the lower 8 bits.
    public var flags: UInt32

    /// The trace that the record belongs to, or ``MartletCore/TraceID/none``.
    public var traceID: TraceID

    /// The span that the record belongs to, or ``MartletCore/SpanID/none``.
    public var spanID: SpanID

    /// What kind of event the record tells of; empty where it is an ordinary record.
    public var eventName: String

    /// Creates a record.
    public init(
        time: UInt64 = 0,
        observedTime: UInt64 = 0,
        severity: UInt8 = 0,
        severityText: String = "",
        body: AttributeValue = .empty,
        attributes: [Attribute] = [],
        droppedAttributes: UInt32 = 0,
        flags: UInt32 = 0,
        traceID: TraceID = .none,
        spanID: SpanID = .none,
        eventName: String = ""
    ) {
        self.time = time
        self.observedTime = observedTime
        self.severity = severity
        self.severityText = severityText
        self.body = body
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
        self.flags = flags
        self.traceID = traceID
        self.spanID = spanID
        self.eventName = eventName
    }
}
