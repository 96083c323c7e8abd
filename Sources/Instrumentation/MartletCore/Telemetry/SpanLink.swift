/// A span that another one has to do with without being its parent.
public struct SpanLink: Hashable, Sendable {
    /// The trace of the span.
    public var traceID: TraceID

    /// The span.
    public var spanID: SpanID

    /// The trace state that came with it, as it is written in the header.
    public var traceState: String

    /// The flags as OTLP numbers them.
    public var flags: UInt32

    /// How the two belong together.
    public var attributes: [Attribute]

    /// How many attributes were left out.
    public var droppedAttributes: UInt32

    /// Creates a link.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        traceState: String = "",
        flags: UInt32 = 0,
        attributes: [Attribute] = [],
        droppedAttributes: UInt32 = 0
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceState = traceState
        self.flags = flags
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
    }
}
