import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPClient

/// Tells by mail, as text and HTML.
struct MailSender: NotificationSending {
    let texts: ChannelTexts
    let mail: any MailSending
    let externalURL: String
    let addresses: AddressPolicy?

    func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        _ = try await answer(to: notification, timeout: timeout)
    }

    func answer(to notification: Notification, timeout: Duration) async throws(DeliveryError) -> String {
        let mail = try message(notification, timeout: timeout)
        do throws(MailError) {
            return try await self.mail.send(mail)
        } catch {
            throw failure(error)
        }
    }

    private func message(_ notification: Notification, timeout: Duration) throws(DeliveryError) -> OutgoingMail {
        let configuration = texts.configuration
        let place = configuration.texts["smarthost"] ?? ""
        guard let colon = place.lastIndex(of: ":"), let port = Int(place[place.index(after: colon)...]) else {
            throw DeliveryError(.configuration, "the mail server has to look like host:port")
        }
        let from = texts.text("from", notification)
        let recipients = texts.text("to", notification).split(separator: ",").map { Self.address(String($0)) }
        var mail = OutgoingMail(
            host: String(place[..<colon]),
            port: port,
            sender: Self.address(from),
            recipients: recipients.filter { !$0.isEmpty },
            message: content(notification, from: from)
        )
        mail.hello = configuration.texts["hello"] ?? "localhost"
        mail.timeout = min(timeout, configuration.timeout)
        mail.addresses = addresses
        mail.tls = configuration.http.tls == TLSSettings() ? nil : TLSOptions(configuration.http.tls)
        let requiresTLS = configuration.flags["require_tls"] ?? true
        mail.protection = configuration.flags["force_implicit_tls"] == true ? .tls : requiresTLS ? .startTLS : .none
        if let user = configuration.texts["auth_username"], !user.isEmpty {
            mail.user = user
            let key = configuration.secrets["auth_password"] != nil ? "auth_password" : "auth_secret"
            mail.password = try texts.secret(key)
        }
        return mail
    }

    private func content(_ notification: Notification, from: String) -> [UInt8] {
        let text = texts.text("text", notification)
        let html = texts.text("html", notification, escape: TemplateEscaping.html)
        let lists = MailText(notification, externalURL: externalURL)
        var message = MailMessage(text: text.isEmpty ? lists.text : text, html: html.isEmpty ? lists.html : html)
        message.set("From", from)
        message.set("To", texts.text("to", notification))
        message.set("Subject", "[\(notification.status.rawValue.uppercased())] \(MessageText.title(notification))")
        message.set("Date", Self.date(notification.decidedAt))
        message.set("Message-ID", "<\(notification.idempotencyKey)@martlet>")
        message.set("Auto-Submitted", "auto-generated")
        for (name, value) in (texts.configuration.maps["headers"] ?? [:]).sorted(by: { $0.key < $1.key }) {
            message.set(name, texts.text(of: value, notification))
        }
        // The key is the same at every attempt, and no text is made after it is known.
        return message.bytes(boundary: "martlet-\(RandomName.uuid())")
    }

    private func failure(_ error: MailError) -> DeliveryError {
        switch error {
        case .unusable(let message): DeliveryError(.configuration, message)
        case .connection(let message): DeliveryError(.connection, message, isRetryable: true)
        case .timeout(let message): DeliveryError(.timeout, message, isRetryable: true)
        case .login(let message): DeliveryError(.unauthorized, message)
        // Codes from 400 are for now, those from 500 for good.
        case .refused(let code, let message):
            DeliveryError(code < 500 ? .serverError : .clientError, message, isRetryable: code < 500)
        case .cancelled: DeliveryError(.cancelled, error.description)
        }
    }

    /// The bare address of `Name <name@host>`.
    private static func address(_ text: String) -> String {
        let trimmed = text.filter { !$0.isNewline }.split(separator: " ").joined(separator: " ")
        guard let start = trimmed.lastIndex(of: "<"), let end = trimmed.lastIndex(of: ">"), start < end else {
            return trimmed
        }
        return String(trimmed[trimmed.index(after: start)..<end])
    }

    /// A time as mail has it: `Sat, 21 Nov 2026 06:41:21 +0000`.
    private static func date(_ milliseconds: Int64) -> String {
        let text = RFC3339.string(nanosecondsSinceEpoch: milliseconds * 1_000_000, fractionDigits: 0)
        let date = RFC3339.civilDate(daysSinceEpoch: milliseconds / 86_400_000)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = text.dropFirst(11).prefix(8)
        let day = days[Int(milliseconds / 86_400_000 % 7)]
        return "\(day), \(date.day) \(months[Int(date.month) - 1]) \(date.year) \(time) +0000"
    }
}

/// The built-in content of mails.
struct MailText {
    let text: String
    let html: String

    /// How many alerts a mail lists.
    private static let alertsMax = 200

    init(_ notification: Notification, externalURL: String) {
        let escape = TemplateEscaping.html
        var text = "\(MessageText.title(notification))\n\n"
        var html =
            "<!DOCTYPE html><html><body style=\"font-family:sans-serif;font-size:14px\">"
            + "<h2 style=\"font-size:16px\">\(escape(MessageText.title(notification)))</h2>"
        for item in notification.items.prefix(Self.alertsMax) {
            let alert = item.alert
            let name = alert.labels["alertname"] ?? "alert"
            let since = MessageText.time(alert.startsAt)
            let state =
                item.status == .firing ? "firing since \(since)" : "resolved at \(MessageText.time(alert.endsAt))"
            text += "\(name), \(state)\n  \(MessageText.sentence(of: alert))\n"
            html += "<p><b>\(escape(name))</b>, \(escape(state))<br>\(escape(MessageText.sentence(of: alert)))</p><ul>"
            for label in alert.labels where label.name != "alertname" {
                text += "  \(label.name) = \(MessageText.oneLine(label.value))\n"
                html += "<li>\(escape(label.name)) = \(escape(label.value))</li>"
            }
            for (name, value) in alert.annotations.sorted(by: { $0.key < $1.key }) {
                text += "  \(name): \(value)\n"
                html += "<li>\(escape(name)): \(escape(value))</li>"
            }
            html += "</ul>"
            if alert.generatorURL.hasPrefix("http") {
                text += "  \(alert.generatorURL)\n"
                html += "<p><a href=\"\(escape(alert.generatorURL))\">expression</a></p>"
            }
            text += "\n"
        }
        let rest = notification.items.count - Self.alertsMax
        if rest > 0 {
            text += "and \(rest) more\n"
            html += "<p>and \(rest) more</p>"
        }
        text += externalURL.isEmpty ? "" : "\(externalURL)/?view=alerts\n"
        html += externalURL.isEmpty ? "" : "<p><a href=\"\(escape(externalURL))/?view=alerts\">Martlet</a></p>"
        self.text = text
        self.html = html + "</body></html>"
    }
}
