import MartletCore

extension Evaluator {
    /// Up to how many operations of a chain are nodes of a plan, each within the next.
    private static let plannedMax = 50

    /// Applies a chain of operations from its first operand on, without recursion.
    func evaluate(_ node: BinaryOperation, _ steps: Steps) throws(PromQLError) -> StepValue {
        let (first, operations) = node.chain
        if options.explains, operations.count <= Self.plannedMax {
            return try applied(node, try evaluate(node.left, steps), try evaluate(node.right, steps), steps)
        }
        let held = samplesHeld
        var result = try evaluate(first, steps)
        for node in operations {
            try checkTime()
            result = try applied(node, result, try evaluate(node.right, steps), steps)
            try keep(result, steps, since: held)
        }
        return result
    }

    private func applied(
        _ node: BinaryOperation,
        _ left: StepValue,
        _ right: StepValue,
        _ steps: Steps
    ) throws(PromQLError) -> StepValue {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(zip(left, right).map(node.operation.apply))
        case (.vector(let columns), .scalar(let scalars)):
            return .vector(try combined(columns, scalars, node, isSwapped: false))
        case (.scalar(let scalars), .vector(let columns)):
            return .vector(try combined(columns, scalars, node, isSwapped: true))
        case (.vector(let left), .vector(let right)):
            if node.operation.isSetOperator { return .vector(try setOperation(left, right, node, steps)) }
            return .vector(try matched(left, right, node, steps))
        default:
            throw .execution("binary expression must contain only scalar and instant vector types")
        }
    }

    /// A vector and a scalar; a comparison chooses the vector's elements and keeps their values.
    private func combined(
        _ columns: [Column],
        _ scalars: [Double],
        _ node: BinaryOperation,
        isSwapped: Bool
    ) throws(PromQLError) -> [Column] {
        let operation = node.operation
        let filters = operation.isComparison && !node.returnsBool
        var result = columns
        for index in result.indices {
            try checkTime()
            let histograms = result[index].histograms
            result[index].histograms = []
            if operation.isTrim {
                noteTrimOfNumbers(result[index], node)
                result[index].values = [Double](repeating: Column.absent, count: scalars.count)
            } else {
                operation.combine(&result[index].values, scalars, filters: filters, isSwapped: isSwapped)
            }
            for (step, histogram) in histograms.enumerated() {
                guard let histogram else { continue }
                let (scalar, vector) = (Operand.number(scalars[step]), Operand.histogram(histogram))
                let (left, right) = isSwapped ? (scalar, vector) : (vector, scalar)
                if let value = combine(left, right, node) { result[index].set(value, at: step) }
            }
        }
        return filters || operation.isTrim ? result : try withoutNames(result)
    }

    /// The labels by which elements find each other, worked out once a series.
    func signatures(_ columns: [Column], _ matching: VectorMatching) -> [LabelSet] {
        if matching.isOn {
            let names = matching.labels
            return columns.map { LabelSet(sorted: $0.labels.filter { names.contains($0.name) }) }
        }
        let names = matching.labels + reservedNames
        return columns.map { LabelSet(sorted: $0.labels.filter { !names.contains($0.name) }) }
    }

    /// `and`, `or` and `unless`: which steps of which signature the other side has decides.
    private func setOperation(
        _ left: [Column],
        _ right: [Column],
        _ node: BinaryOperation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        let leftSignatures = signatures(left, node.matching)
        let rightSignatures = signatures(right, node.matching)
        if node.operation == .or {
            let present = presence(left, leftSignatures, steps)
            let added = kept(right, rightSignatures, present, wanted: false)
            return try joined(left + added)
        }
        let present = presence(right, rightSignatures, steps)
        return kept(left, leftSignatures, present, wanted: node.operation == .and)
    }

    func presence(_ columns: [Column], _ signatures: [LabelSet], _ steps: Steps) -> [LabelSet: [Bool]] {
        var result: [LabelSet: [Bool]] = [:]
        for (column, signature) in zip(columns, signatures) {
            for step in column.values.indices where column.isPresent(step) {
                result[signature, default: [Bool](repeating: false, count: steps.count)][step] = true
            }
        }
        return result
    }

    /// The columns at the steps where the other side has, or has not, an element of the same signature.
    private func kept(
        _ columns: [Column],
        _ signatures: [LabelSet],
        _ present: [LabelSet: [Bool]],
        wanted: Bool
    ) -> [Column] {
        var result: [Column] = []
        for (column, signature) in zip(columns, signatures) {
            guard let steps = present[signature] else {
                if !wanted { result.append(column) }
                continue
            }
            var column = column
            for (step, isPresent) in steps.enumerated() where isPresent != wanted {
                column.clear(step)
            }
            if !column.isEmpty { result.append(column) }
        }
        return result
    }

    /// Both sides of an `or`; a series that is on both sides becomes one column where its steps allow.
    private func joined(_ columns: [Column]) throws(PromQLError) -> [Column] {
        var places: [LabelSet: Int] = [:]
        var result: [Column] = []
        for column in columns {
            guard let place = places[column.labels], result[place].dropsName == column.dropsName else {
                places[column.labels] = result.count
                result.append(column)
                continue
            }
            try join(column, to: &result[place])
        }
        return result
    }
}
