import MartletCore
import MartletYAML

/// Reads Alertmanager's `receivers`.
struct ReceiverReading {
    /// Alertmanager's kinds of receivers that this version does not tell.
    private static let unservedKinds = [
        "discord", "email", "incidentio", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie", "pagerduty",
        "pushover", "rocketchat", "slack", "sns", "telegram", "victorops", "webex", "wechat",
    ]

    private let context: ReadingContext
    private let globalHTTP: YAMLNode?

    init(_ context: ReadingContext, global: YAMLNode?) {
        self.context = context
        guard let global, !global.isNull, let reader = MappingReader(global, context) else {
            globalHTTP = nil
            return
        }
        globalHTTP = reader.node("http_config")
        _ = reader.duration("resolve_timeout")
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

    private func readWebhook(_ reader: MappingReader) -> WebhookConfiguration? {
        let url = reader.secretSource("url")
        let sendsResolved = reader.bool("send_resolved", default: true)
        let maxAlerts = reader.int("max_alerts", in: 0...1_000_000, default: 0)
        let timeout = reader.duration("timeout", default: .zero)
        let http = readHTTP(reader)
        reader.warnUnserved(["payload"], in: "webhook_configs.")
        guard let url else {
            if !reader.has("url"), !reader.has("url_file") {
                context.report("missing field \"url\" or \"url_file\"", at: reader.mark)
            }
            return nil
        }
        if case .inline(let address) = url, !["http://", "https://"].contains(where: address.reveal().hasPrefix) {
            reader.report("url must begin with http:// or https://", at: "url")
        }
        return WebhookConfiguration(
            url: url,
            http: http,
            sendsResolved: sendsResolved,
            maxAlerts: maxAlerts,
            timeout: timeout > .zero ? timeout : .seconds(10)
        )
    }

    /// The client's settings, the webhook's own or else the global ones; redirects are followed only if they say so.
    private func readHTTP(_ reader: MappingReader) -> HTTPClientSettings? {
        guard let node = reader.node("http_config") ?? globalHTTP, let http = MappingReader(node, context) else {
            return nil
        }
        var settings = HTTPClientSettings(reading: http)
        settings.followsRedirects = http.bool("follow_redirects", default: false)
        http.finish()
        return settings
    }
}
