import MartletCore

/// The warnings and infos of one query, each once, in the order in which they arose.
struct Annotations {
    enum Kind: String {
        case warning = "PromQL warning"
        case info = "PromQL info"
    }

    private(set) var warnings: [String] = []
    private(set) var infos: [String] = []
    private var seen: Set<String> = []
    private let text: [UInt8]

    init(text: [UInt8]) {
        self.text = text
    }

    mutating func add(_ kind: Kind, _ message: String, at range: SourceRange) {
        var whole = "\(kind.rawValue): \(message)"
        if !text.isEmpty {
            let (line, column) = position(of: range)
            whole += " (\(line):\(column))"
        }
        guard seen.insert(whole).inserted else { return }
        if kind == .warning { warnings.append(whole) } else { infos.append(whole) }
    }

    func position(of range: SourceRange) -> (line: Int, column: Int) {
        range.position(in: text)
    }

    mutating func addInvalidQuantile(_ value: Double, at range: SourceRange) {
        let number = FloatText.shortest(value)
        add(.warning, "quantile value should be between 0 and 1, got \(number)", at: range)
    }

    mutating func addInvalidRatio(_ value: Double, capped: Double, at range: SourceRange) {
        let numbers = "got \(FloatText.shortest(value)), capping to \(FloatText.shortest(capped))"
        add(.warning, "ratio value should be between -1 and 1, \(numbers)", at: range)
    }

    mutating func addBadBucketLabel(_ value: String, metric: String?, at range: SourceRange) {
        let message = "bucket label \"le\" is missing or has a malformed value of \(LabelSyntax.quoted(value))"
        add(.warning, message + forMetric(metric), at: range)
    }

    mutating func addForcedMonotonicity(metric: String?, at range: SourceRange) {
        let place = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile"
        let message = "input to histogram_quantile needed to be fixed for monotonicity (see \(place))"
        add(.info, message + forMetric(metric), at: range)
    }

    mutating func addPossibleNonCounter(metric: String, at range: SourceRange) {
        let suffixes = "_total/_sum/_count/_bucket"
        let message = "metric might not be a counter, name does not end in \(suffixes): \(LabelSyntax.quoted(metric))"
        add(.info, message, at: range)
    }

    private func forMetric(_ name: String?) -> String {
        guard let name, !name.isEmpty else { return "" }
        return " for metric name \(LabelSyntax.quoted(name))"
    }
}
