import MartletCore
import Synchronization

/// What a provider's tracers and the drain need of it.
final class ProviderCore: Sendable {
    let resource: Resource
    let plan: SamplingPlan
    let limits: SpanLimits
    let processors: [any SpanProcessor]
    let spans = Atomic<UInt64>(0)

    init(resource: Resource, plan: SamplingPlan, limits: SpanLimits, processors: [any SpanProcessor]) {
        self.resource = resource
        self.plan = plan
        self.limits = limits
        self.processors = processors
    }

    func process(_ spans: [FinishedSpan], from source: SpanSource) {
        // Relaxed: a count for people.
        self.spans.wrappingAdd(UInt64(spans.count), ordering: .relaxed)
        for processor in processors { processor.process(spans, from: source) }
    }
}
