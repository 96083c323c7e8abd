public import MartletCore

/// Takes finished spans: passes them on, chooses among them, counts them.
///
/// The calls come from one thread at a time, but not always the same one.
public protocol SpanProcessor: Sendable {
    /// Takes spans of one tracer in the order in which each thread ended them. It must not wait for anything.
    func process(_ spans: [FinishedSpan], from source: SpanSource)

    /// Is called at least twice a second while there are spans, to do what is due.
    func tick()

    /// Hands on what is held back, within a time; false where that was not enough.
    func flush(within limit: Duration) async -> Bool

    /// Hands on what is held back and takes nothing more; false where the time was not enough.
    func shutdown(within limit: Duration) async -> Bool
}

extension SpanProcessor {
    /// Does nothing.
    public func tick() {}
}
