public import CMartletSpans

// Safety: the frame is this thread's own, and only read while no other code runs on the thread.

extension SpanContext {
    /// The context of the span that the task is in; ``current`` looks here after the thread's own frame.
    ///
    /// It is inherited by child tasks, by `async let`, by actors that are called, and by tasks that are made with
    /// `Task { }`.
    @TaskLocal public static var ofTask: SpanContext?

    /// The context of the span that the caller is in; `nil` where it is in none.
    ///
    /// A synchronous span belongs to its thread and is the innermost as long as it lasts; otherwise the task tells.
    @inlinable
    public static var current: SpanContext? {
        var frame = martlet_span_frame()
        guard unsafe martlet_span_current(&frame) else { return ofTask }
        return SpanContext(frame: frame)
    }

    /// Creates a context from what the thread keeps.
    @inlinable
    package init(frame: martlet_span_frame) {
        self.init(
            traceID: TraceID(high: frame.high, low: frame.low),
            spanID: SpanID(frame.span),
            flags: frame.flags
        )
    }

    /// The context as the thread keeps it.
    @inlinable
    package var frame: martlet_span_frame {
        martlet_span_frame(high: traceID.high, low: traceID.low, span: spanID.bits, flags: flags)
    }
}
