import MartletHTTPServer
import MartletOTLP

/// Receives a signal by OTLP/HTTP: protobuf or JSON, with or without gzip, under OTLP's own path and Prometheus'.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let signal: any OTLPSignal
    let metrics: ServerMetrics

    func addRoutes(to router: inout Router) {
        for path in ["/v1/\(signal.path)", "/api/v1/otlp/v1/\(signal.path)"] {
            router.add("POST", path: path) { request, _ in receive(request) }
        }
    }

    private func receive(_ request: HTTPRequest) -> HTTPResponse {
        metrics.ingest(request, by: "otlp") {
            let (response, taken) = answer(request)
            return (response, IngestOutcome(taken, of: signal.items))
        }
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse, OTLPTaken?) {
        let (form, body): (OTLPForm, [UInt8])
        do throws(OTLPForm.Refusal) {
            (form, body) = try OTLPForm.read(request, bytesMax: bodyBytesMax)
        } catch {
            return (error.response, nil)
        }
        do throws(RPCStatus) {
            let taken = try signal.take(body, form, origin: request.remoteAddress)
            return (form.response(form == .json ? taken.answer.json() : taken.answer.protobuf()), taken)
        } catch {
            return (form.refusal(error), nil)
        }
    }
}
