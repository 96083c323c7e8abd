public import MartletAlerting
import MartletCore
public import MartletSeries
import MartletYAML

/// Reads rule files in Prometheus' form, or lists everything that is wrong with them.
///
/// - SeeAlso: [recording rules](https://prometheus.io/docs/prometheus/3.5/configuration/recording_rules/)
public struct RuleFileLoader {
    /// The largest rule file that is read, in bytes.
    public static let fileBytesMax = 16 << 20

    /// How often groups are evaluated that do not say so themselves.
    public var defaultInterval: Duration

    /// How far in the past groups look that do not say so themselves.
    public var defaultQueryOffset: Duration

    private let patterns: any PatternCompiler
    private let checkExpression: (String) -> String?

    /// Creates a loader.
    ///
    /// - Parameters:
    ///   - defaultInterval: The interval of groups that name none (`global.evaluation_interval`).
    ///   - defaultQueryOffset: The offset of groups that name none (`global.rule_query_offset`).
    ///   - patterns: Compiles regular expressions.
    ///   - checkExpression: Says what is wrong with an expression, with its place in it, or `nil` for a good one.
    public init(
        defaultInterval: Duration = .seconds(60),
        defaultQueryOffset: Duration = .zero,
        patterns: any PatternCompiler,
        checkExpression: @escaping (String) -> String?
    ) {
        self.defaultInterval = defaultInterval
        self.defaultQueryOffset = defaultQueryOffset
        self.patterns = patterns
        self.checkExpression = checkExpression
    }

    /// Reads files.
    ///
    /// - Returns: The groups in the order of files and of their place, and what is odd about them.
    /// - Throws: ``ConfigurationError`` with the problems of all files.
    public func load(
        paths: [String]
    ) throws(ConfigurationError) -> (groups: [RuleGroup], warnings: [ConfigurationProblem]) {
        let problems = ProblemCollector()
        var groups: [RuleGroup] = []
        for path in paths {
            do throws(FileError) {
                let text = try FileContent.text(of: path, bytesMax: Self.fileBytesMax)
                groups += read(text, file: path, problems)
            } catch {
                let message = "cannot read the file: \(error.reason)"
                problems.add(ConfigurationProblem(file: path, mark: nil, message: message))
            }
        }
        try problems.throwIfErrors()
        return (groups, problems.problems)
    }

    /// Reads the text of a file.
    ///
    /// - Returns: The groups in the order of their place, and what is odd about them.
    /// - Throws: ``ConfigurationError`` with all problems.
    public func load(
        text: String,
        file: String
    ) throws(ConfigurationError) -> (groups: [RuleGroup], warnings: [ConfigurationProblem]) {
        let problems = ProblemCollector()
        let groups = read(text, file: file, problems)
        try problems.throwIfErrors()
        return (groups, problems.problems)
    }

    // MARK: - Groups

    private func read(_ text: String, file: String, _ problems: ProblemCollector) -> [RuleGroup] {
        // Templates are full of dollar signs and braces: rule files know no environment variables.
        let context = ReadingContext(file: file, environment: nil, patterns: patterns, problems: problems)
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAMLParser.parse(text)
        } catch {
            context.report(error.message, at: error.mark)
            return []
        }
        guard let reader = MappingReader(root, context) else { return [] }
        defer { reader.finish() }
        var marks: [String: YAMLMark] = [:]
        return reader.mappings("groups") { group in
            guard let read = readGroup(group, file: file) else { return nil }
            if let first = marks[read.name] {
                group.report("group name \"\(read.name)\" is already taken at \(first)", at: "name")
            }
            marks[read.name] = marks[read.name] ?? group.mark(of: "name")
            return read
        }
    }

    private func readGroup(_ reader: MappingReader, file: String) -> RuleGroup? {
        let name = reader.requiredString("name")
        let interval = reader.positiveDuration("interval") ?? defaultInterval
        let limit = reader.int("limit", in: 0 ... .max, default: 0)
        let offset = reader.duration("query_offset", default: defaultQueryOffset)
        let labels = readTexts(reader, "labels", of: "label")
        var seen: [RuleIdentity: YAMLMark] = [:]
        let rules: [Rule] = reader.mappings("rules") { rule in
            guard let read = readRule(rule) else { return nil }
            if let first = seen[RuleIdentity(read)] {
                let message = "rule \"\(read.name)\" has the name and labels of the one at \(first)"
                reader.context.warn(message, at: rule.mark)
            }
            seen[RuleIdentity(read)] = seen[RuleIdentity(read)] ?? rule.mark
            return read
        }
        guard let name else { return nil }
        return RuleGroup(
            name: name,
            file: file,
            interval: interval,
            limit: limit,
            queryOffset: offset,
            labels: Dictionary(labels.map { ($0.name, $0.text) }) { $1 },
            rules: rules
        )
    }

    private struct RuleIdentity: Hashable {
        let isAlert: Bool
        let name: String
        let labels: [String: String]

        init(_ rule: Rule) {
            isAlert = if case .alerting = rule { true } else { false }
            name = rule.name
            labels = rule.labels
        }
    }

    // MARK: - Rules

    private func readRule(_ reader: MappingReader) -> Rule? {
        let alert = reader.string("alert").flatMap { $0.isEmpty ? nil : $0 }
        let record = reader.string("record").flatMap { $0.isEmpty ? nil : $0 }
        let expression = readExpression(reader)
        let hold = reader.duration("for", default: .zero)
        let keep = reader.duration("keep_firing_for", default: .zero)
        let labels = readTexts(reader, "labels", of: "label")
        let annotations = readTexts(reader, "annotations", of: "annotation")
        switch (alert, record) {
        case (let alert?, nil):
            check(labels + annotations, of: alert, reader)
            return expression.map { expression in
                .alerting(
                    AlertingRule(
                        name: alert,
                        expression: expression,
                        holdDuration: hold,
                        keepFiringFor: keep,
                        labels: Dictionary(labels.map { ($0.name, $0.text) }) { $1 },
                        annotations: Dictionary(annotations.map { ($0.name, $0.text) }) { $1 }
                    )
                )
            }
        case (nil, let record?):
            checkRecording(record, reader)
            return expression.map { expression in
                .recording(
                    RecordingRule(
                        record: record,
                        expression: expression,
                        labels: Dictionary(labels.map { ($0.name, $0.text) }) { $1 }
                    )
                )
            }
        case (_?, _?):
            reader.report("only one of \"record\" and \"alert\" may be given", at: "record")
            return nil
        case (nil, nil):
            reader.context.report("one of \"record\" and \"alert\" must be given", at: reader.mark)
            return nil
        }
    }

    private func readExpression(_ reader: MappingReader) -> String? {
        guard let expression = reader.requiredString("expr") else { return nil }
        if let problem = checkExpression(expression) {
            reader.report("could not parse expression: \(problem)", at: "expr")
        }
        return expression
    }

    private func checkRecording(_ name: String, _ reader: MappingReader) {
        for key in ["for", "keep_firing_for", "annotations"] where reader.node(key) != nil {
            reader.report("field \"\(key)\" has no meaning in a recording rule", at: key)
        }
        if name.contains(where: { $0 == "{" || $0 == "}" }) {
            reader.report("a recording rule's name has no braces; should \"\(name)\" be in expr?", at: "record")
        }
    }

    private struct NamedText {
        let kind: String
        let name: String
        let text: String
        let mark: YAMLMark
    }

    private func readTexts(_ reader: MappingReader, _ key: String, of kind: String) -> [NamedText] {
        reader.texts(key).map { entry in
            let isBad = entry.key.isEmpty || (kind == "label" && entry.key == Label.metricName)
            if isBad { reader.context.report("invalid \(kind) name \"\(entry.key)\"", at: entry.mark) }
            return NamedText(kind: kind, name: entry.key, text: entry.value, mark: entry.mark)
        }
    }

    /// Reports templates that do not parse.
    private func check(_ texts: [NamedText], of alert: String, _ reader: MappingReader) {
        for text in texts {
            do throws(TemplateError) {
                _ = try Template(text.text, name: alert)
            } catch {
                let place = "\(error.line):\(error.column)"
                reader.context.report("\(text.kind) \"\(text.name)\": \(place): \(error.message)", at: text.mark)
            }
        }
    }
}
