import MartletGRPC
import MartletHTTPServer

/// What serves a port.
protocol ListeningServer: Sendable {
    var statistics: HTTPServerStatistics { get }

    /// Ends it; requests in progress may take as long as `drain` says.
    func stop(drain: Duration)
}

extension HTTPServer: ListeningServer {}
extension GRPCServer: ListeningServer {}

/// A listener that is open.
struct Listener: Sendable {
    /// `main`, `health`, `otlp` or `otlp-grpc`.
    let name: String

    let server: any ListeningServer

    /// Its address, with the port that was chosen, such as `http://127.0.0.1:9090`.
    let url: String
}
