import MartletCore

/// The warnings and infos of one query, each once, in the order in which they arose.
struct Annotations {
    enum Kind: String {
        case warning = "PromQL warning"
        case info = "PromQL info"
    }

    /// What was added, duplicates among them.
    struct Note {
        var kind: Kind
        var message: String
        var range: SourceRange
    }

    /// All that was added, up to a limit; kept only to say it again of a part that stands in the query twice.
    private(set) var log: [Note] = []

    private static let logMax = 1000

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
        if log.count < Self.logMax { log.append(Note(kind: kind, message: message, range: range)) }
        if kind == .warning { warnings.append(whole) } else { infos.append(whole) }
    }

    var hasText: Bool { !text.isEmpty }

    /// The part of the query's text in a range.
    func text(of range: SourceRange) -> ArraySlice<UInt8> {
        text[max(0, min(range.start, text.count))..<max(0, min(max(range.start, range.end), text.count))]
    }

    /// Adds again what was said of the same text at another place.
    mutating func `repeat`(_ notes: [Note], movedBy distance: Int) {
        for note in notes {
            let range = SourceRange(start: note.range.start + distance, end: note.range.end + distance)
            add(note.kind, note.message, at: range)
        }
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

    mutating func addNoCounterType(_ type: String, metric: String?, at range: SourceRange) {
        let wanted = "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\""
        let found = "got \(LabelSyntax.quoted(type)): \(LabelSyntax.quoted(metric ?? ""))"
        add(.info, "\(wanted), \(found)", at: range)
    }

    mutating func addIncompatibleTypes(
        _ left: String,
        _ operation: BinaryOperator,
        _ right: String,
        at range: SourceRange
    ) {
        let sign = LabelSyntax.quoted(operation.rawValue)
        let types = "\(left) \(operation.rawValue) \(right)"
        add(.info, "incompatible sample types encountered for binary operator \(sign): \(types)", at: range)
    }

    mutating func addIncompatibleLayout(_ operation: BinaryOperator, at range: SourceRange) {
        add(.warning, "incompatible bucket layout encountered for binary operator \(operation.rawValue)", at: range)
    }

    mutating func addMixedSamples(metric: String?, at range: SourceRange) {
        let name = metric.flatMap { $0.isEmpty ? nil : " metric name \(LabelSyntax.quoted($0))" } ?? ""
        add(.warning, "encountered a mix of histograms and floats for\(name)", at: range)
    }

    mutating func addMixedSamplesInAggregation(at range: SourceRange) {
        add(.warning, "encountered a mix of histograms and floats for aggregation", at: range)
    }

    mutating func addMixedBuckets(metric: String?, at range: SourceRange) {
        let message = "vector contains a mix of histograms with exponential and custom buckets schemas for metric name"
        add(.warning, "\(message) \(LabelSyntax.quoted(metric ?? ""))", at: range)
    }

    mutating func addMixedClassicAndNative(metric: String?, at range: SourceRange) {
        add(.warning, "vector contains a mix of classic and native histograms" + forMetric(metric), at: range)
    }

    mutating func addNoCounter(metric: String?, at range: SourceRange) {
        let name = LabelSyntax.quoted(metric ?? "")
        add(.warning, "this native histogram metric is not a counter: \(name)", at: range)
    }

    mutating func addOverlap(metric: String?, at range: SourceRange) {
        let message = "sample has start time that overlaps with previous sample timestamp for metric"
        add(.warning, "\(message) \(LabelSyntax.quoted(metric ?? ""))", at: range)
    }

    mutating func addNoGauge(metric: String?, at range: SourceRange) {
        add(.warning, "this native histogram metric is not a gauge: \(LabelSyntax.quoted(metric ?? ""))", at: range)
    }

    mutating func addIgnoredInAggregation(_ operation: Aggregator, at range: SourceRange) {
        add(.info, "ignored histogram in \(operation.rawValue) aggregation", at: range)
    }

    mutating func addIgnoredInRange(metric: String?, at range: SourceRange) {
        let message = "ignored histograms in a range containing both floats and histograms"
        add(.info, message + forMetric(metric), at: range)
    }

    mutating func addNotANumberObserved(_ what: String, metric: String?, at range: SourceRange) {
        add(.info, "input to \(what)" + forMetric(metric), at: range)
    }

    private func forMetric(_ name: String?) -> String {
        guard let name, !name.isEmpty else { return "" }
        return " for metric name \(LabelSyntax.quoted(name))"
    }
}
