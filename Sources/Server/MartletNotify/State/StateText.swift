import MartletAlerting
import MartletCore
import MartletSeries

/// How alerts, silences and notifications are written into the state's columns, and read back: JSON.
///
/// What cannot be read gives `nil`; the row is then left out and counted.
enum StateText {
    // MARK: - Alerts

    static func text(_ record: AlertRecord) -> String {
        json { writer in
            write(record.alert, to: &writer)
            if let acknowledgement = record.acknowledgement {
                writer.member("ackBy", acknowledgement.by)
                writer.member("ackAt", acknowledgement.at)
                writer.member("ackComment", acknowledgement.comment)
            }
            writer.member("level", record.escalationLevel)
            if let severity = record.raisedSeverity { writer.member("raised", severity.rawValue) }
            writer.member("silenced", record.isSilenced)
            writer.member("endTold", record.isEndTold)
        }
    }

    static func record(_ text: String) -> AlertRecord? {
        guard let value = value(text), let alert = alert(value) else { return nil }
        let acknowledgement = value["ackBy"]?.text.map {
            Acknowledgement(by: $0, at: value["ackAt"]?.integer() ?? 0, comment: value["ackComment"]?.text ?? "")
        }
        return AlertRecord(
            alert,
            acknowledgement: acknowledgement,
            escalationLevel: value["level"]?.integer() ?? 0,
            raisedSeverity: value["raised"]?.text.flatMap(AlertSeverity.init(rawValue:)),
            isSilenced: value["silenced"] == .bool(true),
            isEndTold: value["endTold"] == .bool(true)
        )
    }

    private static func write(_ alert: Alert, to writer: inout JSONWriter) {
        writer.member("labels", labels: alert.labels)
        writer.member("annotations", texts: alert.annotations)
        writer.member("startsAt", alert.startsAt)
        writer.member("endsAt", alert.endsAt)
        writer.member("updatedAt", alert.updatedAt)
        writer.member("timesOut", alert.endsByTimeout)
        writer.member("generatorURL", alert.generatorURL)
        if let value = alert.value { writer.member("value", value) }
        if let channels = alert.delivery.channels { writer.member("channels", strings: channels) }
        if let interval = alert.delivery.notificationInterval {
            writer.member("notifyMilliseconds", Int64(interval / .milliseconds(1)))
        }
        if let policy = alert.delivery.escalationPolicy { writer.member("policy", policy) }
    }

    private static func alert(_ value: JSONValue) -> Alert? {
        guard let labels = value["labels"], let starts: Int64 = value["startsAt"]?.integer(),
            let ends: Int64 = value["endsAt"]?.integer(), let updated: Int64 = value["updatedAt"]?.integer()
        else { return nil }
        let milliseconds: Int64? = value["notifyMilliseconds"]?.integer()
        return Alert(
            labels: labelSet(labels),
            annotations: texts(value["annotations"]),
            startsAt: starts,
            endsAt: ends,
            updatedAt: updated,
            endsByTimeout: value["timesOut"] == .bool(true),
            generatorURL: value["generatorURL"]?.text ?? "",
            value: value["value"]?.double,
            delivery: AlertDelivery(
                channels: value["channels"]?.elements?.compactMap(\.text),
                notificationInterval: milliseconds.map { .milliseconds($0) },
                escalationPolicy: value["policy"]?.text
            )
        )
    }

    // MARK: - What was told

    static func text(_ state: ToldState) -> String {
        json { writer in
            writer.member("firing", strings: state.firing.map(\.description).sorted())
            writer.member("resolved", strings: state.resolved.map(\.description).sorted())
            writer.member("time", state.time)
            writer.member("acknowledged", state.isAcknowledged)
            writer.member("firedAt") { writer in
                for (fingerprint, time) in state.firedAt { writer.member(fingerprint.description, time) }
            }
        }
    }

    static func told(_ text: String) -> ToldState? {
        guard let value = value(text), let time: Int64 = value["time"]?.integer() else { return nil }
        var firedAt: [Fingerprint: Int64] = [:]
        for (name, time) in value["firedAt"]?.members ?? [:] {
            if let fingerprint = Fingerprint(hexadecimal: name) { firedAt[fingerprint] = time.integer() }
        }
        return ToldState(
            firing: fingerprints(value["firing"]),
            resolved: fingerprints(value["resolved"]),
            time: time,
            isAcknowledged: value["acknowledged"] == .bool(true),
            firedAt: firedAt
        )
    }

    // MARK: - Notifications

    static func text(_ notification: Notification) -> String {
        json { writer in
            writer.member("id", notification.id)
            writer.member("receiver", notification.channel.receiver)
            writer.member("kind", notification.channel.kind)
            writer.member("index", notification.channel.index)
            writer.member("path", notification.group.path)
            writer.member("labels", labels: notification.groupLabels)
            writer.member("key", notification.groupKey)
            writer.member("acknowledgement", notification.isAcknowledgement)
            writer.member("firing", strings: notification.firing.map(\.description))
            writer.member("resolved", strings: notification.resolved.map(\.description))
            writer.member("decidedAt", notification.decidedAt)
            writer.member("deadline", notification.deadline)
            writer.member("items", array: notification.items) { writer, item in
                writer.object {
                    $0.member("status", item.status.rawValue)
                    if item.origin != item.alert.labels { $0.member("origin", labels: item.origin) }
                    write(item.alert, to: &$0)
                }
            }
        }
    }

    static func notification(_ text: String) -> Notification? {
        guard let value = value(text), let id: UInt64 = value["id"]?.integer(),
            let receiver = value["receiver"]?.text, let kind = value["kind"]?.text,
            let labels = value["labels"].map(labelSet), let items = value["items"]?.elements,
            let decided: Int64 = value["decidedAt"]?.integer(), let deadline: Int64 = value["deadline"]?.integer()
        else { return nil }
        return Notification(
            id: id,
            channel: .init(receiver: receiver, kind: kind, index: value["index"]?.integer() ?? 0),
            group: .init(path: value["path"]?.text ?? "", labels: labels),
            groupKey: value["key"]?.text ?? "",
            groupLabels: labels,
            items: items.compactMap { item in
                alert(item).map {
                    .init(
                        alert: $0,
                        status: item["status"]?.text == "firing" ? .firing : .resolved,
                        origin: item["origin"].map(labelSet)
                    )
                }
            },
            isAcknowledgement: value["acknowledgement"] == .bool(true),
            firing: fingerprints(value["firing"]),
            resolved: fingerprints(value["resolved"]),
            decidedAt: decided,
            deadline: deadline
        )
    }

    // MARK: - Silences

    static func text(_ silence: Silence) -> String {
        json { writer in
            writer.member("id", silence.id)
            writer.member("startsAt", silence.startsAt)
            writer.member("endsAt", silence.endsAt)
            writer.member("updatedAt", silence.updatedAt)
            writer.member("createdBy", silence.createdBy)
            writer.member("comment", silence.comment)
            writer.member("annotations", texts: silence.annotations)
            writer.member("matchers", array: silence.matchers) { writer, matcher in
                writer.object {
                    $0.member("name", matcher.name)
                    $0.member("operation", matcher.operation.rawValue)
                    $0.member("value", matcher.value)
                }
            }
        }
    }

    static func silence(_ text: String, _ patterns: any PatternCompiler) -> Silence? {
        guard let value = value(text), let id = value["id"]?.text, let starts: Int64 = value["startsAt"]?.integer(),
            let ends: Int64 = value["endsAt"]?.integer()
        else { return nil }
        let written = value["matchers"]?.elements ?? []
        let matchers = written.compactMap { entry -> LabelMatcher? in
            guard let name = entry["name"]?.text, let text = entry["value"]?.text,
                let operation = entry["operation"]?.text.flatMap(LabelMatcher.Operation.init(rawValue:))
            else { return nil }
            return try? LabelMatcher(name, operation, text, compiler: patterns)
        }
        // With a condition missing it would cover more than it should.
        guard matchers.count == written.count else { return nil }
        return Silence(
            id: id,
            matchers: matchers,
            startsAt: starts,
            endsAt: ends,
            updatedAt: value["updatedAt"]?.integer() ?? 0,
            createdBy: value["createdBy"]?.text ?? "",
            comment: value["comment"]?.text ?? "",
            annotations: texts(value["annotations"])
        )
    }

    // MARK: - Parts

    static func text(_ labels: LabelSet) -> String {
        json { for label in labels { $0.member(label.name, label.value) } }
    }

    static func text(_ texts: [String: String]) -> String {
        json { for (name, text) in texts.sorted(by: { $0.key < $1.key }) { $0.member(name, text) } }
    }

    static func labelSet(_ text: String) -> LabelSet { value(text).map(labelSet) ?? .empty }

    static func texts(_ text: String) -> [String: String] { texts(value(text)) }

    private static func json(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(body)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func value(_ text: String) -> JSONValue? { try? JSONParser.parse(Array(text.utf8)) }

    private static func labelSet(_ value: JSONValue) -> LabelSet {
        LabelSet((value.members ?? [:]).compactMap { name, value in value.text.map { Label(name, $0) } })
    }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        (value?.members ?? [:]).compactMapValues(\.text)
    }

    private static func fingerprints(_ value: JSONValue?) -> Set<Fingerprint> {
        Set((value?.elements ?? []).compactMap { $0.text.flatMap(Fingerprint.init(hexadecimal:)) })
    }
}
