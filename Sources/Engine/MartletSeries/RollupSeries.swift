public import MartletCore

/// A stretch of a series as aggregates of equal steps of time, from a tier of roll-ups.
///
/// An aggregate covers `(end - step, end]`. Stale markers are not in it. The columns have one length.
public struct RollupSeries: Hashable, Sendable {
    /// The series' labels.
    public var labels: LabelSet

    /// The length of a step, in milliseconds.
    public var step: Int64

    /// The end of each aggregate, in milliseconds since the epoch, strictly ascending.
    public var ends: [Int64] = []

    /// How many numbers each holds, at least one.
    public var counts: [Double] = []

    /// Their sums.
    public var sums: [Double] = []

    /// The least of each.
    public var minima: [Double] = []

    /// The greatest of each.
    public var maxima: [Double] = []

    /// The last of each.
    public var last: [Double] = []

    /// What a counter gained from the last number of the aggregate before, resets corrected.
    public var increases: [Double] = []

    /// Creates a stretch without aggregates.
    public init(labels: LabelSet, step: Int64) {
        self.labels = labels
        self.step = step
    }
}
