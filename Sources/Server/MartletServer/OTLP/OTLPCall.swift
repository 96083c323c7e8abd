import MartletGRPC
import MartletOTLP

/// A signal of OTLP as gRPC calls it: the same as over HTTP, in another coat.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPCall: Sendable {
    let signal: any OTLPSignal
    let metrics: ServerMetrics

    func answer(_ request: GRPCRequest) throws(GRPCStatus) -> [UInt8] {
        let start = ContinuousClock.now
        func count(_ status: Int, _ taken: OTLPTaken?) {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            metrics.request(method: "POST", route: request.method, status: status, seconds: seconds)
            metrics.ingested(
                IngestOutcome(taken, of: signal.items),
                by: "otlp_grpc",
                status: status,
                bytes: request.bytesReceived,
                seconds: seconds
            )
        }
        do throws(RPCStatus) {
            let taken = try signal.take(request.message, .protobuf, origin: request.remoteAddress)
            count(200, taken)
            return taken.answer.protobuf()
        } catch {
            let status = GRPCStatus(error)
            count(status.code.httpStatus, nil)
            throw status
        }
    }
}

extension GRPCStatus {
    fileprivate init(_ status: RPCStatus) {
        switch status.code {
        case .invalidArgument: self.init(.invalidArgument, status.message)
        case .resourceExhausted: self.init(.resourceExhausted, status.message)
        case .unavailable: self.init(.unavailable, status.message)
        }
    }
}
