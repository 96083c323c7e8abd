public import MartletCore

/// Sends finished spans somewhere.
public protocol SpanExporter: Sendable {
    /// Sends spans. It ends early, with a failure, when the task is cancelled.
    func export(_ batch: [ResourceSpans]) async -> SpanExportResult

    /// Closes what is open; nothing is exported afterwards.
    func shutdown() async
}

extension SpanExporter {
    /// Does nothing.
    public func shutdown() async {}
}
