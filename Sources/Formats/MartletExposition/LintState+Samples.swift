import MartletCore

extension LintState {
    /// Checks the value by the sample's kind.
    mutating func checkValue(_ sample: LintSample, _ type: MetricType, _ suffix: String) {
        let (value, line, column) = (sample.value, sample.line, sample.valueColumn)
        switch (type, suffix) {
        case (.counter, _), (.histogram, "_count"), (.histogram, "_bucket"), (.summary, "_count"), (.summary, "_sum"),
            (.gaugeHistogram, "_gcount"), (.gaugeHistogram, "_bucket"):
            if format == .openMetrics || type != .summary || suffix == "_count", value.isNaN || value < 0 {
                problem("\(sample.name) must be 0 or more, got \(sample.valueText)", line: line, column: column)
            }
        case (.histogram, "_sum"), (.gaugeHistogram, "_gsum"):
            if value.isNaN, format == .openMetrics {
                problem("\(sample.name) may not be NaN", line: line, column: column)
            }
        case (.summary, "") where format == .openMetrics:
            if value < 0 { problem("a quantile may not be negative", line: line, column: column) }
        case (.info, _) where value != 1:
            problem("an info metric is always 1, got \(sample.valueText)", line: line, column: column)
        case (.stateSet, _) where value != 0 && value != 1:
            problem("a state is 0 or 1, got \(sample.valueText)", line: line, column: column)
        default: break
        }
        let isCount = ["_count", "_bucket", "_gcount"].contains(suffix)
        if isCount, value.isFinite, value != value.rounded() {
            problem("\(sample.name) counts, so it must be whole, got \(sample.valueText)", line: line, column: column)
        }
    }

    /// Checks the labels that a kind of sample must have.
    mutating func checkLabels(_ sample: LintSample, _ type: MetricType, _ suffix: String) {
        if suffix == "_bucket", type == .histogram || type == .gaugeHistogram {
            guard let text = sample.labels["le"] else {
                return problem("a bucket needs the label le", line: sample.line)
            }
            if bound(text) == nil {
                problem("le must be a number or +Inf, got \(LabelSyntax.quoted(text))", line: sample.line)
            }
        }
        if type == .summary, suffix.isEmpty {
            guard let text = sample.labels["quantile"] else {
                return problem("a sample of a summary needs the label quantile", line: sample.line)
            }
            guard let share = NumberText.double(Array(text.utf8), 0..<text.utf8.count), (0...1).contains(share) else {
                return problem("quantile must be from 0 to 1, got \(LabelSyntax.quoted(text))", line: sample.line)
            }
        }
        if type == .stateSet, let name = current?.name, sample.labels[name] == nil {
            problem("a state needs the label \(name)", line: sample.line)
        }
    }

    /// The number of a bucket's bound; the strict spelling of infinity is `+Inf`.
    private func bound(_ text: String) -> Double? {
        if text == "+Inf" { return .infinity }
        guard let value = NumberText.double(Array(text.utf8), 0..<text.utf8.count), value.isFinite else { return nil }
        return value
    }

    /// Checks that groups stand together, that no series comes twice, and that times go forward.
    mutating func checkOrder(
        _ sample: LintSample,
        _ type: MetricType,
        _ suffix: String,
        _ family: inout LintFamily
    ) {
        var labels = sample.labels
        if suffix == "_bucket" { labels = labels.setting("le", to: nil) }
        if type == .summary, suffix.isEmpty { labels = labels.setting("quantile", to: nil) }
        if type == .stateSet { labels = labels.setting(family.name, to: nil) }
        if let last = family.lastGroup, last != labels {
            family.closedGroups.insert(last)
            if format == .openMetrics, family.closedGroups.contains(labels) {
                problem("the samples of \(family.name)\(labels) do not stand together", line: sample.line)
            }
        }
        family.lastGroup = labels
        var group = family.groups[labels] ?? LintFamily.Group(line: sample.line)
        checkTime(sample, &group)
        let isNew = family.series[sample.name, default: []].insert(sample.labels).inserted
        if !isNew, format == .text || !sample.hasTimestamp {
            problem("the series \(sample.name)\(sample.labels) comes twice", line: sample.line)
        }
        note(sample, suffix, type, &group)
        family.groups[labels] = group
    }

    private mutating func checkTime(_ sample: LintSample, _ group: inout LintFamily.Group) {
        guard format == .openMetrics, current?.type != .info else { return }
        if let had = group.hasTimestamp, had != sample.hasTimestamp {
            problem("all samples of a series have a timestamp, or none has", line: sample.line)
        }
        if let last = group.timestamp, sample.hasTimestamp, sample.timestamp < last {
            problem("the timestamp lies before that of the sample above", line: sample.line)
        }
        group.hasTimestamp = sample.hasTimestamp
        if sample.hasTimestamp { group.timestamp = sample.timestamp }
    }

    private mutating func note(
        _ sample: LintSample,
        _ suffix: String,
        _ type: MetricType,
        _ group: inout LintFamily.Group
    ) {
        guard type == .histogram || type == .gaugeHistogram else { return }
        switch suffix {
        case "_bucket":
            guard let bound = sample.labels["le"].flatMap(bound) else { return }
            if bound < 0 { group.hasNegativeBound = true }
            if bound == .infinity { group.infiniteCount = sample.value }
            if let last = group.lastBound {
                if bound < last { problem("the buckets are not in the order of their bounds", line: sample.line) }
                if bound > last, let count = group.lastBucketCount, sample.value < count {
                    problem("the bucket counts less than the one before it; buckets are cumulative", line: sample.line)
                }
            }
            group.lastBound = bound
            group.lastBucketCount = sample.value
        case "_count", "_gcount": group.count = sample.value
        case "_sum", "_gsum":
            group.hasSum = true
            group.hasNegativeSum = sample.value < 0
        default: break
        }
    }

    /// Checks a whole histogram when its family is over.
    mutating func checkGroup(
        _ labels: LabelSet,
        _ group: LintFamily.Group,
        _ family: LintFamily,
        _ type: MetricType
    ) {
        guard type == .histogram || type == .gaugeHistogram else { return }
        let name = family.name + (labels.isEmpty ? "" : labels.description)
        let isGauge = type == .gaugeHistogram
        guard let infinite = group.infiniteCount else {
            return problem("the histogram \(name) has no bucket with le=\"+Inf\"", line: group.line)
        }
        if let count = group.count, count != infinite {
            problem("the count of \(name) is not that of its +Inf bucket", line: group.line)
        }
        guard format == .openMetrics else { return }
        if group.hasSum, group.count == nil {
            problem("the histogram \(name) has a sum but no count", line: group.line)
        }
        if !group.hasSum, group.count != nil, !group.hasNegativeBound {
            problem("the histogram \(name) has a count but no sum", line: group.line)
        }
        if group.hasNegativeBound, group.hasSum, !isGauge {
            problem("the histogram \(name) has a bound below 0, so that it may have no sum", line: group.line)
        }
        if group.hasNegativeSum, !group.hasNegativeBound {
            problem("the sum of \(name) is negative, but no bucket is", line: group.line)
        }
    }

    /// Checks that an exemplar stands where it may, and is short.
    mutating func checkExemplar(_ sample: LintSample, _ type: MetricType, _ suffix: String) {
        guard let exemplar = sample.exemplar else { return }
        let isAllowed =
            (type == .counter && suffix == "_total")
            || ((type == .histogram || type == .gaugeHistogram) && suffix == "_bucket")
        if !isAllowed { problem("only counters and buckets have exemplars", line: sample.line) }
        let length = exemplar.labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
        if length > 128 {
            problem("the labels of the exemplar have \(length) characters, 128 are allowed", line: sample.line)
        }
    }
}
