import MartletCore
import MartletSeries

extension Evaluator {
    /// The buckets of one classic histogram, told apart from others once for all steps.
    private struct Family {
        var labels: LabelSet
        var metric: String?
        var dropsName: Bool
        var members: [(bound: Double, column: Int)]
    }

    /// `histogram_quantile`, `histogram_quantiles` and `histogram_fraction` over series with an `le` label.
    ///
    /// Native histograms among the series are asked themselves.
    func histogramEstimate(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        try using(.buckets) { () throws(PromQLError) in try estimate(node, steps) }
    }

    private func estimate(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        switch node.function.name {
        case "histogram_fraction":
            let lower = try scalar(node.arguments[0], steps)
            let upper = try scalar(node.arguments[1], steps)
            let columns = try vector(node.arguments[2], steps)
            let place = node.arguments[2].sourceRange
            return try estimates(
                columns,
                node.arguments[2],
                steps,
                label: nil,
                native: { fraction($0, lower[$2], upper[$2], $1, at: place) },
                { buckets, _, step in buckets.fraction(lower[step], upper[step]) }
            )
        case "histogram_quantile":
            let shares = try scalar(node.arguments[0], steps)
            noteInvalid(shares, node.arguments[0])
            let columns = try vector(node.arguments[1], steps)
            return try quantiles(columns, node.arguments[1], steps, shares, label: nil)
        default:
            let columns = try vector(node.arguments[0], steps)
            let name = try string(node.arguments[1])
            guard name.isWellFormed, !name.value.isEmpty else {
                throw .execution("invalid label name \(name.written)")
            }
            var result: [Column] = []
            for argument in node.arguments.dropFirst(2) {
                let shares = try scalar(argument, steps)
                noteInvalid(shares, argument)
                let label = Label(name.value, Self.labelText(shares.first ?? .nan))
                result += try quantiles(columns, node.arguments[0], steps, shares, label: label)
            }
            return try merged(result)
        }
    }

    private func noteInvalid(_ shares: [Double], _ argument: Expression) {
        for share in shares where !(share >= 0 && share <= 1) {
            annotations.addInvalidQuantile(share, at: argument.sourceRange)
        }
    }

    private func quantiles(
        _ columns: [Column],
        _ argument: Expression,
        _ steps: Steps,
        _ shares: [Double],
        label: Label?
    ) throws(PromQLError) -> [Column] {
        try estimates(
            columns,
            argument,
            steps,
            label: label,
            native: { quantile($0, shares[$2], $1, at: argument.sourceRange) },
            { buckets, metric, step in
                if buckets.isForcedMonotonic {
                    annotations.addForcedMonotonicity(metric: metric, at: argument.sourceRange)
                }
                return buckets.quantile(shares[step])
            }
        )
    }

    private func estimates(
        _ columns: [Column],
        _ argument: Expression,
        _ steps: Steps,
        label: Label?,
        native: (NativeHistogram, String?, Int) -> Double,
        _ estimate: (ClassicBuckets, String?, Int) -> Double
    ) throws(PromQLError) -> [Column] {
        var columns = columns
        let families = families(columns, argument)
        let mixed = separate(&columns, families, argument)
        var result = try readings(columns, steps, label: label, native)
        for (place, family) in families.enumerated() {
            try checkTime()
            let labels = label.map { family.labels.setting($0.name, to: $0.value) } ?? family.labels
            var column = Column(labels: labels, dropsName: family.dropsName, steps: steps.count)
            for step in 0..<steps.count {
                let present = family.members.filter { !Column.isAbsent(columns[$0.column].values[step]) }
                if present.isEmpty || mixed[place]?[step] == true { continue }
                let buckets = ClassicBuckets(
                    present.map { ClassicBuckets.Bucket(upperBound: $0.bound, count: columns[$0.column].values[step]) }
                )
                column.values[step] = estimate(buckets, family.metric, step)
            }
            result.append(column)
        }
        try hold(result.count * steps.count)
        return try withoutNames(result)
    }

    /// Leaves out native histograms at steps where classic buckets of the same labels have values.
    ///
    /// - Returns: By family the steps at which both are there and nothing is evaluated.
    private func separate(
        _ columns: inout [Column],
        _ families: [Family],
        _ argument: Expression
    ) -> [Int: [Bool]] {
        guard columns.contains(where: { !$0.histograms.isEmpty }) else { return [:] }
        let places = Dictionary(families.enumerated().map { ($1.labels, $0) }, uniquingKeysWith: { first, _ in first })
        var result: [Int: [Bool]] = [:]
        for index in columns.indices where !columns[index].histograms.isEmpty {
            guard let place = places[columns[index].labels] else { continue }
            for step in columns[index].histograms.indices where columns[index].histograms[step] != nil {
                let isMixed = families[place].members.contains { !Column.isAbsent(columns[$0.column].values[step]) }
                guard isMixed else { continue }
                let metric = columns[index].labels.metricName
                annotations.addMixedClassicAndNative(metric: metric, at: argument.sourceRange)
                columns[index].histograms[step] = nil
                result[place, default: [Bool](repeating: false, count: columns[index].values.count)][step] = true
            }
        }
        return result
    }

    private func families(_ columns: [Column], _ argument: Expression) -> [Family] {
        var places: [LabelSet: Int] = [:]
        var result: [Family] = []
        for (index, column) in columns.enumerated() where column.values.contains(where: { !Column.isAbsent($0) }) {
            let text = column.labels["le"] ?? ""
            let metric = column.labels.metricName
            guard let bound = Self.bound(text) else {
                annotations.addBadBucketLabel(text, metric: metric, at: argument.sourceRange)
                continue
            }
            let labels = column.labels.setting("le", to: nil)
            if let place = places[labels] {
                result[place].members.append((bound, index))
            } else {
                places[labels] = result.count
                result.append(
                    Family(labels: labels, metric: metric, dropsName: column.dropsName, members: [(bound, index)])
                )
            }
        }
        return result
    }

    /// A share as OpenMetrics writes numbers in labels: whole ones with `.0`.
    private static func labelText(_ share: Double) -> String {
        let text = FloatText.shortest(share)
        return text.allSatisfy { $0.isNumber || $0 == "-" } ? text + ".0" : text
    }

    private static func bound(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": .infinity
        case "-inf", "-infinity": -.infinity
        case let number: Double(number.hasPrefix(".") ? "0" + number : number.replacingLeadingDot)
        }
    }
}

extension String {
    /// `-.2` as `-0.2`, which the standard library's parser wants.
    fileprivate var replacingLeadingDot: String {
        guard hasPrefix("-.") || hasPrefix("+.") else { return self }
        return prefix(1) + "0" + dropFirst(1)
    }
}
