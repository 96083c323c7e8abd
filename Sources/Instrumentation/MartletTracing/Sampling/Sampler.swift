import CMartletSpans
import MartletCore

/// Decides, when a span begins, whether it is recorded.
///
/// ```swift
/// let provider = TracerProvider(sampler: .parentBased(.ratio(0.1)))
/// ```
///
/// - SeeAlso: [OpenTelemetry](https://github.com/open-telemetry/opentelemetry-specification/blob/v1.50.0/specification/trace/sdk.md#sampling)
public indirect enum Sampler: Sendable {
    /// Every span.
    case always

    /// No span.
    case never

    /// A share of the traces, from 0 to 1; which ones is told by the trace id, so that all parts of a system that use the
    /// same share agree.
    ///
    /// The lower 56 bits of the id are compared with a threshold, as the probability sampler of OpenTelemetry does; ids
    /// that are made here say by their random flag that these bits are random.
    case ratio(Double)

    /// As many traces a second as said, as they come.
    case rateLimited(perSecond: Double)

    /// As the parent; spans that begin a trace as the other sampler says.
    case parentBased(Sampler)

    /// As the parent, told apart by where it is and whether it is recorded; spans that begin a trace as `root` says.
    case parentBasedApart(
        root: Sampler,
        remoteSampled: Sampler,
        remoteNotSampled: Sampler,
        localSampled: Sampler,
        localNotSampled: Sampler
    )

    /// By a rule of one's own.
    case custom(any SamplingRule)

    /// The same as ``ratio(_:)``, by the name that OpenTelemetry has for it now.
    public static func probability(_ share: Double) -> Sampler { .ratio(share) }

    /// The least value of the lower 56 bits of trace ids that are recorded.
    static func threshold(_ share: Double) -> UInt64 {
        guard share > 0 else { return 1 << 56 }
        guard share < 1 else { return 0 }
        return UInt64(((1 - share) * 0x1p56).rounded())
    }
}

extension Sampler: CustomStringConvertible {
    /// The sampler in OpenTelemetry's words, such as `ParentBased{root:TraceIdRatioBased{0.1}}`.
    public var description: String {
        switch self {
        case .always: "AlwaysOnSampler"
        case .never: "AlwaysOffSampler"
        case .ratio(let share): "TraceIdRatioBased{\(share)}"
        case .rateLimited(let rate): "RateLimited{\(rate)}"
        case .parentBased(let root): "ParentBased{root:\(root)}"
        case .parentBasedApart(let root, let a, let b, let c, let d):
            "ParentBased{root:\(root),remoteParentSampled:\(a),remoteParentNotSampled:\(b),localParentSampled:\(c),localParentNotSampled:\(d)}"
        case .custom(let rule): rule.description
        }
    }
}
