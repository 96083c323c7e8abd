public import MartletAlerting
public import MartletConfiguration
import MartletCore
public import MartletHTTPClient
public import MartletLogging
public import MartletSeries

/// Makes channels of what the configuration says.
public struct SenderFactory: Sendable {
    private let http: any HTTPSending
    private let mail: any MailSending
    private let addresses: AddressPolicy?
    private let externalURL: String
    private let templates: MessageTemplates
    private let log: Logger

    /// Creates a factory.
    ///
    /// - Parameters:
    ///   - configuration: The templates.
    ///   - externalURL: This server's address.
    ///   - http: Sends requests.
    ///   - mail: Sends mail.
    ///   - addresses: Where connections may go; `nil` for everywhere.
    ///   - patterns: Compiles the expressions of templates.
    ///   - log: Where channels of the kind `log` write.
    /// - Throws: `TemplateError` for a template file that is malformed.
    public init(
        _ configuration: NotificationConfiguration,
        externalURL: String,
        http: any HTTPSending,
        mail: any MailSending,
        addresses: AddressPolicy?,
        patterns: any PatternCompiler,
        log: Logger
    ) throws(TemplateError) {
        self.http = http
        self.mail = mail
        self.addresses = addresses
        self.externalURL = externalURL
        self.log = log
        templates = try MessageTemplates(
            files: configuration.templates.map { ($0.name, $0.text) },
            externalURL: externalURL,
            patterns: patterns
        )
    }

    /// All channels of all receivers.
    public func senders(
        of configuration: NotificationConfiguration
    ) -> [NotificationChannel: any NotificationSending] {
        var senders: [NotificationChannel: any NotificationSending] = [:]
        for receiver in configuration.receivers {
            for (index, webhook) in receiver.webhooks.enumerated() {
                let id = NotificationChannel.ID(receiver: receiver.name, kind: "webhook", index: index)
                let channel = NotificationChannel(
                    id,
                    sendsResolved: webhook.sendsResolved,
                    minimumSeverity: webhook.minimumSeverity
                )
                senders[channel] = WebhookSender(
                    webhook,
                    externalURL: externalURL,
                    http: http,
                    addresses: addresses,
                    templates: templates
                )
            }
            var counts: [ChannelConfiguration.Kind: Int] = [:]
            for channel in receiver.channels {
                let index = counts[channel.kind, default: 0]
                counts[channel.kind] = index + 1
                let id = NotificationChannel.ID(receiver: receiver.name, kind: channel.kind.rawValue, index: index)
                let entry = NotificationChannel(
                    id,
                    sendsResolved: channel.sendsResolved,
                    sendsAcknowledged: channel.kind == .pagerduty || channel.kind == .opsgenie,
                    minimumSeverity: channel.minimumSeverity
                )
                senders[entry] = sender(channel)
            }
        }
        return senders
    }

    private func sender(_ channel: ChannelConfiguration) -> any NotificationSending {
        let texts = ChannelTexts(channel, templates)
        func service(_ name: String, _ build: @escaping ServiceSender.Build) -> ServiceSender {
            let poster = HTTPPoster(http: http, settings: channel.http, timeout: channel.timeout, addresses: addresses)
            return ServiceSender(name: name, texts: texts, poster: poster, build: build)
        }
        switch channel.kind {
        case .log:
            let level = channel.texts["level"].flatMap { LogLevel(name: $0) }
            return LogSender(log: log, level: level)
        case .slack: return service("Slack", ChatMessages.slack)
        case .email: return MailSender(texts: texts, mail: mail, externalURL: externalURL, addresses: addresses)
        case .pagerduty: return service("PagerDuty", IncidentMessages.pagerDuty)
        case .opsgenie: return service("Opsgenie", IncidentMessages.opsgenie)
        case .msteams: return service("Teams", ChatMessages.teams)
        case .msteamsv2: return service("Teams", ChatMessages.teamsWorkflow)
        case .discord: return service("Discord", ChatMessages.discord)
        case .telegram: return service("Telegram", ChatMessages.telegram)
        case .ntfy: return service("ntfy", ChatMessages.ntfy)
        case .alertmanager: return service("Alertmanager", IncidentMessages.alertmanager)
        case .command: return CommandSender(texts: texts, externalURL: externalURL)
        }
    }
}
