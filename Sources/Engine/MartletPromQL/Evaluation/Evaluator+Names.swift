import MartletCore

extension Evaluator {
    var delaysNames: Bool { options.features.contains(.delayedNameRemoval) }

    /// The labels that tell what a metric is, which go where its name goes.
    var reservedNames: [String] {
        options.features.contains(.typeAndUnitLabels) ? [Label.metricName, "__type__", "__unit__"] : [Label.metricName]
    }

    /// The labels without the name, and without what goes with it.
    func nameless(_ labels: LabelSet) -> LabelSet {
        guard options.features.contains(.typeAndUnitLabels) else { return labels.setting(Label.metricName, to: nil) }
        let names = reservedNames
        return labels.contains { names.contains($0.name) } ? labels.removing(names) : labels
    }

    /// The columns with their metric names gone, or marked to go at the end of the query.
    func withoutNames(_ columns: consuming [Column]) throws(PromQLError) -> [Column] {
        let first = columns.first?.labels.metricName
        var result = columns
        if delaysNames {
            for index in result.indices { result[index].dropsName = true }
            return result
        }
        var isUniform = true
        for index in result.indices {
            let name = result[index].labels.metricName
            isUniform = isUniform && name == first
            let labels = nameless(result[index].labels)
            isUniform = isUniform && labels.count + (name == nil ? 0 : 1) == result[index].labels.count
            result[index].labels = labels
        }
        // Label sets that differ and share one name still differ without it.
        return isUniform ? result : try merged(result)
    }

    /// The columns with those of one label set joined.
    ///
    /// - Throws: `execution` where two of them have a value at the same step.
    func merged(_ columns: [Column]) throws(PromQLError) -> [Column] {
        var places: [LabelSet: Int] = [:]
        places.reserveCapacity(columns.count)
        var result: [Column] = []
        result.reserveCapacity(columns.count)
        for column in columns {
            guard let place = places[column.labels] else {
                places[column.labels] = result.count
                result.append(column)
                continue
            }
            try join(column, to: &result[place])
        }
        return result
    }

    /// Takes over what a column of the same labels has.
    ///
    /// - Throws: `execution` where both have a value at the same step.
    func join(_ column: Column, to other: inout Column) throws(PromQLError) {
        for step in column.values.indices where column.isPresent(step) {
            guard !other.isPresent(step) else {
                throw .execution("vector cannot contain metrics with the same labelset")
            }
            other.copy(step, of: column)
        }
    }

    /// The columns as the query gives them: names gone that were marked, empty columns left out.
    func finished(_ columns: [Column]) throws(PromQLError) -> [Column] {
        var result = columns.filter { !$0.isEmpty }
        var hasChanged = false
        for index in result.indices where result[index].dropsName {
            result[index].labels = nameless(result[index].labels)
            hasChanged = true
        }
        // Each operation joins the columns that it makes alike; only what changed here can be alike now.
        return hasChanged ? try merged(result) : result
    }
}
