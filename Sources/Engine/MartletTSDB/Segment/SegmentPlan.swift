import MartletCore

/// The series of a segment to be, in the order in which the file has them.
struct SegmentPlan {
    /// The series of one metric with the same label names, values by rank and ascending.
    struct Family {
        var metric: UInt32
        var names: [UInt32]
        var metricPlace: Int
        var values: [UInt32] = []
        /// What the table calls each series.
        var ids: [UInt32] = []
    }

    /// The table's symbols in order of their bytes; a rank is a place here.
    private(set) var symbols: [UInt32] = []
    private(set) var families: [Family] = []
    let table: LabelTable

    /// How many series there are.
    var seriesCount: Int { families.reduce(0) { $0 + $1.ids.count } }

    /// Sorts the series of a table that are wanted.
    ///
    /// - Complexity: O(*n* log *n*) in the number of series.
    init(_ table: LabelTable, where isWanted: (UInt32) -> Bool) {
        self.table = table
        var isUsed = [Bool](repeating: false, count: table.symbols.count)
        var rows: [[UInt32]] = []
        for family in table.families {
            var wanted: [UInt32] = []
            for row in 0..<family.count where isWanted(family.ids[row]) {
                wanted.append(UInt32(row))
                for column in family.names.indices { isUsed[Int(family.value(row, column))] = true }
            }
            if !wanted.isEmpty {
                isUsed[Int(family.metric)] = true
                for name in family.names { isUsed[Int(name)] = true }
            }
            rows.append(wanted)
        }
        var ranks = [UInt32](repeating: 0, count: table.symbols.count)
        for symbol in table.symbols.sorted() where isUsed[Int(symbol)] {
            ranks[Int(symbol)] = UInt32(symbols.count)
            symbols.append(symbol)
        }
        for (index, wanted) in rows.enumerated() where !wanted.isEmpty {
            families.append(Self.sorted(table.families[index], wanted, ranks))
        }
        families.sort { left, right in
            left.metric != right.metric
                ? left.metric < right.metric : left.names.lexicographicallyPrecedes(right.names)
        }
    }

    private static func sorted(_ family: LabelTable.Family, _ rows: [UInt32], _ ranks: [UInt32]) -> Family {
        let width = family.names.count
        var result = Family(
            metric: ranks[Int(family.metric)],
            names: family.names.map { ranks[Int($0)] },
            metricPlace: family.metricPlace
        )
        var values: [UInt32] = []
        values.reserveCapacity(rows.count * width)
        for row in rows {
            for column in 0..<width { values.append(ranks[Int(family.value(Int(row), column))]) }
        }
        let order = rows.indices.sorted { left, right in
            for column in 0..<width {
                let (one, other) = (values[left * width + column], values[right * width + column])
                if one != other { return one < other }
            }
            return false
        }
        result.values.reserveCapacity(values.count)
        result.ids.reserveCapacity(rows.count)
        for place in order {
            result.values.append(contentsOf: values[(place * width)..<((place + 1) * width)])
            result.ids.append(family.ids[Int(rows[place])])
        }
        return result
    }
}
