import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletNotify
import MartletSeries

extension AlertingAPI {
    // MARK: - History

    func history(_ call: Call) throws -> Body {
        let now = server.clock.millisecondsSinceEpoch
        var query = HistoryQuery()
        query.rule = call.parameters["rule"]
        query.alert = call.parameters["alert"]
        query.since = try call.parameters.time("since") ?? now - 7 * 86_400_000
        query.until = try call.parameters.time("until") ?? .max
        query.limit = min(try call.parameters.limit(), 10_000)
        let matchers = try matchers(call)
        let wanted = query
        let found = try stored { try await $0.history(wanted) }.filter { episode in
            matchers.allSatisfy { $0.matches(episode.labels) }
        }
        return { $0.member("episodes", of: found) { Self.write($1, to: &$0) } }
    }

    func episode(_ call: Call) throws -> Body {
        let name = call.values["id"] ?? ""
        let episodes = try stored { try await $0.history(HistoryQuery(alert: name, limit: 1)) }
        guard let episode = episodes.first else {
            throw APIError(kind: .notFound, message: "the history knows no alert named \"\(name)\"")
        }
        let events = try stored { try await $0.events(of: episode.id) }
        return {
            $0.object {
                $0.key("episode")
                Self.write(episode, to: &$0)
                $0.member("events", array: events) { writer, event in
                    writer.object {
                        $0.member("time", Self.time(event.at))
                        $0.member("kind", event.kind.rawValue)
                        $0.member("detail", event.detail)
                    }
                }
            }
        }
    }

    private static func write(_ episode: AlertEpisode, to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", episode.id)
            $0.member("key", episode.key)
            $0.member("fingerprint", episode.fingerprint)
            $0.member("rule_name", episode.rule)
            $0.member("severity", episode.severity)
            $0.member("labels", labels: episode.labels)
            $0.member("annotations", texts: episode.annotations)
            if let value = episode.value { $0.member("value", value) }
            $0.member("triggered_at", time(episode.startedAt))
            if let resolvedAt = episode.resolvedAt {
                $0.member("resolved_at", time(resolvedAt))
                $0.member("duration_seconds", Double(resolvedAt - episode.startedAt) / 1000)
            }
            $0.member("status", episode.resolvedAt == nil ? "firing" : "resolved")
            $0.member("escalated", episode.isEscalated)
            if let name = episode.acknowledgedBy { $0.member("acknowledged_by", name) }
        }
    }

    private func stored<Value: Sendable>(
        _ body: @escaping @Sendable (AlertStore) async throws -> Value
    ) throws(APIError) -> Value {
        let result = Blocking.value { [server] () async -> Result<Value, APIError> in
            do {
                return .success(try await body(server.alertStore))
            } catch {
                return .failure(APIError(kind: .unavailable, message: "the alerting state: \(error)"))
            }
        }
        return try result.get()
    }

    // MARK: - Routes

    func explain(_ call: Call) throws -> Body {
        var labels: [Label] = []
        for text in call.parameters.values(of: "label") where !text.isEmpty {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw APIError.badParameter("label", "expected NAME=VALUE")
            }
            labels.append(Label(String(parts[0]), String(parts[1])))
        }
        if let name = call.parameters["alert"] {
            let statuses = Blocking.value { [server] in await server.notifier.statuses }
            let found = statuses.first {
                let record = $0.record
                return record.id == name || record.key == name || record.alert.fingerprint.description == name
                    || record.alert.labels["alertname"] == name
            }
            guard let found else { throw unknownAlert(name) }
            labels = Array(found.record.alert.labels)
        }
        guard !labels.isEmpty else { throw APIError.badParameter("label", "give labels, or the name of an alert") }
        let wanted = LabelSet(labels)
        let explanation = Blocking.value { [server] in await server.notifier.explain(wanted) }
        return {
            $0.object {
                $0.member("labels", labels: wanted)
                $0.member("receivers", strings: explanation.receivers)
                $0.member("silenced_by", strings: explanation.silencedBy)
                if let policy = explanation.policy { $0.member("escalation_policy", policy) }
                $0.member("steps", array: explanation.steps) { writer, step in
                    writer.object {
                        $0.member("depth", step.depth)
                        $0.member("conditions", step.conditions)
                        $0.member("receiver", step.receiver)
                        $0.member("matches", step.matches)
                        if let failure = step.failure { $0.member("failure", failure) }
                        $0.member("chosen", step.isChosen)
                        $0.member("continue", step.continues)
                        $0.member("group", step.groupKey)
                        $0.member("muted_by", strings: step.mutedBy)
                    }
                }
            }
        }
    }

    func policies(_ call: Call) -> Body {
        let policies = server.status.snapshot.notification.policies
        return {
            $0.member("policies", of: policies) { writer, policy in
                writer.object {
                    $0.member("name", policy.name)
                    $0.member("levels", array: policy.levels) { writer, level in
                        writer.object {
                            $0.member("after_seconds", level.after / .seconds(1))
                            $0.member("channels", strings: level.channels)
                            if let severity = level.severity { $0.member("severity", severity.rawValue) }
                        }
                    }
                }
            }
        }
    }

    // MARK: - Channels

    func channels(_ call: Call) -> Body {
        let (channels, statistics) = Blocking.value { [server] in
            await (server.notifier.channels, server.notifier.statistics)
        }
        return {
            $0.member("channels", of: channels) { writer, id in
                let numbers = statistics.channels[id] ?? NotificationStatistics.Channel()
                writer.object {
                    $0.member("name", id.receiver)
                    $0.member("kind", id.kind)
                    $0.member("id", id.description)
                    $0.member("delivered", numbers.delivered)
                    $0.member("failed", numbers.failed.values.reduce(0, +))
                    $0.member("attempts", numbers.attempts)
                    $0.member("waiting", numbers.waiting)
                    $0.member("underway", numbers.underway)
                }
            }
        }
    }

    func testChannel(_ call: Call) throws -> Body {
        let name = call.values["name"] ?? ""
        let tests = Blocking.value { [server] in await server.notifier.test(receiver: name) }
        guard !tests.isEmpty else {
            let known = Blocking.value { [server] in await server.notifier.channels }.map(\.receiver)
            let near = Suggestion.closest(to: name, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            throw APIError(kind: .notFound, message: "no channel is named \"\(name)\"\(near)")
        }
        return {
            $0.member("tests", of: tests) { writer, test in
                writer.object {
                    $0.member("channel", test.channel.description)
                    $0.member("delivered", test.isDelivered)
                    $0.member("answer", test.answer)
                    if let error = test.error { $0.member("reason", error.reason.rawValue) }
                }
            }
        }
    }

    func outbox(_ call: Call) throws -> Body {
        let limit = min(try call.parameters.limit(), 1000)
        let waiting = try stored { try await $0.outbox(limit: limit) }
        let dead = try stored { try await $0.deadLetters(limit: limit) }
        return {
            $0.object { writer in
                for (name, letters) in [("waiting", waiting), ("dead", dead)] {
                    writer.member(name, array: letters) { writer, letter in
                        writer.object {
                            $0.member("channel", letter.channel)
                            $0.member("group", letter.group)
                            $0.member("idempotency_key", letter.idempotencyKey)
                            $0.member("status", letter.status)
                            $0.member("alerts", letter.alerts)
                            $0.member("since", Self.time(letter.since))
                            if let last = letter.last { $0.member("last", Self.time(last)) }
                            $0.member("attempts", letter.attempts)
                            if letter.times > 0 { $0.member("times", letter.times) }
                            if !letter.reason.isEmpty { $0.member("reason", letter.reason) }
                            $0.member("error", letter.error)
                        }
                    }
                }
            }
        }
    }

    func deliveries(_ call: Call) throws -> Body {
        let limit = min(try call.parameters.limit(), 1000)
        let found = try stored { try await $0.deliveries(limit: limit) }
        return {
            $0.member("deliveries", of: found) { writer, delivery in
                writer.object {
                    $0.member("time", Self.time(delivery.time))
                    $0.member("channel", delivery.channel)
                    $0.member("group", delivery.group)
                    $0.member("status", delivery.status)
                    $0.member("alerts", delivery.alerts)
                    $0.member("attempts", delivery.attempts)
                    $0.member("result", delivery.result)
                    $0.member("error", delivery.error)
                }
            }
        }
    }
}
