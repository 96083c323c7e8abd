public import MartletExposition
public import MartletHTTPClient
public import MartletMetrics

/// Posts the metrics to a dashboard or another collector: as JSON, or in any other form it reads.
public struct PushExporter: MetricsExporter {
    /// The exporter's name, `push` unless said otherwise.
    public let name: String

    private let request: OutgoingRequest
    private let renderer: ExpositionRenderer
    private let client: any HTTPSending
    private let contentType: String

    /// Creates an exporter.
    ///
    /// - Parameters:
    ///   - request: The request, whose body and content type are set each time; its method says how.
    ///   - format: The form of the metrics.
    ///   - shape: How JSON is laid out.
    ///   - name: The exporter's name.
    ///   - client: Who sends.
    public init(
        _ request: OutgoingRequest,
        format: ExpositionFormat = .json,
        shape: JSONShape = .list,
        name: String = "push",
        client: any HTTPSending
    ) {
        self.request = request
        self.name = name
        self.client = client
        renderer = ExpositionRenderer(format, shape: shape)
        contentType =
            switch format {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            case .protobuf:
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            case .json: "application/json"
            }
    }

    /// Creates an exporter that posts JSON to an address.
    ///
    /// - Parameter url: The address, `http` or `https`.
    /// - Throws: `HTTPClientError` where there can be no client.
    public init(url: String) throws(HTTPClientError) {
        self.init(OutgoingRequest("POST", url: url), client: try HTTPClient())
    }

    /// Sends the metrics.
    ///
    /// - Throws: `HTTPClientError` where there is no answer, ``PushRefusal`` for one that is not 2xx.
    public func export(_ families: [MetricFamily], at timestamp: Int64) async throws {
        var request = request
        request.headers.append(("Content-Type", contentType))
        request.body = renderer.render(families)
        request.needsOnlyStatus = true
        let answer = try await client.send(request)
        guard (200..<300).contains(answer.status) else { throw PushRefusal(url: request.url, status: answer.status) }
    }
}

/// The answer of a server that did not take the metrics.
public struct PushRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address asked, without its query.
    public var url: String

    /// The status of the answer.
    public var status: Int

    init(url: String, status: Int) {
        self.url = String(url.prefix { $0 != "?" })
        self.status = status
    }

    /// What was answered and what to do.
    public var description: String {
        "\(url) answers metrics with status \(status); check the address and what it takes"
    }
}
