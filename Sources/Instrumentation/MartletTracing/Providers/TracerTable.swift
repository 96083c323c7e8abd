import CMartletSpans
import MartletCore
import Synchronization

// Safety: the settings are made once each and never freed; what changes in them is atomic.

/// All tracers of the process, by the numbers that the records in the rings have.
@safe
@usableFromInline
final class TracerTable: Sendable {
    @usableFromInline static let shared = TracerTable()

    struct Entry {
        let source: SpanSource
        let core: ProviderCore
    }

    private let entries = Mutex<[UInt32: Entry]>([:])
    private let disabledPlan = SamplingPlan(.never)
    let disabled: Tracer

    private init() {
        guard let settings = unsafe martlet_tracer_make() else { fatalError("no memory for the first tracer") }
        disabled = unsafe Tracer(settings)
    }

    /// A tracer for a provider; the disabled one where there are too many.
    func add(_ source: SpanSource, _ core: ProviderCore) -> Tracer {
        guard let settings = unsafe martlet_tracer_make() else { return disabled }
        let quick = core.plan.quick
        unsafe settings.pointee.root = quick.root
        unsafe settings.pointee.child = quick.child
        unsafe settings.pointee.threshold = quick.threshold
        unsafe settings.pointee.attributes_max = UInt32(clamping: core.limits.attributes)
        unsafe settings.pointee.random_flag = SpanContext.randomFlag
        entries.withLock { unsafe $0[settings.pointee.id] = Entry(source: source, core: core) }
        unsafe martlet_tracer_switch(settings, true)
        return unsafe Tracer(settings)
    }

    func remove(_ ids: [UInt32]) {
        entries.withLock { entries in for id in ids { entries[id] = nil } }
    }

    func entry(_ id: UInt32) -> Entry? {
        entries.withLock { $0[id] }
    }

    func limits(of id: UInt32) -> SpanLimits? {
        entry(id)?.core.limits
    }

    func sampler(of id: UInt32) -> SamplingPlan {
        entry(id)?.core.plan ?? disabledPlan
    }

    /// Every provider that is at work, once.
    func cores() -> [ProviderCore] {
        let all = entries.withLock { $0.values.map(\.core) }
        var seen: Set<ObjectIdentifier> = []
        return all.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }
}
