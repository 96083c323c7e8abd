import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries

/// One group of unit tests on its way: time is moved on step by step, samples come in, rules are evaluated.
struct RuleTestRun {
    private let tests: RuleTestFile
    private let group: RuleTestFile.Group
    private let store = RuleTestStore()
    private let engine: QueryEngine
    private let evaluator: RuleEvaluator
    private let patterns: RE2Patterns

    init(_ tests: RuleTestFile, _ group: RuleTestFile.Group, _ patterns: RE2Patterns) {
        self.tests = tests
        self.group = group
        self.patterns = patterns
        var options = QueryEngine.Options()
        options.subqueryStep = tests.interval
        options.features = .all.subtracting(.delayedNameRemoval)
        engine = QueryEngine(patterns: patterns, options: options)
        evaluator = RuleEvaluator(
            query: QueryAdapter(engine: engine, source: store),
            sink: store,
            patterns: patterns,
            externalLabels: group.externalLabels,
            externalURL: group.externalURL
        )
    }

    func run(_ report: inout RuleTests.Report) throws {
        var states = try ruleGroups(&report)
        let step = Int64(tests.interval / .milliseconds(1))
        let count = group.lastTime / step + 1
        guard count <= RuleTests.evaluationsMax else {
            report.failures.append(
                "\(title): \(count) evaluations up to the last eval_time are more than \(RuleTests.evaluationsMax)"
            )
            return
        }
        var given = 0
        for turn in 0..<count {
            let elapsed = turn * step
            group.give(to: store, from: &given, through: elapsed)
            var failed = false
            for index in states.indices {
                _ = evaluator.evaluate(&states[index], at: group.start + elapsed)
                for rule in states[index].rules {
                    guard let error = rule.lastError else { continue }
                    failed = true
                    report.failures.append("\(title)rule \(rule.rule.name) at \(Self.text(elapsed)): \(error)")
                }
            }
            if failed { return }
            for test in group.alerts where elapsed <= test.time && test.time < elapsed + step {
                check(test, states, &report)
            }
        }
        for test in group.expressions { check(test, &report) }
    }

    private func ruleGroups(_ report: inout RuleTests.Report) throws(ConfigurationError) -> [RuleGroupState] {
        var global = GlobalConfiguration()
        global.evaluationInterval = group.interval
        let (groups, warnings) = try LoadedConfiguration.loadRules(
            files: tests.ruleFiles,
            global,
            patterns,
            features: engine.options.features
        )
        for warning in warnings where !report.problems.contains(warning) { report.problems.append(warning) }
        let order = Dictionary(tests.groupOrder.enumerated().map { ($1, $0 - tests.groupOrder.count) }) { first, _ in
            first
        }
        let sorted = groups.enumerated().sorted { left, right in
            (order[left.element.name] ?? 0, left.offset) < (order[right.element.name] ?? 0, right.offset)
        }
        return sorted.map { RuleGroupState($0.element) }
    }

    // MARK: - Checks

    private func check(
        _ test: RuleTestFile.AlertCase,
        _ states: [RuleGroupState],
        _ report: inout RuleTests.Report
    ) {
        let rules = states.flatMap(\.rules).filter { $0.isAlerting && $0.rule.name == test.name }
        let firing = rules.flatMap(\.activeAlerts).filter { $0.state == .firing }
        let found = firing.map { Self.line($0.labels, $0.annotations) }.sorted()
        let expected = test.expected.map { Self.line($0.labels, $0.annotations) }.sorted()
        guard found != expected else { return }
        var hint = ""
        if rules.isEmpty {
            let names = states.flatMap(\.rules).filter(\.isAlerting).map(\.rule.name)
            let nearest = Suggestion.closest(to: test.name, among: names)
            hint = "no rule gives an alert of that name" + (nearest.map { " (did you mean \"\($0)\"?)" } ?? "")
        }
        report.failures.append(
            difference(
                "alert \(test.name) at \(Self.text(test.time))",
                expected,
                found,
                nothing: "no alert",
                hint: hint
            )
        )
    }

    private func check(_ test: RuleTestFile.ExpressionCase, _ report: inout RuleTests.Report) {
        let what = "\(test.expression) at \(Self.text(test.time))"
        let found: [RuleTestFile.ExpressionCase.Sample]
        do {
            let answers = try QueryAdapter(engine: engine, source: store)
                .instant(test.expression, at: group.start + test.time)
            found = answers.map { .init(labels: $0.labels, value: $0.value, histogram: $0.histogram) }
        } catch {
            report.failures.append("\(title)\(what): \(error)")
            return
        }
        let expected = test.expected.sorted { $0.labels < $1.labels }
        let sorted = found.sorted { $0.labels < $1.labels }
        let isEqual = expected.count == sorted.count && zip(expected, sorted).allSatisfy(isSame)
        guard !isEqual else { return }
        report.failures.append(
            difference(what, expected.map(Self.line), sorted.map(Self.line), nothing: "no sample", hint: "")
        )
    }

    private func isSame(
        _ expected: RuleTestFile.ExpressionCase.Sample,
        _ found: RuleTestFile.ExpressionCase.Sample
    ) -> Bool {
        guard expected.labels == found.labels else { return false }
        switch (expected.histogram, found.histogram) {
        case (let expected?, let found?): return Self.text(expected) == Self.text(found)
        case (nil, nil): break
        default: return false
        }
        if expected.value == found.value || expected.value.isNaN && found.value.isNaN { return true }
        // As many ulps apart as promtool's comparison tolerates: neighbours are alike.
        return tests.isFuzzy && abs(expected.value - found.value) <= expected.value.ulp
    }

    // MARK: - Texts

    private var title: String { group.name.isEmpty ? "" : "\(group.name): " }

    /// The lines that only one side has, marked, among those that both have.
    private func difference(
        _ what: String,
        _ expected: [String],
        _ found: [String],
        nothing: String,
        hint: String
    ) -> String {
        var lines = ["\(title)\(what)"]
        if !hint.isEmpty { lines.append("      \(hint)") }
        let both = Set(expected).intersection(found)
        let missing = expected.filter { !both.contains($0) }
        let surplus = found.filter { !both.contains($0) }
        lines += both.sorted().map { "      \($0)" }
        lines += missing.map { "    - \($0)" }
        lines += surplus.map { "    + \($0)" }
        if expected.isEmpty { lines.append("    - \(nothing)") }
        if found.isEmpty { lines.append("    + \(nothing)") }
        return lines.joined(separator: "\n")
    }

    static func line(_ labels: LabelSet, _ annotations: [String: String]) -> String {
        let texts = annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\(LabelSyntax.quoted($0.value))" }
        return labels.description + (texts.isEmpty ? "" : " with \(texts.joined(separator: ", "))")
    }

    private static func line(_ sample: RuleTestFile.ExpressionCase.Sample) -> String {
        let value = sample.histogram.map(text) ?? FloatText.shortest(sample.value)
        return "\(sample.labels) \(value)"
    }

    /// The histogram with its buckets' bounds, so that two of one meaning have one text.
    private static func text(_ histogram: NativeHistogram) -> String {
        var bytes: [UInt8] = []
        HistogramText.append(histogram, to: &bytes)
        return "\(String(decoding: bytes, as: UTF8.self)) schema \(histogram.schema), \(histogram.resetHint)"
    }

    private static func text(_ milliseconds: Int64) -> String { DurationText.string(milliseconds: milliseconds) }
}
