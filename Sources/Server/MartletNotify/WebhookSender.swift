public import MartletAlerting
public import MartletConfiguration
import MartletCore
public import MartletHTTPClient

/// Posts notifications to a webhook as Alertmanager does.
public struct WebhookSender: NotificationSending {
    private let configuration: WebhookConfiguration
    private let externalURL: String
    private let http: any HTTPSending

    /// The largest answer that is read; its content is ignored.
    private static let answerBytesMax = 64 << 10

    /// Creates a sender.
    public init(_ configuration: WebhookConfiguration, externalURL: String, http: any HTTPSending) {
        self.configuration = configuration
        self.externalURL = externalURL
        self.http = http
    }

    /// Posts once.
    ///
    /// - Throws: ``DeliveryError``, with nothing of the address but its host.
    public func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        let request = try request(for: notification, timeout: timeout)
        let answer: IncomingResponse
        do throws(HTTPClientError) {
            answer = try await http.send(request)
        } catch {
            throw failure(error, url: request.url)
        }
        try check(answer)
    }

    // MARK: - Asking

    private func request(for notification: Notification, timeout: Duration) throws(DeliveryError) -> OutgoingRequest {
        let settings = configuration.http
        let body = WebhookPayload.bytes(
            notification,
            externalURL: externalURL,
            maxAlerts: configuration.maxAlerts
        )
        var request = OutgoingRequest("POST", url: try read(configuration.url, "url_file"), body: body)
        request.headers = [("Content-Type", "application/json"), ("User-Agent", "Martlet")]
        for header in settings.headers {
            for value in header.values { request.headers.append((header.name, try read(value, "http_headers"))) }
        }
        request.credentials = try credentials(settings.credentials)
        request.tls = settings.tls == TLSSettings() ? nil : options(settings.tls)
        request.timeout = min(timeout, configuration.timeout)
        request.bodyBytesMax = Self.answerBytesMax
        request.followsRedirects = settings.followsRedirects
        request.proxy = settings.proxy?.reveal()
        return request
    }

    private func credentials(
        _ credentials: HTTPClientSettings.Credentials?
    ) throws(DeliveryError) -> OutgoingRequest.Credentials? {
        switch credentials {
        case nil: return nil
        case .basic(let user, let password):
            return .basic(
                user: user,
                password: try password.map { source throws(DeliveryError) in
                    try read(source, "password_file")
                } ?? ""
            )
        case .basicFromFile(let userFile, let password):
            let user = try read(.file(userFile), "username_file")
            return .basic(
                user: user,
                password: try password.map { source throws(DeliveryError) in
                    try read(source, "password_file")
                } ?? ""
            )
        case .authorization(let scheme, let source):
            return .authorization(scheme: scheme, credentials: try read(source, "credentials_file"))
        }
    }

    private func read(_ source: SecretSource, _ key: String) throws(DeliveryError) -> String {
        do throws(FileError) {
            return try source.read().reveal()
        } catch {
            // A file that is missing for a moment, while a secret is rotated, is worth another try.
            throw DeliveryError(.configuration, "\(key): \(error.description)", isRetryable: true)
        }
    }

    private func options(_ settings: TLSSettings) -> TLSOptions {
        var options = TLSOptions()
        options.authorityFile = settings.authorityFile
        options.certificateFile = settings.certificateFile
        options.keyFile = settings.keyFile
        options.serverName = settings.serverName
        options.acceptsAnyCertificate = settings.acceptsAnyCertificate
        return options
    }

    // MARK: - Answers

    private func failure(_ error: HTTPClientError, url: String) -> DeliveryError {
        let message = Redaction.clean(error.description, of: url)
        switch error {
        case .badURL: return DeliveryError(.configuration, message)
        case .connection: return DeliveryError(.connection, message, isRetryable: true)
        case .timeout: return DeliveryError(.timeout, message, isRetryable: true)
        case .cancelled: return DeliveryError(.cancelled, message)
        // The message was taken; only the answer is odd, and it would be odd again.
        case .bodyTooLarge, .badEncoding: return DeliveryError(.other, message)
        }
    }

    private func check(_ answer: IncomingResponse) throws(DeliveryError) {
        switch answer.status {
        case 200..<300: return
        case 300..<400:
            throw DeliveryError(
                .redirected,
                "the receiver answered with status \(answer.status), a redirect, which is not followed; "
                    + "configure the final address"
            )
        case 429:
            throw DeliveryError(
                .rateLimited,
                "the receiver answered with status 429",
                isRetryable: true,
                retryAfter: retryAfter(answer)
            )
        case 500...:
            throw DeliveryError(
                .serverError,
                "the receiver answered with status \(answer.status)",
                isRetryable: true,
                retryAfter: retryAfter(answer)
            )
        default: throw DeliveryError(.clientError, "the receiver answered with status \(answer.status)")
        }
    }

    /// The header's seconds; its other form, a date, is ignored.
    private func retryAfter(_ answer: IncomingResponse) -> Duration? {
        answer.header("retry-after").flatMap { Int64($0) }.map { .seconds(max(0, min($0, 86_400))) }
    }
}
