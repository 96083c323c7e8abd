import MartletHTTPServer
import MartletIngest
import MartletRemoteWrite
import MartletSeries

/// Receives remote write 1.0 and 2.0: snappy-compressed protobuf, acknowledged only when the write-ahead log has it.
///
/// Good samples of a body are kept when others are refused; the answer is then 400, never 5xx, which a sender would
/// repeat for ever, and names the first refused series and the count.
///
/// - SeeAlso: [Remote write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/),
///   [2.0](https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/)
struct RemoteWriteAPI: Sendable {
    let receiver: RemoteWriteReceiver
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/v1/write") { request, _ in receive(request) }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        metrics.ingest(request, by: "remote_write") {
            let (response, outcome) = answer(request)
            return (response, IngestOutcome(outcome))
        }
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, RemoteWriteOutcome) {
        let version: WriteRequest.Version
        switch Self.version(of: request.headers["Content-Type"]) {
        case .success(let named): version = named
        case .failure(let refusal): return (.text(refusal.message, status: 415), RemoteWriteOutcome())
        }
        // Clients older than the specification leave the encoding out.
        let encoding = (request.headers["Content-Encoding"] ?? "snappy").lowercased()
        guard encoding == "snappy" else {
            let message = "send Content-Encoding: snappy; got \"\(encoding)\"\n"
            return (.text(message, status: 415), RemoteWriteOutcome())
        }
        let outcome: RemoteWriteOutcome
        do {
            outcome = try receiver.receive(request.body, version: version, origin: request.remoteAddress)
        } catch {
            return (Self.response(to: error, version), RemoteWriteOutcome())
        }
        var response = HTTPResponse(status: 204)
        if let first = outcome.firstRefusal {
            let kept = outcome.samples + outcome.histograms
            let message = "kept \(kept) samples and refused \(outcome.refused), the first of them \(first)\n"
            response = .text(message, status: 400)
        }
        if version == .version2 { Self.addCounts(outcome, to: &response) }
        return (response, outcome)
    }

    private static func response(
        to failure: RemoteWriteReceiver.Failure,
        _ version: WriteRequest.Version
    ) -> HTTPResponse {
        var response: HTTPResponse
        switch failure {
        case .compression, .format: response = .text("\(failure)\n", status: 400)
        case .store:
            response = .text("\(failure)\n", status: 503)
            response.headers["Retry-After"] = "5"
        }
        if version == .version2 { addCounts(RemoteWriteOutcome(), to: &response) }
        return response
    }

    private static func addCounts(_ outcome: RemoteWriteOutcome, to response: inout HTTPResponse) {
        response.headers["X-Prometheus-Remote-Write-Samples-Written"] = String(outcome.samples)
        response.headers["X-Prometheus-Remote-Write-Histograms-Written"] = String(outcome.histograms)
        response.headers["X-Prometheus-Remote-Write-Exemplars-Written"] = String(outcome.exemplars)
    }

    /// Why a content type is not taken.
    private struct Refusal: Error {
        let message: String
    }

    /// The version that a content type names; 1.0 where it names none.
    private static func version(of header: String?) -> Result<WriteRequest.Version, Refusal> {
        let parts = (header ?? "application/x-protobuf").split(separator: ";").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard parts.first?.lowercased() == "application/x-protobuf" else {
            return .failure(Refusal(message: "send Content-Type: application/x-protobuf; got \"\(header ?? "")\"\n"))
        }
        for part in parts.dropFirst() where part.lowercased().hasPrefix("proto=") {
            let name = part.dropFirst(6).filter { $0 != "\"" }
            if let version = WriteRequest.Version(rawValue: name) { return .success(version) }
            let known = WriteRequest.Version.allCases.map(\.rawValue).joined(separator: " and ")
            return .failure(Refusal(message: "remote write takes proto=\(known); got \"\(name)\"\n"))
        }
        return .success(.version1)
    }
}
