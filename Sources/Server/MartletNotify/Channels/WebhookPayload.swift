import MartletAlerting
import MartletCore

/// Alertmanager's webhook message, version 4, as JSON, with the state's own words beside them.
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
        json.object { json in
            json.member("receiver", notification.channel.receiver)
            json.member("status", isFiring ? "firing" : "resolved")
            json.member("alerts", array: items) { write($1, to: &$0) }
            json.member("groupLabels", labels: notification.groupLabels)
            json.member("commonLabels", labels: MessageText.common(items.map(\.alert.labels)))
            json.member("commonAnnotations", texts: MessageText.common(items.map(\.alert.annotations)))
            json.member("externalURL", externalURL)
            json.member("version", "4")
            json.member("groupKey", notification.groupKey)
            json.member("truncatedAlerts", notification.items.count - items.count)
            json.member("title", MessageText.title(notification))
            json.member("message", MessageText.message(notification))
            json.member("severity", notification.severity?.rawValue ?? "")
            json.member("timestamp", MessageText.time(notification.decidedAt))
        }
        return json.bytes
    }

    private static func write(_ item: Notification.Item, to json: inout JSONWriter) {
        let alert = item.alert
        json.object { json in
            json.member("status", item.status.rawValue)
            json.member("labels", labels: alert.labels)
            json.member("annotations", texts: alert.annotations)
            json.member("startsAt", MessageText.time(alert.startsAt))
            json.member("endsAt", item.status == .resolved ? MessageText.time(alert.endsAt) : "0001-01-01T00:00:00Z")
            json.member("generatorURL", alert.generatorURL)
            json.member("fingerprint", alert.fingerprint.description)
            json.member("alert_id", item.id)
            if let value = alert.value { json.member("value", value) }
        }
    }
}
