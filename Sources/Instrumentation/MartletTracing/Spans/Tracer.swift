public import CMartletSpans
public import MartletCore

// Safety: the settings are never freed. The thread's ring is this thread's own, and a synchronous span begins and ends
// on one thread.

/// Makes spans for one part of a program.
///
/// ```swift
/// let tracer = provider.tracer("orders")
/// let order = try await tracer.withSpan("load order") { span in
///     span.setAttribute("order.id", id)
///     return try await store.load(id)
/// }
/// ```
///
/// A tracer is a small value: keep one a component. Making and ending a span takes no lock and, as a rule, allocates
/// nothing.
@safe
public struct Tracer: @unchecked Sendable {
    @usableFromInline let settings: UnsafeMutablePointer<martlet_tracer>

    init(_ settings: UnsafeMutablePointer<martlet_tracer>) {
        unsafe self.settings = unsafe settings
    }

    /// A tracer that records nothing, for parts that may be used without tracing.
    public static var disabled: Tracer { TracerTable.shared.disabled }

    // MARK: Spans that last as long as a function

    /// Runs synchronous work in a span.
    ///
    /// Spans that the work begins on this thread are parts of it. A task that it makes with `Task { }` is not: it inherits
    /// the span that the calling task is in; use the asynchronous form, or hand over the span's context.
    ///
    /// - Parameters:
    ///   - name: What is done; the same words each time.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - body: The work; an error that it throws is recorded.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    @inlinable
    @inline(__always)
    public func withSpan<Result>(
        _ name: StaticString,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        _ body: (inout Span) throws -> Result
    ) rethrows -> Result {
        var context = martlet_span_frame()
        let hasParent = parent.resolve(&context)
        guard unsafe martlet_tracer_is_on(settings), let thread = unsafe martlet_span_me() else {
            var span = unsafe Span(raw: martlet_span_unrecorded(&context))
            return try body(&span)
        }
        if hasParent, context.flags & 1 == 0, unsafe settings.pointee.child == MARTLET_SAMPLE_PARENT {
            if case .current = parent {
                var span = unsafe Span(raw: martlet_span_unrecorded(&context))
                return try body(&span)
            }
        }
        var span = unsafe begin(name, kind, thread, hasParent, &context)
        var before = unsafe martlet_span_push(thread, &span.raw)
        defer { unsafe martlet_span_pop(thread, &before) }
        do {
            let result = try body(&span)
            span.close()
            return result
        } catch {
            span.fail(error)
            span.close()
            throw error
        }
    }

    /// Runs asynchronous work in a span.
    ///
    /// Whatever the work begins is a part of it: child tasks, `async let`, actors that it calls, tasks that it makes with
    /// `Task { }`. Only detached tasks and callbacks need its context handed over.
    ///
    /// - Parameters:
    ///   - name: What is done; the same words each time.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - isolation: The actor that the work runs on: the caller's.
    ///   - body: The work; an error that it throws is recorded.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    @inlinable
    public func withSpan<Result>(
        _ name: StaticString,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (inout Span) async throws -> Result
    ) async rethrows -> Result {
        var span = startSpan(name, kind: kind, parent: parent)
        guard unsafe span.raw.span != 0 else { return try await body(&span) }
        let context = span.context
        do {
            let result = try await SpanContext.$ofTask.withValue(context) { try await body(&span) }
            span.close()
            return result
        } catch {
            span.fail(error)
            span.close()
            throw error
        }
    }

    // MARK: Spans by hand

    /// Begins a span that is ended by hand, or when the value goes out of scope.
    ///
    /// Nothing becomes a part of it by itself: hand its ``Span/context`` over as `parent`.
    ///
    /// - Parameters:
    ///   - name: What is done; the same words each time.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - time: When the work began, in nanoseconds since the epoch, where that is not now.
    /// - Returns: The span.
    @inlinable
    public func startSpan(
        _ name: StaticString,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        at time: UInt64? = nil
    ) -> Span {
        var context = martlet_span_frame()
        let hasParent = parent.resolve(&context)
        guard unsafe martlet_tracer_is_on(settings), let thread = unsafe martlet_span_me() else {
            return unsafe Span(raw: martlet_span_unrecorded(&context))
        }
        var span = unsafe begin(name, kind, thread, hasParent, &context)
        if let time, span.isRecording { unsafe SpanExtras.setStart(&span.raw, time) }
        return span
    }

    /// Begins a span whose name is made up at run time, which costs an allocation.
    ///
    /// - Parameters:
    ///   - name: What is done; there should not be too many different ones.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - time: When the work began, in nanoseconds since the epoch, where that is not now.
    /// - Returns: The span.
    public func startSpan(
        named name: String,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        at time: UInt64? = nil
    ) -> Span {
        var span = startSpan("", kind: kind, parent: parent, at: time)
        span.rename(name)
        return span
    }

    /// Runs asynchronous work in a span whose name is made up at run time; see the form with a fixed one.
    ///
    /// - Parameters:
    ///   - name: What is done; there should not be too many different ones.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - isolation: The actor that the work runs on: the caller's.
    ///   - body: The work; an error that it throws is recorded.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func withSpan<Result>(
        named name: String,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (inout Span) async throws -> Result
    ) async rethrows -> Result {
        try await withSpan("", kind: kind, parent: parent) { span in
            span.rename(name)
            return try await body(&span)
        }
    }

    /// Runs synchronous work in a span whose name is made up at run time; see the form with a fixed one.
    ///
    /// - Parameters:
    ///   - name: What is done; there should not be too many different ones.
    ///   - kind: What the span stands for.
    ///   - parent: The span that it is a part of.
    ///   - body: The work; an error that it throws is recorded.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    public func withSpan<Result>(
        named name: String,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        _ body: (inout Span) throws -> Result
    ) rethrows -> Result {
        try withSpan("", kind: kind, parent: parent) { span in
            span.rename(name)
            return try body(&span)
        }
    }

    // MARK: The beginning of a span

    @inlinable
    @inline(__always)
    func begin(
        _ name: StaticString,
        _ kind: SpanKind,
        _ thread: UnsafeMutablePointer<martlet_span_thread>,
        _ hasParent: Bool,
        _ context: inout martlet_span_frame
    ) -> Span {
        let isPointer = name.hasPointerRepresentation
        let text = unsafe isPointer ? name.utf8Start : nil
        let length = isPointer ? UInt32(truncatingIfNeeded: name.utf8CodeUnitCount) : 0
        var raw = unsafe withUnsafePointer(to: &context) {
            unsafe martlet_span_make(settings, thread, hasParent ? $0 : nil, text, length, kind.rawValue)
        }
        let how = unsafe hasParent ? settings.pointee.child : settings.pointee.root
        switch unsafe martlet_span_decide(settings, how, raw.low, raw.flags) {
        case 0: unsafe raw = unsafe Tracer.unrecorded(raw)
        case 1: unsafe raw.flags |= 1
        default: unsafe ask(&raw, name, hasParent, context)
        }
        if unsafe raw.tracer != nil {
            if unsafe raw.flags & 0x10000 != 0 { unsafe CarriedContext.note(&raw) }
            unsafe raw.start = martlet_span_ticks()
        }
        return unsafe Span(raw: raw)
    }

    /// The same span, not recorded.
    @inlinable
    static func unrecorded(_ span: martlet_span) -> martlet_span {
        var span = unsafe span
        unsafe span.tracer = nil
        unsafe span.flags &= ~1
        return unsafe span
    }

    @usableFromInline
    @inline(never)
    func ask(_ raw: inout martlet_span, _ name: StaticString, _ hasParent: Bool, _ context: martlet_span_frame) {
        let request = unsafe SamplingRequest(
            parent: hasParent ? SpanContext(frame: context) : nil,
            traceID: TraceID(high: raw.high, low: raw.low),
            name: "\(name)",
            kind: SpanKind(rawValue: raw.kind) ?? .internal
        )
        let decision = unsafe TracerTable.shared.sampler(of: settings.pointee.id).decision(for: request)
        guard decision.isSampled else {
            unsafe raw = unsafe Tracer.unrecorded(raw)
            return
        }
        unsafe raw.flags |= 1
        if !decision.attributes.isEmpty {
            unsafe SpanExtras.of(&raw).attributes = decision.attributes
            unsafe raw.attributes = UInt32(decision.attributes.count)
        }
    }
}

extension SpanParent {
    /// Finds the parent's context; false where there is none.
    @inlinable
    @inline(__always)
    func resolve(_ context: inout martlet_span_frame) -> Bool {
        switch self {
        case .current:
            if unsafe martlet_span_current(&context) { return true }
            guard let current = SpanContext.ofTask else { return false }
            context = current.frame
            return true
        case .root: return false
        case .context(let known):
            guard known.isValid else { return false }
            context = known.frame
            return true
        }
    }
}

extension SpanExtras {
    @usableFromInline
    static func setStart(_ span: inout martlet_span, _ time: UInt64) {
        unsafe of(&span).start = time
    }
}
