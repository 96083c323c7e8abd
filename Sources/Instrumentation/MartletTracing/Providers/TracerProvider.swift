import CMartletSpans
public import MartletCore
import Synchronization

// Safety: the settings of tracers are never freed.

/// Where a service's tracers come from: what it is called, what is recorded, and where that goes.
///
/// ```swift
/// let provider = TracerProvider(
///     resource: Resource(attributes: [Attribute("service.name", "shop")]),
///     sampler: .parentBased(.ratio(0.1)),
///     processors: [BatchingProcessor(exporter)]
/// )
/// let tracer = provider.tracer("orders")
/// …
/// await provider.shutdown(within: .seconds(5))
/// ```
///
/// A provider stays at work until it is shut down, also when nobody holds it any more.
@safe
public final class TracerProvider: Sendable {
    private struct State {
        var tracers: [InstrumentationScope: Tracer] = [:]
        var isShutDown = false
    }

    private let core: ProviderCore
    private let state = Mutex(State())

    /// Creates a provider.
    ///
    /// - Parameters:
    ///   - resource: What the service is; `service.name` should be there.
    ///   - sampler: Which spans are recorded.
    ///   - limits: How much a span may hold.
    ///   - processors: Who gets the finished spans, each all of them.
    public init(
        resource: Resource = Resource(),
        sampler: Sampler = .parentBased(.always),
        limits: SpanLimits = SpanLimits(),
        processors: [any SpanProcessor] = []
    ) {
        core = ProviderCore(resource: resource, plan: SamplingPlan(sampler), limits: limits, processors: processors)
    }

    /// What the service is.
    public var resource: Resource { core.resource }

    /// The tracer of one part of the service; the same one for the same words.
    ///
    /// - Parameters:
    ///   - name: The part, such as the name of a module.
    ///   - version: Its version.
    ///   - attributes: What else is known of it.
    /// - Returns: The tracer; one that records nothing once the provider is shut down.
    public func tracer(_ name: String, version: String = "", attributes: [Attribute] = []) -> Tracer {
        let scope = InstrumentationScope(name: name, version: version, attributes: attributes)
        let tracer = state.withLock { state in
            if state.isShutDown { return Tracer.disabled }
            if let tracer = state.tracers[scope] { return tracer }
            let tracer = TracerTable.shared.add(SpanSource(resource: core.resource, scope: scope), core)
            state.tracers[scope] = tracer
            return tracer
        }
        SpanDrain.shared.start()
        return tracer
    }

    /// How many spans there were, and how many were lost because a ring was full.
    public var statistics: TracerStatistics {
        let tracers = state.withLock { Array($0.tracers.values) }
        return TracerStatistics(
            spans: core.spans.load(ordering: .relaxed),
            dropped: tracers.reduce(0) { unsafe $0 + martlet_tracer_dropped($1.settings) }
        )
    }

    /// Hands every span that has ended before to the processors, and these hand on what they hold back.
    ///
    /// - Parameter limit: How long it may take.
    /// - Returns: Whether it was enough.
    @discardableResult
    public func flush(within limit: Duration = .seconds(30)) async -> Bool {
        let end = ContinuousClock.now + limit
        SpanDrain.shared.pass()
        var isDone = true
        for processor in core.processors {
            isDone = await processor.flush(within: max(.zero, end - .now)) && isDone
        }
        return isDone
    }

    /// Ends the recording: what has ended before is handed on, later spans are not recorded.
    ///
    /// - Parameter limit: How long it may take; it is never longer, whatever an exporter does.
    /// - Returns: Whether it was enough; true too where it was shut down before.
    @discardableResult
    public func shutdown(within limit: Duration = .seconds(30)) async -> Bool {
        let end = ContinuousClock.now + limit
        let tracers: [Tracer]? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.isShutDown = true
            return Array(state.tracers.values)
        }
        guard let tracers else { return true }
        for tracer in tracers { unsafe martlet_tracer_switch(tracer.settings, false) }
        SpanDrain.shared.pass()
        var isDone = true
        for processor in core.processors {
            isDone = await processor.shutdown(within: max(.zero, end - .now)) && isDone
        }
        TracerTable.shared.remove(tracers.map { unsafe $0.settings.pointee.id })
        return isDone
    }
}
