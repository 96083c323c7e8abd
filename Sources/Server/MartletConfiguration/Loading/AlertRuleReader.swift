public import MartletAlerting
import MartletCore
import MartletSeries
public import MartletYAML

/// Reads alert rules in the friendly forms: structured, enumerated and text conditions, and the sets made of thresholds.
///
/// A rule has `name`, `condition` or `expr`, `severity`, and whatever of `description`, `metric` (`metric_name`),
/// `threshold`, `duration` (`for`), `time_window`, `evaluation_interval`, `notification_interval`, `channels` (`notify`),
/// `escalation_policy`, `enabled`, `labels` and `annotations` it needs.
public struct AlertRuleReader {
    /// What was read.
    public struct Rules {
        /// Rules whose condition is one of the friendly forms.
        public var friendly: [AlertRule] = []

        /// Groups of rules that are written in PromQL (`expr`).
        public var groups: [RuleGroup] = []

        /// Whether monitoring is on at all (`ENABLED`).
        public var isEnabled = true
    }

    private let context: ReadingContext
    private let interval: Duration
    private let knownChannels: Set<String>?
    private let knownPolicies: Set<String>?
    private let checkExpression: (String) -> String?

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - context: Where problems are reported.
    ///   - interval: How often rules are evaluated that don't say so themselves.
    ///   - knownChannels: The channels that rules may name; `nil` leaves that unchecked.
    ///   - knownPolicies: The policies that rules may name; `nil` leaves that unchecked.
    ///   - checkExpression: Says what is wrong with PromQL, or `nil`.
    public init(
        _ context: ReadingContext,
        interval: Duration = .seconds(10),
        knownChannels: Set<String>? = nil,
        knownPolicies: Set<String>? = nil,
        checkExpression: @escaping (String) -> String? = { _ in nil }
    ) {
        self.context = context
        self.interval = interval
        self.knownChannels = knownChannels
        self.knownPolicies = knownPolicies
        self.checkExpression = checkExpression
    }

    /// Reads the `alerts` section: a list of rules, or a mapping with `rules` beside channels and policies, and with
    /// `defaults: true` or `production: {…}` for the ready sets.
    public func read(alerts node: YAMLNode) -> Rules {
        if case .sequence = node.content { return finished(readList(node)) }
        guard let reader = MappingReader(node, context) else { return Rules() }
        var rules = reader.node("rules").map(readList) ?? []
        if reader.bool("defaults", default: false) { rules += AlertRule.defaultRules().map { .friendly($0) } }
        let key = reader.has("production") ? "production" : "thresholds"
        if let thresholds = reader.node(key) { rules += readThresholds(thresholds).map { .friendly($0) } }
        var result = finished(rules)
        result.isEnabled = reader.bool("enabled", default: true)
        return result
    }

    /// Reads the `monitoring` section: `alert_rules`, the three dictionaries of thresholds, or settings in capitals.
    public func read(monitoring node: YAMLNode) -> Rules {
        guard let reader = MappingReader(node, context) else { return Rules() }
        var rules: [Entry] = []
        for key in ["alert_rules", "ALERT_RULES"] { rules += reader.node(key).map(readList) ?? [] }
        if ["validation", "security", "performance"].contains(where: { isThresholds(reader, $0) }) {
            rules += readThresholds(node, others: true).map { .friendly($0) }
        }
        var result = finished(rules)
        result.isEnabled = reader.bool("ENABLED") ?? reader.bool("enabled") ?? true
        return result
    }

    /// Reads both sections of a configuration as groups for the server, what the ready forms and PromQL say alike.
    ///
    /// - Parameters:
    ///   - sections: The sections.
    ///   - context: Where problems are reported.
    ///   - notification: The channels and policies that rules may name.
    ///   - evaluationInterval: The interval of `global`, which counts where the file names it.
    ///   - checkExpression: Says what is wrong with PromQL, or `nil`.
    /// - Returns: The groups, and the friendly rules among them; none where monitoring is off.
    public static func read(
        _ sections: AlertingSections,
        _ context: ReadingContext,
        notification: NotificationConfiguration,
        evaluationInterval: Duration,
        checkExpression: @escaping (String) -> String?
    ) -> (groups: [RuleGroup], friendly: [AlertRule]) {
        // Prometheus' own default of a minute is for its rule files; only an interval that somebody wrote counts here.
        var isIntervalGiven = false
        if let node = sections.global, case .mapping(let entries) = node.content {
            isIntervalGiven = entries.contains { $0.key.scalar == "evaluation_interval" }
        }
        let reader = AlertRuleReader(
            context,
            interval: isIntervalGiven ? evaluationInterval : .seconds(10),
            knownChannels: Set(notification.receivers.map(\.name)),
            knownPolicies: Set(notification.policies.map(\.name)),
            checkExpression: checkExpression
        )
        let sets = [sections.alerts.map(reader.read(alerts:)), sections.monitoring.map(reader.read(monitoring:))]
        let rules = sets.compactMap(\.self).filter(\.isEnabled)
        let friendly = rules.flatMap(\.friendly)
        let groups = try? AlertRule.groups(friendly, file: context.file, interval: reader.interval)
        return ((groups ?? []) + rules.flatMap(\.groups), friendly)
    }

    // MARK: - Rules

    private enum Entry {
        case friendly(AlertRule)
        case promQL(AlertingRule, interval: Duration, isEnabled: Bool)

        var name: String {
            switch self {
            case .friendly(let rule): rule.name
            case .promQL(let rule, _, _): rule.name
            }
        }
    }

    private func finished(_ entries: [Entry]) -> Rules {
        var rules = Rules()
        var expressions: [Duration: [Rule]] = [:]
        for entry in entries {
            switch entry {
            case .friendly(let rule): rules.friendly.append(rule)
            case .promQL(let rule, let interval, let isEnabled):
                if isEnabled { expressions[interval, default: []].append(.alerting(rule)) }
            }
        }
        rules.groups = expressions.sorted { $0.key < $1.key }.map { interval, rules in
            RuleGroup(name: "expressions_every_\(interval)", file: context.file, interval: interval, rules: rules)
        }
        return rules
    }

    /// Reads a list of rules; a second rule of one name, severity and threshold aside, is fine: levels of one alert.
    private func readList(_ node: YAMLNode) -> [Entry] {
        context.list(node) { item in
            guard let reader = MappingReader(item, context) else { return nil }
            defer { reader.finish() }
            return readRule(reader)
        }
    }

    private func readRule(_ reader: MappingReader) -> Entry? {
        let name = reader.requiredString("name")
        let metric = reader.string("metric") ?? reader.string("metric_name")
        let threshold = reader.double("threshold")
        var rule = AlertRule(name ?? "", .metricAbsent())
        rule.description = reader.string("description", default: "")
        rule.severity = readSeverity(reader)
        rule.isEnabled = reader.bool("enabled", default: true)
        rule.timeWindow = positive(reader, "time_window", .seconds) ?? rule.timeWindow
        rule.evaluationInterval = positive(reader, "evaluation_interval", .seconds)
        rule.notificationInterval = positive(reader, "notification_interval", .seconds) ?? rule.notificationInterval
        rule.channels = readChannels(reader)
        rule.escalationPolicy = reader.string("escalation_policy")
        if let policy = rule.escalationPolicy, let knownPolicies, !knownPolicies.contains(policy) {
            reader.report(
                "unknown escalation policy \"\(policy)\"\(hint(policy, knownPolicies))",
                at: "escalation_policy"
            )
        }
        rule.labels = texts(reader, "labels")
        rule.annotations = texts(reader, "annotations")
        let hold = positive(reader, "for", nil)
        // A number without a unit counts in milliseconds here, as enumerated conditions have it.
        let duration = positive(reader, "duration", .milliseconds)
        rule.holdDuration = hold ?? duration ?? .zero
        if let expression = reader.string("expr") {
            if let problem = checkExpression(expression) { reader.report(problem, at: "expr") }
            guard name != nil else { return nil }
            return promQL(rule, expression)
        }
        guard let node = reader.requiredNode("condition"),
            let condition = readCondition(
                node,
                metric: metric,
                threshold: threshold,
                duration: duration ?? .zero,
                reader
            )
        else { return nil }
        rule.condition = condition
        do throws(ConditionError) {
            _ = try rule.tree()
        } catch {
            context.report(
                error.message,
                at: YAMLMark(line: node.mark.line, column: node.mark.column + place(node, error))
            )
            return nil
        }
        return name == nil ? nil : .friendly(rule)
    }

    private func promQL(_ rule: AlertRule, _ expression: String) -> Entry {
        .promQL(
            AlertingRule(
                name: rule.name,
                expression: expression,
                holdDuration: rule.holdDuration,
                labels: rule.labels.merging(["severity": rule.severity.rawValue]) { own, _ in own },
                annotations: rule.description.isEmpty
                    ? rule.annotations : rule.annotations.merging(["description": rule.description]) { own, _ in own },
                delivery: AlertDelivery(
                    channels: rule.channels,
                    notificationInterval: rule.notificationInterval,
                    escalationPolicy: rule.escalationPolicy
                )
            ),
            interval: rule.evaluationInterval ?? interval,
            isEnabled: rule.isEnabled
        )
    }

    /// Where an error in a condition's text lies in its line; quotes move the text by one.
    private func place(_ node: YAMLNode, _ error: ConditionError) -> Int {
        guard case .scalar(_, let isPlain) = node.content else { return 0 }
        return error.offset + (isPlain || error.offset == 0 ? 0 : 1)
    }

    private func readSeverity(_ reader: MappingReader) -> AlertSeverity {
        guard let word = reader.string("severity") else { return .warning }
        if let severity = AlertSeverity(word: word) { return severity }
        let known = AlertSeverity.allCases.map(\.rawValue)
        reader.report(
            "unknown severity \"\(word)\"\(hint(word, known)); known are \(known.joined(separator: ", "))",
            at: "severity"
        )
        return .warning
    }

    /// The channels of `channels` or `notify`: a list, or a text with commas.
    private func readChannels(_ reader: MappingReader) -> [String]? {
        guard let node = reader.node("channels") ?? reader.node("notify") else { return nil }
        var names: [String]
        if case .sequence = node.content {
            names = context.strings(node)
        } else {
            names = (context.string(node) ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) }
            names = names.map { String($0.reversed().drop { $0 == " " }.reversed()) }
        }
        if let knownChannels {
            for name in names where !knownChannels.contains(name) {
                if knownChannels.isEmpty {
                    context.warn("no channel is configured, so \"\(name)\" tells nobody; add it", at: node.mark)
                } else {
                    context.report("unknown channel \"\(name)\"\(hint(name, knownChannels))", at: node.mark)
                }
            }
        }
        return names
    }

    private func texts(_ reader: MappingReader, _ key: String) -> [String: String] {
        Dictionary(reader.texts(key).map { ($0.key, $0.value) }) { $1 }
    }

    private func positive(_ reader: MappingReader, _ key: String, _ unit: PlainDurationUnit?) -> Duration? {
        guard let node = reader.node(key) else { return nil }
        return duration(node, unit)
    }

    /// A length of time: a text, a number in the unit, or `{secs: 60, nanos: 0}`.
    private func duration(_ node: YAMLNode, _ unit: PlainDurationUnit?) -> Duration? {
        guard case .mapping = node.content, let parts = MappingReader(node, context) else {
            return context.duration(node, plainUnit: unit)
        }
        defer { parts.finish() }
        return .seconds(parts.int("secs", in: 0...1_000_000_000, default: 0))
            + .nanoseconds(parts.int("nanos", in: 0...999_999_999, default: 0))
    }

    private func hint(_ word: String, _ known: some Sequence<String>) -> String {
        Suggestion.closest(to: word, among: known.sorted()).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    // MARK: - Conditions

    private func readCondition(
        _ node: YAMLNode,
        metric: String?,
        threshold: Double?,
        duration: Duration,
        _ rule: MappingReader
    ) -> AlertCondition? {
        guard let text = node.scalar else { return readStructured(node) }
        func needed() -> Double? {
            if threshold == nil { rule.report("condition \"\(text)\" needs \"threshold\"", at: "condition") }
            return threshold
        }
        switch text {
        case "metric_above": return needed().map { .metricAbove(metric: metric, threshold: $0, duration: duration) }
        case "metric_below": return needed().map { .metricBelow(metric: metric, threshold: $0, duration: duration) }
        case "rate_above": return needed().map { .rateAbove(metric: metric, threshold: $0, duration: duration) }
        case "rate_below": return needed().map { .rateBelow(metric: metric, threshold: $0, duration: duration) }
        case "metric_absent": return .metricAbsent(metric: metric, duration: duration)
        default: return .text(text, metric: metric, threshold: threshold)
        }
    }

    /// `{MetricThreshold: {…}}` or `{type: metric_threshold, …}`.
    private func readStructured(_ node: YAMLNode) -> AlertCondition? {
        guard let reader = MappingReader(node, context) else { return nil }
        let kinds = ["MetricThreshold", "HealthCheckFailure", "ErrorRate", "ResourceUsage"]
        if let type = reader.string("type") {
            defer { reader.finish() }
            let plain = type.filter { $0 != "_" }.lowercased()
            guard let kind = kinds.first(where: { $0.lowercased() == plain }) else {
                reader.report(
                    "unknown condition \"\(type)\"\(hint(type, kinds)); known are \(kinds.joined(separator: ", "))",
                    at: "type"
                )
                reader.skip(reader.keys)
                return nil
            }
            return readStructured(kind, reader)
        }
        guard let kind = kinds.first(where: { reader.has($0) }) else {
            let found = reader.keys.first ?? ""
            context.report(
                "unknown condition \"\(found)\"\(hint(found, kinds)); known are \(kinds.joined(separator: ", "))",
                at: node.mark
            )
            return nil
        }
        defer { reader.finish() }
        return reader.mapping(kind) { readStructured(kind, $0) }
    }

    private func readStructured(_ kind: String, _ reader: MappingReader) -> AlertCondition? {
        func percentage() -> Double? {
            reader.requiredNode("threshold_percentage").flatMap { context.double($0, in: 0...100) }
        }
        func duration(_ key: String) -> Duration { positive(reader, key, .seconds) ?? .zero }
        switch kind {
        case "MetricThreshold":
            let metric = reader.requiredString("metric")
            let threshold = reader.requiredNode("threshold").flatMap { context.double($0) }
            let hold = duration("duration")
            let word = reader.requiredString("operator")
            guard let sign = word.flatMap(ComparisonOperator.init(word:)) else {
                if let word { reader.report("unknown operator \"\(word)\"; known are > >= < <= == !=", at: "operator") }
                return nil
            }
            guard let metric, let threshold else { return nil }
            return .metricThreshold(metric: metric, operator: sign, threshold: threshold, duration: hold)
        case "HealthCheckFailure":
            let failures = reader.int("consecutive_failures", in: 1...1_000_000, default: 1)
            return reader.requiredString("check_name").map {
                .healthCheckFailure(checkName: $0, consecutiveFailures: failures)
            }
        case "ErrorRate":
            let window = positive(reader, "window_duration", .seconds) ?? .seconds(300)
            return percentage().map { .errorRate(thresholdPercentage: $0, windowDuration: window) }
        default:
            let hold = duration("duration")
            let resource = reader.requiredNode("resource").flatMap {
                context.choice($0, AlertResource.self, what: "resource")
            }
            guard let share = percentage(), let resource else { return nil }
            return .resourceUsage(resource: resource, thresholdPercentage: share, duration: hold)
        }
    }

    // MARK: - Thresholds

    private func isThresholds(_ reader: MappingReader, _ key: String) -> Bool {
        guard let node = reader.node(key), let section = MappingReader(node, context) else { return false }
        return section.keys.contains { Self.thresholdKeys.contains($0) }
    }

    private static let thresholdKeys: Set<String> = [
        "success_rate", "min_success_rate", "success_rate_threshold", "cache_hit_rate", "min_cache_hit_rate",
        "cache_hit_rate_threshold", "max_response_time_ms", "max_violations_per_hour", "blocked_connections",
        "blocked_connections_threshold", "max_blocked_connections", "critical_alert_interval_minutes", "memory",
        "memory_threshold", "max_memory_percent", "memory_usage_percent", "memory_percent", "memory_threshold_percent",
        "cpu", "cpu_threshold", "max_cpu_percent", "cpu_usage_percent", "cpu_percent", "cpu_threshold_percent", "p95",
        "p95_response_time_ms", "p95_ms", "response_time_p95_ms",
    ]

    /// Thresholds in one mapping, or in the three sections `validation`, `security` and `performance`.
    private func readThresholds(_ node: YAMLNode, others: Bool = false) -> [AlertRule] {
        var thresholds = ProductionThresholds()
        guard let reader = MappingReader(node, context) else { return [] }
        readThresholds(reader, &thresholds)
        for key in ["validation", "security", "performance"] {
            guard let section = reader.node(key), let nested = MappingReader(section, context) else { continue }
            readThresholds(nested, &thresholds)
            if !others { nested.finish() }
        }
        if !others { reader.finish() }
        return AlertRule.productionRules(thresholds)
    }

    private func readThresholds(_ reader: MappingReader, _ thresholds: inout ProductionThresholds) {
        func take(_ value: inout Double, in range: ClosedRange<Double> = 0...1e12, _ keys: String...) {
            for key in keys { if let given = reader.double(key, in: range) { value = given } }
        }
        take(&thresholds.successRate, in: 0...1, "success_rate", "min_success_rate", "success_rate_threshold")
        take(&thresholds.cacheHitRate, in: 0...1, "cache_hit_rate", "min_cache_hit_rate", "cache_hit_rate_threshold")
        take(&thresholds.maxResponseTimeMilliseconds, "max_response_time_ms")
        take(&thresholds.maxViolationsPerHour, "max_violations_per_hour")
        take(
            &thresholds.blockedConnections,
            "blocked_connections",
            "blocked_connections_threshold",
            "max_blocked_connections"
        )
        take(
            &thresholds.memoryPercentage,
            in: 0...100,
            "memory",
            "memory_threshold",
            "max_memory_percent",
            "memory_usage_percent",
            "memory_percent",
            "memory_threshold_percent"
        )
        take(
            &thresholds.cpuPercentage,
            in: 0...100,
            "cpu",
            "cpu_threshold",
            "max_cpu_percent",
            "cpu_usage_percent",
            "cpu_percent",
            "cpu_threshold_percent"
        )
        take(
            &thresholds.p95ResponseTimeMilliseconds,
            "p95",
            "p95_response_time_ms",
            "p95_ms",
            "response_time_p95_ms"
        )
        if let minutes = reader.double("critical_alert_interval_minutes", in: 0...1_000_000) {
            thresholds.criticalAlertInterval = .milliseconds(Int64(minutes * 60_000))
        }
    }
}
