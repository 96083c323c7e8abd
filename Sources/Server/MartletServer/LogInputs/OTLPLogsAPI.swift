import MartletEvents
import MartletHTTPServer
import MartletLogStore
import MartletOTLP

/// Receives logs by OTLP/HTTP: protobuf or JSON, with or without gzip.
///
/// Good records of a request are kept when others are refused; the answer is then 200 with a partial success, as the protocol
/// demands, which names the first reason and the count. An answer of 200 means that the records are in the log.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPLogsAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let logs: LogService
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        for path in ["/v1/logs", "/api/v1/otlp/v1/logs"] {
            router.add("POST", path: path) { request, _ in receive(request) }
        }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        let start = ContinuousClock.now
        let (response, taken, refused) = answer(request)
        metrics.ingest(
            "otlp",
            status: response.status,
            bytes: request.body.count,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            taken: [("logs", taken)],
            refused: refused,
            of: "logs"
        )
        return response
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, taken: Int, refused: Int) {
        let (form, body): (OTLPForm, [UInt8])
        do throws(OTLPForm.Refusal) {
            (form, body) = try OTLPForm.read(request, bytesMax: bodyBytesMax)
        } catch {
            return (error.response, 0, 0)
        }
        do throws(RPCStatus) {
            // What is stored is protobuf; JSON is rare and may cost more.
            var refusedBefore: [OTLPError] = []
            let message = form == .protobuf ? body : try Self.encoded(json: body, &refusedBefore)
            let (answer, taken) = try take(message, refusedBefore)
            return (form.response(form == .json ? answer.json() : answer.protobuf()), taken, answer.rejectedRecords)
        } catch {
            guard error.code == .unavailable else { return (form.response(error, status: 400), 0, 0) }
            var response = form.response(error, status: 503)
            response.headers["Retry-After"] = "5"
            return (response, 0, 0)
        }
    }

    /// Stores the records of a message, whichever way it came; those that cannot be read are left out and told of.
    ///
    /// - Returns: What the protocol answers, and how many records were taken.
    /// - Throws: What the protocol answers where none was.
    func take(
        _ message: [UInt8],
        _ refusedBefore: [OTLPError] = []
    ) throws(RPCStatus) -> (answer: LogsAnswer, taken: Int) {
        var refused = refusedBefore
        do {
            let store = try logs.storeToWrite()
            let taken: Int
            do {
                taken = try store.append(wire: message).accepted
            } catch let error as OTLPError {
                guard refused.isEmpty else { throw error }
                // Rare, so that it may cost a second reading.
                let rest = try LogsRequest(decoding: message) { refused.append($0) }
                guard rest.entryCount > 0 else { throw error }
                taken = try store.append(rest).accepted
            }
            let reason = refused.first.map { first in
                "refused \(refused.count) of \(taken + refused.count) records, the first because \(first)"
            }
            return (LogsAnswer(rejectedRecords: refused.count, message: reason ?? ""), taken)
        } catch let error as OTLPError {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        } catch {
            throw RPCStatus(code: .unavailable, message: "\(error)")
        }
    }

    private static func encoded(json body: [UInt8], _ refused: inout [OTLPError]) throws(RPCStatus) -> [UInt8] {
        var found: [OTLPError] = []
        defer { refused = found }
        do throws(OTLPError) {
            return try LogsRequest(json: body) { found.append($0) }.encoded()
        } catch {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        }
    }
}
