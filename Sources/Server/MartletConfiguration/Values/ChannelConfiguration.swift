public import MartletAlerting

/// One way in which a receiver is told, beside webhooks: an entry of `slack_configs`, `email_configs` and so on, or of
/// `alerts.channels`.
///
/// Values stand under the keys that the file uses; what the file leaves out has its default here, texts that are
/// templates among them.
public struct ChannelConfiguration: Sendable, Equatable {
    /// What kind of service is told.
    public enum Kind: String, Sendable, CaseIterable {
        /// A line in the server's log.
        case log
        /// Slack, by an incoming webhook.
        case slack
        /// Mail over SMTP.
        case email
        /// PagerDuty, Events API v2.
        case pagerduty
        /// Opsgenie, Alert API v2.
        case opsgenie
        /// Microsoft Teams, a connector card.
        case msteams
        /// Microsoft Teams, an adaptive card for a workflow.
        case msteamsv2
        /// Discord, by a webhook.
        case discord
        /// Telegram, by a bot.
        case telegram
        /// ntfy.
        case ntfy
        /// Another Alertmanager.
        case alertmanager
        /// A program on this machine.
        case command
    }

    /// A field of a Slack message.
    public struct Field: Sendable, Equatable {
        /// The field's title, a template.
        public var title: String
        /// The field's value, a template.
        public var value: String
        /// Whether it may stand beside another.
        public var isShort: Bool
    }

    /// What kind of service is told.
    public var kind: Kind

    /// Whether ends are told too.
    public var sendsResolved = true

    /// How long one attempt may take.
    public var timeout: Duration = .seconds(10)

    /// Alerts below this severity are not told; `nil` for all.
    public var minimumSeverity: AlertSeverity?

    /// How HTTP is spoken.
    public var http = HTTPClientSettings()

    /// Texts by their key.
    public var texts: [String: String] = [:]

    /// Secrets by their key.
    public var secrets: [String: SecretSource] = [:]

    /// Lists of texts by their key.
    public var lists: [String: [String]] = [:]

    /// Names with texts by their key, such as mail headers.
    public var maps: [String: [String: String]] = [:]

    /// Yes or no by key.
    public var flags: [String: Bool] = [:]

    /// Whole numbers by key.
    public var numbers: [String: Int] = [:]

    /// The fields of a Slack message.
    public var fields: [Field] = []

    /// Creates a channel without values.
    public init(_ kind: Kind) {
        self.kind = kind
        http.followsRedirects = false
    }
}

extension ChannelConfiguration.Field {
    /// Creates a field.
    public init(title: String, value: String) {
        self.init(title: title, value: value, isShort: false)
    }
}
