import MartletCore

extension Evaluator {
    /// Arithmetic and comparisons between vectors: pairs of elements with one signature.
    ///
    /// The side of which one element may match many is looked up by signature and step; the other side is passed
    /// through column by column.
    func matched(
        _ left: [Column],
        _ right: [Column],
        _ node: BinaryOperation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        let matching = node.matching
        let isSwapped = matching.cardinality == .oneToMany
        let (many, one) = isSwapped ? (right, left) : (left, right)
        let ones = try index(one, signatures(one, matching), isLeft: isSwapped, steps)
        var pairs = Pairs(node: node, steps: steps.count, delaysNames: delaysNames, reservedNames: reservedNames)
        let signatures = signatures(many, matching)
        let counts = Dictionary(signatures.map { ($0, 1) }, uniquingKeysWith: +)
        for (column, signature) in zip(many, signatures) {
            try checkTime()
            pairs.mayCollide = counts[signature] != 1
            let fill = (isSwapped ? matching.fillLeft : matching.fillRight).map {
                Column(labels: signature, values: [Double](repeating: $0, count: steps.count))
            }
            guard let partners = ones[signature] ?? fill.map({ _ in [Int32](repeating: -1, count: steps.count) })
            else { continue }
            try pair(column, partners, one, fill, isSwapped, signature, &pairs)
        }
        if let fill = isSwapped ? matching.fillRight : matching.fillLeft {
            try fillMany(with: fill, presence(many, signatures, steps), ones, one, isSwapped, &pairs)
        }
        try hold(pairs.columns.count * steps.count)
        return pairs.columns
    }

    /// Pairs elements of the one side that nothing on the many side matches with a number in its place.
    private func fillMany(
        with value: Double,
        _ present: [LabelSet: [Bool]],
        _ ones: [LabelSet: [Int32]],
        _ one: [Column],
        _ isSwapped: Bool,
        _ pairs: inout Pairs
    ) throws(PromQLError) {
        pairs.mayCollide = false
        for (signature, partners) in ones.sorted(by: { $0.key < $1.key }) {
            var stand = Column(labels: signature, values: [Double](repeating: value, count: partners.count))
            for (step, isPresent) in (present[signature] ?? []).enumerated() where isPresent {
                stand.values[step] = Column.absent
            }
            try pair(stand, partners, one, nil, isSwapped, signature, &pairs)
        }
    }

    private func pair(
        _ column: Column,
        _ partners: [Int32],
        _ one: [Column],
        _ fill: Column?,
        _ isSwapped: Bool,
        _ signature: LabelSet,
        _ pairs: inout Pairs
    ) throws(PromQLError) {
        let operation = pairs.node.operation
        let filters = operation.isComparison && !pairs.node.returnsBool
        var partner: Int32?
        var place = 0
        for step in column.values.indices where column.isPresent(step) {
            guard let other = partners[step] >= 0 ? one[Int(partners[step])] : fill else { continue }
            let (value, otherValue) = (column.values[step], other.values[step])
            let result: Operand
            if Column.isAbsent(value) || Column.isAbsent(otherValue) || operation.isTrim {
                let (first, second) = isSwapped ? (other, column) : (column, other)
                guard let left = Operand(first, step), let right = Operand(second, step),
                    let combined = combine(left, right, pairs.node)
                else { continue }
                result = combined
            } else {
                let (first, second) = isSwapped ? (otherValue, value) : (value, otherValue)
                let combined = operation.apply(first, second)
                if filters, combined == 0 { continue }
                result = .number(filters ? first : combined)
            }
            if partner != partners[step] {
                partner = partners[step]
                place = pairs.place(of: column, with: other)
            }
            try pairs.set(result, at: step, in: place, signature)
        }
    }

    /// The place of the column that has a value, by signature and step; -1 where there is none.
    private func index(
        _ columns: [Column],
        _ signatures: [LabelSet],
        isLeft: Bool,
        _ steps: Steps
    ) throws(PromQLError) -> [LabelSet: [Int32]] {
        var result: [LabelSet: [Int32]] = [:]
        result.reserveCapacity(columns.count)
        for (place, column) in columns.enumerated() {
            let signature = signatures[place]
            var places = result.removeValue(forKey: signature) ?? [Int32](repeating: -1, count: steps.count)
            for step in column.values.indices where column.isPresent(step) {
                guard places[step] < 0 else {
                    let side = isLeft ? "left" : "right"
                    let pair = [columns[Int(places[step])].labels, column.labels].sorted().map(Self.written)
                    throw .execution(
                        "found duplicate series for the match group \(Self.written(signature)) on the \(side) "
                            + "hand-side of the operation: [\(pair[0]), \(pair[1])];"
                            + "many-to-many matching not allowed: matching labels must be unique on one side"
                    )
                }
                places[step] = Int32(place)
            }
            result[signature] = places
        }
        return result
    }

    /// Labels with the name among them, as Prometheus writes them in errors.
    private static func written(_ labels: LabelSet) -> String {
        let parts = labels.map { "\(LabelSyntax.quotedIfNeeded($0.name))=\(LabelSyntax.quoted($0.value))" }
        return "{\(parts.joined(separator: ", "))}"
    }
}

/// The columns that pairs of elements make, by label set.
struct Pairs {
    let node: BinaryOperation
    /// Whether several elements of the many side have the signature that is being paired.
    var mayCollide = false
    private(set) var columns: [Column] = []
    private let steps: Int
    private let delaysNames: Bool
    private let reservedNames: [String]
    private var places: [LabelSet: Int] = [:]
    /// By signature the steps that have a pair, where one element may match only one.
    private var taken: [LabelSet: [Bool]] = [:]

    init(node: BinaryOperation, steps: Int, delaysNames: Bool, reservedNames: [String]) {
        self.node = node
        self.reservedNames = reservedNames
        self.steps = steps
        self.delaysNames = delaysNames
    }

    /// The place of the column for the pairs of two columns.
    mutating func place(of many: Column, with one: Column) -> Int {
        let labels = labels(many.labels, one.labels)
        if let place = places[labels] { return place }
        places[labels] = columns.count
        let dropsName = delaysNames && (node.returnsBool || many.dropsName)
        columns.append(Column(labels: labels, dropsName: dropsName, steps: steps))
        return columns.count - 1
    }

    mutating func set(_ value: Operand, at step: Int, in place: Int, _ signature: LabelSet) throws(PromQLError) {
        if mayCollide, node.matching.cardinality == .oneToOne {
            var steps = taken.removeValue(forKey: signature) ?? [Bool](repeating: false, count: steps)
            if steps[step] {
                throw .execution(
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                )
            }
            steps[step] = true
            taken[signature] = steps
        }
        guard !columns[place].isPresent(step) else {
            throw .execution("multiple matches for labels: grouping labels must ensure unique matches")
        }
        columns[place].set(value, at: step)
    }

    private func labels(_ many: LabelSet, _ one: LabelSet) -> LabelSet {
        let matching = node.matching
        var result = many
        if !(node.operation.isComparison || node.operation.isTrim) || (node.returnsBool && !delaysNames) {
            result = result.removing(reservedNames)
        }
        if matching.cardinality == .oneToOne {
            result = matching.isOn ? result.keeping(matching.labels) : result.removing(matching.labels)
        }
        for name in matching.included { result = result.setting(name, to: one[name]) }
        return result
    }
}
