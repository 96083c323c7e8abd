/// What of a span travels: from task to task, and in headers to other processes.
///
/// It holds no references, so that handing it on costs nothing but a copy of 32 bytes. The trace state and the baggage,
/// which do hold texts, travel beside it and only where there are any.
///
/// - SeeAlso: [W3C Trace Context](https://www.w3.org/TR/trace-context-2/)
@frozen
public struct SpanContext: Hashable, Sendable {
    /// The trace.
    public var traceID: TraceID

    /// The span.
    public var spanID: SpanID

    /// The lower 8 bits are the flags of `traceparent`; the others say where the context comes from.
    public var flags: UInt32

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - traceID: The trace.
    ///   - spanID: The span.
    ///   - flags: The flags of `traceparent`, and those of this type.
    @inlinable
    public init(traceID: TraceID, spanID: SpanID, flags: UInt32 = 0) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }

    /// The flag of traces that are recorded.
    @inlinable
    public static var sampledFlag: UInt32 { 1 }

    /// The flag of trace ids whose lower 56 bits are random.
    @inlinable
    public static var randomFlag: UInt32 { 2 }

    /// The flag of contexts that another process sent.
    @inlinable
    public static var remoteFlag: UInt32 { 1 << 9 }

    /// The flag of contexts beside which a trace state travels.
    @inlinable
    public static var traceStateFlag: UInt32 { 1 << 16 }

    /// Whether both ids are there.
    @inlinable
    public var isValid: Bool { traceID.isValid && spanID.isValid }

    /// Whether the trace is recorded.
    @inlinable
    public var isSampled: Bool { flags & SpanContext.sampledFlag != 0 }

    /// Whether another process sent the context.
    @inlinable
    public var isRemote: Bool { flags & SpanContext.remoteFlag != 0 }
}
