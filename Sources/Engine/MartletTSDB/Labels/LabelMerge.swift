import MartletCore
import MartletFiles
import MartletSeries

/// Puts together what several sources have of the same series: each label set gets one number.
struct LabelMerge {
    private(set) var table = LabelTable(seed: 0x5851_f42d_4c95_7f2d)
    private(set) var places: [LabelTable.Place] = []
    private var index = PlaceTable()

    /// The values of the series to be looked up next; filled by the caller.
    var values: [UInt32] = []

    /// How many series there are.
    var count: Int { places.count }

    /// The number of a family.
    mutating func family(metric: UInt32, names: [UInt32], metricPlace: Int) -> Int {
        table.family(metric: metric, names: names, metricPlace: metricPlace)
    }

    /// Whether only one source is added, so that no series comes twice; to be said before.
    var isSole = false

    /// The number of the series with ``values`` in a family, a new one if need be.
    mutating func number(inFamily family: Int) -> Int {
        if isSole {
            places.append(table.add(family, values, id: UInt32(places.count)))
            return places.count - 1
        }
        var hash = ByteHash.mix(0x9e37_79b9_7f4a_7c15, UInt64(family))
        for value in values { hash = ByteHash.mix(hash, UInt64(value)) }
        if let known = index.first(hash, where: { isSeries($0, family) }) { return known }
        let number = places.count
        places.append(table.add(family, values, id: UInt32(number)))
        index.insert(number, hash)
        return number
    }

    private func isSeries(_ number: Int, _ family: Int) -> Bool {
        let place = places[number]
        guard Int(place.family) == family else { return false }
        let start = Int(place.row) * values.count
        return values.indices.allSatisfy { table.families[family].values[start + $0] == values[$0] }
    }

    mutating func intern(_ text: Span<UInt8>) -> UInt32 { table.symbols.intern(text) }

    /// The numbers of series in the order of their label sets.
    ///
    /// - Complexity: O(*n* log *n*); compares numbers, not texts.
    func sorted(_ numbers: [Int]) -> [Int] {
        let ranks = table.symbols.ranks()
        // A family's labels as pairs of ranks, the metric's name in its place.
        func compare(_ left: Int, _ right: Int) -> Bool {
            let (one, other) = (places[left], places[right])
            let (first, second) = (table.families[Int(one.family)], table.families[Int(other.family)])
            let (width, otherWidth) = (first.names.count + 1, second.names.count + 1)
            for column in 0..<min(width, otherWidth) {
                let (mine, theirs) = (
                    first.label(Int(one.row), column, metricName), second.label(Int(other.row), column, metricName)
                )
                if mine.name != theirs.name { return ranks[Int(mine.name)] < ranks[Int(theirs.name)] }
                if mine.value != theirs.value { return ranks[Int(mine.value)] < ranks[Int(theirs.value)] }
            }
            return width < otherWidth
        }
        return numbers.sorted(by: compare)
    }

    /// The number of the text `__name__`.
    private var metricName: UInt32 { 0 }

    /// The labels of a series.
    func labels(_ number: Int, _ texts: inout TextCache) -> LabelSet { table.labels(places[number], &texts) }
}

extension LabelTable.Family {
    /// The label at a place among all labels of a series, the metric's name among them.
    @inline(__always)
    func label(_ row: Int, _ place: Int, _ metricName: UInt32) -> (name: UInt32, value: UInt32) {
        if place == metricPlace { return (metricName, metric) }
        let column = place < metricPlace ? place : place - 1
        return (names[column], value(row, column))
    }
}

/// The numbers that a merge has for the texts of one source.
struct SymbolTranslation {
    private var numbers: [UInt32]

    init(symbolCount: Int) {
        numbers = Array(repeating: .max, count: symbolCount)
    }

    @inline(__always)
    mutating func number(_ symbol: UInt32, _ intern: (UInt32) -> UInt32) -> UInt32 {
        let known = numbers[Int(symbol)]
        if known != .max { return known }
        let number = intern(symbol)
        numbers[Int(symbol)] = number
        return number
    }
}

extension LabelMerge {
    /// Adds the matching series of a table; `body` is told the table's id and the number of each.
    mutating func add(_ source: LabelTable, _ matches: [FamilyMatch], _ body: (UInt32, Int) -> Void) {
        var translation = SymbolTranslation(symbolCount: source.symbols.count)
        for match in matches {
            let family = source.families[match.family]
            func translate(_ symbol: UInt32) -> UInt32 {
                translation.number(symbol) { symbol in source.symbols.withText(symbol) { intern($0) } }
            }
            let own = self.family(
                metric: translate(family.metric),
                names: family.names.map(translate),
                metricPlace: family.metricPlace
            )
            let width = family.names.count
            values = Array(repeating: 0, count: width)
            func add(_ row: Int) {
                for column in 0..<width { values[column] = translate(family.values[row * width + column]) }
                body(family.ids[row], number(inFamily: own))
            }
            if let rows = match.rows {
                for row in rows { add(Int(row)) }
            } else {
                for row in 0..<family.count { add(row) }
            }
        }
    }

    /// Adds the matching series of a segment; `body` is told the family, the row and the number of each.
    mutating func add(_ source: Segment, _ matches: [FamilyMatch], _ body: (Int, Int, Int) -> Void) {
        var translation = SymbolTranslation(symbolCount: source.symbolCount)
        for match in matches {
            let family = source.families[match.family]
            func translate(_ symbol: UInt32) -> UInt32 {
                translation.number(symbol) { symbol in source.withText(symbol) { intern($0) } }
            }
            let own = self.family(
                metric: translate(family.metric),
                names: family.names.map(translate),
                metricPlace: family.metricPlace
            )
            let width = family.names.count
            values = Array(repeating: 0, count: width)
            func add(_ row: Int) {
                source.file.withBytes { bytes in
                    for column in 0..<width { values[column] = translate(source.value(bytes, family, column, row)) }
                }
                body(match.family, row, number(inFamily: own))
            }
            if let rows = match.rows {
                for row in rows { add(Int(row)) }
            } else {
                for row in 0..<family.rowCount { add(row) }
            }
        }
    }
}
