import MartletAlerting
import MartletCore
import MartletLogging

/// Writes notifications into the server's log.
struct LogSender: NotificationSending {
    let log: Logger
    let level: LogLevel?

    func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        for item in notification.items.prefix(100) {
            let labels = item.alert.labels
            log.log(
                level ?? Self.level(of: notification, item),
                item.status == .firing
                    ? "Alert: \(labels["alertname"] ?? "")" : "Alert resolved: \(labels["alertname"] ?? "")",
                [
                    "message": .string(MessageText.sentence(of: item.alert)),
                    "alert_id": .string(item.id),
                    "severity": .string(labels["severity"] ?? ""), "status": .string(item.status.rawValue),
                    "labels": .string(labels.description), "channel": .string(notification.channel.receiver),
                ]
            )
        }
        let rest = notification.items.count - 100
        if rest > 0 {
            log.log(level ?? .warn, "Alerts: \(rest) more in the group", ["group": .string(notification.groupKey)])
        }
    }

    private static func level(of notification: Notification, _ item: Notification.Item) -> LogLevel {
        guard item.status == .firing else { return .info }
        return switch item.alert.labels["severity"].flatMap(AlertSeverity.init(word:)) {
        case .info?: .info
        case .warning?: .warn
        default: .error
        }
    }
}
