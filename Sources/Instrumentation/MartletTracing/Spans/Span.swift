public import CMartletSpans
public import MartletCore

// Safety: the C structure is this value's own; its extras are retained for as long as it holds them and handed over
// when it ends. The tracer's settings are never freed. A span is used by one thread at a time, as it can't be copied.

/// Work under way that is recorded when it ends.
///
/// ```swift
/// try await tracer.withSpan("GET /orders", kind: .server) { span in
///     span.setAttribute("user.id", user)
///     …
/// }
/// ```
///
/// It lives where it was made, as a rule on the stack, and about eight attributes fit into it without an allocation. It
/// can't be copied; what children, logs and headers need is its ``context``. A span that is dropped ends then.
///
/// Nothing that is set on a span that is not recorded costs more than a comparison.
@safe
public struct Span: ~Copyable, @unchecked Sendable {
    @usableFromInline var raw: martlet_span

    @inlinable
    @inline(__always)
    init(raw: martlet_span) {
        unsafe self.raw = unsafe raw
    }

    deinit {
        guard unsafe raw.tracer != nil else { return }
        unsafe Span.finish(raw)
    }

    /// What children, logs, exemplars and headers need of the span.
    @inlinable
    public var context: SpanContext {
        unsafe SpanContext(
            traceID: TraceID(high: raw.high, low: raw.low),
            spanID: SpanID(raw.span),
            flags: raw.flags
        )
    }

    /// Whether the span is recorded; where it is not, particulars need not be gathered.
    @inlinable
    public var isRecording: Bool {
        @inline(__always) get { unsafe raw.tracer != nil }
    }

    /// Ends the span now; or at a time given in nanoseconds since the epoch.
    ///
    /// - Parameter time: When the work ended, where that is not now.
    @inlinable
    public consuming func end(at time: UInt64? = nil) {
        if let time { unsafe raw.end = time }
        close()
    }

    /// Hands the span to the drain, and is not recorded from now on.
    @inlinable
    @inline(__always)
    mutating func close() {
        guard unsafe raw.tracer != nil else { return }
        if unsafe raw.end != 0 {
            unsafe Span.finish(raw)
        } else if unsafe !martlet_span_write(&raw, martlet_span_ticks()) {
            unsafe Span.release(raw)
        }
        unsafe raw.tracer = nil
    }

    @usableFromInline
    static func finish(_ span: martlet_span) {
        var span = unsafe span
        if unsafe span.end != 0 {
            unsafe SpanExtras.of(&span).end = unsafe span.end
        }
        if unsafe !martlet_span_write(&span, martlet_span_ticks()) { unsafe release(span) }
    }

    @usableFromInline
    static func release(_ span: martlet_span) {
        guard let extras = unsafe span.extras else { return }
        unsafe Unmanaged<SpanExtras>.fromOpaque(extras).release()
    }
}
