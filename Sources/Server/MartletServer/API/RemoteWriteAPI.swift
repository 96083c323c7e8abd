import MartletCompression
import MartletCore
import MartletHTTPServer
import MartletRemoteWrite
import MartletSeries

/// Receives remote write 1.0: snappy-compressed protobuf, acknowledged only when the write-ahead log has it.
///
/// Good samples of a body are kept when others are refused; the answer is then 400, never 5xx, which a sender would
/// repeat for ever, and names the first refused series and the count.
///
/// - SeeAlso: [Remote write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/)
struct RemoteWriteAPI: Sendable {
    let sink: any SampleSink
    let metrics: ServerMetrics

    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/v1/write") { request, _ in receive(request) }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        let (response, samples) = answer(request)
        metrics.remoteWrite(status: response.status, samples: samples)
        return response
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, samples: Int) {
        if let refusal = refusal(of: request) { return (refusal, 0) }
        let body: [UInt8]
        do {
            body = try Snappy.decompress(request.body, limit: bodyBytesMax)
        } catch {
            return (.text("cannot decompress the body: \(error)\n", status: 400), 0)
        }
        do {
            return store(try WriteRequest(decoding: body))
        } catch {
            return (.text("cannot read the body as prometheus.WriteRequest: \(error)\n", status: 400), 0)
        }
    }

    /// What is wrong with the headers, or `nil`.
    private func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let type = (request.headers["Content-Type"] ?? "application/x-protobuf").lowercased().filter { $0 != " " }
        guard type.hasPrefix("application/x-protobuf") else {
            return .text("send Content-Type: application/x-protobuf; got \"\(type)\"\n", status: 415)
        }
        if type.contains("proto="), !type.contains("proto=prometheus.writerequest") {
            return .text(
                "only remote write 1.0 (proto=prometheus.WriteRequest) is served; got \"\(type)\"\n",
                status: 415
            )
        }
        let encoding = (request.headers["Content-Encoding"] ?? "").lowercased()
        guard encoding == "snappy" else {
            return .text("send Content-Encoding: snappy; got \"\(encoding)\"\n", status: 415)
        }
        return nil
    }

    private func store(_ write: WriteRequest) -> (HTTPResponse, samples: Int) {
        var batch: [IncomingSample] = []
        batch.reserveCapacity(write.series.reduce(0) { $0 + $1.samples.count })
        var refused: (first: String, count: Int)?
        func refuse(_ what: String, _ count: Int = 1) {
            refused = (refused?.first ?? what, (refused?.count ?? 0) + count)
        }
        for rejection in write.rejections {
            refuse("\(LabelSet(rejection.labels)): \(rejection.reason.rawValue)", max(1, rejection.samples))
        }
        if write.histogramCount > 0 {
            refuse("native histograms, which this version does not store", write.histogramCount)
        }
        for series in write.series {
            let labels = LabelSet(sorted: series.labels)
            for sample in series.samples {
                batch.append(IncomingSample(labels: labels, timestamp: sample.timestamp, value: sample.value))
            }
        }
        do {
            let result = try sink.append(batch)
            for rejection in result.rejections {
                let sample = batch[rejection.index]
                refuse("\(sample.labels) at \(sample.timestamp): \(rejection.reason.explanation)")
            }
            guard let refused else { return (HTTPResponse(status: 204), result.appended) }
            let message =
                "kept \(result.appended) samples and refused \(refused.count), the first of them \(refused.first)\n"
            return (.text(message, status: 400), result.appended)
        } catch {
            var response = HTTPResponse.text("\(error)\n", status: 503)
            response.headers["Retry-After"] = "5"
            return (response, 0)
        }
    }
}

extension AppendResult.Reason {
    /// The reason in words, for the sender.
    var explanation: String {
        switch self {
        case .outOfOrder: "out of order sample"
        case .duplicate: "duplicate sample for timestamp"
        case .tooOld: "older than what is kept"
        case .tooFarInFuture: "too far in the future"
        case .seriesLimit: "the limit of series is reached"
        case .targetSeriesLimit: "the sender's limit of series is reached"
        case .metricSeriesLimit: "the metric's limit of series is reached"
        case .invalidLabels: "invalid labels"
        }
    }
}
