public import MartletSeries

/// The series that some conditions choose, and from which time their newest sample is taken.
public struct VectorSelector: Hashable, Sendable {
    /// The metric's name where it stands outside of the braces.
    public var name: String?

    /// The conditions, with that of the name outside of the braces as the last one.
    public var matchers: [LabelMatcher]

    /// When to look.
    public var time = TimeModifiers()

    /// Whether values between samples are found by extending or interpolating.
    public var extent: RangeExtent?

    /// Where it stands.
    public var sourceRange: SourceRange
}

/// How a range selector treats its ends.
public enum RangeExtent: String, Hashable, Sendable {
    /// The last sample before an end counts as if it were at the end.
    case anchored
    /// Values at the ends are interpolated.
    case smoothed
}
