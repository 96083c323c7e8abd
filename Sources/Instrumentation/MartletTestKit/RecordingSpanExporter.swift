public import MartletCore
public import MartletTracing
import Synchronization

/// Keeps finished spans in memory, so that a test can look at them.
///
/// ```swift
/// let exporter = RecordingSpanExporter()
/// let provider = TracerProvider(processors: [exporter])
/// …
/// await provider.flush()
/// #expect(exporter.spans.map(\.name) == ["load order"])
/// ```
///
/// It is a processor too, which spares a queue. It keeps so many spans, and counts those beyond.
public final class RecordingSpanExporter: SpanExporter, SpanProcessor {
    private struct State {
        var spans: [FinishedSpan] = []
        var sources: [SpanSource] = []
        var dropped = 0
        var isShutDown = false
    }

    private let spansMax: Int
    private let state = Mutex(State())

    /// Creates an exporter that keeps so many spans at most.
    public init(spansMax: Int = 1_000_000) {
        self.spansMax = spansMax
    }

    /// The spans in the order in which they came.
    public var spans: [FinishedSpan] { state.withLock { $0.spans } }

    /// Where each of the spans came from.
    public var sources: [SpanSource] { state.withLock { $0.sources } }

    /// How many spans were not kept.
    public var droppedCount: Int { state.withLock { $0.dropped } }

    /// Whether it was shut down.
    public var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// The first span of a name; `nil` where there is none.
    public func span(_ name: String) -> FinishedSpan? { spans.first { $0.name == name } }

    /// Forgets all spans.
    public func reset() {
        state.withLock { $0 = State() }
    }

    /// Keeps spans.
    public func process(_ spans: [FinishedSpan], from source: SpanSource) {
        state.withLock { state in
            let kept = spans.prefix(max(0, spansMax - state.spans.count))
            state.spans += kept
            state.sources += Array(repeating: source, count: kept.count)
            state.dropped += spans.count - kept.count
        }
    }

    /// Keeps spans.
    public func export(_ batch: [ResourceSpans]) async -> SpanExportResult {
        for resource in batch {
            for scope in resource.scopeSpans {
                process(scope.spans, from: SpanSource(resource: resource.resource, scope: scope.scope))
            }
        }
        return .success
    }

    /// Has nothing to hand on.
    public func flush(within limit: Duration) async -> Bool { true }

    /// Notes that it was shut down.
    public func shutdown(within limit: Duration) async -> Bool {
        await shutdown()
        return true
    }

    /// Notes that it was shut down.
    public func shutdown() async {
        state.withLock { $0.isShutDown = true }
    }
}
