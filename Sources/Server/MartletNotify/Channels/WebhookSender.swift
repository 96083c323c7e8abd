public import MartletAlerting
public import MartletConfiguration
import MartletCore
public import MartletHTTPClient

/// Posts notifications to a webhook as Alertmanager does, or with a body of the user's own.
public struct WebhookSender: NotificationSending {
    private let configuration: WebhookConfiguration
    private let externalURL: String
    private let poster: HTTPPoster
    private let templates: MessageTemplates?
    private let body: MessageTemplates.Field?

    /// Creates a sender.
    ///
    /// - Parameters:
    ///   - configuration: Where and how to post.
    ///   - externalURL: This server's address.
    ///   - http: Sends requests.
    ///   - addresses: Where connections may go; `nil` for everywhere.
    ///   - templates: Fills the user's body in; `nil` for Alertmanager's message only.
    public init(
        _ configuration: WebhookConfiguration,
        externalURL: String,
        http: any HTTPSending,
        addresses: AddressPolicy? = nil,
        templates: MessageTemplates? = nil
    ) {
        self.configuration = configuration
        self.externalURL = externalURL
        self.templates = templates
        body = configuration.template.flatMap { templates?.field($0, name: "template") }
        poster = HTTPPoster(
            http: http,
            settings: configuration.http,
            timeout: configuration.timeout,
            addresses: addresses
        )
    }

    /// Posts once.
    ///
    /// - Throws: ``DeliveryError``, with nothing of the address but its host.
    public func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        _ = try await answer(to: notification, timeout: timeout)
    }

    /// Posts once, and gives the answer.
    ///
    /// - Returns: The answer's status and beginning.
    /// - Throws: ``DeliveryError``.
    public func answer(to notification: Notification, timeout: Duration) async throws(DeliveryError) -> String {
        let content: [UInt8]
        if let body, let templates {
            content = Array(templates.text(body, notification).utf8)
        } else {
            content = WebhookPayload.bytes(
                notification,
                externalURL: externalURL,
                maxAlerts: configuration.maxAlerts
            )
        }
        return try await poster.send(
            url: try HTTPPoster.read(configuration.url, "url_file"),
            body: content,
            headers: [("Idempotency-Key", notification.idempotencyKey)],
            limit: timeout
        )
    }
}
