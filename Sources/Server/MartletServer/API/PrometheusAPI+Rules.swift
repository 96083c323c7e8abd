import MartletAlerting
import MartletCore
import MartletHTTPServer

extension PrometheusAPI {
    func rules(_ call: Call) throws -> Answer {
        let type = call.parameters["type"]
        guard type == nil || type == "alert" || type == "record" else {
            throw APIError.badParameter("type", "not supported value \"\(type ?? "")\"")
        }
        let names = call.parameters.values(of: "rule_name[]")
        let groupNames = call.parameters.values(of: "rule_group[]")
        let files = call.parameters.values(of: "file[]")
        let groups = server.rules.snapshot.filter {
            (groupNames.isEmpty || groupNames.contains($0.group.name))
                && (files.isEmpty || files.contains($0.group.file))
        }
        return Answer { writer in
            writer.object {
                $0.key("groups")
                $0.array(groups) { writer, group in
                    let rules = group.rules.filter { rule in
                        let isWanted = names.isEmpty || names.contains(rule.rule.name)
                        return isWanted && (type == nil || (type == "alert") == rule.isAlerting)
                    }
                    if rules.isEmpty, rules.count != group.rules.count { return }
                    Self.write(group, rules, to: &writer)
                }
            }
        }
    }

    func alerts(_ call: Call) -> Answer {
        let alerts = server.rules.snapshot.flatMap { group in
            group.rules.flatMap { $0.machine.alerts.values.filter { $0.state != .inactive } }
        }
        return Answer { writer in
            writer.object {
                $0.key("alerts")
                $0.array(alerts.sorted { $0.labels < $1.labels }) { Self.write($1, to: &$0) }
            }
        }
    }

    func alertmanagers(_ call: Call) -> Answer {
        Answer {
            $0.object {
                $0.member("activeAlertmanagers", strings: [])
                $0.member("droppedAlertmanagers", strings: [])
            }
        }
    }

    private static func write(_ group: RuleGroupState, _ rules: [RuleState], to writer: inout JSONWriter) {
        writer.object {
            $0.member("name", group.group.name)
            $0.member("file", group.group.file)
            $0.key("rules")
            $0.array(rules) { write($1, to: &$0) }
            $0.member("interval", group.group.interval / .seconds(1))
            $0.member("limit", group.group.limit)
            $0.member("evaluationTime", group.evaluationTime / .seconds(1))
            $0.member("lastEvaluation", evaluationTime(group.lastEvaluation))
        }
    }

    private static func write(_ rule: RuleState, to writer: inout JSONWriter) {
        writer.object {
            switch rule.rule {
            case .alerting(let alerting):
                let alerts = rule.machine.alerts.values.filter { $0.state != .inactive }.sorted {
                    $0.labels < $1.labels
                }
                $0.member("state", (alerts.map(\.state).max() ?? .inactive).rawValue)
                $0.member("name", alerting.name)
                $0.member("query", alerting.expression)
                $0.member("duration", alerting.holdDuration / .seconds(1))
                $0.member("keepFiringFor", alerting.keepFiringFor / .seconds(1))
                $0.member("labels", texts: alerting.labels)
                $0.member("annotations", texts: alerting.annotations)
                $0.key("alerts")
                $0.array(alerts) { write($1, to: &$0) }
            case .recording(let recording):
                $0.member("name", recording.record)
                $0.member("query", recording.expression)
                if !recording.labels.isEmpty { $0.member("labels", texts: recording.labels) }
            }
            $0.member("health", rule.health.rawValue)
            if let error = rule.lastError { $0.member("lastError", error) }
            $0.member("evaluationTime", rule.evaluationTime / .seconds(1))
            $0.member("lastEvaluation", evaluationTime(rule.lastEvaluation))
            $0.member("type", rule.isAlerting ? "alerting" : "recording")
        }
    }

    private static func write(_ alert: ActiveAlert, to writer: inout JSONWriter) {
        writer.object {
            $0.member("labels", labels: alert.labels)
            $0.member("annotations", texts: alert.annotations)
            $0.member("state", alert.state.rawValue)
            $0.member("activeAt", time(alert.activeAt))
            if let since = alert.keepFiringSince { $0.member("keepFiringSince", time(since)) }
            $0.member("value", FloatText.exponent(alert.value))
        }
    }

    /// The time of an evaluation, or Go's zero time before the first.
    private static func evaluationTime(_ milliseconds: Int64?) -> String {
        milliseconds.map(time) ?? "0001-01-01T00:00:00Z"
    }
}

extension RuleState {
    fileprivate var isAlerting: Bool {
        if case .alerting = rule { true } else { false }
    }
}
