import MartletCore

/// Follows an exposition line by line and notes what is wrong.
struct LintState {
    let format: ExpositionFormat
    private(set) var problems: [ExpositionProblem] = []
    private(set) var current: LintFamily?
    /// Families that are over, with their types.
    private var finished: [String: MetricType] = [:]
    /// Which family may write a sample name.
    private var sampleOwners: [String: String] = [:]

    init(format: ExpositionFormat) {
        self.format = format
    }

    mutating func problem(_ message: String, isError: Bool = true, line: Int, column: Int = 1) {
        problems.append(ExpositionProblem(isError: isError, line: line, column: column, message: message))
    }

    // MARK: Lines

    mutating func metadata(_ name: String, _ metadata: MetadataLine, at line: Int) {
        if current?.name != name {
            finishFamily()
            if finished[name] != nil {
                problem("the lines of \(name) do not stand together", line: line)
            }
            current = LintFamily(name: name, line: line)
        }
        guard var family = current else { return }
        if family.hasSamples { problem("metadata of \(name) stands after its samples", line: line) }
        switch metadata {
        case .type(let type):
            if family.type != nil { problem("there is a second # TYPE for \(name)", line: line) }
            family.type = type
        case .help(let help):
            if family.help != nil { problem("there is a second # HELP for \(name)", line: line) }
            family.help = help
        case .unit(let unit):
            if family.unit != nil { problem("there is a second # UNIT for \(name)", line: line) }
            family.unit = unit
        }
        current = family
    }

    mutating func sample(_ sample: LintSample) {
        if let column = sample.strayBlankColumn {
            problem("OpenMetrics has no blanks between labels", line: sample.line, column: column)
        }
        let suffix = startFamily(of: sample)
        guard var family = current else { return }
        family.hasSamples = true
        let type = family.type ?? .unknown
        checkValue(sample, type, suffix)
        checkLabels(sample, type, suffix)
        checkOrder(sample, type, suffix, &family)
        for label in sample.labels where !LintFamily.isReserved(label.name, type) {
            family.labelNames.insert(label.name)
        }
        if format == .openMetrics { checkExemplar(sample, type, suffix) }
        current = family
    }

    mutating func end() {
        finishFamily()
    }

    // MARK: Families

    /// Makes the sample's family the current one, and gives what its name has beyond the family's.
    private mutating func startFamily(of sample: LintSample) -> String {
        if let family = current, let suffix = suffix(of: sample.name, in: family) { return suffix }
        if let family = current, let type = family.type, sample.name.hasPrefix(family.name), !family.hasSamples,
            format == .openMetrics
        {
            problem("\(sample.name) is no sample name of the \(type.rawValue) \(family.name)", line: sample.line)
        }
        finishFamily()
        if finished[sample.name] != nil {
            problem("the lines of \(sample.name) do not stand together", line: sample.line)
        }
        current = LintFamily(name: sample.name, line: sample.line)
        return ""
    }

    private func suffix(of sample: String, in family: LintFamily) -> String? {
        guard sample.hasPrefix(family.name) else { return nil }
        let suffix = String(sample.dropFirst(family.name.count))
        let type = family.type ?? .unknown
        let known = format == .text ? LintFamily.textSuffixes(type) : LintFamily.suffixes(type)
        return known.contains(suffix) ? suffix : nil
    }

    private mutating func finishFamily() {
        guard let family = current else { return }
        current = nil
        let type = family.type ?? .unknown
        if finished[family.name] == nil {
            let suffixes = format == .text ? LintFamily.textSuffixes(type) : LintFamily.suffixes(type)
            for suffix in suffixes + [""] {
                let sample = family.name + suffix
                if let owner = sampleOwners[sample], owner != family.name {
                    problem("\(family.name) clashes with \(owner): both may write \(sample)", line: family.line)
                } else {
                    sampleOwners[sample] = family.name
                }
            }
        }
        finished[family.name] = type
        checkUnit(family, type)
        for (labels, group) in family.groups.sorted(by: { $0.value.line < $1.value.line }) {
            checkGroup(labels, group, family, type)
        }
        checkConventions(family)
    }

    private mutating func checkUnit(_ family: LintFamily, _ type: MetricType) {
        guard let unit = family.unit, !unit.isEmpty else { return }
        if type == .info || type == .stateSet {
            problem("the \(type.rawValue) \(family.name) can have no unit", line: family.line)
        }
    }

    private mutating func checkConventions(_ family: LintFamily) {
        guard family.hasSamples else { return }
        let type = family.type ?? .unknown
        if format == .openMetrics, type == .counter, family.name.hasSuffix("_total") {
            return problem("the family name of the counter \(family.name) may not end with _total", line: family.line)
        }
        // The conventions are about names as they are stored, which are those of the text format.
        var name = family.name
        if format == .openMetrics, type == .counter { name += "_total" }
        if format == .openMetrics, type == .info { name += "_info" }
        let breaches = NamingConventions.breaches(
            name: name,
            type: type,
            help: family.help,
            labels: family.labelNames
        )
        for breach in breaches { problem(breach, isError: false, line: family.line) }
    }
}
