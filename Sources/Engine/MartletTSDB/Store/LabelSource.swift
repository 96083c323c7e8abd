import MartletCore
import MartletSeries

/// Series of a segment or of a table, and whether each has a sample in a range.
struct LabelSource {
    /// Where the series are.
    enum Place {
        case segment(Segment)
        case table(LabelTable)
    }

    let place: Place

    /// Reads a segment; `nil` where all of it lies in the range.
    private var reader: SegmentReader?
    private let range: ClosedRange<Int64>
    private let isSlotLive: (UInt32) -> Bool

    init(_ reader: SegmentReader, _ range: ClosedRange<Int64>) {
        let segment = reader.segment
        place = .segment(segment)
        self.reader = range.contains(segment.minTime) && range.contains(segment.maxTime) ? nil : reader
        self.range = range
        isSlotLive = { _ in true }
    }

    init(_ table: LabelTable, _ isLive: @escaping (UInt32) -> Bool) {
        place = .table(table)
        range = 0...0
        isSlotLive = isLive
    }

    /// Whether a row of a segment has a sample in the range.
    mutating func isLive(_ family: Int, _ row: Int) -> Bool {
        guard let segment = reader?.segment else { return true }
        return reader?.hasSample(segment.families[family], row, in: range) ?? true
    }

    /// Whether a series of a table has one.
    func isLive(_ slot: UInt32) -> Bool { isSlotLive(slot) }

    /// Adds the names of the labels of matching series.
    mutating func addNames(_ selector: [LabelMatcher], to names: inout Set<String>) {
        switch place {
        case .segment(let segment):
            addNames(segment, selector, to: &names) { $0.isLive($1, $2) }
        case .table(let table):
            addNames(table, selector, to: &names) { $0.isLive(table.families[$1].ids[$2]) }
        }
    }

    private mutating func addNames(
        _ source: some FamilySource,
        _ selector: [LabelMatcher],
        to names: inout Set<String>,
        _ isLive: (inout LabelSource, Int, Int) -> Bool
    ) {
        var isKnown = [Bool](repeating: false, count: source.symbolCount)
        var isAnyLive = false
        for match in source.matches(selector) {
            let symbols = source.names(ofFamily: match.family)
            guard !isAnyLive || symbols.contains(where: { !isKnown[Int($0)] }) else { continue }
            let rows = match.rows ?? Array(0..<UInt32(source.rowCount(ofFamily: match.family)))
            guard rows.contains(where: { isLive(&self, match.family, Int($0)) }) else { continue }
            isAnyLive = true
            for symbol in symbols where !isKnown[Int(symbol)] {
                isKnown[Int(symbol)] = true
                names.insert(source.text(of: symbol))
            }
        }
        if isAnyLive { names.insert(Label.metricName) }
    }

    /// Adds the values of a label of matching series.
    mutating func addValues(of name: String, _ selector: [LabelMatcher], to values: inout Set<String>) {
        switch place {
        case .segment(let segment):
            addValues(segment, of: name, selector, to: &values) { $0.isLive($1, $2) }
        case .table(let table):
            addValues(table, of: name, selector, to: &values) { $0.isLive(table.families[$1].ids[$2]) }
        }
    }

    private mutating func addValues(
        _ source: some FamilySource,
        of name: String,
        _ selector: [LabelMatcher],
        to values: inout Set<String>,
        _ isLive: (inout LabelSource, Int, Int) -> Bool
    ) {
        let symbol = source.symbol(of: name)
        guard symbol != nil || name == Label.metricName else { return }
        var isKnown = [Bool](repeating: false, count: source.symbolCount)
        for match in source.matches(selector) {
            let rows = match.rows ?? Array(0..<UInt32(source.rowCount(ofFamily: match.family)))
            if name == Label.metricName {
                let metric = source.metric(ofFamily: match.family)
                guard !isKnown[Int(metric)], rows.contains(where: { isLive(&self, match.family, Int($0)) }) else {
                    continue
                }
                isKnown[Int(metric)] = true
                values.insert(source.text(of: metric))
            } else if let symbol, let column = source.names(ofFamily: match.family).firstIndex(of: symbol) {
                for row in rows {
                    let value = source.value(ofFamily: match.family, Int(row), column: column)
                    guard !isKnown[Int(value)], isLive(&self, match.family, Int(row)) else { continue }
                    isKnown[Int(value)] = true
                    values.insert(source.text(of: value))
                }
            }
        }
    }
}

extension SegmentReader {
    /// Whether a row has a sample in a range; most often its times' ends tell.
    mutating func hasSample(_ family: Segment.Family, _ row: Int, in range: ClosedRange<Int64>) -> Bool {
        var hasAny = false
        _ = segment.withBlock(family, row) { block -> Bool? in
            forEachChunk(block) { chunk in
                guard isBetween(range, chunk.column) else { return true }
                guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
                let end = chunk.start + chunk.count
                let place = times.firstPlace(in: chunk.start..<end, notBefore: range.lowerBound)
                hasAny = place < end && times[place] <= range.upperBound
                return !hasAny
            }
        }
        return hasAny
    }
}
