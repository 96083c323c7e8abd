import MartletCore

extension Evaluator {
    /// The columns of each group, told apart once for all steps.
    struct Grouping {
        var labels: [LabelSet] = []
        var members: [[Int]] = []
        /// Whether the group's name is to be removed at the end, as its first member's is.
        var dropsName: [Bool] = []

        fileprivate mutating func open(_ labels: LabelSet, _ index: Int, _ column: Column) {
            self.labels.append(labels)
            members.append([index])
            dropsName.append(column.dropsName)
        }
    }

    func grouping(_ columns: [Column], _ node: Aggregation) -> Grouping {
        if node.isWithout { return grouping(columns, without: node.labels + reservedNames) }
        let names = Array(Set(node.labels))
        guard !names.isEmpty else {
            var whole = Grouping()
            guard let first = columns.first else { return whole }
            whole.open(.empty, 0, first)
            whole.members[0] = Array(columns.indices)
            return whole
        }
        return grouping(columns, by: names)
    }

    private func grouping(_ columns: [Column], without names: [String]) -> Grouping {
        var result = Grouping()
        var places: [LabelSet: Int] = [:]
        for (index, column) in columns.enumerated() {
            let labels = LabelSet(sorted: column.labels.filter { !names.contains($0.name) })
            if let place = places[labels] {
                result.members[place].append(index)
            } else {
                places[labels] = result.labels.count
                result.open(labels, index, column)
            }
        }
        return result
    }

    /// Groups by few labels: values become numbers, so that no label set is made or hashed but one a group.
    private func grouping(_ columns: [Column], by names: [String]) -> Grouping {
        var result = Grouping()
        var numbers = names.map { _ in ValueNumbers() }
        /// The number of each pair of a prefix's number and a value's, by the place of the value's label.
        var pairs = [[UInt64: UInt32]](repeating: [:], count: names.count)
        var places: [Int] = []
        for index in columns.indices {
            var prefix = numbers[0].number(of: columns[index].labels[names[0]] ?? "")
            for place in names.indices.dropFirst() {
                let value = numbers[place].number(of: columns[index].labels[names[place]] ?? "")
                let pair = UInt64(prefix) << 32 | UInt64(value)
                let next = UInt32(pairs[place].count)
                prefix = pairs[place][pair] ?? next
                if prefix == next { pairs[place][pair] = next }
            }
            while places.count <= Int(prefix) { places.append(-1) }
            if places[Int(prefix)] >= 0 {
                result.members[places[Int(prefix)]].append(index)
            } else {
                places[Int(prefix)] = result.labels.count
                let labels = LabelSet(sorted: columns[index].labels.filter { names.contains($0.name) })
                result.open(labels, index, columns[index])
            }
        }
        return result
    }

    /// Numbers for texts, in the order in which they come.
    private struct ValueNumbers {
        private var known: [String: UInt32] = [:]
        private var last: (text: String, number: UInt32)?

        /// The number of a text; that of the one before is found without a look-up, as series come sorted.
        mutating func number(of text: String) -> UInt32 {
            if let last, last.text == text { return last.number }
            let number = known[text] ?? UInt32(known.count)
            known[text] = number
            last = (text, number)
            return number
        }
    }
}
