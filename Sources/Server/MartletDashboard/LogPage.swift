public import MartletCore

/// What a server answered to a search of logs.
public struct LogPage: Sendable {
    /// The records, in the order asked for.
    public var records: [LogLine]

    /// Where the next page goes on; empty at the end.
    public var cursor: String

    /// How many records meet the search in all.
    public var matched: Int

    /// Whether everything was searched.
    public var isComplete: Bool

    /// What the reader has to know.
    public var notes: [String]

    /// The sequence that the next record to arrive will have.
    public var nextSequence: String

    /// When the first bar of the histogram begins, in nanoseconds since 1970.
    public private(set) var barsStart: Int64 = 0

    /// How long a bar is, in nanoseconds.
    public private(set) var barStep: Int64 = 0

    /// How many records there are in each step; without gaps.
    public private(set) var bars: [Int] = []

    /// What a counting step of the search gave, its header first; empty for a search of records.
    public private(set) var table: [[String]] = []

    /// So many bars are kept apart at most; with more, neighbours are added up.
    static let barsMax = 4000

    /// Reads the `data` of an answer of `/api/v1/logs/query`.
    public init(_ data: JSONValue) {
        records = (data["records"]?.elements ?? []).map(LogLine.init)
        cursor = data["cursor"]?.text ?? ""
        matched = data["matched"]?.integer(Int.self) ?? 0
        isComplete = data["complete"] != .bool(false)
        notes = (data["notes"]?.elements ?? []).compactMap(\.text)
        nextSequence = data["nextSequence"]?.text ?? ""
        if let table = data["table"], table != .null {
            let rows = [table["columns"]] + (table["rows"]?.elements ?? [])
            self.table = rows.map { $0?.elements?.map { $0.text ?? "\($0)" } ?? [] }
        }
        readBars(data)
    }

    /// Takes records that arrived, the oldest first, before those that are there; at most so many are kept.
    mutating func take(_ arrived: [LogLine], keeping most: Int) {
        matched += arrived.count
        for record in arrived { addToBars(record.time) }
        records.insert(contentsOf: arrived.reversed(), at: 0)
        guard records.count > most else { return }
        records.removeLast(records.count - most)
        cursor = records.last?.id ?? ""
    }

    /// Counts a record; what lies before the first bar or too far behind the last one is left to the next search.
    private mutating func addToBars(_ time: Int64) {
        guard barStep > 0, time >= barsStart, let bar = Int(exactly: (time - barsStart) / barStep), bar < Self.barsMax
        else { return }
        if bar >= bars.count { bars += Array(repeating: 0, count: bar - bars.count + 1) }
        bars[bar] += 1
    }

    /// Takes over what another page tells of the whole search; pages behind the first one do not count again.
    mutating func takeTotals(of other: LogPage) {
        (matched, barsStart, barStep, bars) = (other.matched, other.barsStart, other.barStep, other.bars)
    }

    private mutating func readBars(_ data: JSONValue) {
        let step = Int64(data["stepNanoseconds"]?.text ?? "") ?? 0
        let found = (data["histogram"]?.elements ?? []).compactMap { bar -> (start: Int64, count: Int)? in
            guard let start = Int64(bar["start"]?.text ?? "") else { return nil }
            return (start, bar["count"]?.integer(Int.self) ?? 0)
        }
        guard step > 0, let first = found.map(\.start).min(), let last = found.map(\.start).max() else { return }
        let (length, isOver) = last.subtractingReportingOverflow(first)
        guard !isOver else { return }
        let merged = length / step / Int64(Self.barsMax) + 1
        barStep = step.multipliedReportingOverflow(by: merged).partialValue
        guard barStep > 0 else { return }
        barsStart = first
        bars = Array(repeating: 0, count: Int(length / barStep) + 1)
        for bar in found { bars[Int((bar.start - first) / barStep)] += bar.count }
    }
}
