import MartletAlerting
import MartletAudit
import MartletCore
import MartletHTTPServer
import MartletNotify
import MartletSeries

/// What the command line and the page need of alerts beyond the APIs of Prometheus and Alertmanager: states side by side,
/// acknowledgements, history, explanations, channels, backtests.
///
/// Answers have Prometheus' envelope; parameters come in the query or as a form.
struct AlertingAPI: Sendable {
    let server: Server
    let patterns: any PatternCompiler

    func addRoutes(to router: inout Router) {
        func add(_ method: String, _ path: String, _ answer: @escaping @Sendable (Call) throws -> Body) {
            router.add(method, path: "/api/v1/alerting/\(path)") { respond($0, $1, answer) }
        }
        add("GET", "alerts", alerts)
        add("GET", "history", history)
        add("GET", "history/{id}", episode)
        add("POST", "acknowledge", acknowledge)
        add("POST", "unacknowledge", unacknowledge)
        add("POST", "send", send)
        add("GET", "explain", explain)
        add("GET", "preview", preview)
        add("GET", "channels", channels)
        add("POST", "channels/{name}/test", testChannel)
        add("GET", "outbox", outbox)
        add("GET", "deliveries", deliveries)
        add("GET", "policies", policies)
        add("GET", "backtest", backtest)
        add("POST", "backtest", backtest)
    }

    /// Writes an answer's `data`.
    typealias Body = (inout JSONWriter) -> Void

    /// One request with what it says.
    struct Call {
        let request: HTTPRequest
        let values: [String: String]
        let parameters: Parameters
    }

    private func respond(
        _ request: HTTPRequest,
        _ values: [String: String],
        _ answer: (Call) throws -> Body
    ) -> HTTPResponse {
        do {
            let body = try answer(Call(request: request, values: values, parameters: Parameters(request)))
            var writer = JSONWriter()
            writer.object {
                $0.member("status", "success")
                $0.key("data")
                body(&$0)
            }
            return .json(writer.bytes)
        } catch let error as APIError {
            return error.response
        } catch {
            return APIError(kind: .internalError, message: String(describing: error)).response
        }
    }

    /// The conditions of the repeated parameter `filter`.
    func matchers(_ call: Call) throws(APIError) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        for text in call.parameters.values(of: "filter") where !text.isEmpty {
            do throws(MatcherText.SyntaxError) {
                matchers += try MatcherText.parse(text, patterns: patterns)
            } catch {
                throw .badParameter("filter", error.description)
            }
        }
        return matchers
    }

    // MARK: - Alerts

    /// One alert as people see it, pending ones of rules among them.
    struct Shown: Sendable {
        var labels: LabelSet
        var annotations: [String: String]
        var state: String
        var startedAt: Int64
        var value: Double?
        var generatorURL = ""
        var status: AlertStatus?
    }

    private func shown() -> [Shown] {
        let statuses = Blocking.value { [server] in await server.notifier.statuses }
        let pending = server.rules.snapshot.flatMap { group in
            group.rules.flatMap { $0.machine.alerts.values.filter { $0.state == .pending } }
        }
        let held = Set(statuses.map(\.record.alert.labels))
        let waiting = pending.filter { !held.contains($0.labels) }.map {
            Shown(
                labels: $0.labels,
                annotations: $0.annotations,
                state: "pending",
                startedAt: $0.activeAt,
                value: $0.value
            )
        }
        let firing = statuses.map { status in
            let alert = status.record.alert
            let state =
                !status.silencedBy.isEmpty
                ? "silenced"
                : !status.inhibitedBy.isEmpty
                    ? "inhibited" : status.record.acknowledgement != nil ? "acknowledged" : "firing"
            return Shown(
                labels: alert.labels,
                annotations: alert.annotations,
                state: state,
                startedAt: alert.startsAt,
                value: alert.value,
                generatorURL: alert.generatorURL,
                status: status
            )
        }
        return firing + waiting.sorted { $0.labels < $1.labels }
    }

    private func alerts(_ call: Call) throws -> Body {
        let matchers = try matchers(call)
        let states = Set(call.parameters.values(of: "state").filter { !$0.isEmpty })
        let known: Set = ["pending", "firing", "acknowledged", "silenced", "inhibited"]
        if let other = states.subtracting(known).sorted().first {
            throw APIError.badParameter("state", "\"\(other)\" is none of \(known.sorted().joined(separator: ", "))")
        }
        let alerts = shown().filter { alert in
            (states.isEmpty || states.contains(alert.state)) && matchers.allSatisfy { $0.matches(alert.labels) }
        }
        return { $0.member("alerts", of: alerts) { Self.write($1, to: &$0) } }
    }

    private static func write(_ alert: Shown, to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", AlertName.id(alert.labels, startsAt: alert.startedAt))
            $0.member("key", AlertName.key(alert.labels))
            $0.member("fingerprint", Fingerprint(alert.labels).description)
            $0.member("rule_name", alert.labels["alertname"] ?? "")
            $0.member("title", "Alert: \(alert.labels["alertname"] ?? "")")
            $0.member("description", alert.annotations["description"] ?? alert.annotations["summary"] ?? "")
            $0.member("message", alert.annotations["message"] ?? alert.annotations["summary"] ?? "")
            $0.member("status", alert.state)
            $0.member("severity", alert.status?.record.severity?.rawValue ?? alert.labels["severity"] ?? "")
            $0.member("labels", labels: alert.labels)
            $0.member("annotations", texts: alert.annotations)
            if let value = alert.value { $0.member("value", value) }
            $0.member("triggered_at", time(alert.startedAt))
            $0.member("fired_at", alert.state == "pending" ? "" : time(alert.startedAt))
            $0.member("generatorURL", alert.generatorURL)
            $0.member("escalated", alert.status?.record.isEscalated ?? false)
            $0.member("escalation_level", alert.status?.record.escalationLevel ?? 0)
            let acknowledgement = alert.status?.record.acknowledgement
            if let acknowledgement {
                $0.member("acknowledged_by", acknowledgement.by)
                $0.member("acknowledged_at", time(acknowledgement.at))
                $0.member("acknowledged_comment", acknowledgement.comment)
            }
            $0.member("receivers", strings: alert.status?.receivers ?? [])
            $0.member("silenced_by", strings: alert.status?.silencedBy ?? [])
            $0.member("inhibited_by", strings: alert.status?.inhibitedBy.map(\.description) ?? [])
            $0.member("muted_by", strings: alert.status?.mutedBy ?? [])
        }
    }

    /// How many alerts a silence with these conditions would cover now.
    private func preview(_ call: Call) throws -> Body {
        let matchers = try matchers(call)
        let alerts = shown().filter { alert in matchers.allSatisfy { $0.matches(alert.labels) } }
        return {
            $0.object {
                $0.member("count", alerts.count)
                $0.member("alerts", strings: alerts.prefix(20).map { AlertName.key($0.labels) })
            }
        }
    }

    static func time(_ milliseconds: Int64) -> String {
        RFC3339.string(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }

    // MARK: - Doing

    private func names(_ call: Call) throws(APIError) -> [String] {
        let names = call.parameters.values(of: "alert").filter { !$0.isEmpty }
        guard !names.isEmpty else { throw .badParameter("alert", "name an alert by its id, key or fingerprint") }
        return names
    }

    private func required(_ name: String, _ call: Call) throws(APIError) -> String {
        guard let value = call.parameters[name] else { throw .badParameter(name, "the parameter is missing") }
        return value
    }

    private func acknowledge(_ call: Call) throws -> Body {
        let names = try names(call)
        let by = try required("by", call)
        let comment = call.parameters["comment"] ?? ""
        let body = try change(names) { await $0.acknowledge($1, by: by, comment: comment) }
        for name in names {
            server.audit.record(.alerting("alert.acknowledge", by: by, resource: name, reason: comment))
        }
        return body
    }

    private func unacknowledge(_ call: Call) throws -> Body {
        let by = call.parameters["by"] ?? ""
        let names = try names(call)
        let body = try change(names) { await $0.unacknowledge($1, by: by) }
        for name in names { server.audit.record(.alerting("alert.unacknowledge", by: by, resource: name)) }
        return body
    }

    private func change(
        _ names: [String],
        _ body: @escaping @Sendable (AlertDispatcher, String) async -> [LabelSet]
    ) throws(APIError) -> Body {
        let changed = Blocking.value { [server] in
            var changed: [(String, [LabelSet])] = []
            for name in names { changed.append((name, await body(server.notifier, name))) }
            return changed
        }
        if let missing = changed.first(where: { $0.1.isEmpty })?.0 {
            throw unknownAlert(missing)
        }
        let labels = changed.flatMap(\.1)
        return { $0.object { $0.member("alerts", strings: labels.map(AlertName.key)) } }
    }

    /// Says that no live alert has a name, with the nearest that there is.
    func unknownAlert(_ name: String) -> APIError {
        let statuses = Blocking.value { [server] in await server.notifier.statuses }
        let known = statuses.prefix(1000).flatMap { [$0.record.key, $0.record.alert.labels["alertname"] ?? ""] }
        let near = Suggestion.closest(to: name, among: Set(known).sorted()).map { " (did you mean \"\($0)\"?)" } ?? ""
        return APIError(
            kind: .notFound,
            message: "no live alert is named \"\(name)\"\(near); \"martlet alerts\" lists keys, the history has ids"
        )
    }

    /// Sends an alert that no rule has found.
    private func send(_ call: Call) throws -> Body {
        let rule = try required("rule", call)
        let message = try required("message", call)
        let now = server.clock.millisecondsSinceEpoch
        var labels: [Label] = []
        for text in call.parameters.values(of: "label") where !text.isEmpty {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw APIError.badParameter("label", "expected NAME=VALUE")
            }
            labels.append(Label(String(parts[0]), String(parts[1])))
        }
        if let word = call.parameters["severity"] {
            guard let severity = AlertSeverity(word: word) else {
                throw APIError.badParameter(
                    "severity",
                    "\"\(word)\" is none of info, warning, error, critical, emergency"
                )
            }
            labels.append(Label("severity", severity.rawValue))
        }
        let known = alertingRule(rule)
        let own = known?.labels.filter { !$0.value.contains("{{") } ?? [:]
        labels = own.map { Label($0.key, $0.value) } + labels
        let timeout = try call.parameters.duration("for") ?? 300_000
        var alert = Alert(
            labels: LabelSet(labels + [Label("alertname", rule)]),
            annotations: ["message": message, "summary": message],
            startsAt: now,
            endsAt: now + max(1000, timeout),
            updatedAt: now
        )
        if let known { alert.delivery = known.delivery }
        let channels = call.parameters.values(of: "channel").filter { !$0.isEmpty }
        if !channels.isEmpty { alert.delivery.channels = channels }
        let sent = alert
        Blocking.value { [server] in await server.notifier.receive([sent]) }
        let id = AlertName.id(sent.labels, startsAt: now)
        return { writer in writer.object { $0.member("id", id) } }
    }

    private func alertingRule(_ name: String) -> AlertingRule? {
        for group in server.rules.snapshot {
            for state in group.rules {
                if case .alerting(let rule) = state.rule, rule.name == name { return rule }
            }
        }
        return nil
    }
}

extension JSONWriter {
    /// Writes an object with one member, a list.
    mutating func member<Element>(
        _ name: String,
        of elements: [Element],
        _ each: @escaping (inout JSONWriter, Element) -> Void
    ) {
        object { $0.member(name, array: elements, each) }
    }
}
