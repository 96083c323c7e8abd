import MartletAlerting
import MartletCore

/// The words of a notification that all channels share.
enum MessageText {
    /// `Alert: HighErrorRate`, with the number where there are several; `Resolved: …` when all have ended.
    static func title(_ notification: Notification) -> String {
        let firing = notification.items.filter { $0.status == .firing }
        let shown = firing.isEmpty ? notification.items : firing
        let names = distinct(shown.map { $0.alert.labels["alertname"] ?? "alert" })
        let word = notification.isAcknowledgement ? "Acknowledged" : firing.isEmpty ? "Resolved" : "Alert"
        let more = names.count > 3 ? ", …" : ""
        let count = shown.count > 1 ? " (\(shown.count))" : ""
        return "\(word): \(names.prefix(3).joined(separator: ", "))\(more)\(count)"
    }

    /// What the alerts say of themselves: their message, summary or description, each once.
    static func message(_ notification: Notification) -> String {
        let firing = notification.items.filter { $0.status == .firing }
        let shown = firing.isEmpty ? notification.items : firing
        let texts = distinct(shown.prefix(1000).map { sentence(of: $0.alert) })
        let rest = texts.count > 5 ? "; and \(texts.count - 5) more" : ""
        return texts.prefix(5).joined(separator: "; ") + rest
    }

    /// What one alert says of itself.
    static func sentence(of alert: Alert) -> String {
        for name in ["message", "summary", "description"] {
            if let text = alert.annotations[name], !text.isEmpty { return text }
        }
        let labels = alert.labels.removing(["alertname"]).description
        return alert.value.map { "\(labels) is \(FloatText.shortest($0))" } ?? labels
    }

    /// The names of the alerts' episodes, a few of them.
    static func ids(_ notification: Notification) -> String {
        let ids = notification.items.prefix(3).map(\.id)
        return ids.joined(separator: ", ") + (notification.items.count > 3 ? ", …" : "")
    }

    /// ℹ️, ⚠️ or 🚨, by the highest severity; ✅ when all have ended.
    static func emoji(_ notification: Notification) -> String {
        if notification.status == .resolved { return "✅" }
        return switch notification.severity {
        case .info?: "ℹ️"
        case .warning?: "⚠️"
        default: "🚨"
        }
    }

    /// Slack's word for a colour.
    static func slackColor(_ notification: Notification) -> String {
        if notification.status == .resolved { return "good" }
        return switch notification.severity {
        case .info?: "good"
        case .warning?: "warning"
        default: "danger"
        }
    }

    /// A colour as a number: green, yellow or red.
    static func color(_ notification: Notification) -> Int {
        switch slackColor(notification) {
        case "good": 0x2eb886
        case "warning": 0xdaa038
        default: 0xa30200
        }
    }

    /// The notification's time as people and machines read it.
    static func time(_ milliseconds: Int64) -> String {
        RFC3339.shortString(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }

    /// A text cut to a number of characters, with an ellipsis where something is missing.
    static func cut(_ text: String, to count: Int) -> String {
        text.count > count ? text.prefix(count - 1) + "…" : text
    }

    /// The name by which systems with incidents know a group.
    static func incident(_ notification: Notification) -> String {
        Fingerprint(["channel": notification.channel.receiver, "group": notification.groupKey]).description
    }

    /// The texts that are the same in all.
    static func common(_ all: [[String: String]]) -> [String: String] {
        guard let first = all.first else { return [:] }
        return first.filter { entry in all.allSatisfy { $0[entry.key] == entry.value } }
    }

    /// The labels that are the same in all.
    static func common(_ all: [LabelSet]) -> LabelSet {
        guard let first = all.first else { return .empty }
        return LabelSet(first.filter { label in all.allSatisfy { $0[label.name] == label.value } })
    }

    /// Texts without control characters, for places where a line's end would begin something new.
    static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : $0 }
            )
        )
    }

    /// A text in which Slack finds neither links nor mentions.
    static func slackEscaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
