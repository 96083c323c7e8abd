import MartletCompression
import MartletHTTPServer
import MartletOTLP
import MartletTraceStore

/// Receives spans in Zipkin's second JSON form: `POST /api/v2/spans`.
struct ZipkinAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let traces: TraceService
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/v2/spans") { request, _ in receive(request) }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        metrics.ingest(request, by: "zipkin") {
            let (response, outcome) = answer(request)
            return (response, IngestOutcome(outcome))
        }
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, TraceStore.Outcome) {
        let none = TraceStore.Outcome()
        let type = (request.headers["Content-Type"] ?? "application/json").lowercased()
        guard type.hasPrefix("application/json") else {
            return (.text("send Zipkin's spans as application/json; got \"\(type)\"\n", status: 415), none)
        }
        do {
            let isGzip = request.headers["Content-Encoding"]?.lowercased() == "gzip"
            let body = isGzip ? try Gzip.decompress(request.body, limit: bodyBytesMax) : request.body
            let read = try ZipkinSpans(body)
            var outcome = try traces.storeToWrite().append(read.request.encoded())
            outcome.refused += read.refused
            guard let first = read.firstRefusal ?? outcome.firstRefusal else {
                return (HTTPResponse(status: 202), outcome)
            }
            return (.text("refused \(outcome.refused) spans, the first because \(first)\n", status: 202), outcome)
        } catch let problem as ZipkinSpans.Problem {
            return (.text("\(problem.message)\n", status: 400), none)
        } catch let error as CompressionError {
            let isLarge = error == .tooLarge(limit: bodyBytesMax)
            return (.text("cannot decompress the body: \(error)\n", status: isLarge ? 413 : 400), none)
        } catch {
            var response = HTTPResponse.text("\(error)\n", status: 503)
            response.headers["Retry-After"] = "5"
            return (response, none)
        }
    }
}
