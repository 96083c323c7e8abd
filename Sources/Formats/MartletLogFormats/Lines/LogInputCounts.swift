/// What became of lines and messages on their way to records.
public struct LogInputCounts: Hashable, Sendable {
    /// How many records came out.
    public var records = 0

    /// How many of them did not have the form expected and hold their line as it was.
    public var unparsed = 0

    /// How many were longer than the limit; their ends are missing.
    public var cut = 0

    /// How many were not UTF-8; their wrong bytes became U+FFFD.
    public var repaired = 0

    /// How many claimed a time too far from that of their arrival, which they bear instead.
    public var retimed = 0

    /// How many members of JSON objects had the name of one before, and replaced it.
    public var duplicateKeys = 0

    /// How many attributes were left out because a record had too many.
    public var droppedAttributes = 0

    /// Creates counts of nothing.
    public init() {}

    /// Adds what another count has.
    public static func += (counts: inout LogInputCounts, other: LogInputCounts) {
        counts.records += other.records
        counts.unparsed += other.unparsed
        counts.cut += other.cut
        counts.repaired += other.repaired
        counts.retimed += other.retimed
        counts.duplicateKeys += other.duplicateKeys
        counts.droppedAttributes += other.droppedAttributes
    }
}
