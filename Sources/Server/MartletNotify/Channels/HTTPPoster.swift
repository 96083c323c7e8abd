import MartletConfiguration
import MartletCore
import MartletHTTPClient

/// Sends requests of channels, and tells their failures in the words of deliveries.
///
/// Redirects are not followed unless the configuration says so, private addresses are only connected to where the
/// server's list allows it, and no message repeats more of an address than its host.
struct HTTPPoster: Sendable {
    let http: any HTTPSending
    let settings: HTTPClientSettings
    let timeout: Duration
    let addresses: AddressPolicy?

    /// The largest answer that is read.
    private static let answerBytesMax = 64 << 10

    /// Sends once.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - url: The address, which may be a secret.
    ///   - body: The content.
    ///   - headers: More header fields.
    ///   - limit: How long the attempt may take, if that is less than the channel's own timeout.
    ///   - service: The service's name, for messages such as `Slack API error: 500`.
    /// - Returns: What the receiver answered, fit to be shown.
    /// - Throws: ``DeliveryError``.
    func send(
        _ method: String = "POST",
        url: String,
        body: [UInt8],
        headers: [(name: String, value: String)] = [],
        limit: Duration,
        service: String? = nil
    ) async throws(DeliveryError) -> String {
        var request = OutgoingRequest(method, url: url, body: body)
        request.headers = [("Content-Type", "application/json"), ("User-Agent", "Martlet")] + headers
        for header in settings.headers {
            for value in header.values { request.headers.append((header.name, try Self.read(value, "http_headers"))) }
        }
        request.credentials = try credentials()
        request.tls = settings.tls == TLSSettings() ? nil : TLSOptions(settings.tls)
        request.timeout = min(limit, timeout)
        request.bodyBytesMax = Self.answerBytesMax
        // Whoever has answered with a status has the message, however odd the rest of the answer is.
        request.needsOnlyStatus = true
        request.followsRedirects = settings.followsRedirects
        request.proxy = settings.proxy?.reveal()
        request.addresses = addresses
        let answer: IncomingResponse
        do throws(HTTPClientError) {
            answer = try await http.send(request)
        } catch {
            throw failure(error, url: url)
        }
        try check(answer, service)
        return "status \(answer.status)" + Self.excerpt(answer)
    }

    /// A secret's text, read at every use, so that a rotated file counts at once.
    static func read(_ source: SecretSource, _ key: String) throws(DeliveryError) -> String {
        do throws(FileError) {
            return try source.read().reveal()
        } catch {
            // A file that is missing for a moment, while a secret is rotated, is worth another try.
            throw DeliveryError(.configuration, "\(key): \(error.description)", isRetryable: true)
        }
    }

    private func credentials() throws(DeliveryError) -> OutgoingRequest.Credentials? {
        let password = { (source: SecretSource?) throws(DeliveryError) -> String in
            guard let source else { return "" }
            return try Self.read(source, "password_file")
        }
        switch settings.credentials {
        case nil: return nil
        case .basic(let user, let source): return .basic(user: user, password: try password(source))
        case .basicFromFile(let userFile, let source):
            return .basic(user: try Self.read(.file(userFile), "username_file"), password: try password(source))
        case .authorization(let scheme, let source):
            return .authorization(scheme: scheme, credentials: try Self.read(source, "credentials_file"))
        }
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

    private func check(_ answer: IncomingResponse, _ service: String?) throws(DeliveryError) {
        let message =
            service.map { "\($0) API error: \(answer.status)" } ?? "the receiver answered with status \(answer.status)"
        let excerpt = Self.excerpt(answer)
        switch answer.status {
        case 200..<300: return
        case 300..<400:
            throw DeliveryError(
                .redirected,
                "\(message), a redirect, which is not followed; configure the final address"
            )
        case 401, 403: throw DeliveryError(.unauthorized, message + excerpt)
        case 429:
            throw DeliveryError(.rateLimited, message, isRetryable: true, retryAfter: Self.retryAfter(answer))
        case 408:
            throw DeliveryError(.timeout, message, isRetryable: true, retryAfter: Self.retryAfter(answer))
        case 500...:
            throw DeliveryError(.serverError, message, isRetryable: true, retryAfter: Self.retryAfter(answer))
        default: throw DeliveryError(.clientError, message + excerpt)
        }
    }

    /// The beginning of a textual answer on one line; it comes from an address that notifications may go to.
    private static func excerpt(_ answer: IncomingResponse) -> String {
        let text = MessageText.oneLine(String(decoding: answer.body.prefix(300), as: UTF8.self))
        let type = answer.header("content-type") ?? "text/plain"
        guard !text.isEmpty, type.hasPrefix("text/plain") || type.hasPrefix("application/json") else { return "" }
        return ": \(text)"
    }

    /// The header's seconds; its other form, a date, is ignored.
    private static func retryAfter(_ answer: IncomingResponse) -> Duration? {
        answer.header("retry-after").flatMap { Int64($0) }.map { .seconds(max(0, min($0, 86_400))) }
    }
}

extension TLSOptions {
    init(_ settings: TLSSettings) {
        self.init()
        authorityFile = settings.authorityFile
        certificateFile = settings.certificateFile
        keyFile = settings.keyFile
        serverName = settings.serverName
        acceptsAnyCertificate = settings.acceptsAnyCertificate
    }
}
