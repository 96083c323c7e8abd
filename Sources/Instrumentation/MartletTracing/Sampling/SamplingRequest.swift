public import MartletCore

/// What a sampler decides by: what is known when a span begins.
public struct SamplingRequest: Sendable {
    /// The span that the new one is a part of; `nil` where it begins a trace.
    public var parent: SpanContext?

    /// The trace.
    public var traceID: TraceID

    /// What is done.
    public var name: String

    /// What the span stands for.
    public var kind: SpanKind

    /// Creates a request.
    public init(parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind) {
        self.parent = parent
        self.traceID = traceID
        self.name = name
        self.kind = kind
    }
}
