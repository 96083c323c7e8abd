import MartletAlerting
import MartletCore

/// Alertmanager's webhook message, version 4, as JSON.
///
/// - SeeAlso: [webhook_config](https://prometheus.io/docs/alerting/0.28/configuration/#webhook_config)
enum WebhookPayload {
    /// The message's bytes.
    ///
    /// - Parameters:
    ///   - notification: What to tell.
    ///   - externalURL: This server's address.
    ///   - maxAlerts: How many alerts at most, 0 for all; the others are only counted.
    /// - Returns: The JSON object.
    static func bytes(_ notification: Notification, externalURL: String, maxAlerts: Int) -> [UInt8] {
        let items = maxAlerts > 0 ? Array(notification.items.prefix(maxAlerts)) : notification.items
        let isFiring = items.contains { $0.status == .firing }
        var json = JSONWriter()
        json.object {
            $0.member("receiver", notification.channel.receiver)
            $0.member("status", isFiring ? "firing" : "resolved")
            $0.member("alerts", array: items) { write($1, to: &$0) }
            $0.member("groupLabels", labels: notification.groupLabels)
            $0.member("commonLabels", texts: common(items.map { texts($0.alert.labels) }))
            $0.member("commonAnnotations", texts: common(items.map(\.alert.annotations)))
            $0.member("externalURL", externalURL)
            $0.member("version", "4")
            $0.member("groupKey", notification.groupKey)
            $0.member("truncatedAlerts", notification.items.count - items.count)
        }
        return json.bytes
    }

    private static func write(_ item: Notification.Item, to json: inout JSONWriter) {
        let alert = item.alert
        json.object {
            $0.member("status", item.status.rawValue)
            $0.member("labels", labels: alert.labels)
            $0.member("annotations", texts: alert.annotations)
            $0.member("startsAt", time(alert.startsAt))
            $0.member("endsAt", item.status == .resolved ? time(alert.endsAt) : "0001-01-01T00:00:00Z")
            $0.member("generatorURL", alert.generatorURL)
            $0.member("fingerprint", alert.fingerprint.description)
        }
    }

    private static func texts(_ labels: LabelSet) -> [String: String] {
        Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0.value) })
    }

    /// The texts that are the same in all.
    private static func common(_ all: [[String: String]]) -> [String: String] {
        guard let first = all.first else { return [:] }
        return first.filter { entry in all.allSatisfy { $0[entry.key] == entry.value } }
    }

    private static func time(_ milliseconds: Int64) -> String {
        RFC3339.shortString(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }
}
