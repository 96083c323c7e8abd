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

        /// Whether its codes are some of so many.
        func isWithin(_ count: Int) -> Bool { start >= 0 && start <= end && end <= count }
    }

    private let lengths: IntegerColumn
    private let marks: IntegerColumn?
    private let rows: Int

    // What was read last, because rows are usually asked for one after the other.
    private var granule = -1
    private var granuleMarks: [Int] = []
    private var near = 0
    private var stretch = -1
    private var ends: [Int] = []

    /// The row of the stretch that was found last.
    private var found = 0

    /// Whether codes asked for are so few that the lengths around one are of no use for the next.
    var isSeldomAsked = false

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
        var own = near
        if own >= granuleMarks.count || granuleMarks[own] > offset { own = 0 }
        while own + 1 < granuleMarks.count, granuleMarks[own + 1] <= offset { own += 1 }
        near = own
        if isSeldomAsked, marks != nil { return row(inStretch: own, ofCode: offset) }
        read(own)
        if found > 0, found >= ends.count || ends[found - 1] > offset { found = 0 }
        while found < ends.count, ends[found] <= offset { found += 1 }
        guard found < ends.count else { return nil }
        return Row(
            number: granule * IntegerColumn.granule + own * stretchRows + found,
            start: found == 0 ? granuleMarks[own] : ends[found - 1],
            end: ends[found]
        )
    }

    /// The row of a stretch that has a code; its lengths are looked at as far as that only.
    private func row(inStretch own: Int, ofCode offset: Int) -> Row? {
        guard own < granuleMarks.count else { return nil }
        let first = granule * IntegerColumn.granule + own * stretchRows
        let last = min(first + stretchRows, min((granule + 1) * IntegerColumn.granule, rows))
        guard first < last, let found = lengths.firstSum(above: offset, in: first..<last, from: granuleMarks[own])
        else { return nil }
        return Row(number: found.place, start: found.before, end: found.sum)
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
        (self.granule, near, stretch) = (granule, 0, -1)
        guard let marks else { return granuleMarks = [0] }
        let first = granule * (IntegerColumn.granule / Self.step)
        let last = min(first + IntegerColumn.granule / Self.step, marks.count)
        guard first < last else { return granuleMarks = [] }
        marks.values(in: first..<last, into: &granuleMarks)
    }

    private mutating func read(_ stretch: Int) {
        guard stretch != self.stretch, stretch < granuleMarks.count else { return }
        (self.stretch, found) = (stretch, 0)
        let first = granule * IntegerColumn.granule + stretch * stretchRows
        let last = min(first + stretchRows, min((granule + 1) * IntegerColumn.granule, rows))
        guard first < last else { return ends.removeAll(keepingCapacity: true) }
        lengths.sums(in: first..<last, from: granuleMarks[stretch], into: &ends)
    }
}
