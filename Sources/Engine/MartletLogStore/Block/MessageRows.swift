import MartletEvents

/// Finds out where rows are among the codes of messages, and which row a code belongs to.
///
/// Lengths stand packed; each thirty-second row's place is stored, so that a row takes at most thirty-two lengths.
struct MessageRows {
    /// After how many rows a place is stored.
    static let step = 32

    /// A row and its codes, as distances from the granule's first.
    struct Row {
        var number: Int
        var start: Int
        var end: Int
    }

    private let lengths: IntegerColumn
    private let marks: IntegerColumn?
    private let rows: Int

    // What was read last, because rows are usually asked for one after the other.
    private var granule = -1
    private var granuleMarks: [Int] = []
    private var stretch = -1
    private var ends: [Int] = []

    /// Reads from packed lengths; the marks are the place of each thirty-second row, and blocks of before have none.
    init(lengths: IntegerColumn, marks: IntegerColumn?, rows: Int) {
        self.lengths = lengths
        self.marks = marks
        self.rows = rows
    }

    private var stretchRows: Int { marks == nil ? IntegerColumn.granule : Self.step }

    /// The row of a block that has a code; `nil` where the lengths make no sense.
    mutating func row(granule: Int, ofCode offset: Int) -> Row? {
        if granule != self.granule { begin(granule) }
        var own = max(0, stretch)
        if own >= granuleMarks.count || granuleMarks[own] > offset { own = 0 }
        while own + 1 < granuleMarks.count, granuleMarks[own + 1] <= offset { own += 1 }
        read(own)
        var start = granuleMarks[own]
        for (place, end) in ends.enumerated() {
            if end > offset {
                return Row(number: granule * IntegerColumn.granule + own * stretchRows + place, start: start, end: end)
            }
            start = end
        }
        return nil
    }

    /// A row by its number.
    mutating func row(_ number: Int) -> Row? {
        let granule = number / IntegerColumn.granule
        if granule != self.granule { begin(granule) }
        let (own, place) = (number % IntegerColumn.granule / stretchRows, number % stretchRows)
        guard own < granuleMarks.count else { return nil }
        read(own)
        guard place < ends.count else { return nil }
        return Row(number: number, start: place == 0 ? granuleMarks[own] : ends[place - 1], end: ends[place])
    }

    private mutating func begin(_ granule: Int) {
        (self.granule, stretch) = (granule, -1)
        granuleMarks.removeAll(keepingCapacity: true)
        guard let marks else {
            granuleMarks.append(0)
            return
        }
        let first = granule * (IntegerColumn.granule / Self.step)
        let last = min(first + IntegerColumn.granule / Self.step, marks.count)
        guard first < last else { return }
        marks.forEach(in: first..<last) { granuleMarks.append(Int(truncatingIfNeeded: $1)) }
    }

    private mutating func read(_ stretch: Int) {
        guard stretch != self.stretch, stretch < granuleMarks.count else { return }
        self.stretch = stretch
        let first = granule * IntegerColumn.granule + stretch * stretchRows
        let last = min(first + stretchRows, min((granule + 1) * IntegerColumn.granule, rows))
        var own = ends
        ends = []
        own.removeAll(keepingCapacity: true)
        if first < last {
            var end = granuleMarks[stretch]
            lengths.forEach(in: first..<last) { _, length in
                end = end &+ Int(truncatingIfNeeded: length)
                own.append(end)
            }
        }
        ends = own
    }
}
