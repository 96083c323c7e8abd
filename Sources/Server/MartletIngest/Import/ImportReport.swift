public import MartletSeries

/// What an import has done so far.
public struct ImportReport: Hashable, Sendable {
    /// How many blocks and files were read.
    public var sources = 0

    /// How many series were read; one that is in many blocks counts in each.
    public var series = 0

    /// How many samples were read.
    public var samples = 0

    /// How many of them were taken.
    public var taken = 0

    /// How many were refused, by reason.
    public var refused: [AppendResult.Reason: Int] = [:]

    /// How many were left out because they had been deleted.
    public var deleted = 0

    /// What is being read, and how much of it was, from 0 through 1.
    public var current = ""

    /// How much of what is being read was, from 0 through 1.
    public var share = 0.0

    /// Creates a report of nothing.
    public init() {}
}
