import MartletConfiguration
import MartletCore
import MartletExposition
import MartletHTTPClient

/// Asks a target over HTTP.
struct HTTPExpositionSource: ExpositionSource {
    let target: ScrapeTarget
    let configuration: ScrapeConfiguration
    let client: any HTTPSending

    func fetch() async throws(SourceError) -> ScrapedExposition {
        let request: OutgoingRequest
        do {
            request = try self.request()
        } catch {
            throw .failed(ScrapeFailure(.credentials, error.description))
        }
        let response: IncomingResponse
        do {
            response = try await client.send(request)
        } catch {
            throw Self.failure(error, timeout: target.timeout)
        }
        guard response.status == 200 else {
            throw .failed(ScrapeFailure(.status, "server returned HTTP status \(response.status)"))
        }
        guard response.body.count <= configuration.limits.bodyBytes else {
            throw Self.failure(.bodyTooLarge(limit: configuration.limits.bodyBytes), timeout: target.timeout)
        }
        return ScrapedExposition(bytes: response.body, format: try format(of: response))
    }

    private func request() throws(FileError) -> OutgoingRequest {
        var request = OutgoingRequest(url: target.url)
        request.headers = [
            ("Accept", ScrapeAccept.header(for: configuration.protocols)),
            (
                "X-Prometheus-Scrape-Timeout-Seconds",
                FloatText.shortest(Double(target.timeout.wholeMilliseconds) / 1000)
            ),
        ]
        try configuration.http.apply(to: &request)
        request.timeout = target.timeout
        request.bodyBytesMax = configuration.limits.bodyBytes
        request.acceptsGzip = configuration.asksForCompression
        return request
    }

    private func format(of response: IncomingResponse) throws(SourceError) -> ExpositionFormat {
        let fallback = configuration.fallbackProtocol ?? .prometheusText0
        guard let type = response.header("content-type"), !type.isEmpty else { return fallback.format }
        if let format = ExpositionFormat(contentType: type), format != .json { return format }
        if let named = configuration.fallbackProtocol { return named.format }
        throw .failed(
            ScrapeFailure(
                .contentType,
                "target answers with content type \"\(type.prefix(100))\"; expected text/plain, application/openmetrics-text or Prometheus' protobuf"
            )
        )
    }

    private static func failure(_ error: HTTPClientError, timeout: Duration) -> SourceError {
        switch error {
        case .cancelled: .cancelled
        case .badURL, .connection: .failed(ScrapeFailure(.connection, error.description))
        case .timeout:
            .failed(ScrapeFailure(.timeout, "no answer within \(timeout.configurationText): \(error.description)"))
        case .bodyTooLarge: .failed(ScrapeFailure(.bodyTooLarge, "\(error.description); see body_size_limit"))
        case .badEncoding: .failed(ScrapeFailure(.badEncoding, error.description))
        }
    }
}

extension ScrapeProtocol {
    /// How an answer in this form is read.
    fileprivate var format: ExpositionFormat {
        switch self {
        case .openMetrics0, .openMetrics1: .openMetrics
        case .prometheusProto: .protobuf
        case .prometheusText0, .prometheusText1: .text
        }
    }
}
