import MartletAlerting
import MartletCore

/// The message by which people test a channel.
enum TestMessage {
    static func notification(for channel: NotificationChannel.ID, at time: Int64) -> Notification {
        let labels: LabelSet = ["alertname": "MartletTest", "severity": "info"]
        let alert = Alert(
            labels: labels,
            annotations: [
                "summary": "A test of the channel \(channel.receiver)",
                "description": "Somebody tests whether this channel works. Nothing is wrong.",
            ],
            startsAt: time,
            endsAt: time + 60_000,
            updatedAt: time
        )
        return Notification(
            id: 0,
            channel: channel,
            group: .init(path: "test", labels: ["alertname": "MartletTest"]),
            groupKey: "{test=\"\(time)\"}:{alertname=\"MartletTest\"}",
            groupLabels: ["alertname": "MartletTest"],
            items: [.init(alert: alert, status: .firing)],
            decidedAt: time,
            deadline: time + 60_000
        )
    }
}

/// Names that nobody can guess and that are not given twice.
enum RandomName {
    /// A random UUID (version 4).
    static func uuid() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }
}
