import MartletCore
import MartletYAML

/// Reads Alertmanager's `receivers` and what `global` says for them.
struct ReceiverReading {
    /// Alertmanager's kinds of receivers that this version does not tell.
    private static let unservedKinds = [
        "incidentio", "jira", "mattermost", "pushover", "rocketchat", "sns", "victorops", "webex", "wechat",
    ]

    private let context: ReadingContext
    let channels: ChannelReading
    let resolveTimeout: Duration?

    init(_ context: ReadingContext, global: YAMLNode?) {
        self.context = context
        channels = ChannelReading(context: context, defaults: Self.defaults(context, global))
        let keys = global.flatMap { $0.isNull ? nil : MappingReader($0, context) }
        resolveTimeout = keys?.positiveDuration("resolve_timeout")
    }

    func read(_ node: YAMLNode?) -> [ReceiverConfiguration] {
        guard let node else { return [] }
        var marks: [String: YAMLMark] = [:]
        return context.list(node) { item in
            guard let reader = MappingReader(item, context) else { return nil }
            defer { reader.finish() }
            let name = reader.requiredString("name")
            var receiver = ReceiverConfiguration(name: name ?? "")
            receiver.webhooks = reader.mappings("webhook_configs", readWebhook)
            for kind in ChannelConfiguration.Kind.allCases {
                receiver.channels += reader.mappings("\(kind.rawValue)_configs") { channels.read(kind, $0) }
            }
            for kind in Self.unservedKinds where reader.node("\(kind)_configs") != nil {
                let key = "\(kind)_configs"
                reader.warn("\"\(key)\" is not served by this version; the receiver is not told this way", at: key)
            }
            guard let name else { return nil }
            if let first = marks[name] {
                reader.report("receiver \"\(name)\" is already defined at \(first)", at: "name")
            }
            marks[name] = marks[name] ?? reader.mark(of: "name")
            return receiver
        }
    }

    /// One webhook; unknown keys are for whoever finishes the reader.
    func readWebhook(_ reader: MappingReader) -> WebhookConfiguration? {
        let key = reader.has("webhook_url") ? "webhook_url" : "url"
        let url = reader.secretSource(key)
        let sendsResolved = reader.bool("send_resolved", default: true)
        let maxAlerts = reader.int("max_alerts", in: 0...1_000_000, default: 0)
        let timeout = reader.duration("timeout", default: .zero)
        var http = channels.http(reader)
        for header in reader.texts("headers") {
            http.headers.append(.init(name: header.key, values: [.inline(Secret(header.value))], isSecret: true))
        }
        let template = reader.string("template")
        let severity = channels.severity(reader)
        reader.warnUnserved(["payload"], in: "webhook_configs.")
        guard let url else {
            if !reader.has(key), !reader.has("url_file"), !reader.has("webhook_url_file") {
                context.report("missing field \"url\" or \"url_file\"", at: reader.mark)
            }
            return nil
        }
        let isVariable =
            if case .inline(let text) = url { context.environment == nil && text.reveal().hasPrefix("${") } else {
                false
            }
        if case .inline(let address) = url, !isVariable,
            !["http://", "https://"].contains(where: address.reveal().hasPrefix)
        {
            reader.report("url must begin with http:// or https://", at: key)
        }
        return WebhookConfiguration(
            url: url,
            http: http,
            sendsResolved: sendsResolved,
            maxAlerts: maxAlerts,
            timeout: timeout > .zero ? timeout : .seconds(10),
            template: template,
            minimumSeverity: severity
        )
    }

    // MARK: - Global

    private static func defaults(_ context: ReadingContext, _ global: YAMLNode?) -> ChannelReading.Defaults {
        var defaults = ChannelReading.Defaults()
        guard let global, !global.isNull, let reader = MappingReader(global, context) else { return defaults }
        defaults.http = reader.node("http_config")
        var mail: [String: String] = [:]
        mail["from"] = reader.string("smtp_from")
        mail["smarthost"] = reader.string("smtp_smarthost")
        mail["hello"] = reader.string("smtp_hello")
        mail["auth_username"] = reader.string("smtp_auth_username")
        mail["auth_identity"] = reader.string("smtp_auth_identity")
        defaults.texts[.email] = mail
        var password: [String: SecretSource] = [:]
        password["auth_password"] = reader.secretSource("smtp_auth_password")
        password["auth_secret"] = reader.secretSource("smtp_auth_secret")
        defaults.secrets[.email] = password
        var flags: [String: Bool] = [:]
        flags["require_tls"] = reader.bool("smtp_require_tls")
        flags["force_implicit_tls"] = reader.bool("smtp_force_implicit_tls")
        defaults.flags[.email] = flags
        if let url = reader.secretSource("slack_api_url") { defaults.secrets[.slack] = ["api_url": url] }
        if let url = reader.string("pagerduty_url") { defaults.texts[.pagerduty] = ["url": url] }
        if let url = reader.string("opsgenie_api_url") { defaults.texts[.opsgenie] = ["api_url": url] }
        if let key = reader.secretSource("opsgenie_api_key") { defaults.secrets[.opsgenie] = ["api_key": key] }
        if let url = reader.string("telegram_api_url") { defaults.texts[.telegram] = ["api_url": url] }
        if let token = reader.secretSource("telegram_bot_token") { defaults.secrets[.telegram] = ["bot_token": token] }
        return defaults
    }
}
