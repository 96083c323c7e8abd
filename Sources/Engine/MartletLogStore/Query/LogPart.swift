import MartletCore
import MartletEvents

/// A part of the store that a search looks at: what memory holds, or a sealed block.
protocol LogPart {
    /// How many records there are.
    var count: Int { get }

    /// The number of the first.
    var base: UInt64 { get }

    /// The attributes' columns.
    var columnList: [LogColumn] { get }

    /// What records share.
    var kinds: [LogTable.Kind] { get }

    /// Where records come from.
    var origins: [LogTable.Origin] { get }

    func forEachTime(_ among: RowSet?, _ body: (_ row: Int, _ time: Int64) -> Void) throws(EventError)
    func forEachKind(_ among: RowSet?, _ body: (_ row: Int, _ kind: Int) -> Void) throws(EventError)
    func forEachOrigin(_ among: RowSet?, _ body: (_ row: Int, _ origin: Int) -> Void) throws(EventError)

    /// Hands the values of a column over, each with its row; a row that has two of them is told twice.
    func forEachValue(
        of column: Int,
        _ among: RowSet?,
        _ body: (_ row: Int, _ bits: UInt64) -> Void
    ) throws(EventError)

    /// Hands the times and kinds of some records over.
    func forEachTimeAndKind(_ among: RowSet, _ body: (_ time: Int64, _ kind: Int) -> Void) throws(EventError)

    /// How many of some records have each text of a column, by the texts' numbers; `nil` where that takes looking at the
    /// records one by one.
    func tally(column: Int, _ among: RowSet) throws(EventError) -> [Int]?

    /// How many of some records are of each kind; `nil` likewise.
    func tallyKinds(_ among: RowSet) throws(EventError) -> [Int]?

    /// The records whose text in a column has a wanted number; `nil` likewise.
    func rows(column: Int, where isWanted: [Bool], _ among: RowSet?) throws(EventError) -> RowSet?

    /// The records of wanted kinds; `nil` likewise.
    func rows(kinds isWanted: [Bool], _ among: RowSet?) throws(EventError) -> RowSet?

    /// The text that a value of a column is the number of.
    func text(column: Int, _ code: UInt64) throws(EventError) -> [UInt8]

    /// The number of a text of a column, `nil` where it is not here.
    func code(column: Int, of text: [UInt8]) throws(EventError) -> UInt64?

    /// Hands the texts of a column over with their numbers.
    func forEachText(column: Int, _ body: (_ code: UInt64, _ text: Span<UInt8>) -> Void) throws(EventError)

    /// The records whose messages meet all conditions, each for some words one after the other.
    func rows(_ words: [WordsTest], _ among: RowSet?) throws(EventError) -> RowSet

    /// How many records have some words, where that is known without looking at them; else `nil`.
    func count(_ words: WordsTest) throws(EventError) -> Int?

    /// The records of a trace or span.
    func rows(trace: TraceID) throws(EventError) -> RowSet
    func rows(span: UInt64) throws(EventError) -> RowSet

    /// A record's message, as text.
    func message(_ row: Int) throws(EventError) -> [UInt8]

    /// A record as it came.
    func record(_ row: Int) throws(EventError) -> StoredLog
}

/// A key with the type of its values.
struct LogColumn: Hashable, Sendable {
    var key: [UInt8]
    var type: ValueType
}

extension LogPart {
    func tally(column: Int, _ among: RowSet) -> [Int]? { nil }
    func tallyKinds(_ among: RowSet) -> [Int]? { nil }
    func rows(column: Int, where isWanted: [Bool], _ among: RowSet?) -> RowSet? { nil }
    func rows(kinds isWanted: [Bool], _ among: RowSet?) -> RowSet? { nil }
}
