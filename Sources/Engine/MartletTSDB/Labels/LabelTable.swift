import MartletCore
import MartletSeries

/// Label sets as numbers: series of one metric with the same label names are a family, whose values are columns.
///
/// What the head finds series by, what queries put the parts of a series together with, and what a segment is made of.
/// Conditions are tried on whole columns, so there are no lists of places to keep: a family takes four bytes a label
/// and series.
struct LabelTable: Sendable {
    /// The series of one metric with the same label names.
    struct Family: Sendable {
        /// The metric's name.
        let metric: UInt32

        /// The names of the other labels, sorted by their bytes.
        let names: [UInt32]

        /// Where the metric's name would be among them.
        let metricPlace: Int

        /// Whether the names are ASCII, so that their texts sort as their bytes do.
        let isPlain: Bool

        /// The values of the other labels, series by series.
        var values: [UInt32] = []

        /// What the owner calls each series.
        var ids: [UInt32] = []

        /// How many series there are.
        var count: Int { ids.count }

        /// The value of a label of a series.
        @inline(__always)
        func value(_ row: Int, _ column: Int) -> UInt32 { values[row * names.count + column] }

        /// Which column holds a label.
        func column(of name: UInt32) -> Int? { names.firstIndex(of: name) }
    }

    /// Where a series is.
    struct Place: Hashable, Sendable {
        var family: UInt32
        var row: UInt32
    }

    private struct Key: Hashable, Sendable {
        var metric: UInt32
        var names: [UInt32]
    }

    var symbols: SymbolTable
    private(set) var families: [Family] = []
    private(set) var count = 0
    private var familyOfKey: [Key: UInt32] = [:]
    private(set) var familiesOfMetric: [UInt32: [UInt32]] = [:]
    private let metricName: UInt32

    init(seed: UInt64) {
        symbols = SymbolTable(seed: seed)
        metricName = symbols.intern(Label.metricName)
    }

    /// The bytes of memory, nearly.
    var byteCount: Int {
        families.reduce(symbols.byteCount) { $0 + $1.values.capacity * 4 + $1.ids.capacity * 4 + 128 }
    }

    /// The family of a metric with certain other labels, made where it is missing.
    mutating func family(metric: UInt32, names: [UInt32], metricPlace: Int) -> Int {
        let key = Key(metric: metric, names: names)
        if let known = familyOfKey[key] { return Int(known) }
        let number = families.count
        let isPlain = names.allSatisfy { symbols.withText($0) { $0.isASCII } }
        families.append(Family(metric: metric, names: names, metricPlace: metricPlace, isPlain: isPlain))
        familyOfKey[key] = UInt32(number)
        familiesOfMetric[metric, default: []].append(UInt32(number))
        return number
    }

    /// Adds a series that is not there yet.
    mutating func add(_ family: Int, _ values: [UInt32], id: UInt32) -> Place {
        let row = families[family].count
        families[family].values.append(contentsOf: values)
        families[family].ids.append(id)
        count += 1
        return Place(family: UInt32(family), row: UInt32(row))
    }

    /// Adds a series by its canonical label bytes, which has a name.
    mutating func add(_ labels: Span<UInt8>, id: UInt32) -> Place {
        var names: [UInt32] = []
        var values: [UInt32] = []
        var metric: UInt32 = 0
        var metricPlace = 0
        _ = LabelBytes.forEach(labels) { name, value in
            let name = symbols.intern(labels.extracting(name))
            let value = symbols.intern(labels.extracting(value))
            if name == metricName {
                (metric, metricPlace) = (value, names.count)
            } else {
                names.append(name)
                values.append(value)
            }
            return true
        }
        return add(family(metric: metric, names: names, metricPlace: metricPlace), values, id: id)
    }

    /// Forgets the series of a family that a condition does not want kept; places of the others change.
    mutating func remove(where isGone: (UInt32) -> Bool, moved: (UInt32, Place) -> Void) {
        count = 0
        for index in families.indices {
            let old = families[index]
            families[index].values.removeAll(keepingCapacity: true)
            families[index].ids.removeAll(keepingCapacity: true)
            for row in 0..<old.count where !isGone(old.ids[row]) {
                let values = old.values[(row * old.names.count)..<((row + 1) * old.names.count)]
                moved(old.ids[row], add(index, Array(values), id: old.ids[row]))
            }
        }
    }

    /// The labels of a series, texts by way of a cache.
    func labels(_ place: Place, _ texts: inout TextCache) -> LabelSet {
        let family = families[Int(place.family)]
        var labels: [Label] = []
        labels.reserveCapacity(family.names.count + 1)
        for column in 0...family.names.count {
            if column == family.metricPlace {
                labels.append(Label(Label.metricName, texts.text(family.metric, symbols)))
            }
            guard column < family.names.count else { break }
            let value = family.value(Int(place.row), column)
            labels.append(Label(texts.text(family.names[column], symbols), texts.text(value, symbols)))
        }
        return family.isPlain ? LabelSet(sorted: labels) : LabelSet(labels)
    }
}

extension Span<UInt8> {
    /// Whether every byte is one of ASCII.
    var isASCII: Bool {
        for place in 0..<count where self[place] >= 0x80 { return false }
        return true
    }
}

/// The texts that a reader has seen, so that equal ones share their memory.
struct TextCache {
    private var texts: [String?] = []

    mutating func text(_ symbol: UInt32, _ symbols: SymbolTable) -> String {
        let index = Int(symbol)
        if index < texts.count {
            if let text = texts[index] { return text }
        } else {
            texts.append(contentsOf: repeatElement(nil, count: max(index + 1, symbols.count) - texts.count))
        }
        let text = symbols.text(symbol)
        texts[index] = text
        return text
    }
}
