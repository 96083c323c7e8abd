public import CMartletSpans
public import MartletCore

/// All that travels between processes: the span, the trace state beside it, and the baggage.
///
/// ```swift
/// let carried = CarriedContext.extract(from: request.headers)
/// try await carried.run {
///     try await tracer.withSpan("GET /orders", kind: .server) { … }
/// }
/// ```
public struct CarriedContext: Hashable, Sendable {
    /// The span; `nil` where there is none.
    public var span: SpanContext?

    /// What the systems on the way noted beside the trace.
    public var traceState: TraceState

    /// What the application carries along.
    public var baggage: Baggage

    /// Creates a context.
    public init(span: SpanContext? = nil, traceState: TraceState = TraceState(), baggage: Baggage = Baggage()) {
        self.span = span
        self.traceState = traceState
        self.baggage = baggage
    }

    /// The trace state and the baggage that the task carries, with the span as it was when they came.
    @TaskLocal static var ofTask: CarriedContext?

    /// What the caller would send along: the current span, and the trace state and baggage of its task.
    public static var current: CarriedContext {
        var carried = ofTask ?? CarriedContext()
        let span = SpanContext.current
        if span?.traceID != carried.span?.traceID { carried.traceState = TraceState() }
        carried.span = span
        return carried
    }

    /// Runs work in which the span is the current one and trace state and baggage travel along.
    ///
    /// - Parameters:
    ///   - isolation: The actor that the work runs on: the caller's.
    ///   - body: The work.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let carried = marked
        return try await CarriedContext.$ofTask.withValue(carried) {
            try await SpanContext.$ofTask.withValue(carried.span) { try await body() }
        }
    }

    /// Runs synchronous work in which the span is the current one and trace state and baggage travel along.
    ///
    /// Inside of a synchronous span the span of that stays the current one.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let carried = marked
        return try CarriedContext.$ofTask.withValue(carried) {
            try SpanContext.$ofTask.withValue(carried.span) { try body() }
        }
    }

    /// The context, its span marked where a trace state travels beside it.
    private var marked: CarriedContext {
        var carried = self
        if carried.span?.isValid != true { carried.span = nil }
        if !traceState.isEmpty { carried.span?.flags |= SpanContext.traceStateFlag }
        return carried
    }

    /// Notes the trace state of the task on a span that begins.
    @usableFromInline
    @inline(never)
    static func note(_ span: inout martlet_span) {
        guard let carried = ofTask, unsafe carried.span?.traceID == TraceID(high: span.high, low: span.low) else {
            return
        }
        unsafe SpanExtras.of(&span).traceState = carried.traceState.description
    }
}
