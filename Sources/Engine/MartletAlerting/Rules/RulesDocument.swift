import MartletCore

/// What rules and alerts look like in Prometheus' HTTP API: the `data` of `/api/v1/rules` and `/api/v1/alerts`.
///
/// - SeeAlso: [rules](https://prometheus.io/docs/prometheus/3.5/querying/api/#rules)
public enum RulesDocument {
    /// The kinds of rules that can be asked for alone.
    public enum Kind: String, Sendable, CaseIterable {
        /// Alerting rules.
        case alert
        /// Recording rules.
        case record
    }

    /// The `data` of `/api/v1/rules`: `{"groups":[…]}`.
    ///
    /// - Parameters:
    ///   - groups: The groups, in the order to show.
    ///   - kind: The kind of rules to show; `nil` for all. A group without such a rule is left out.
    ///   - showsAlerts: Whether alerting rules list their alerts; `exclude_alerts` turns it off.
    /// - Returns: A JSON object.
    public static func rules(_ groups: [RuleGroupState], kind: Kind? = nil, showsAlerts: Bool = true) -> String {
        let shown: [String] = groups.compactMap { group in
            let rules = group.rules.filter { kind == nil || kind == self.kind(of: $0.rule) }
            if kind != nil, rules.isEmpty { return nil }
            return text(group, rules: rules.map { text($0, showsAlerts: showsAlerts) })
        }
        return "{\"groups\":[\(shown.joined(separator: ","))]}"
    }

    /// The `data` of `/api/v1/alerts`: the alerts that are pending or firing, as `{"alerts":[…]}`.
    public static func alerts(_ alerts: [ActiveAlert]) -> String {
        "{\"alerts\":[\(alerts.filter { $0.state != .inactive }.map(text).joined(separator: ","))]}"
    }

    private static func kind(of rule: Rule) -> Kind {
        if case .alerting = rule { .alert } else { .record }
    }

    private static func text(_ state: RuleGroupState, rules: [String]) -> String {
        let group = state.group
        let fields = [
            "\"name\":\(JSONText.quoted(group.name))", "\"file\":\(JSONText.quoted(group.file))",
            "\"rules\":[\(rules.joined(separator: ","))]", "\"interval\":\(seconds(group.interval))",
            "\"limit\":\(group.limit)", "\"evaluationTime\":\(seconds(state.evaluationTime))",
            "\"lastEvaluation\":\(time(state.lastEvaluation))",
        ]
        return "{\(fields.joined(separator: ","))}"
    }

    private static func text(_ state: RuleState, showsAlerts: Bool) -> String {
        var fields: [String] = []
        if case .alerting(let rule) = state.rule {
            let alerts = state.machine.alerts.values.filter { $0.state != .inactive }.sorted { $0.labels < $1.labels }
            fields += [
                "\"state\":\"\(state.machine.state.rawValue)\"",
                "\"duration\":\(seconds(rule.holdDuration))", "\"keepFiringFor\":\(seconds(rule.keepFiringFor))",
                "\"annotations\":\(texts(rule.annotations))",
                "\"alerts\":[\(showsAlerts ? alerts.map(text).joined(separator: ",") : "")]",
            ]
        }
        fields += [
            "\"name\":\(JSONText.quoted(state.rule.name))", "\"query\":\(JSONText.quoted(state.rule.expression))",
            "\"labels\":\(texts(state.rule.labels))", "\"health\":\"\(state.health.rawValue)\"",
        ]
        if let error = state.lastError { fields.append("\"lastError\":\(JSONText.quoted(error))") }
        fields += [
            "\"evaluationTime\":\(seconds(state.evaluationTime))", "\"lastEvaluation\":\(time(state.lastEvaluation))",
            "\"type\":\"\(kind(of: state.rule) == .alert ? "alerting" : "recording")\"",
        ]
        return "{\(fields.joined(separator: ","))}"
    }

    private static func text(_ alert: ActiveAlert) -> String {
        let labels = Dictionary(alert.labels.map { ($0.name, $0.value) }) { $1 }
        var fields = [
            "\"labels\":\(texts(labels))", "\"annotations\":\(texts(alert.annotations))",
            "\"state\":\"\(alert.state.rawValue)\"", "\"activeAt\":\(time(alert.activeAt))",
        ]
        if let since = alert.keepFiringSince { fields.append("\"keepFiringSince\":\(time(since))") }
        fields.append("\"value\":\"\(NumberText.string(alert.value, form: "e"))\"")
        return "{\(fields.joined(separator: ","))}"
    }

    private static func texts(_ texts: [String: String]) -> String {
        let fields = texts.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func seconds(_ duration: Duration) -> String { FloatText.shortest(duration / .seconds(1)) }

    /// A time in quotes; Go's zero time for one that has not been.
    private static func time(_ milliseconds: Int64?) -> String {
        guard let milliseconds else { return "\"0001-01-01T00:00:00Z\"" }
        return "\"\(RFC3339.shortString(nanosecondsSinceEpoch: milliseconds * 1_000_000))\""
    }
}
