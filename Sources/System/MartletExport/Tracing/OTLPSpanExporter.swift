public import MartletCore
import MartletCompression
public import MartletHTTPClient
import MartletOTLP
public import MartletTracing

/// Sends finished spans to a collector over OTLP/HTTP, as protobuf or JSON.
///
/// An answer 429, 502, 503 or 504, and no answer at all, is tried again, after what `Retry-After` says or after a time
/// that doubles and has some chance in it, until the time is up. Any other refusal is final; what a collector takes in part
/// is never sent again.
///
/// - SeeAlso: [OTLP/HTTP](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md#otlphttp)
public struct OTLPSpanExporter: SpanExporter {
    /// Where spans are sent and how.
    public struct Settings: Sendable {
        /// How the spans are written.
        public enum Encoding: Hashable, Sendable {
            /// `application/x-protobuf`.
            case protobuf
            /// `application/json`.
            case json
        }

        /// The address, path and all.
        public var url = "http://localhost:4318/v1/traces"
        /// How the spans are written.
        public var encoding = Encoding.protobuf
        /// Header fields to send along, such as a key.
        public var headers: [(name: String, value: String)] = []
        /// Whether the body is compressed with gzip.
        public var isCompressed = false
        /// How long an export may take, all tries together.
        public var timeout: Duration = .seconds(10)
        /// How a TLS connection is made; `nil` for the system's defaults.
        public var tls: TLSOptions?
        /// How long the first pause before another try is.
        public var firstPause: Duration = .seconds(1)
        /// How long a pause is at most.
        public var pauseMax: Duration = .seconds(5)

        /// Creates settings for a collector on this machine.
        public init() {}
    }

    private let settings: Settings
    private let client: any HTTPSending

    /// Creates an exporter.
    ///
    /// - Parameters:
    ///   - settings: Where spans are sent and how.
    ///   - client: Who sends requests; one client can do for many exporters.
    public init(_ settings: Settings = Settings(), client: any HTTPSending) {
        self.settings = settings
        self.client = client
    }

    /// Sends spans.
    public func export(_ batch: [ResourceSpans]) async -> SpanExportResult {
        let request = TracesRequest(resourceSpans: batch)
        let end = ContinuousClock.now + settings.timeout
        var outgoing = OutgoingRequest("POST", url: settings.url)
        outgoing.body = settings.encoding == .protobuf ? request.encoded() : request.json()
        outgoing.headers = settings.headers
        outgoing.headers.append((name: "Content-Type", value: contentType))
        outgoing.tls = settings.tls
        // The largest answer that the protocol allows.
        outgoing.bodyBytesMax = 4 << 20
        if settings.isCompressed, let body = outgoing.body {
            outgoing.body = Gzip.compress(body)
            outgoing.headers.append((name: "Content-Encoding", value: "gzip"))
        }
        var pause = settings.firstPause
        while true {
            outgoing.timeout = max(.milliseconds(1), end - .now)
            let (result, wait) = await attempt(outgoing)
            guard let wait else { return result }
            // Between half and the whole of the pause, so that many clients do not come back at once.
            let next = wait > .zero ? wait : pause * Double.random(in: 0.5...1)
            pause = min(pause * 2, settings.pauseMax)
            guard ContinuousClock.now + next < end else { return result }
            do {
                try await Task.sleep(for: next)
            } catch {
                return .failure("the export was cancelled; the last try said: \(OTLPSpanExporter.text(result))")
            }
        }
    }

    private var contentType: String {
        settings.encoding == .protobuf ? "application/x-protobuf" : "application/json"
    }

    /// Sends the request once.
    ///
    /// - Returns: What became of it, and how long to wait before another try: `.zero` where nobody said, `nil` where it is
    ///   final.
    private func attempt(_ request: OutgoingRequest) async -> (SpanExportResult, Duration?) {
        let answer: IncomingResponse
        do {
            answer = try await client.send(request)
        } catch {
            let result = SpanExportResult.failure("cannot send spans to \(request.url): \(error)")
            switch error {
            case .connection, .timeout: return (result, .zero)
            case .badURL, .bodyTooLarge, .badEncoding, .cancelled: return (result, nil)
            }
        }
        switch answer.status {
        case 200..<300: return (taken(answer), nil)
        case 429, 502, 503, 504:
            return (refused(answer, request), OTLPSpanExporter.retryAfter(answer.header("retry-after")))
        default: return (refused(answer, request), nil)
        }
    }

    private func taken(_ answer: IncomingResponse) -> SpanExportResult {
        let isJSON = answer.header("content-type")?.lowercased().hasPrefix("application/json") ?? false
        let partial =
            isJSON ? try? OTLPAnswer(.spans, json: answer.body) : try? OTLPAnswer(.spans, decoding: answer.body)
        guard let partial, partial.rejected > 0 else { return .success }
        return .partial(rejected: partial.rejected, message: partial.message)
    }

    private func refused(_ answer: IncomingResponse, _ request: OutgoingRequest) -> SpanExportResult {
        let shown = String(decoding: answer.body.prefix(200).map { $0 < 0x20 || $0 > 0x7e ? 0x20 : $0 }, as: UTF8.self)
        return .failure("\(request.url) answered \(answer.status)\(shown.isEmpty ? "" : ": \(shown)")")
    }

    /// The seconds that the header says; `.zero` for a date, which nobody sends, and for nothing.
    static func retryAfter(_ header: String?) -> Duration {
        guard let header, let seconds = Int(header), seconds > 0 else { return .zero }
        return .seconds(min(seconds, 3600))
    }

    private static func text(_ result: SpanExportResult) -> String {
        switch result {
        case .success: "all were taken"
        case .partial(_, let message), .failure(let message): message
        }
    }
}
