/// A span that has ended, with all that is known of it but what it shares with others: resource and scope.
///
/// The library hands these to its exporters, the formats read and write them, and the store keeps them.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto)
public struct FinishedSpan: Hashable, Sendable {
    /// The trace that the span belongs to.
    public var traceID: TraceID

    /// The span.
    public var spanID: SpanID

    /// The span that this one is a part of; ``SpanID/none`` for the first of a trace.
    public var parentID: SpanID

    /// What `tracestate` said, as it is written in the header; empty for nothing.
    public var traceState: String

    /// The flags as OTLP numbers them: those of `traceparent` in the lower 8 bits, then whether it is known that the
    /// parent is in another process (0x100), and that it is (0x200).
    public var flags: UInt32

    /// What was done, such as `GET /orders`.
    public var name: String

    /// What the span stands for.
    public var kind: SpanKind

    /// When it began, in nanoseconds since the epoch.
    public var start: UInt64

    /// When it ended, in nanoseconds since the epoch; clocks being what they are, this may be before ``start``.
    public var end: UInt64

    /// The particulars.
    public var attributes: [Attribute]

    /// How many attributes were left out.
    public var droppedAttributes: UInt32

    /// What happened meanwhile.
    public var events: [SpanEvent]

    /// How many events were left out.
    public var droppedEvents: UInt32

    /// The spans that this one has to do with.
    public var links: [SpanLink]

    /// How many links were left out.
    public var droppedLinks: UInt32

    /// How it ended.
    public var status: SpanStatus

    /// Creates a span.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID = .none,
        traceState: String = "",
        flags: UInt32 = 0,
        name: String,
        kind: SpanKind = .internal,
        start: UInt64,
        end: UInt64,
        attributes: [Attribute] = [],
        droppedAttributes: UInt32 = 0,
        events: [SpanEvent] = [],
        droppedEvents: UInt32 = 0,
        links: [SpanLink] = [],
        droppedLinks: UInt32 = 0,
        status: SpanStatus = .unset
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.traceState = traceState
        self.flags = flags
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
        self.events = events
        self.droppedEvents = droppedEvents
        self.links = links
        self.droppedLinks = droppedLinks
        self.status = status
    }

    /// How long it took, in nanoseconds; 0 where it ends before it begins.
    public var durationNanoseconds: UInt64 { end > start ? end - start : 0 }

    /// The value of an attribute, the last one where several have the key; `nil` where there is none.
    public subscript(key: String) -> AttributeValue? {
        attributes.last { $0.key == key }?.value
    }
}
