import MartletCompression
import MartletCore
import MartletHTTPClient
import MartletRemoteWrite
import MartletSeries

/// Writes batches to a running server by remote write 2.0.
struct RemoteWriter: Sendable {
    private let url: String
    private let client: HTTPClient

    /// Finds the server as ``APIClient`` does.
    init(_ arguments: Arguments) throws {
        var url = arguments["--url"] ?? Environment["MARTLET_URL"] ?? "http://127.0.0.1:9090"
        while url.hasSuffix("/") { url.removeLast() }
        self.url = url + "/api/v1/write"
        client = try HTTPClient()
    }

    /// Writes a batch; the server says how many samples it took and why it refused the first of the others.
    ///
    /// - Returns: The counts; refused samples are told without their places.
    /// - Throws: ``Failure`` when the server cannot be reached or takes nothing.
    func write(_ batch: SampleBatch, _ labels: [UInt8]) async throws -> AppendResult {
        let body = Snappy.compress(Self.request(batch, labels).encoded(as: .version2))
        var request = OutgoingRequest("POST", url: url, body: body)
        request.headers = [
            (name: "Content-Type", value: "application/x-protobuf;proto=\(WriteRequest.Version.version2.rawValue)"),
            (name: "Content-Encoding", value: "snappy"), (name: "X-Prometheus-Remote-Write-Version", value: "2.0.0"),
        ]
        request.timeout = .seconds(60)
        let response: IncomingResponse
        do {
            response = try await client.send(request)
        } catch {
            throw Failure("cannot reach \(url): \(error.description)", status: .unreachable)
        }
        let text = String(decoding: response.body, as: UTF8.self).filter { $0 != "\n" }
        func count(_ name: String) -> Int {
            response.headers.first { $0.name.lowercased() == name }.flatMap { Int($0.value) } ?? 0
        }
        let taken =
            count("x-prometheus-remote-write-samples-written") + count("x-prometheus-remote-write-histograms-written")
        guard response.status == 204 || response.status == 400 && taken > 0 || text.contains("refused") else {
            throw Failure("\(url) answered \(response.status): \(text)")
        }
        let reason = AppendResult.Reason.allCases.first { text.contains(Self.words($0)) } ?? .tooOld
        return AppendResult(
            appended: taken,
            rejections: (taken..<batch.count).map { .init(index: $0, reason: reason) }
        )
    }

    /// The reasons in the server's words.
    private static func words(_ reason: AppendResult.Reason) -> String {
        switch reason {
        case .outOfOrder: "out of order"
        case .duplicate: "duplicate"
        case .tooOld: "older than"
        case .tooFarInFuture: "future"
        case .seriesLimit: "the limit of series"
        case .targetSeriesLimit: "sender's limit"
        case .metricSeriesLimit: "metric's limit"
        case .invalidLabels: "invalid labels"
        }
    }

    private static func request(_ batch: SampleBatch, _ labels: [UInt8]) -> WriteRequest {
        var request = WriteRequest()
        for entry in batch.entries.indices {
            var series = WriteSeries(labels: batch.labels(of: entry, in: labels.span).map(Array.init) ?? [])
            for index in batch.firstSample(of: entry)..<Int(batch.entries[entry].sampleEnd) {
                if let histogram = batch.histograms[index] {
                    series.histograms.append(WriteHistogram(histogram, at: batch.timestamps[index]))
                } else {
                    series.samples.append(.init(timestamp: batch.timestamps[index], value: batch.values[index]))
                }
            }
            request.series.append(series)
        }
        return request
    }
}

extension WriteHistogram {
    /// A histogram of floats.
    fileprivate init(_ histogram: NativeHistogram, at timestamp: Int64) {
        self.init()
        count = .float(histogram.count)
        sum = histogram.sum
        schema = histogram.schema
        zeroThreshold = histogram.zeroThreshold
        zeroCount = .float(histogram.zeroCount)
        positive = Buckets(
            spans: histogram.positiveSpans.map { Span(offset: $0.offset, length: $0.length) },
            counts: histogram.positiveBuckets
        )
        negative = Buckets(
            spans: histogram.negativeSpans.map { Span(offset: $0.offset, length: $0.length) },
            counts: histogram.negativeBuckets
        )
        resetHint = ResetHint(rawValue: UInt64(histogram.resetHint.rawValue)) ?? .unknown
        self.timestamp = timestamp
        customBounds = histogram.customBounds
    }
}
