import MartletAlerting
import MartletCore
import MartletYAML

/// Reads channels in the friendly forms: `alerts.channels`, and those under `monitoring`.
///
/// Each is a receiver of its own.
struct FriendlyChannelReading {
    private static let kinds = ["webhook"] + ChannelConfiguration.Kind.allCases.map(\.rawValue)

    private let reading: ReceiverReading
    private var context: ReadingContext { reading.channels.context }

    init(_ reading: ReceiverReading) { self.reading = reading }

    /// Reads `NOTIFICATION_CHANNELS`, a list or one mapping by kind, and `alerting.channels`, a mapping by kind.
    ///
    /// Nothing is read where the section is switched off.
    func read(monitoring node: YAMLNode, _ configuration: inout NotificationConfiguration) {
        guard let reader = MappingReader(node, context), reader.bool("ENABLED") ?? reader.bool("enabled") ?? true else {
            return
        }
        for key in ["NOTIFICATION_CHANNELS", "notification_channels"] {
            if let node = reader.node(key) { read(any: node, &configuration) }
        }
        guard let node = reader.node("alerting"), let alerting = MappingReader(node, context) else { return }
        defer { alerting.finish() }
        let isEnabled = alerting.bool("enabled", default: true)
        guard let channels = alerting.node("channels"), isEnabled else { return }
        read(any: channels, &configuration)
    }

    private func read(any node: YAMLNode, _ configuration: inout NotificationConfiguration) {
        guard case .mapping(let pairs) = node.content else {
            return read(list: context.list(node, { $0 }), &configuration)
        }
        for (key, value) in pairs {
            guard let name = key.scalar, let entry = MappingReader(value, context) else { continue }
            read(entry, name: name, &configuration)
        }
    }

    /// Reads a list of channels.
    func read(list: [YAMLNode], _ configuration: inout NotificationConfiguration) {
        for item in list {
            guard let entry = MappingReader(item, context) else { continue }
            read(entry, name: nil, &configuration)
        }
    }

    /// Reads one channel; in a mapping its key is its name, and its type where it has none.
    private func read(
        _ entry: MappingReader,
        name key: String?,
        _ configuration: inout NotificationConfiguration
    ) {
        defer { entry.finish() }
        let word = entry.string("type") ?? key
        let type = word.map(Self.kind)
        let name = entry.string("name") ?? key ?? type
        let isEnabled = entry.bool("enabled", default: true)
        let isDefault = entry.bool("default", default: true)
        guard let type, let name, !name.isEmpty else {
            context.report("missing field \"type\": one of \(Self.kinds.joined(separator: ", "))", at: entry.mark)
            entry.skip(entry.keys)
            return
        }
        var receiver = ReceiverConfiguration(name: name)
        if type == "webhook" {
            receiver.webhooks = reading.readWebhook(entry).map { [$0] } ?? []
        } else if let kind = ChannelConfiguration.Kind(rawValue: type) {
            receiver.channels = reading.channels.read(kind, entry).map { [$0] } ?? []
        } else {
            let near = Suggestion.closest(to: type, among: Self.kinds).map { " (did you mean \"\($0)\"?)" } ?? ""
            entry.report("unknown channel type \"\(word ?? type)\"\(near)", at: "type")
            entry.skip(entry.keys)
            return
        }
        if configuration.receivers.contains(where: { $0.name == name }) {
            entry.report("receiver \"\(name)\" is already defined", at: entry.has("name") ? "name" : "type")
            return
        }
        guard isEnabled else { return }
        configuration.receivers.append(receiver)
        if isDefault { configuration.defaultReceivers.append(name) }
    }

    /// The kind that a word means: `slack`, `Slack`, `SlackNotificationChannel`, a class's whole path.
    private static func kind(_ word: String) -> String {
        var word = String(word.split(separator: ".").last ?? "").lowercased()
        for end in ["notificationchannel", "channel"] where word.hasSuffix(end) && word.count > end.count {
            word.removeLast(end.count)
        }
        return word
    }
}
