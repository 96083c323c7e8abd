import MartletAlerting
import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

extension PrometheusAPI {
    func rules(_ call: Call) throws -> Answer {
        let request = try RulesRequest(call.parameters, matching: selectors(call.parameters))
        let (groups, nextToken) = try request.page(of: server.rules.snapshot)
        return Answer { writer in
            writer.object {
                $0.key("groups")
                $0.array(groups) { writer, shown in
                    write(shown.group, shown.rules, showsAlerts: !request.excludesAlerts, to: &writer)
                }
                if let nextToken { $0.member("groupNextToken", nextToken) }
            }
        }
    }

    func alerts(_ call: Call) -> Answer {
        let alerts = server.rules.snapshot.flatMap { $0.rules.flatMap(\.activeAlerts) }
        return Answer { writer in
            writer.object {
                $0.key("alerts")
                $0.array(alerts.sorted { $0.labels < $1.labels }) { Self.write($1, to: &$0) }
            }
        }
    }

    func alertmanagers(_ call: Call) -> Answer {
        let (active, dropped) = Blocking.value { [server] in
            await (server.alertmanagers.active, server.alertmanagers.droppedTargets)
        }
        return Answer {
            $0.object {
                $0.member("activeAlertmanagers", array: active) { writer, url in
                    writer.object { $0.member("url", url) }
                }
                $0.member("droppedAlertmanagers", array: dropped) { writer, url in
                    writer.object { $0.member("url", url) }
                }
            }
        }
    }

    private func write(
        _ group: RuleGroupState,
        _ rules: [RuleState],
        showsAlerts: Bool,
        to writer: inout JSONWriter
    ) {
        writer.object {
            $0.member("name", group.group.name)
            $0.member("file", group.group.file)
            $0.key("rules")
            $0.array(rules) { write($1, showsAlerts: showsAlerts, to: &$0) }
            $0.member("interval", group.group.interval / .seconds(1))
            $0.member("limit", group.group.limit)
            $0.member("evaluationTime", group.evaluationTime / .seconds(1))
            $0.member("lastEvaluation", Self.evaluationTime(group.lastEvaluation))
        }
    }

    private func write(_ rule: RuleState, showsAlerts: Bool, to writer: inout JSONWriter) {
        writer.object {
            if case .alerting(let alerting) = rule.rule {
                let alerts = rule.activeAlerts
                $0.member("state", (alerts.map(\.state).max() ?? .inactive).rawValue)
                $0.member("name", alerting.name)
                $0.member("query", canonical(alerting.expression))
                $0.member("duration", alerting.holdDuration / .seconds(1))
                $0.member("keepFiringFor", alerting.keepFiringFor / .seconds(1))
                $0.member("labels", texts: rule.allLabels)
                $0.member("annotations", texts: alerting.annotations)
                $0.key("alerts")
                $0.array(showsAlerts ? alerts : []) { Self.write($1, to: &$0) }
            } else {
                $0.member("name", rule.rule.name)
                $0.member("query", canonical(rule.rule.expression))
                if !rule.allLabels.isEmpty { $0.member("labels", texts: rule.allLabels) }
            }
            $0.member("health", rule.health.rawValue)
            if let error = rule.lastError { $0.member("lastError", error) }
            $0.member("evaluationTime", rule.evaluationTime / .seconds(1))
            $0.member("lastEvaluation", Self.evaluationTime(rule.lastEvaluation))
            $0.member("type", rule.isAlerting ? "alerting" : "recording")
        }
    }

    /// The expression as the language prints it, which is how the API shows it.
    private func canonical(_ expression: String) -> String {
        (try? engine.parse(expression))?.description ?? expression
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
