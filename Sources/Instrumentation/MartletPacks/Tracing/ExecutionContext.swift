public import MartletCore
public import MartletTracing

/// What belongs to one execution in a sandbox: its trace, its span, and who executes what.
public struct ExecutionContext: Hashable, Sendable {
    /// The trace that the execution is a part of.
    public var traceID: TraceID

    /// The span that the execution is a part of.
    public var spanID: SpanID

    /// The execution, an UUID.
    public var executionID: String

    /// The sandbox.
    public var sandboxID: String

    /// Whether the trace is recorded.
    public var isSampled: Bool

    /// Creates the context of a new execution.
    ///
    /// - Parameters:
    ///   - sandboxID: The sandbox.
    ///   - span: The span that the execution is a part of; where there is none, a trace of its own is made up.
    public init(sandboxID: String, in span: SpanContext? = SpanContext.current) {
        var random = SystemRandomNumberGenerator()
        traceID = span?.traceID ?? TraceID(high: random.next(), low: random.next() | 1)
        spanID = span?.spanID ?? SpanID(random.next() | 1)
        isSampled = span?.isSampled ?? true
        // Version 4, variant 1, as random UUIDs are marked.
        let high = random.next() & ~0xf000 | 0x4000
        let low = random.next() & ~(3 << 62) | 2 << 62
        executionID = TraceID(high: high, low: low).uuid
        self.sandboxID = sandboxID
    }

    /// The span that spans of the execution are parts of.
    public var span: SpanContext {
        let flags = (isSampled ? SpanContext.sampledFlag : 0) | SpanContext.randomFlag
        return SpanContext(traceID: traceID, spanID: spanID, flags: flags)
    }

    /// Hands the context to a sandbox, name by name: `trace_id`, `span_id`, `execution_id`, `sandbox_id`, and
    /// `traceparent` for guests that know it.
    ///
    /// - Parameter set: Sets a variable in the sandbox.
    public func setTraceContext(_ set: (_ name: String, _ value: String) -> Void) {
        set("trace_id", traceID.description)
        set("span_id", spanID.description)
        set("execution_id", executionID)
        set("sandbox_id", sandboxID)
        set("traceparent", TraceContextPropagator.header(span))
    }
}

/// Runs an execution in a span that has its ids as `trace_id`, `execution_id` and `sandbox_id`.
///
/// What the work calls, guest or host, is part of the same trace.
///
/// - Parameters:
///   - context: The execution.
///   - tracer: Who makes the span.
///   - isolation: The actor that the work runs on: the caller's.
///   - body: The work; it gets the context as the sandbox is to have it, whose span is that of the execution.
/// - Returns: What the work returns.
/// - Throws: What the work throws.
public func executeWithContext<Result>(
    _ context: ExecutionContext,
    tracer: Tracer,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (ExecutionContext, inout Span) async throws -> Result
) async rethrows -> Result {
    try await tracer.withSpan("execute_with_context", parent: .context(context.span)) { span in
        span.setAttribute("trace_id", context.traceID.description)
        span.setAttribute("execution_id", context.executionID)
        span.setAttribute("sandbox_id", context.sandboxID)
        var inner = context
        if span.context.isValid { inner.spanID = span.context.spanID }
        return try await body(inner, &span)
    }
}
