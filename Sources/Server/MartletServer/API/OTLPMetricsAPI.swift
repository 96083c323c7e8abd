import MartletHTTPServer
import MartletIngest
import MartletOTLP
import MartletSeries

/// Receives metrics by OTLP/HTTP: protobuf or JSON, with or without gzip, under OTLP's own path and Prometheus'.
///
/// Good points of a request are kept when others are refused; the answer is then 200 with a partial success, as the
/// protocol demands, which names the first refused point and the count.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPMetricsAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let receiver: OTLPMetricsReceiver
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        for path in ["/v1/metrics", "/api/v1/otlp/v1/metrics"] {
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
            taken: Self.taken(outcome),
            refused: outcome.refused
        )
        return response
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, OTLPOutcome) {
        let none = OTLPOutcome()
        let (form, body): (OTLPForm, [UInt8])
        do throws(OTLPForm.Refusal) {
            (form, body) = try OTLPForm.read(request, bytesMax: bodyBytesMax)
        } catch {
            return (error.response, none)
        }
        let read: MetricsRequest
        do throws(OTLPError) {
            read = form == .json ? try MetricsRequest(json: body) : try MetricsRequest(decoding: body)
        } catch {
            return (form.refusal(RPCStatus(code: .invalidArgument, message: error.description)), none)
        }
        do throws(RPCStatus) {
            let (answer, outcome) = try take(read, origin: request.remoteAddress)
            return (form.response(form == .json ? answer.json() : answer.protobuf()), outcome)
        } catch {
            return (form.refusal(error), none)
        }
    }

    /// Stores what was read, and says how it went.
    func take(
        _ request: MetricsRequest,
        origin: String
    ) throws(RPCStatus) -> (answer: MetricsAnswer, outcome: OTLPOutcome) {
        do {
            let outcome = try receiver.receive(request, origin: origin)
            let message = outcome.firstRefusal.map { first in
                "refused \(outcome.refused) of \(outcome.points) points, the first of them \(first)"
            }
            return (MetricsAnswer(rejectedPoints: outcome.refused, message: message ?? ""), outcome)
        } catch {
            throw RPCStatus(code: .unavailable, message: error.description)
        }
    }

    /// The outcome as the server's metrics count it.
    static func taken(_ outcome: OTLPOutcome) -> [(signal: String, count: Int)] {
        [
            ("metrics", outcome.points - outcome.refused), ("samples", outcome.samples),
            ("exemplars", outcome.exemplars), ("deltas", outcome.deltas),
        ]
    }
}
