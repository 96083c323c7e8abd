import MartletAlerting
import MartletCore
import MartletSeries

extension AlertConfig {
    /// The configuration as a text that ``load(text:file:patterns:checkExpression:)`` reads back as the same.
    ///
    /// - Parameters:
    ///   - format: How it is written.
    ///   - showsSecrets: Whether secrets that stand in the configuration itself are written, not `<secret>`.
    /// - Returns: The text, with a line end at its end.
    public func text(as format: Format, showsSecrets: Bool) -> String {
        let node = dump(showsSecrets: showsSecrets)
        return format == .yaml ? node.document : node.json + "\n"
    }

    /// Writes the configuration to a file that only its owner may read, since it holds the secrets.
    ///
    /// The file is replaced whole and durably: a reader sees the old one or the new one.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - format: How it is written; `nil` goes by the name: JSON for `.json`, else YAML.
    /// - Throws: ``FileError``; the file is then as it was.
    public func save(to path: String, as format: Format? = nil) throws(FileError) {
        let format = format ?? (path.hasSuffix(".json") ? .json : .yaml)
        try FileContent.replace(path, with: Array(text(as: format, showsSecrets: true).utf8))
    }

    private func dump(showsSecrets: Bool) -> DumpNode {
        var entries: [(key: String, value: DumpNode)] = []
        if !isEnabled { entries.append(("enabled", .bool(false))) }
        if allowsCommands { entries.append(("allow_commands", .bool(true))) }
        entries.append(("rules", .list(rules.map(\.dump) + expressions.flatMap(\.ruleDumps))))
        entries.append(
            (
                "channels",
                .list(channels.flatMap { $0.dumps(isDefault: defaultChannels.contains($0.name), showsSecrets) })
            )
        )
        entries.append(("escalation_policies", .list(escalationPolicies.map(\.dump))))
        return .mapping(entries)
    }
}

extension AlertRule {
    fileprivate var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("name", .text(name))]
        if !description.isEmpty { entries.append(("description", .text(description))) }
        entries += condition.dump
        entries.append(("severity", .text(severity.rawValue)))
        // For an enumerated condition the reader takes its own duration as the rule's where there is no "for".
        let implied = condition.isEnumerated ? condition.hold : .zero
        if holdDuration != implied { entries.append(("for", .duration(holdDuration))) }
        entries.append(("time_window", .duration(timeWindow)))
        if let evaluationInterval { entries.append(("evaluation_interval", .duration(evaluationInterval))) }
        entries.append(("notification_interval", .duration(notificationInterval)))
        if let channels { entries.append(("channels", .texts(channels))) }
        if let escalationPolicy { entries.append(("escalation_policy", .text(escalationPolicy))) }
        if !isEnabled { entries.append(("enabled", .bool(false))) }
        return .mapping(entries + DumpNode.maps(labels: labels, annotations: annotations))
    }
}

extension RuleGroup {
    /// The alerting rules, each with the group's interval.
    fileprivate var ruleDumps: [DumpNode] {
        rules.compactMap { rule in
            guard case .alerting(let rule) = rule else { return nil }
            var entries: [(key: String, value: DumpNode)] = [
                ("name", .text(rule.name)), ("expr", .text(rule.expression)), ("for", .duration(rule.holdDuration)),
                ("evaluation_interval", .duration(interval)),
            ]
            if let repeats = rule.delivery.notificationInterval {
                entries.append(("notification_interval", .duration(repeats)))
            }
            if let channels = rule.delivery.channels { entries.append(("channels", .texts(channels))) }
            if let policy = rule.delivery.escalationPolicy { entries.append(("escalation_policy", .text(policy))) }
            return .mapping(entries + DumpNode.maps(labels: rule.labels, annotations: rule.annotations))
        }
    }
}

extension DumpNode {
    fileprivate static func number(_ value: Double) -> DumpNode { .plain(FloatText.shortest(value)) }

    fileprivate static func maps(
        labels: [String: String],
        annotations: [String: String]
    ) -> [(key: String, value: DumpNode)] {
        [("labels", labels), ("annotations", annotations)].filter { !$0.1.isEmpty }.map { key, texts in
            (key, .mapping(texts.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }))
        }
    }
}

extension AlertCondition {
    fileprivate var isEnumerated: Bool {
        switch self {
        case .metricAbove, .metricBelow, .metricAbsent, .rateAbove, .rateBelow: true
        default: false
        }
    }

    /// The keys of a rule that make this condition.
    fileprivate var dump: [(key: String, value: DumpNode)] {
        switch self {
        case .metricThreshold(let metric, let sign, let threshold, let duration):
            structured(
                "MetricThreshold",
                [
                    ("metric", .text(metric)), ("operator", .text(sign.rawValue)), ("threshold", .number(threshold)),
                    ("duration", .duration(duration)),
                ]
            )
        case .healthCheckFailure(let check, let failures):
            structured(
                "HealthCheckFailure",
                [("check_name", .text(check)), ("consecutive_failures", .int(failures))]
            )
        case .errorRate(let percentage, let window):
            structured(
                "ErrorRate",
                [("threshold_percentage", .number(percentage)), ("window_duration", .duration(window))]
            )
        case .resourceUsage(let resource, let percentage, let duration):
            structured(
                "ResourceUsage",
                [
                    ("resource", .text(resource.rawValue)), ("threshold_percentage", .number(percentage)),
                    ("duration", .duration(duration)),
                ]
            )
        case .metricAbove(let metric, let threshold, let hold): enumerated("metric_above", metric, threshold, hold)
        case .metricBelow(let metric, let threshold, let hold): enumerated("metric_below", metric, threshold, hold)
        case .rateAbove(let metric, let threshold, let hold): enumerated("rate_above", metric, threshold, hold)
        case .rateBelow(let metric, let threshold, let hold): enumerated("rate_below", metric, threshold, hold)
        case .metricAbsent(let metric, let hold): enumerated("metric_absent", metric, nil, hold)
        case .text(let text, let metric, let threshold):
            [("condition", .text(text))] + (metric.map { [("metric", .text($0))] } ?? [])
                + (threshold.map { [("threshold", .number($0))] } ?? [])
        }
    }

    private func structured(
        _ kind: String,
        _ entries: [(key: String, value: DumpNode)]
    ) -> [(key: String, value: DumpNode)] {
        [("condition", .mapping([(kind, .mapping(entries))]))]
    }

    private func enumerated(
        _ kind: String,
        _ metric: String?,
        _ threshold: Double?,
        _ hold: Duration
    ) -> [(key: String, value: DumpNode)] {
        var entries: [(key: String, value: DumpNode)] = [("condition", .text(kind))]
        if let metric { entries.append(("metric", .text(metric))) }
        if let threshold { entries.append(("threshold", .number(threshold))) }
        if hold > .zero { entries.append(("duration", .duration(hold))) }
        return entries
    }
}

extension EscalationPolicy {
    fileprivate var dump: DumpNode {
        var entries: [(key: String, value: DumpNode)] = [("name", .text(name))]
        if !matchers.isEmpty { entries.append(("matchers", .texts(matchers.map(\.description)))) }
        let levels = levels.map { level -> DumpNode in
            var entries: [(key: String, value: DumpNode)] = [
                ("after", .duration(level.after)), ("channels", .texts(level.channels)),
            ]
            if let severity = level.severity { entries.append(("severity", .text(severity.rawValue))) }
            if let interval = level.repeatInterval { entries.append(("repeat_interval", .duration(interval))) }
            return .mapping(entries)
        }
        return .mapping(entries + [("levels", .list(levels))])
    }
}
