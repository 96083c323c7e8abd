import MartletEvents
import MartletHTTPServer
import MartletOTLP
import MartletTraceStore

/// Receives traces by OTLP/HTTP: protobuf or JSON, with or without gzip.
///
/// Good spans of a request are kept when others are refused; the answer is then 200 with a partial success, as the
/// protocol demands, which names the first reason and the count. An answer of 200 means that the spans are in the log.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPTracesAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let traces: TraceService
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        for path in ["/v1/traces", "/api/v1/otlp/v1/traces"] {
            router.add("POST", path: path) { request, _ in receive(request) }
        }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        let start = ContinuousClock.now
        let (response, outcome) = answer(request)
        metrics.ingest(
            "otlp",
            status: response.status,
            bytes: request.body.count,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            taken: [("spans", outcome.accepted), ("spans_cut", outcome.truncated)],
            refused: outcome.refused,
            of: "spans"
        )
        return response
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, TraceStore.Outcome) {
        let none = TraceStore.Outcome()
        let (form, body): (OTLPForm, [UInt8])
        do throws(OTLPForm.Refusal) {
            (form, body) = try OTLPForm.read(request, bytesMax: bodyBytesMax)
        } catch {
            return (error.response, none)
        }
        do throws(RPCStatus) {
            // What is stored is protobuf; JSON is rare and may cost more.
            var refusedBefore: [SpanRefusal] = []
            let message = form == .protobuf ? body : try Self.protobuf(json: body, &refusedBefore)
            let (answer, outcome) = try take(message, refusedBefore)
            return (form.response(form == .json ? answer.json() : answer.protobuf()), outcome)
        } catch {
            return (form.refusal(error), none)
        }
    }

    private static func protobuf(json body: [UInt8], _ refused: inout [SpanRefusal]) throws(RPCStatus) -> [UInt8] {
        var found: [SpanRefusal] = []
        defer { refused = found }
        do throws(OTLPError) {
            return try TracesRequest(json: body) { found.append($0) }.encoded()
        } catch {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        }
    }

    /// Stores a request in protobuf, and says how it went; the spans refused before count as the request's.
    func take(
        _ message: [UInt8],
        _ refusedBefore: [SpanRefusal] = []
    ) throws(RPCStatus) -> (answer: TracesAnswer, outcome: TraceStore.Outcome) {
        do {
            var outcome = try traces.storeToWrite().append(message)
            outcome.refused += refusedBefore.count
            outcome.firstRefusal = refusedBefore.first?.description ?? outcome.firstRefusal
            let reason = outcome.firstRefusal.map { first in
                "refused \(outcome.refused) of \(outcome.accepted + outcome.refused) spans, the first because \(first)"
            }
            return (TracesAnswer(rejectedSpans: outcome.refused, message: reason ?? ""), outcome)
        } catch let error as OTLPError {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        } catch {
            throw RPCStatus(code: .unavailable, message: "\(error)")
        }
    }
}
