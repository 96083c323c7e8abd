public import MartletCore

/// What every span has, without its attributes and events.
public struct SpanBasics: Hashable, Sendable {
    /// The trace.
    public var traceID: TraceID

    /// The span.
    public var spanID: SpanID

    /// The span that this one is a part of; ``SpanID/none`` for none.
    public var parentID: SpanID

    /// When it began, in nanoseconds since the epoch.
    public var start: Int64

    /// When it ended, in nanoseconds since the epoch, as the sender said.
    public var end: Int64

    /// What the span stands for.
    public var kind: SpanKind

    /// Whether it failed.
    public var status: SpanStatus.Code

    /// The service it ran in; empty where nobody said.
    public var service: String

    /// What was done.
    public var operation: String

    /// How long it took, in nanoseconds; 0 where it ended before it began.
    public var duration: Int64 { max(0, end.subtractingReportingOverflow(start).partialValue) }

    /// Creates the basics of a span.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID = .none,
        start: Int64,
        end: Int64,
        kind: SpanKind = .internal,
        status: SpanStatus.Code = .unset,
        service: String = "",
        operation: String = ""
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.start = start
        self.end = end
        self.kind = kind
        self.status = status
        self.service = service
        self.operation = operation
    }
}
