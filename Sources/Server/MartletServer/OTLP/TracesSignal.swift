import MartletEvents
import MartletOTLP
import MartletTraceStore

/// Traces, put into the trace store.
struct TracesSignal: OTLPSignal {
    let traces: TraceService

    let path = "traces"
    let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    let items = "spans"

    func take(_ body: [UInt8], _ form: OTLPForm, origin: String) throws(RPCStatus) -> OTLPTaken {
        // What is stored is protobuf; JSON is rare and may cost more.
        var refusedBefore: [SpanRefusal] = []
        let message = form == .protobuf ? body : try Self.protobuf(json: body, &refusedBefore)
        var outcome = try store(message)
        outcome.refused += refusedBefore.count
        outcome.firstRefusal = refusedBefore.first?.description ?? outcome.firstRefusal
        let reason = outcome.firstRefusal.map { first in
            "refused \(outcome.refused) of \(outcome.accepted + outcome.refused) spans, the first because \(first)"
        }
        return OTLPTaken(
            answer: OTLPAnswer(.spans, rejected: outcome.refused, message: reason ?? ""),
            items: [("spans", outcome.accepted), ("spans_cut", outcome.truncated)]
        )
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

    /// Stores the spans of a message in protobuf, whichever way they came.
    func store(_ message: [UInt8]) throws(RPCStatus) -> TraceStore.Outcome {
        do {
            return try traces.storeToWrite().append(message)
        } catch let error as OTLPError {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        } catch {
            throw RPCStatus(code: .unavailable, message: "\(error)")
        }
    }
}
