/// Which keys a kind of channel has, and what stands where a file says nothing.
struct ChannelKeys {
    /// The keys of texts, with their defaults; `nil` for none.
    var texts: [String: String?] = [:]
    /// The keys of secrets, which a file may hold as `…_file`.
    var secrets: [String] = []
    /// The keys of lists of texts.
    var lists: [String] = []
    /// The keys of names with texts.
    var maps: [String] = []
    /// The keys of yes or no, with their defaults.
    var flags: [String: Bool] = [:]
    /// The keys of whole numbers, with their defaults.
    var numbers: [String: Int?] = [:]
    /// Keys without which the channel cannot work; of those in one entry, one is enough.
    var required: [[String]] = []
    /// Other names of keys, as the friendly form has them.
    var aliases: [String: String] = [:]
    /// Whether ends are told where the file does not say.
    var sendsResolved = true
    /// Keys of Alertmanager that have no effect here.
    var unserved: [String] = []

    static func keys(of kind: ChannelConfiguration.Kind) -> ChannelKeys {
        switch kind {
        case .log: ChannelKeys(texts: ["level": nil])
        case .slack: slack
        case .email: email
        case .pagerduty: pagerduty
        case .opsgenie: opsgenie
        case .msteams:
            ChannelKeys(
                texts: [
                    "title": named("msteams.default.title"), "summary": named("msteams.default.summary"),
                    "text": named("msteams.default.text"),
                ],
                secrets: ["webhook_url"],
                required: [["webhook_url"]]
            )
        case .msteamsv2:
            ChannelKeys(
                texts: ["title": named("msteamsv2.default.title"), "text": named("msteamsv2.default.text")],
                secrets: ["webhook_url"],
                required: [["webhook_url"]]
            )
        case .discord:
            ChannelKeys(
                texts: [
                    "title": named("discord.default.title"), "message": named("discord.default.message"),
                    "content": named("discord.default.content"), "username": nil, "avatar_url": nil,
                ],
                secrets: ["webhook_url"],
                required: [["webhook_url"]]
            )
        case .telegram:
            ChannelKeys(
                texts: [
                    "api_url": "https://api.telegram.org", "message": named("telegram.default.message"),
                    "parse_mode": "HTML", "chat_id": nil,
                ],
                secrets: ["bot_token"],
                flags: ["disable_notifications": false],
                numbers: ["message_thread_id": nil],
                required: [["bot_token"], ["chat_id"]],
                unserved: ["chat_id_file"]
            )
        case .ntfy:
            ChannelKeys(
                texts: [
                    "topic": nil, "title": named("ntfy.default.title"), "message": named("ntfy.default.message"),
                    "click": named("ntfy.default.click"), "priority": nil, "url": "https://ntfy.sh",
                ],
                secrets: ["token"],
                lists: ["tags"],
                required: [["topic"]]
            )
        case .alertmanager: ChannelKeys(secrets: ["url"], required: [["url"]])
        case .command:
            ChannelKeys(
                texts: ["program": nil],
                lists: ["arguments"],
                maps: ["environment"],
                required: [["program"]],
                aliases: ["command": "program"]
            )
        }
    }

    private static func named(_ name: String) -> String { "{{ template \"\(name)\" . }}" }

    private static let slack = ChannelKeys(
        texts: [
            "channel": nil, "username": named("slack.default.username"), "color": nil,
            "title": named("slack.default.title"), "title_link": named("slack.default.titlelink"),
            "pretext": named("slack.default.pretext"), "text": named("slack.default.text"),
            "fallback": named("slack.default.fallback"), "footer": named("slack.default.footer"),
            "callback_id": named("slack.default.callbackid"), "icon_emoji": named("slack.default.iconemoji"),
            "icon_url": named("slack.default.iconurl"), "image_url": nil, "thumb_url": nil,
        ],
        secrets: ["api_url"],
        lists: ["mrkdwn_in"],
        flags: ["short_fields": false, "link_names": false],
        required: [["api_url"]],
        aliases: ["webhook_url": "api_url"],
        sendsResolved: false,
        unserved: ["actions", "message_text", "app_token", "app_token_file", "app_url"]
    )

    private static let email = ChannelKeys(
        texts: [
            "to": nil, "from": nil, "smarthost": nil, "hello": "localhost", "auth_username": nil, "auth_identity": nil,
            "html": "", "text": "",
        ],
        secrets: ["auth_password", "auth_secret"],
        maps: ["headers"],
        flags: ["require_tls": true, "force_implicit_tls": false],
        required: [["to"], ["from"], ["smarthost"]],
        aliases: [
            "username": "auth_username", "password": "auth_password", "password_file": "auth_password_file",
            "from_email": "from", "use_tls": "require_tls", "to_emails": "to",
        ],
        sendsResolved: false,
        unserved: ["threading"]
    )

    private static let pagerduty = ChannelKeys(
        texts: [
            "url": "https://events.pagerduty.com/v2/enqueue", "client": named("pagerduty.default.client"),
            "client_url": named("pagerduty.default.clientURL"), "description": named("pagerduty.default.description"),
            "severity": "", "source": "", "class": "", "component": "", "group": "",
        ],
        secrets: ["routing_key", "service_key"],
        maps: ["details"],
        required: [["routing_key", "service_key"]],
        aliases: ["integration_key": "routing_key"],
        unserved: ["images", "links"]
    )

    private static let opsgenie = ChannelKeys(
        texts: [
            "api_url": "https://api.opsgenie.com/", "message": named("opsgenie.default.message"),
            "description": named("opsgenie.default.description"), "source": named("opsgenie.default.source"),
            "tags": "", "note": "", "priority": "", "entity": "", "actions": "",
        ],
        secrets: ["api_key"],
        maps: ["details"],
        required: [["api_key"]],
        unserved: ["responders", "update_alerts"]
    )
}
