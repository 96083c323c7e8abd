import CMartletSpans
import MartletCore
import Synchronization

/// A sampler made ready: what can be decided without a call is told to the tracer's settings.
final class SamplingPlan: Sendable {
    let sampler: Sampler
    private let buckets: [Double: TokenBucket]

    init(_ sampler: Sampler) {
        self.sampler = sampler
        var rates: [Double] = []
        SamplingPlan.rates(sampler, &rates)
        buckets = Dictionary(rates.map { ($0, TokenBucket(perSecond: $0)) }) { first, _ in first }
    }

    /// The quick answers for spans without and with a parent, and the threshold that goes with them.
    var quick: (root: UInt32, child: UInt32, threshold: UInt64) {
        switch sampler {
        case .always: (MARTLET_SAMPLE_ALWAYS, MARTLET_SAMPLE_ALWAYS, 0)
        case .never: (MARTLET_SAMPLE_NEVER, MARTLET_SAMPLE_NEVER, 0)
        case .ratio(let share): (MARTLET_SAMPLE_THRESHOLD, MARTLET_SAMPLE_THRESHOLD, Sampler.threshold(share))
        case .parentBased(.always): (MARTLET_SAMPLE_ALWAYS, MARTLET_SAMPLE_PARENT, 0)
        case .parentBased(.never): (MARTLET_SAMPLE_NEVER, MARTLET_SAMPLE_PARENT, 0)
        case .parentBased(.ratio(let share)):
            (MARTLET_SAMPLE_THRESHOLD, MARTLET_SAMPLE_PARENT, Sampler.threshold(share))
        case .parentBased: (MARTLET_SAMPLE_ASK, MARTLET_SAMPLE_PARENT, 0)
        case .rateLimited, .parentBasedApart, .custom: (MARTLET_SAMPLE_ASK, MARTLET_SAMPLE_ASK, 0)
        }
    }

    func decision(for request: SamplingRequest) -> SamplingDecision {
        decide(sampler, request)
    }

    private func decide(_ sampler: Sampler, _ request: SamplingRequest) -> SamplingDecision {
        switch sampler {
        case .always: return .sample
        case .never: return .drop
        case .ratio(let share):
            return SamplingDecision(isSampled: request.traceID.low & (1 << 56 - 1) >= Sampler.threshold(share))
        case .rateLimited(let rate): return SamplingDecision(isSampled: buckets[rate]?.take() ?? false)
        case .parentBased(let root):
            guard let parent = request.parent else { return decide(root, request) }
            return SamplingDecision(isSampled: parent.isSampled)
        case .parentBasedApart(let root, let remoteSampled, let remoteNot, let localSampled, let localNot):
            guard let parent = request.parent else { return decide(root, request) }
            let next =
                parent.isRemote
                ? (parent.isSampled ? remoteSampled : remoteNot) : (parent.isSampled ? localSampled : localNot)
            return decide(next, request)
        case .custom(let rule): return rule.decision(for: request)
        }
    }

    private static func rates(_ sampler: Sampler, _ list: inout [Double]) {
        switch sampler {
        case .rateLimited(let rate): list.append(rate)
        case .parentBased(let root): rates(root, &list)
        case .parentBasedApart(let root, let a, let b, let c, let d):
            for sampler in [root, a, b, c, d] { rates(sampler, &list) }
        case .always, .never, .ratio, .custom: break
        }
    }
}
