public import MartletYAML

/// The sections that alerting reads itself, as they stand in the file: variables in them are not yet put in.
///
/// Read them with ``MappingReader`` in the context that ``ConfigurationLoader/load(path:environment:patterns:alsoReading:)``
/// gives, so that their problems are reported together with all others.
public struct AlertingSections: Sendable {
    /// The whole `global` section, for Alertmanager's keys in it such as `resolve_timeout` and `http_config`.
    ///
    /// ``alertmanagerGlobalKeys`` lists them; keys of either program that nobody knows are already reported.
    public var global: YAMLNode?

    /// Alertmanager's `route`.
    public var route: YAMLNode?

    /// Alertmanager's `receivers`.
    public var receivers: YAMLNode?

    /// Alertmanager's `inhibit_rules`.
    public var inhibitRules: YAMLNode?

    /// Alertmanager's `time_intervals`.
    public var timeIntervals: YAMLNode?

    /// Alertmanager's older name `mute_time_intervals`.
    public var muteTimeIntervals: YAMLNode?

    /// Alertmanager's `templates`.
    public var templates: YAMLNode?

    /// Prometheus' `alerting`: external Alertmanagers and alert relabelling.
    public var alerting: YAMLNode?

    /// Our own `alerts`: rules, channels and escalation policies, or a list of rules alone.
    public var alerts: YAMLNode?

    /// The sources' own `monitoring`: rules and thresholds.
    public var monitoring: YAMLNode?

    /// ``alerts`` where it is more than a list of rules.
    var alertsMapping: YAMLNode? {
        if case .sequence = alerts?.content { nil } else { alerts }
    }

    /// Creates a set without sections.
    public init() {}

    /// The keys of `global` that belong to Alertmanager.
    public static let alertmanagerGlobalKeys = [
        "resolve_timeout", "http_config", "smtp_from", "smtp_smarthost", "smtp_hello", "smtp_auth_username",
        "smtp_auth_password", "smtp_auth_password_file", "smtp_auth_secret", "smtp_auth_secret_file",
        "smtp_auth_identity", "smtp_require_tls", "smtp_tls_config", "smtp_force_implicit_tls", "slack_api_url",
        "slack_api_url_file", "slack_app_token", "slack_app_token_file", "slack_app_url", "pagerduty_url",
        "opsgenie_api_url", "opsgenie_api_key", "opsgenie_api_key_file", "wechat_api_url", "wechat_api_secret",
        "wechat_api_secret_file", "wechat_api_corp_id", "victorops_api_url", "victorops_api_key",
        "victorops_api_key_file", "telegram_api_url", "telegram_bot_token", "telegram_bot_token_file",
        "webex_api_url", "rocketchat_api_url", "rocketchat_token", "rocketchat_token_file", "rocketchat_token_id",
        "rocketchat_token_id_file", "jira_api_url", "mattermost_webhook_url", "mattermost_webhook_url_file",
    ]
}
