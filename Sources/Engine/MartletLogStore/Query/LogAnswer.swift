public import MartletSearch

/// What a log store answers.
public struct LogAnswer: Sendable {
    /// A bar of the histogram.
    public struct Bar: Hashable, Sendable {
        /// Where it begins, in nanoseconds since the epoch; a multiple of the step.
        public var start: Int64

        /// The records in it.
        public var count: Int

        /// Those of them with each level's word, "" for none.
        public var levels: [String: Int]
    }

    /// The most frequent values of a field.
    public struct Facet: Hashable, Sendable {
        /// The field.
        public var field: SearchField

        /// The values with their counts, the most frequent first.
        public var values: [Value]

        /// How many different values there are.
        public var distinct: Int

        /// How many records have none.
        public var missing: Int
    }

    /// A value with its count.
    public struct Value: Hashable, Sendable {
        /// The value as text.
        public var text: String

        /// The records that have it.
        public var count: Int

        /// Creates a value.
        public init(text: String, count: Int) {
            self.text = text
            self.count = count
        }
    }

    /// What a stage made of the records: a table.
    public struct Table: Hashable, Sendable {
        /// What the columns are called.
        public var columns: [String]

        /// The rows, the last cell of each being the count.
        public var rows: [[String]]
    }

    /// The records, in the order asked for.
    public var records: [StoredLog] = []

    /// Where to go on; `nil` where that was all.
    public var cursor: LogCursor?

    /// How many records were found, those not told included.
    public var matched = 0

    /// Whether ``matched`` is all there is; otherwise there may be more.
    public var isComplete = true

    /// The histogram, bars without records left out.
    public var histogram: [Bar] = []

    /// The facets, in the order asked for.
    public var facets: [Facet] = []

    /// What a stage made of the records.
    public var table: Table?

    /// What the reader has to know: what was cut and why, what is damaged.
    public var notes: [String] = []

    /// How many records were looked at.
    public var scanned = 0

    /// The number that the next record to arrive will have.
    public var nextSequence: UInt64 = 0

    /// Creates an empty answer.
    public init() {}
}
