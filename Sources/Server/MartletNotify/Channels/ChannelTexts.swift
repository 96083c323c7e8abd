import MartletAlerting
import MartletConfiguration

/// A channel's configured texts, ready to be filled in.
struct ChannelTexts: Sendable {
    let configuration: ChannelConfiguration
    let templates: MessageTemplates
    private let fields: [String: MessageTemplates.Field]

    init(_ configuration: ChannelConfiguration, _ templates: MessageTemplates) {
        self.configuration = configuration
        self.templates = templates
        fields = Dictionary(
            uniqueKeysWithValues: configuration.texts.map { ($0.key, templates.field($0.value, name: $0.key)) }
        )
    }

    /// A text, filled in; empty where the configuration has none.
    func text(_ key: String, _ notification: Notification, escape: (@Sendable (String) -> String)? = nil) -> String {
        fields[key].map { templates.text($0, notification, escape: escape) } ?? ""
    }

    /// Any template that stands outside the channel's table of texts, filled in.
    func text(of source: String, _ notification: Notification, escape: (@Sendable (String) -> String)? = nil) -> String
    {
        templates.text(templates.field(source, name: "field"), notification, escape: escape)
    }

    /// A secret, read now.
    func secret(_ key: String) throws(DeliveryError) -> String {
        guard let source = configuration.secrets[key] else {
            throw DeliveryError(.configuration, "\"\(key)\" is missing")
        }
        return try HTTPPoster.read(source, "\(key)_file")
    }
}
