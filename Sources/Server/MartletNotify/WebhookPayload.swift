import MartletAlerting
import MartletCore

/// Alertmanager's webhook message, version 4, as JSON.
///
/// - SeeAlso: [webhook_config](https://prometheus.io/docs/alerting/0.28/configuration/#webhook_config)
struct WebhookPayload {
    private var json = JSONWriter()

    /// The message's bytes.
    ///
    /// - Parameters:
    ///   - notification: What to tell.
    ///   - externalURL: This server's address.
    ///   - maxAlerts: How many alerts at most, 0 for all; the others are only counted.
    /// - Returns: The JSON object.
    static func bytes(_ notification: Notification, externalURL: String, maxAlerts: Int) -> [UInt8] {
        var payload = WebhookPayload()
        payload.write(notification, externalURL, maxAlerts)
        return payload.json.bytes
    }

    private mutating func write(_ notification: Notification, _ externalURL: String, _ maxAlerts: Int) {
        let items = maxAlerts > 0 ? Array(notification.items.prefix(maxAlerts)) : notification.items
        let isFiring = items.contains { $0.status == .firing }
        json.beginObject()
        json.field("receiver", notification.channel.receiver)
        json.field("status", isFiring ? "firing" : "resolved")
        json.key("alerts")
        json.beginArray()
        for item in items { write(item) }
        json.endArray()
        write("groupLabels", pairs(notification.groupLabels))
        write("commonLabels", common(items.map { Dictionary(uniqueKeysWithValues: pairs($0.alert.labels)) }))
        write("commonAnnotations", common(items.map(\.alert.annotations)))
        json.field("externalURL", externalURL)
        json.field("version", "4")
        json.field("groupKey", notification.groupKey)
        json.field("truncatedAlerts", notification.items.count - items.count)
        json.endObject()
    }

    private mutating func write(_ item: Notification.Item) {
        let alert = item.alert
        json.beginObject()
        json.field("status", item.status.rawValue)
        write("labels", pairs(alert.labels))
        write("annotations", alert.annotations.map { ($0.key, $0.value) })
        json.field("startsAt", Self.time(alert.startsAt))
        json.field("endsAt", item.status == .resolved ? Self.time(alert.endsAt) : "0001-01-01T00:00:00Z")
        json.field("generatorURL", alert.generatorURL)
        json.field("fingerprint", alert.fingerprint.description)
        json.endObject()
    }

    private mutating func write(_ name: String, _ texts: [(String, String)]) {
        json.key(name)
        json.beginObject()
        for (name, text) in texts.sorted(by: { $0.0 < $1.0 }) { json.field(name, text) }
        json.endObject()
    }

    private func pairs(_ labels: LabelSet) -> [(String, String)] { labels.map { ($0.name, $0.value) } }

    /// The texts that are the same in all.
    private func common(_ all: [[String: String]]) -> [(String, String)] {
        guard let first = all.first else { return [] }
        return first.filter { entry in all.allSatisfy { $0[entry.key] == entry.value } }.map { ($0.key, $0.value) }
    }

    private static func time(_ milliseconds: Int64) -> String {
        RFC3339.shortString(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }
}
