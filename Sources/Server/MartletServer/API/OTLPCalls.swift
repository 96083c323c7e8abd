import MartletGRPC
import MartletIngest
import MartletOTLP
import MartletTraceStore

/// OTLP's services as gRPC calls them: the same doors as over HTTP, in another coat.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
struct OTLPCalls: Sendable {
    let metricsAPI: OTLPMetricsAPI
    let tracesAPI: OTLPTracesAPI
    let logsAPI: OTLPLogsAPI
    let metrics: ServerMetrics

    /// What answers, by the path of the method.
    var methods: [String: GRPCMethod] {
        [
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export": exportTraces,
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": exportMetrics,
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export": exportLogs,
        ]
    }

    private func exportTraces(_ request: GRPCRequest) throws(GRPCStatus) -> [UInt8] {
        try measured(request, of: "spans") { () throws(RPCStatus) in
            let (answer, outcome) = try tracesAPI.take(request.message)
            let taken = [("spans", outcome.accepted), ("spans_cut", outcome.truncated)]
            return Taken(answer: answer.protobuf(), items: taken, refused: outcome.refused)
        }
    }

    private func exportMetrics(_ request: GRPCRequest) throws(GRPCStatus) -> [UInt8] {
        try measured(request, of: "metrics") { () throws(RPCStatus) in
            let read: MetricsRequest
            do throws(OTLPError) {
                read = try MetricsRequest(decoding: request.message)
            } catch {
                throw RPCStatus(code: .invalidArgument, message: error.description)
            }
            let (answer, outcome) = try metricsAPI.take(read, origin: request.remoteAddress)
            return Taken(answer: answer.protobuf(), items: OTLPMetricsAPI.taken(outcome), refused: outcome.refused)
        }
    }

    private func exportLogs(_ request: GRPCRequest) throws(GRPCStatus) -> [UInt8] {
        try measured(request, of: "logs") { () throws(RPCStatus) in
            let (answer, taken) = try logsAPI.take(request.message)
            return Taken(answer: answer.protobuf(), items: [("logs", taken)], refused: answer.rejectedRecords)
        }
    }

    /// What became of a request.
    private struct Taken {
        let answer: [UInt8]
        let items: [(signal: String, count: Int)]
        let refused: Int
    }

    private func measured(
        _ request: GRPCRequest,
        of signal: String,
        _ body: () throws(RPCStatus) -> Taken
    ) throws(GRPCStatus) -> [UInt8] {
        let start = ContinuousClock.now
        func count(_ status: Int, _ taken: Taken?) {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            metrics.request(method: "POST", route: request.method, status: status, seconds: seconds)
            metrics.ingest(
                "otlp_grpc",
                status: status,
                bytes: request.bytesReceived,
                seconds: seconds,
                taken: taken?.items ?? [],
                refused: taken?.refused ?? 0,
                of: signal
            )
        }
        do throws(RPCStatus) {
            let taken = try body()
            count(200, taken)
            return taken.answer
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
