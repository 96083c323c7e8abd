import MartletCore
import MartletSeries

/// A source of families: the head's table or a segment.
protocol FamilySource {
    /// How many texts there are.
    var symbolCount: Int { get }

    /// The number of a text.
    func symbol(of text: String) -> UInt32?

    /// The text of a number.
    func text(of symbol: UInt32) -> String

    /// The families of a metric; of all where there is none named.
    func families(ofMetric metric: UInt32?) -> [Int]

    /// The metric's name of a family.
    func metric(ofFamily family: Int) -> UInt32

    /// The names of the other labels of a family.
    func names(ofFamily family: Int) -> [UInt32]

    /// The rows of a family that pass a test of one column, out of those given; `nil` stands for all rows.
    func rows(_ family: Int, column: Int, _ test: inout SymbolTest, among rows: [UInt32]?) -> [UInt32]

    /// How many rows a family has.
    func rowCount(ofFamily family: Int) -> Int

    /// The value of a label of a row.
    func value(ofFamily family: Int, _ row: Int, column: Int) -> UInt32
}

/// What one condition says of each label value, asked once a value.
struct SymbolTest {
    let matcher: LabelMatcher

    /// The only symbol that passes, where the condition is an equality.
    let only: UInt32?

    private var verdicts: [UInt8]

    init(_ matcher: LabelMatcher, only: UInt32?, symbolCount: Int) {
        self.matcher = matcher
        self.only = only
        verdicts = only == nil ? [UInt8](repeating: 0, count: symbolCount) : []
    }

    /// Whether a symbol passes.
    @inline(__always)
    mutating func passes(_ symbol: UInt32, _ text: (UInt32) -> String) -> Bool {
        if let only { return symbol == only }
        let verdict = verdicts[Int(symbol)]
        if verdict != 0 { return verdict == 1 }
        let passes = matcher.matches(text(symbol))
        verdicts[Int(symbol)] = passes ? 1 : 2
        return passes
    }
}

/// The rows of one family that meet all conditions.
struct FamilyMatch {
    var family: Int

    /// The rows, ascending; `nil` stands for all.
    var rows: [UInt32]?
}

extension FamilySource {
    /// The series that meet all conditions.
    ///
    /// - Complexity: O(*n*) in the series of the families that the metric's name leaves over, times the conditions.
    func matches(_ matchers: [LabelMatcher]) -> [FamilyMatch] {
        var metric: UInt32?
        for matcher in matchers where matcher.name == Label.metricName && matcher.operation == .equal {
            guard let symbol = symbol(of: matcher.value), metric == nil || metric == symbol else { return [] }
            metric = symbol
        }
        // The fewer a condition lets through, the sooner it is tried.
        let ordered = matchers.sorted { Self.rank($0) < Self.rank($1) }
        var tests: [(name: UInt32?, takesMissing: Bool, test: SymbolTest)] = []
        for matcher in ordered {
            let takesMissing = matcher.matches("")
            let name = symbol(of: matcher.name)
            // A segment has no symbol for the name of the metric's own label.
            if name == nil, !takesMissing, matcher.name != Label.metricName { return [] }
            var only: UInt32?
            if matcher.operation == .equal, !matcher.value.isEmpty {
                only = symbol(of: matcher.value)
                if only == nil { return [] }
            }
            tests.append((name, takesMissing, SymbolTest(matcher, only: only, symbolCount: symbolCount)))
        }
        var found: [FamilyMatch] = []
        next: for family in families(ofMetric: metric) {
            let names = names(ofFamily: family)
            var columns: [(column: Int, test: Int)] = []
            for index in tests.indices {
                if tests[index].test.matcher.name == Label.metricName {
                    guard tests[index].test.passes(self.metric(ofFamily: family), text) else { continue next }
                } else if let name = tests[index].name, let column = names.firstIndex(of: name) {
                    columns.append((column, index))
                } else if !tests[index].takesMissing {
                    continue next
                }
            }
            var rows: [UInt32]?
            for (column, test) in columns {
                rows = self.rows(family, column: column, &tests[test].test, among: rows)
                if rows?.isEmpty ?? false { continue next }
            }
            if rows == nil, rowCount(ofFamily: family) == 0 { continue }
            found.append(FamilyMatch(family: family, rows: rows))
        }
        return found
    }

    private static func rank(_ matcher: LabelMatcher) -> Int {
        switch matcher.operation {
        case .equal: matcher.value.isEmpty ? 3 : 0
        case .matches: 1
        case .notEqual, .doesNotMatch: 2
        }
    }
}

extension LabelTable: FamilySource {
    var symbolCount: Int { symbols.count }

    func symbol(of text: String) -> UInt32? { symbols.number(of: text) }

    func text(of symbol: UInt32) -> String { symbols.text(symbol) }

    func families(ofMetric metric: UInt32?) -> [Int] {
        guard let metric else { return Array(families.indices) }
        return familiesOfMetric[metric]?.map { Int($0) } ?? []
    }

    func metric(ofFamily family: Int) -> UInt32 { families[family].metric }

    func names(ofFamily family: Int) -> [UInt32] { families[family].names }

    func rowCount(ofFamily family: Int) -> Int { families[family].count }

    func value(ofFamily family: Int, _ row: Int, column: Int) -> UInt32 { families[family].value(row, column) }

    func rows(_ family: Int, column: Int, _ test: inout SymbolTest, among rows: [UInt32]?) -> [UInt32] {
        let family = families[family]
        let width = family.names.count
        var found: [UInt32] = []
        if let rows {
            for row in rows where test.passes(family.values[Int(row) * width + column], symbols.text) {
                found.append(row)
            }
        } else {
            for row in 0..<family.count where test.passes(family.values[row * width + column], symbols.text) {
                found.append(UInt32(row))
            }
        }
        return found
    }
}
