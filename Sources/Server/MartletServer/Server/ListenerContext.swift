import MartletGRPC
import MartletLogging

/// What the listeners share.
struct ListenerContext: Sendable {
    let mainRouter: Router
    let healthRouter: Router
    let otlpRouter: Router
    let calls: [String: GRPCMethod]
    let jaeger: JaegerAPI
    let metrics: ServerMetrics
    let logger: Logger
}
