import MartletCore
import MartletHTTPServer
import MartletMetrics

/// The listeners' numbers as metrics.
struct ListenerCollector: MetricCollector {
    let name = "listeners"

    /// The listeners that are open, by name.
    let listeners: @Sendable () -> [Listener]

    func collect() -> [MetricFamily] {
        let all = listeners().map { (LabelSet([Label("listener", $0.name)]), $0.server.statistics) }
        func each(_ value: (HTTPServerStatistics) -> Int) -> [(LabelSet, Double)] {
            all.map { ($0.0, Double(value($0.1))) }
        }
        return [
            .gauge("http_server_connections", "Open connections.", each(\.connectionsOpen)),
            .counter("http_server_connections_accepted_total", "Connections accepted.", each(\.connectionsAccepted)),
            .counter("http_server_connections_rejected_total", "Connections refused.", each(\.connectionsRejected)),
            .counter(
                "http_server_bad_requests_total",
                "Malformed or oversize requests.",
                all.flatMap { labels, state in
                    HTTPRefusal.allCases.map {
                        (labels.setting("reason", to: $0.rawValue), Double(state.refusals[$0] ?? 0))
                    }
                }
            ),
            .counter(
                "http_server_timeouts_total",
                "Connections closed because their time was up.",
                all.flatMap { labels, state in
                    HTTPPhase.allCases.map {
                        (labels.setting("phase", to: $0.rawValue), Double(state.timeouts[$0] ?? 0))
                    }
                }
            ),
            .counter("http_server_received_bytes_total", unit: "bytes", "Bytes in.", each(\.bytesReceived)),
            .counter("http_server_sent_bytes_total", unit: "bytes", "Bytes out.", each(\.bytesSent)),
            .gauge("http_server_queue_depth", "Requests that wait for a worker.", each(\.queueDepth)),
            .gauge("http_server_workers_busy", "Workers that answer a request.", each(\.workersBusy)),
        ]
    }
}
