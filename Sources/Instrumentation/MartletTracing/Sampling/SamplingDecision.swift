public import MartletCore

/// Whether a span is recorded, and what is to be noted on it because of that.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the span is recorded, and its trace with it.
    public var isSampled: Bool

    /// What to note on the span, such as how many it stands for.
    public var attributes: [Attribute]

    /// Creates a decision.
    public init(isSampled: Bool, attributes: [Attribute] = []) {
        self.isSampled = isSampled
        self.attributes = attributes
    }

    /// The span is recorded.
    public static let sample = SamplingDecision(isSampled: true)

    /// The span is not recorded.
    public static let drop = SamplingDecision(isSampled: false)
}
