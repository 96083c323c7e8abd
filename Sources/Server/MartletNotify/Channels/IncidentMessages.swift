public import MartletAlerting
public import MartletConfiguration
import MartletCore
public import MartletHTTPClient

/// The messages of services that keep incidents: one group is one incident, from its first alert to its last.
enum IncidentMessages {
    /// PagerDuty's Events API v2; trigger, acknowledge and resolve share one key.
    ///
    /// - SeeAlso: [Events API v2](https://developer.pagerduty.com/docs/events-api-v2-overview)
    static func pagerDuty(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        let isResolved = notification.status == .resolved
        let action = notification.isAcknowledgement ? "acknowledge" : isResolved ? "resolve" : "trigger"
        let key = texts.configuration.secrets["routing_key"] != nil ? "routing_key" : "service_key"
        let routingKey = try texts.secret(key)
        let severity = AlertSeverity(word: texts.text("severity", notification)) ?? notification.severity ?? .error
        let source = texts.text("source", notification)
        let first = notification.items.first?.alert.labels
        var json = JSONWriter()
        json.object { json in
            json.member("routing_key", routingKey)
            json.member("event_action", action)
            json.member("dedup_key", MessageText.incident(notification))
            json.member("client", texts.text("client", notification))
            json.member("client_url", texts.text("client_url", notification))
            json.member("payload") { json in
                json.member("summary", MessageText.cut(texts.text("description", notification), to: 1024))
                json.member("source", source.isEmpty ? first?["instance"] ?? first?["job"] ?? "martlet" : source)
                json.member("severity", severity == .emergency ? "critical" : severity.rawValue)
                json.member("timestamp", MessageText.time(notification.decidedAt))
                for name in ["component", "group", "class"] {
                    let value = texts.text(name, notification)
                    if !value.isEmpty { json.member(name, value) }
                }
                json.member("custom_details") { json in
                    details(notification, texts, to: &json)
                    if severity == .emergency { json.member("emergency", "true") }
                }
            }
        }
        return ServiceRequest(url: texts.configuration.texts["url"] ?? "", body: json.bytes)
    }

    private static func details(_ notification: Notification, _ texts: ChannelTexts, to json: inout JSONWriter) {
        let firing = notification.items.filter { $0.status == .firing }
        let resolved = notification.items.filter { $0.status == .resolved }
        json.member("message", MessageText.message(notification))
        json.member("alert_id", MessageText.ids(notification))
        json.member("num_firing", String(firing.count))
        json.member("num_resolved", String(resolved.count))
        // The service takes half a megabyte; a hundred alerts tell enough.
        for (name, items) in [("firing", firing), ("resolved", resolved)] where !items.isEmpty {
            json.member(name, strings: items.prefix(100).map { $0.alert.labels.description })
        }
        for (name, template) in (texts.configuration.maps["details"] ?? [:]).sorted(by: { $0.key < $1.key }) {
            json.member(name, texts.text(of: template, notification))
        }
    }

    /// Opsgenie's Alert API; the alias is the incident.
    ///
    /// - SeeAlso: [Alert API](https://docs.opsgenie.com/docs/alert-api)
    static func opsgenie(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError) -> ServiceRequest {
        let alias = MessageText.incident(notification)
        let base = ChatMessages.trimmed(texts.configuration.texts["api_url"] ?? "") + "/v2/alerts"
        let header = (name: "Authorization", value: "GenieKey \(try texts.secret("api_key"))")
        let source = texts.text("source", notification)
        var json = JSONWriter()
        guard notification.status == .firing, !notification.isAcknowledgement else {
            json.object { $0.member("source", source) }
            let action = notification.isAcknowledgement ? "acknowledge" : "close"
            return ServiceRequest(
                url: "\(base)/\(alias)/\(action)?identifierType=alias",
                body: json.bytes,
                headers: [header]
            )
        }
        json.object { json in
            json.member("message", MessageText.cut(texts.text("message", notification), to: 130))
            json.member("alias", alias)
            json.member("description", MessageText.cut(texts.text("description", notification), to: 15_000))
            json.member("source", source)
            json.member("priority", priority(notification, texts))
            let tags = texts.text("tags", notification).split(separator: ",").map {
                String($0.drop { $0 == " " })
            }
            if !tags.isEmpty { json.member("tags", strings: tags) }
            for name in ["note", "entity"] {
                let value = texts.text(name, notification)
                if !value.isEmpty { json.member(name, value) }
            }
            json.member("details") { details(notification, texts, to: &$0) }
        }
        return ServiceRequest(url: base, body: json.bytes, headers: [header])
    }

    private static func priority(_ notification: Notification, _ texts: ChannelTexts) -> String {
        let chosen = texts.text("priority", notification)
        if !chosen.isEmpty { return chosen }
        return switch notification.severity {
        case .emergency?: "P1"
        case .critical?: "P1"
        case .error?: "P2"
        case .warning?: "P3"
        case .info?: "P5"
        case nil: "P3"
        }
    }

    /// The alerts as Alertmanager takes them.
    static func alertmanager(_ notification: Notification, _ texts: ChannelTexts) throws(DeliveryError)
        -> ServiceRequest
    {
        let base = ChatMessages.trimmed(try texts.secret("url"))
        let path = base.hasSuffix("/api/v2/alerts") ? "" : "/api/v2/alerts"
        let alerts = notification.items.map { item in
            var alert = item.alert
            // One that is still held for true has no end yet; the other side must not take the server's own limit for it.
            if item.status == .firing { alert.endsAt = max(alert.endsAt, notification.decidedAt + 4 * 60_000) }
            return alert
        }
        return ServiceRequest(url: base + path, body: AlertmanagerJSON.bytes(alerts))
    }
}

/// Alerts as `POST /api/v2/alerts` takes them.
public enum AlertmanagerJSON {
    /// Hands alerts to an Alertmanager that the configuration names; private addresses are as good as others.
    ///
    /// - Parameters:
    ///   - alerts: The alerts.
    ///   - url: The address, with the path.
    ///   - settings: How HTTP is spoken.
    ///   - timeout: How long it may take.
    ///   - http: Sends the request.
    /// - Throws: ``DeliveryError``.
    public static func post(
        _ alerts: [Alert],
        to url: String,
        settings: HTTPClientSettings,
        timeout: Duration,
        http: any HTTPSending
    ) async throws(DeliveryError) {
        let poster = HTTPPoster(http: http, settings: settings, timeout: timeout, addresses: nil)
        _ = try await poster.send(url: url, body: bytes(alerts), limit: timeout)
    }

    /// The JSON list.
    public static func bytes(_ alerts: [Alert]) -> [UInt8] {
        var json = JSONWriter()
        json.array(alerts) { json, alert in
            json.object {
                $0.member("labels", labels: alert.labels)
                $0.member("annotations", texts: alert.annotations)
                $0.member("startsAt", MessageText.time(alert.startsAt))
                $0.member("endsAt", MessageText.time(alert.endsAt))
                $0.member("generatorURL", alert.generatorURL)
            }
        }
        return json.bytes
    }
}
