import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPClient

/// One request to a service's API.
struct ServiceRequest {
    var url: String
    var body: [UInt8]
    var headers: [(name: String, value: String)] = []
}

/// Tells a service that is reached over HTTP; what is told is made by a function of the service's kind.
struct ServiceSender: NotificationSending {
    typealias Build = @Sendable (Notification, ChannelTexts) throws(DeliveryError) -> ServiceRequest

    let name: String
    let texts: ChannelTexts
    let poster: HTTPPoster
    let build: Build

    func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        _ = try await answer(to: notification, timeout: timeout)
    }

    func answer(to notification: Notification, timeout: Duration) async throws(DeliveryError) -> String {
        let request = try build(notification, texts)
        return try await poster.send(
            url: request.url,
            body: request.body,
            headers: request.headers + [("Idempotency-Key", notification.idempotencyKey)],
            limit: timeout,
            service: name
        )
    }
}

/// The messages of chat services.
enum ChatMessages {
    static func slack(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        let escape = MessageText.slackEscaped
        func text(_ key: String) -> String { texts.text(key, notification, escape: escape) }
        let title = escape(MessageText.title(notification))
        let message = escape(MessageText.message(notification))
        let color = text("color")
        var json = JSONWriter()
        json.object { json in
            for key in ["channel", "username", "icon_emoji", "icon_url"] {
                let value = text(key)
                if !value.isEmpty { json.member(key, value) }
            }
            if texts.configuration.flags["link_names"] == true { json.member("link_names", true) }
            json.member("text", "\(MessageText.emoji(notification)) \(title) - \(message)")
            json.key("attachments")
            json.array { json in
                json.object { json in
                    json.member("color", color.isEmpty ? MessageText.slackColor(notification) : color)
                    for key in [
                        "fallback", "title", "title_link", "pretext", "text", "footer", "callback_id", "image_url",
                        "thumb_url",
                    ] {
                        let value = text(key)
                        if !value.isEmpty { json.member(key, value) }
                    }
                    json.member("mrkdwn_in", strings: texts.configuration.lists["mrkdwn_in"] ?? [])
                    json.key("fields")
                    json.array { json in
                        field("Alert ID", escape(MessageText.ids(notification)), isShort: true, &json)
                        field("Timestamp", MessageText.time(notification.decidedAt), isShort: true, &json)
                        for entry in texts.configuration.fields {
                            let title = texts.text(of: entry.title, notification, escape: escape)
                            let value = texts.text(of: entry.value, notification, escape: escape)
                            field(title, value, isShort: entry.isShort, &json)
                        }
                    }
                }
            }
        }
        return ServiceRequest(url: try texts.secret("api_url"), body: json.bytes)
    }

    private static func field(_ title: String, _ value: String, isShort: Bool, _ json: inout JSONWriter) {
        json.object {
            $0.member("title", title)
            $0.member("value", value)
            $0.member("short", isShort)
        }
    }

    static func teams(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        var json = JSONWriter()
        json.object {
            $0.member("@context", "http://schema.org/extensions")
            $0.member("@type", "MessageCard")
            $0.member("title", texts.text("title", notification))
            $0.member("summary", texts.text("summary", notification))
            $0.member("text", markdownEscaped(texts.text("text", notification)))
            $0.member("themeColor", hexadecimal(MessageText.color(notification)))
        }
        return ServiceRequest(url: try texts.secret("webhook_url"), body: json.bytes)
    }

    static func teamsWorkflow(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError)
        -> ServiceRequest
    {
        let color =
            switch MessageText.slackColor(notification) {
            case "good": "good"
            case "warning": "warning"
            default: "attention"
            }
        var json = JSONWriter()
        json.object { json in
            json.member("type", "message")
            json.member("attachments", array: [0]) { json, _ in
                json.object { json in
                    json.member("contentType", "application/vnd.microsoft.card.adaptive")
                    json.member("content") { json in
                        json.member("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                        json.member("type", "AdaptiveCard")
                        json.member("version", "1.4")
                        json.member("msteams") { $0.member("width", "full") }
                        json.member("body", array: ["title", "text"]) { json, key in
                            json.object {
                                $0.member("type", "TextBlock")
                                $0.member("text", markdownEscaped(texts.text(key, notification)))
                                $0.member("wrap", true)
                                if key == "title" {
                                    $0.member("weight", "Bolder")
                                    $0.member("size", "Medium")
                                    $0.member("style", "heading")
                                    $0.member("color", color)
                                }
                            }
                        }
                    }
                }
            }
        }
        return ServiceRequest(url: try texts.secret("webhook_url"), body: json.bytes)
    }

    static func discord(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        var json = JSONWriter()
        json.object { json in
            json.member("content", MessageText.cut(texts.text("content", notification), to: 2000))
            for key in ["username", "avatar_url"] {
                let value = texts.text(key, notification)
                if !value.isEmpty { json.member(key, value) }
            }
            // No name or role in a label's value may call anybody.
            json.member("allowed_mentions") { $0.member("parse", strings: []) }
            json.member("embeds", array: [0]) { json, _ in
                json.object {
                    $0.member("title", MessageText.cut(texts.text("title", notification), to: 256))
                    $0.member("description", MessageText.cut(texts.text("message", notification), to: 4096))
                    $0.member("color", MessageText.color(notification))
                }
            }
        }
        return ServiceRequest(url: try texts.secret("webhook_url"), body: json.bytes)
    }

    static func telegram(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        let mode = texts.configuration.texts["parse_mode"] ?? ""
        let isHTML = mode.lowercased() == "html"
        let message = texts.text("message", notification, escape: isHTML ? TemplateEscaping.html : nil)
        var json = JSONWriter()
        json.object {
            $0.member("chat_id", texts.configuration.texts["chat_id"] ?? "")
            $0.member("text", MessageText.cut(message, to: 4096))
            if !mode.isEmpty { $0.member("parse_mode", mode) }
            if let thread = texts.configuration.numbers["message_thread_id"] { $0.member("message_thread_id", thread) }
            $0.member("disable_notification", texts.configuration.flags["disable_notifications"] ?? false)
            $0.member("disable_web_page_preview", true)
        }
        let base = trimmed(texts.configuration.texts["api_url"] ?? "")
        return ServiceRequest(url: "\(base)/bot\(try texts.secret("bot_token"))/sendMessage", body: json.bytes)
    }

    static func ntfy(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        let priority: Int =
            switch notification.severity {
            case .info?: 2
            case .warning?: 3
            case .emergency?: 5
            default: 4
            }
        let chosen = texts.text("priority", notification)
        var json = JSONWriter()
        json.object {
            $0.member("topic", texts.text("topic", notification))
            $0.member("title", MessageText.cut(texts.text("title", notification), to: 250))
            $0.member("message", MessageText.cut(texts.text("message", notification), to: 4000))
            $0.member("priority", Int(chosen) ?? (notification.status == .resolved ? 2 : priority))
            let tag = notification.status == .resolved ? "white_check_mark" : "rotating_light"
            $0.member("tags", strings: [tag] + (texts.configuration.lists["tags"] ?? []))
            let link = texts.text("click", notification)
            if link.hasPrefix("http") { $0.member("click", link) }
        }
        var request = ServiceRequest(url: trimmed(texts.configuration.texts["url"] ?? "") + "/", body: json.bytes)
        if texts.configuration.secrets["token"] != nil {
            request.headers.append(("Authorization", "Bearer \(try texts.secret("token"))"))
        }
        return request
    }

    /// Teams reads Markdown: a label's value must not become a link or a mention.
    private static func markdownEscaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if "[]<>*`#|".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }

    private static func hexadecimal(_ color: Int) -> String {
        let digits = String(color, radix: 16)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    static func trimmed(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }
}
