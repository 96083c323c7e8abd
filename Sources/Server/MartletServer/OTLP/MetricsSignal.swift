import MartletIngest
import MartletOTLP
import MartletSeries

/// Metrics, put into the time-series store.
struct MetricsSignal: OTLPSignal {
    let receiver: OTLPMetricsReceiver

    let path = "metrics"
    let method = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    let items = "metrics"

    func take(_ body: [UInt8], _ form: OTLPForm, origin: String) throws(RPCStatus) -> OTLPTaken {
        do {
            let request = form == .json ? try MetricsRequest(json: body) : try MetricsRequest(decoding: body)
            let outcome = try receiver.receive(request, origin: origin)
            let message = outcome.firstRefusal.map { first in
                "refused \(outcome.refused) of \(outcome.points) points, the first of them \(first)"
            }
            return OTLPTaken(
                answer: OTLPAnswer(.points, rejected: outcome.refused, message: message ?? ""),
                items: [
                    ("metrics", outcome.points - outcome.refused), ("samples", outcome.samples),
                    ("exemplars", outcome.exemplars), ("deltas", outcome.deltas),
                ]
            )
        } catch let error as OTLPError {
            throw RPCStatus(code: .invalidArgument, message: error.description)
        } catch {
            throw RPCStatus(code: .unavailable, message: "\(error)")
        }
    }
}
