import MartletCompression
import MartletCore
import MartletHTTPServer
import MartletJaeger
import MartletLogging
import MartletOTLP
import MartletTraceStore

/// Receives spans of Jaeger's own clients: `POST /api/traces` as a collector takes them, and datagrams as an agent does.
struct JaegerAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let traces: TracesSignal
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/traces") { request, _ in receive(request) }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        metrics.ingest(request, by: "jaeger_http") {
            let (response, outcome) = answer(request)
            return (response, IngestOutcome(outcome))
        }
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, TraceStore.Outcome) {
        let none = TraceStore.Outcome()
        let type = (request.headers["Content-Type"] ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " }
        let known = [
            "application/x-thrift", "application/vnd.apache.thrift.binary", "application/vnd.apache.thrift.compact",
        ]
        guard known.contains(type) else {
            return (.text("send Jaeger's spans as application/x-thrift; got \"\(type)\"\n", status: 415), none)
        }
        do {
            let isGzip = request.headers["Content-Encoding"]?.lowercased() == "gzip"
            let body = isGzip ? try Gzip.decompress(request.body, limit: bodyBytesMax) : request.body
            let outcome = try traces.store(try JaegerBatch(posted: body).request.encoded())
            guard let first = outcome.firstRefusal else { return (HTTPResponse(status: 202), outcome) }
            return (.text("refused \(outcome.refused) spans, the first because \(first)\n", status: 202), outcome)
        } catch let error as JaegerError {
            return (.text("cannot read the batch: \(error)\n", status: 400), none)
        } catch let error as CompressionError {
            let isLarge = error == .tooLarge(limit: bodyBytesMax)
            return (.text("cannot decompress the body: \(error)\n", status: isLarge ? 413 : 400), none)
        } catch let problem as RPCStatus {
            var response = HTTPResponse.text("\(problem.message)\n", status: problem.code == .unavailable ? 503 : 400)
            if problem.code == .unavailable { response.headers["Retry-After"] = "5" }
            return (response, none)
        } catch {
            return (.text("\(error)\n", status: 500), none)
        }
    }

    /// Takes a datagram; nobody can be answered, so that what is wrong is counted, and told at the level debug.
    func receive(datagram: [UInt8], from address: String, _ logger: Logger) {
        let start = ContinuousClock.now
        func count(_ status: Int, _ outcome: TraceStore.Outcome) {
            metrics.ingested(
                IngestOutcome(outcome),
                by: "jaeger_agent",
                status: status,
                bytes: datagram.count,
                seconds: (ContinuousClock.now - start) / .seconds(1)
            )
        }
        do {
            count(202, try traces.store(try JaegerBatch(datagram: datagram).request.encoded()))
        } catch {
            let problem = (error as? RPCStatus)?.message ?? "\(error)"
            let isOurs = (error as? RPCStatus)?.code == .unavailable
            count(isOurs ? 503 : 400, TraceStore.Outcome())
            logger.debug(
                "a datagram with spans could not be taken",
                ["error": .string(problem), "bytes": LogValue(datagram.count), "client": .string(address)]
            )
        }
    }
}
