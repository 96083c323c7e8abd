import MartletConfiguration
import MartletCore
import MartletSeries
import MartletYAML

/// A file of unit tests for rules, in promtool's form.
///
/// - SeeAlso: [Unit testing for rules](https://prometheus.io/docs/prometheus/3.5/configuration/unit_testing_rules/)
struct RuleTestFile {
    /// Input, and what is expected of the rules with it.
    struct Group {
        var name = ""
        var interval: Duration
        var input: [(labels: LabelSet, values: [SeriesNotation.Value])] = []
        var alerts: [AlertCase] = []
        var expressions: [ExpressionCase] = []
        var externalLabels = LabelSet.empty
        var externalURL = ""
        var start: Int64 = 0

        /// The latest time, in milliseconds from the start, at which something is expected.
        var lastTime: Int64 {
            max(alerts.map(\.time).max() ?? 0, expressions.map(\.time).max() ?? 0)
        }
    }

    /// The alerts of one name that fire at a time.
    struct AlertCase {
        let time: Int64
        let name: String
        let expected: [(labels: LabelSet, annotations: [String: String])]
    }

    /// The value of an expression at a time.
    struct ExpressionCase {
        struct Sample: Hashable {
            var labels: LabelSet
            var value: Double
            var histogram: NativeHistogram?
        }

        let time: Int64
        let expression: String
        let expected: [Sample]
    }

    var ruleFiles: [String] = []
    var interval = Duration.seconds(60)
    var groupOrder: [String] = []
    var isFuzzy = false
    var groups: [Group] = []

    /// The largest file that is read, in bytes.
    private static let bytesMax = 16 << 20

    /// Reads a file, or lists all that is wrong with it.
    static func load(_ path: String, notation: SeriesNotation) throws(ConfigurationError) -> RuleTestFile {
        var file = RuleTestFile()
        try read(path, notation) { file.read($0, notation, folder: folder(of: path)) }
        return file
    }

    /// Reads a file that holds one group of tests alone.
    static func loadGroup(_ path: String, notation: SeriesNotation) throws(ConfigurationError) -> Group {
        let file = RuleTestFile()
        var group = Group(interval: file.interval)
        try read(path, notation) { reader in
            group = file.readGroup(reader, notation)
            reader.finish()
        }
        return group
    }

    private static func read(
        _ path: String,
        _ notation: SeriesNotation,
        _ body: (MappingReader) -> Void
    ) throws(ConfigurationError) {
        let problems = ProblemCollector()
        let context = ReadingContext(
            file: path,
            environment: nil,
            patterns: notation.patterns,
            problems: problems
        )
        do throws(FileError) {
            let text = try FileContent.text(of: path, bytesMax: bytesMax)
            do throws(YAMLError) {
                if let reader = MappingReader(try YAMLParser.parse(text), context) { body(reader) }
            } catch {
                context.report(error.message, at: error.mark)
            }
        } catch {
            let message = "cannot read the file: \(error.reason)"
            problems.add(ConfigurationProblem(file: path, mark: nil, message: message))
        }
        try problems.throwIfErrors()
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private mutating func read(_ reader: MappingReader, _ notation: SeriesNotation, folder: String) {
        defer { reader.finish() }
        for pattern in reader.strings("rule_files") {
            let paths = FileContent.paths(matching: pattern.hasPrefix("/") ? pattern : folder + pattern)
            if paths.isEmpty { reader.warn("no file matches \"\(pattern)\"", at: "rule_files") }
            ruleFiles += paths
        }
        interval = reader.positiveDuration("evaluation_interval") ?? interval
        groupOrder = reader.strings("group_eval_order")
        if Set(groupOrder).count < groupOrder.count {
            reader.report("a group's name is repeated in the evaluation order", at: "group_eval_order")
        }
        isFuzzy = reader.bool("fuzzy_compare", default: false)
        groups = reader.mappings("tests") { readGroup($0, notation) }
    }

    private func readGroup(_ reader: MappingReader, _ notation: SeriesNotation) -> Group {
        var group = Group(interval: reader.positiveDuration("interval") ?? interval)
        group.name = reader.string("name", default: "")
        group.externalLabels = reader.labels("external_labels")
        group.externalURL = reader.string("external_url", default: "")
        if let text = reader.string("start_timestamp") {
            if let time = Parameters.milliseconds(text) {
                group.start = time
            } else {
                reader.report("\"\(text)\" is no time: give RFC 3339 or Unix seconds", at: "start_timestamp")
            }
        }
        group.input = reader.mappings("input_series") { series in
            guard let name = series.requiredString("series"), let values = series.requiredString("values") else {
                return nil
            }
            do throws(SeriesNotation.Problem) {
                return (try notation.labels(name), try notation.values(values))
            } catch {
                series.report("series \"\(name)\": \(error.message)", at: "series")
                return nil
            }
        }
        group.alerts = reader.mappings("alert_rule_test", Self.readAlertCase)
        group.expressions = reader.mappings("promql_expr_test") { Self.readExpressionCase($0, notation) }
        return group
    }

    private static func readAlertCase(_ reader: MappingReader) -> AlertCase? {
        let time = readTime(reader)
        let expected = reader.mappings("exp_alerts") { alert in
            let labels = alert.texts("exp_labels").map { Label($0.key, $0.value) }
            let annotations = alert.texts("exp_annotations").map { ($0.key, $0.value) }
            return (labels: LabelSet(labels), annotations: Dictionary(annotations) { $1 })
        }
        guard let name = reader.requiredString("alertname") else { return nil }
        return AlertCase(
            time: time,
            name: name,
            expected: expected.map { ($0.labels.setting("alertname", to: name), $0.annotations) }
        )
    }

    private static func readExpressionCase(_ reader: MappingReader, _ notation: SeriesNotation) -> ExpressionCase? {
        let time = readTime(reader)
        let expected: [ExpressionCase.Sample] = reader.mappings("exp_samples") { sample in
            let labels = sample.string("labels", default: "{}")
            let value = sample.string("value").flatMap { SeriesNotation.number($0[...]) } ?? 0
            do throws(SeriesNotation.Problem) {
                let histogram = try sample.string("histogram").map { text throws(SeriesNotation.Problem) in
                    try notation.histogram(text)
                }
                return ExpressionCase.Sample(labels: try notation.labels(labels), value: value, histogram: histogram)
            } catch {
                sample.report("labels \"\(labels)\": \(error.message)", at: "labels")
                return nil
            }
        }
        return reader.requiredString("expr").map {
            ExpressionCase(time: time, expression: $0, expected: expected)
        }
    }

    private static func readTime(_ reader: MappingReader) -> Int64 {
        Int64((reader.duration("eval_time") ?? .zero) / .milliseconds(1))
    }
}
