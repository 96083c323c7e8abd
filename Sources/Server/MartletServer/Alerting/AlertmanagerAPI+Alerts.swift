import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletNotify
import MartletSeries

extension AlertmanagerAPI {
    func alerts(_ call: Call) throws -> HTTPResponse {
        let kept = try filter(call)
        let statuses = Blocking.value { [server] in await server.notifier.statuses }.filter(kept)
        return json { $0.array(statuses) { Self.write($1, to: &$0) } }
    }

    /// Which alerts the parameters ask for.
    private func filter(_ call: Call) throws(Refusal) -> @Sendable (AlertStatus) -> Bool {
        let matchers = try matchers(call)
        let pattern = try receiverPattern(call)
        let (active, silenced, inhibited) = (
            try call.flag("active"), try call.flag("silenced"), try call.flag("inhibited")
        )
        _ = try call.flag("unprocessed")
        _ = try self.matchers(call, "receiver_matchers")
        return { status in
            let labels = status.record.alert.labels
            guard matchers.allSatisfy({ $0.matches(labels) }) else { return false }
            if let pattern, !status.receivers.contains(where: pattern.matches) { return false }
            if !active, !status.isSuppressed { return false }
            if !silenced, !status.silencedBy.isEmpty { return false }
            return inhibited || status.inhibitedBy.isEmpty
        }
    }

    func groups(_ call: Call) throws -> HTTPResponse {
        let kept = try filter(call)
        let muted = try call.flag("muted")
        let (groups, statuses) = Blocking.value { [server] in await (server.notifier.groups, server.notifier.statuses) }
        let known = Dictionary(statuses.map { ($0.record.alert.labels, $0) }, uniquingKeysWith: { $1 })
        let pattern = try receiverPattern(call)
        var shown: [(group: AlertGroup, alerts: [AlertStatus])] = []
        for group in groups {
            if let pattern, !pattern.matches(group.route.receiver) { continue }
            let alerts = group.alerts.keys.sorted().compactMap { known[$0] }
            if !muted, alerts.allSatisfy(\.isSuppressed) { continue }
            let wanted = alerts.filter(kept)
            if !wanted.isEmpty { shown.append((group, wanted)) }
        }
        return json {
            $0.array(shown) { writer, entry in
                writer.object {
                    $0.member("labels", labels: entry.group.id.labels)
                    $0.member("routeLabels") { _ in }
                    $0.member("receiver") { $0.member("name", entry.group.route.receiver) }
                    $0.member("alerts", array: entry.alerts) { Self.write($1, to: &$0) }
                }
            }
        }
    }

    static func write(_ status: AlertStatus, to writer: inout JSONWriter) {
        let alert = status.record.alert
        writer.object {
            $0.member("annotations", texts: alert.annotations)
            $0.member("endsAt", time(alert.endsAt))
            $0.member("fingerprint", alert.fingerprint.description)
            $0.member("receivers", array: status.receivers) { writer, name in
                writer.object { $0.member("name", name) }
            }
            $0.member("startsAt", time(alert.startsAt))
            $0.member("status") {
                $0.member("inhibitedBy", strings: status.inhibitedBy.map(\.description))
                $0.member("mutedBy", strings: status.mutedBy)
                $0.member("silencedBy", strings: status.silencedBy)
                $0.member("state", status.isSuppressed ? "suppressed" : "active")
            }
            $0.member("updatedAt", time(alert.updatedAt))
            $0.member("generatorURL", alert.generatorURL)
            $0.member("labels", labels: alert.labels)
        }
    }

    // MARK: - Posting

    func postAlerts(_ call: Call) throws -> HTTPResponse {
        let now = server.clock.millisecondsSinceEpoch
        let value: JSONValue
        do {
            value = try JSONParser.parse(call.request.body)
        } catch {
            throw Refusal(message: "parsing alerts body failed: \(error.description)")
        }
        guard let elements = value.elements else { throw Refusal(message: "parsing alerts body failed: not a list") }
        guard elements.count <= Self.alertsMax else {
            throw Refusal(
                status: 413,
                message: "\(elements.count) alerts are more than \(Self.alertsMax) in one request"
            )
        }
        let timeout = server.status.snapshot.notification.resolveTimeout
        var alerts: [Alert] = []
        var problems: [String] = []
        for (index, element) in elements.enumerated() {
            do throws(Refusal) {
                alerts.append(try Self.alert(element, now: now, timeout: Int64(timeout / .milliseconds(1))))
            } catch {
                problems.append("alert \(index): \(error.message)")
            }
        }
        // Good ones are kept although others are not.
        let good = alerts
        let isDurable = Blocking.value { [server] in await server.notifier.accept(good) }
        guard problems.isEmpty else {
            let rest = problems.count > 10 ? "; and \(problems.count - 10) more" : ""
            throw Refusal(message: problems.prefix(10).joined(separator: "; ") + rest)
        }
        guard isDurable else {
            var answer = HTTPResponse.json(
                Array("\"the alerts are held in memory only: the disk takes nothing; post them again\"".utf8),
                status: 503
            )
            answer.headers["Retry-After"] = "5"
            return answer
        }
        return HTTPResponse(status: 200)
    }

    private static func alert(_ value: JSONValue, now: Int64, timeout: Int64) throws(Refusal) -> Alert {
        guard let written = value["labels"]?.members else { throw Refusal(message: "labels is required") }
        let labels = LabelSet(try texts(written, "label").map { Label($0.key, $0.value) })
        guard !labels.isEmpty else { throw Refusal(message: "at least one label pair required") }
        for label in labels where label.name.isEmpty || label.name.utf8.count > 1024 || label.value.utf8.count > 4096 {
            throw Refusal(message: "label \(LabelSyntax.quoted(String(label.name.prefix(64)))) is empty or too long")
        }
        guard labels.count <= 128 else { throw Refusal(message: "more than 128 labels") }
        var starts = try time(value["startsAt"], "startsAt")
        let ends = try time(value["endsAt"], "endsAt")
        if starts == nil { starts = ends.map { min($0, now) } ?? now }
        let begin = starts ?? now
        if let ends, ends < begin { throw Refusal(message: "start time must be before end time") }
        return Alert(
            labels: labels,
            annotations: try texts(value["annotations"]?.members ?? [:], "annotation"),
            startsAt: begin,
            endsAt: ends ?? now + timeout,
            updatedAt: now,
            endsByTimeout: ends == nil,
            generatorURL: value["generatorURL"]?.text ?? ""
        )
    }

    private static func texts(_ members: [String: JSONValue], _ what: String) throws(Refusal) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.text else {
                throw Refusal(message: "\(what) \(LabelSyntax.quoted(name)) is no text")
            }
            texts[name] = text
        }
        return texts
    }

    /// A time in milliseconds since the epoch; absence and Go's zero time give `nil`.
    static func time(_ value: JSONValue?, _ name: String) throws(Refusal) -> Int64? {
        guard let value, value != .null else { return nil }
        guard let text = value.text else { throw Refusal(message: "\(name) is no time in RFC 3339") }
        if text.isEmpty || text.hasPrefix("0001-01-01T00:00:00") { return nil }
        guard let nanoseconds = RFC3339.nanosecondsSinceEpoch(text) else {
            throw Refusal(message: "\(name) is no time in RFC 3339: \(LabelSyntax.quoted(String(text.prefix(64))))")
        }
        return nanoseconds / 1_000_000
    }
}
