public import MartletCore
public import MartletLogging
public import MartletMetrics
public import MartletTracing

/// An operation that is observed in one call: a span, its duration in a histogram with the span as exemplar, and a log
/// line where it fails.
///
/// ```swift
/// let load = TracedOperation("load order", tracer: tracer, seconds: loadSeconds.series, log: log)
/// let order = try await load.run { span in
///     span.setAttribute("order.id", id)
///     return try await store.load(id)
/// }
/// ```
public struct TracedOperation: Sendable {
    private let name: StaticString
    private let kind: SpanKind
    private let tracer: Tracer
    private let seconds: Histogram.Series
    private let log: Logger
    private let fields: LogFields

    /// Creates an operation.
    ///
    /// - Parameters:
    ///   - name: What is done; the name of the spans.
    ///   - kind: What the spans stand for.
    ///   - tracer: Who makes the spans.
    ///   - seconds: Where durations are counted, in seconds.
    ///   - log: Where failures are told.
    ///   - fields: What the log lines have besides, such as component and version.
    public init(
        _ name: StaticString,
        kind: SpanKind = .internal,
        tracer: Tracer,
        seconds: Histogram.Series,
        log: Logger = .silent,
        fields: LogFields = [:]
    ) {
        self.name = name
        self.kind = kind
        self.tracer = tracer
        self.seconds = seconds
        self.log = log
        self.fields = fields
    }

    /// Runs asynchronous work.
    ///
    /// - Parameters:
    ///   - isolation: The actor that the work runs on: the caller's.
    ///   - body: The work.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (inout Span) async throws -> Result
    ) async rethrows -> Result {
        try await tracer.withSpan(name, kind: kind) { span in
            let start = ContinuousClock.now
            do {
                let result = try await body(&span)
                observe(span.context, start)
                return result
            } catch {
                observe(span.context, start)
                tell(error, span.context)
                throw error
            }
        }
    }

    /// Runs synchronous work.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func run<Result>(_ body: (inout Span) throws -> Result) rethrows -> Result {
        try tracer.withSpan(name, kind: kind) { span in
            let start = ContinuousClock.now
            do {
                let result = try body(&span)
                observe(span.context, start)
                return result
            } catch {
                observe(span.context, start)
                tell(error, span.context)
                throw error
            }
        }
    }

    private func observe(_ context: SpanContext, _ start: ContinuousClock.Instant) {
        let duration = (ContinuousClock.now - start).inSeconds
        guard context.isSampled else { return seconds.observe(duration) }
        let trace = TraceReference(high: context.traceID.high, low: context.traceID.low, span: context.spanID.bits)
        seconds.observe(duration, exemplar: trace)
    }

    private func tell(_ error: any Error, _ context: SpanContext) {
        guard !(error is CancellationError) else { return }
        var all: LogFields = [
            "operation": LogValue("\(name)"), "error": LogValue("\(error)"),
            "error_type": LogValue(String(reflecting: type(of: error))),
        ]
        all.append(contentsOf: fields)
        log.log(.error, in: context, "operation failed", all)
    }
}
