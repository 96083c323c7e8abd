/// A sampler of one's own, for ``Sampler/custom(_:)``.
public protocol SamplingRule: Sendable, CustomStringConvertible {
    /// Decides whether a span is recorded; called from any thread, for every span, before it begins.
    func decision(for request: SamplingRequest) -> SamplingDecision
}
