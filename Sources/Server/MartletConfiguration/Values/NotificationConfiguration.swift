public import MartletAlerting

/// Who is told of alerts, and how: Alertmanager's `route` and `receivers`.
public struct NotificationConfiguration: Sendable, Equatable {
    /// The root of the routes; `nil` where nobody is to be told.
    public var route: Route?

    /// The receivers, in the order written.
    public var receivers: [ReceiverConfiguration] = []

    /// The receivers of alerts that neither name channels nor find a route: the channels of `alerts.channels`.
    public var defaultReceivers: [String] = []

    /// Which alerts keep which others quiet (`inhibit_rules`).
    public var inhibitions: [InhibitionRule] = []

    /// The times that routes name (`time_intervals`).
    public var intervals: [String: [CalendarInterval]] = [:]

    /// Who is told as long as nobody acknowledges (`alerts.escalation_policies`).
    public var policies: [EscalationPolicy] = []

    /// The texts of the template files (`templates`), with their names.
    public var templates: [TemplateFile] = []

    /// Other Alertmanagers that are told everything (`alerting`).
    public var alertmanagers = ExternalAlertmanagers()

    /// After how long an alert of another program has ended that says no end (`global.resolve_timeout`, default 5m).
    public var resolveTimeout: Duration = .seconds(300)

    /// Whether channels of the kind `command` may run programs (`alerts.allow_commands`).
    public var allowsCommands = false

    /// Creates a configuration that tells nobody.
    public init() {}
}

/// One entry of `receivers`.
public struct ReceiverConfiguration: Sendable, Equatable {
    /// The name that routes use, unique in the file.
    public var name: String

    /// The receiver's webhooks.
    public var webhooks: [WebhookConfiguration] = []

    /// The receiver's other channels.
    public var channels: [ChannelConfiguration] = []

    /// Creates a receiver that is told nothing.
    public init(name: String) { self.name = name }
}

/// One entry of `webhook_configs`.
public struct WebhookConfiguration: Sendable, Equatable {
    /// Where to post (`url`, `url_file`); it may hold a token, and so is never shown.
    public var url: SecretSource

    /// How to post (`http_config`); redirects are only followed where the file says so.
    public var http: HTTPClientSettings

    /// Whether ends are told too (`send_resolved`, default true).
    public var sendsResolved: Bool

    /// How many alerts a message holds at most (`max_alerts`); 0 for any number.
    public var maxAlerts: Int

    /// How long one attempt may take (`timeout`, default 10s).
    public var timeout: Duration

    /// The body as a template (`template`); `nil` for Alertmanager's message.
    public var template: String?

    /// Alerts below this severity are not told (`min_severity`); `nil` for all.
    public var minimumSeverity: AlertSeverity?

    /// Creates a webhook with the defaults.
    public init(
        url: SecretSource,
        http: HTTPClientSettings? = nil,
        sendsResolved: Bool = true,
        maxAlerts: Int = 0,
        timeout: Duration = .seconds(10),
        template: String? = nil,
        minimumSeverity: AlertSeverity? = nil
    ) {
        var settings = HTTPClientSettings()
        settings.followsRedirects = false
        self.url = url
        self.http = http ?? settings
        self.sendsResolved = sendsResolved
        self.maxAlerts = maxAlerts
        self.timeout = timeout
        self.template = template
        self.minimumSeverity = minimumSeverity
    }
}
