import MartletCore
import MartletSeries

/// The groups that a grouping makes of series, found by numbers instead of texts.
struct SeriesGroups {
    private struct Group {
        var start: Int
        var count: Int
    }

    private let grouping: SeriesGrouping
    /// Which labels of each family make a group, the metric's name among them.
    private var columns: [[Int]?] = []
    /// The group of each family whose rows are all in one.
    private var groupOfFamily: [UInt32] = []
    private var groups: [Group] = []
    private var keys: [UInt32] = []
    private var index = PlaceTable()
    private var key: [UInt32] = []

    init(_ grouping: SeriesGrouping) {
        self.grouping = grouping
    }

    /// How many groups there are.
    var count: Int { groups.count }

    /// The group of a series.
    mutating func group(of place: LabelTable.Place, _ table: LabelTable) -> Int {
        let number = Int(place.family)
        while columns.count <= number {
            columns.append(nil)
            groupOfFamily.append(.max)
        }
        if groupOfFamily[number] != .max { return Int(groupOfFamily[number]) }
        let family = table.families[number]
        let kept = columns[number] ?? Self.columns(of: family, table, grouping)
        columns[number] = kept
        key.removeAll(keepingCapacity: true)
        var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
        for column in kept {
            let (name, value) = family.label(Int(place.row), column, 0)
            key.append(name)
            key.append(value)
            hash = ByteHash.mix(hash, UInt64(name) << 32 | UInt64(value))
        }
        let group = index.first(hash, where: isKey) ?? add(hash)
        if kept.isEmpty || kept == [family.metricPlace] { groupOfFamily[number] = UInt32(group) }
        return group
    }

    private func isKey(_ group: Int) -> Bool {
        let known = groups[group]
        return known.count == key.count && key.indices.allSatisfy { keys[known.start + $0] == key[$0] }
    }

    private mutating func add(_ hash: UInt64) -> Int {
        groups.append(Group(start: keys.count, count: key.count))
        keys.append(contentsOf: key)
        index.insert(groups.count - 1, hash)
        return groups.count - 1
    }

    /// The labels of a group.
    func labels(_ group: Int, _ table: LabelTable) -> LabelSet {
        let known = groups[group]
        return LabelSet(
            stride(from: known.start, to: known.start + known.count, by: 2).map { place in
                Label(table.symbols.text(keys[place]), table.symbols.text(keys[place + 1]))
            }
        )
    }

    /// The groups of all series of a merge, sorted, and the place of each series' group among them.
    static func places(_ merge: LabelMerge, _ grouping: SeriesGrouping) -> (labels: [LabelSet], places: [UInt32]) {
        var groups = SeriesGroups(grouping)
        let numbers = merge.places.map { groups.group(of: $0, merge.table) }
        let labels = (0..<groups.count).map { groups.labels($0, merge.table) }
        let order = labels.indices.sorted { labels[$0] < labels[$1] }
        var rank = [UInt32](repeating: 0, count: order.count)
        for (place, group) in order.enumerated() { rank[group] = UInt32(place) }
        return (order.map { labels[$0] }, numbers.map { rank[$0] })
    }

    /// Which of the labels of a family, the metric's name among them, make a group.
    private static func columns(
        of family: LabelTable.Family,
        _ table: LabelTable,
        _ grouping: SeriesGrouping
    ) -> [Int] {
        (0...family.names.count).filter { place in
            let name =
                place == family.metricPlace
                ? Label.metricName
                : table.symbols.text(family.names[place < family.metricPlace ? place : place - 1])
            return switch grouping {
            case .by(let names): names.contains(name)
            case .without(let names): name != Label.metricName && !names.contains(name)
            }
        }
    }
}
