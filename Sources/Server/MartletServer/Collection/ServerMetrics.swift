import MartletHTTPServer
import MartletMetrics

/// What the server counts about its own work, beside what its parts tell through ``StoreCollector`` and its like.
final class ServerMetrics: Sendable {
    /// The server's registry; embedding programs keep theirs apart.
    let registry: MetricRegistry

    private let requests: Counter.Family
    private let durations: Histogram.Family
    private let ingestRequests: Counter.Family
    private let ingestItems: Counter.Family
    private let ingestRefused: Counter.Family
    private let ingestBytes: Counter.Family
    private let ingestDurations: Histogram.Family
    private let reloads: Counter.Family
    private let lastReload: Gauge

    init(registry: MetricRegistry = MetricRegistry()) {
        self.registry = registry
        requests = Counter.Family(
            "http_server_requests_total",
            help: "Requests answered.",
            labels: "http_request_method",
            "http_route",
            "status_class",
            registry: registry
        )
        durations = Histogram.Family(
            "http_server_request_duration_seconds",
            help: "Time from the whole request to the answer.",
            unit: "seconds",
            labels: "http_route",
            buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            registry: registry
        )
        ingestRequests = Counter.Family(
            "martlet_ingest_requests_total",
            help: "Requests that brought data.",
            labels: "protocol",
            "result",
            registry: registry
        )
        ingestItems = Counter.Family(
            "martlet_ingest_items_total",
            help: "Items taken in.",
            labels: "protocol",
            "signal",
            registry: registry
        )
        ingestRefused = Counter.Family(
            "martlet_ingest_refused_items_total",
            help: "Items refused of requests that brought data; martlet_samples_rejected_total says why.",
            labels: "protocol",
            "signal",
            registry: registry
        )
        ingestBytes = Counter.Family(
            "martlet_ingest_bytes_total",
            help: "Bytes of bodies that brought data, as sent.",
            unit: "bytes",
            labels: "protocol",
            registry: registry
        )
        ingestDurations = Histogram.Family(
            "martlet_ingest_duration_seconds",
            help: "Time from the whole body to the acknowledgement.",
            unit: "seconds",
            labels: "protocol",
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
            registry: registry
        )
        reloads = Counter.Family(
            "martlet_config_reloads_total",
            help: "Reloads of the configuration.",
            labels: "result",
            registry: registry
        )
        lastReload = Gauge(
            "martlet_config_last_reload_success",
            help: "1 if the last reload was good.",
            registry: registry
        )
        lastReload.set(to: 1)
        let build = Gauge.Family(
            "martlet_build_info",
            help: "Constant 1.",
            labels: "version",
            "swift",
            registry: registry
        )
        build[Version.current, Version.swift].set(to: 1)
    }

    /// Counts an answered request.
    func request(method: String, route: String, status: Int, seconds: Double) {
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
        requests[known.contains(method) ? method : "other", route, "\(status / 100)xx"].increment()
        durations[route].observe(seconds)
    }

    /// Answers a request that brings data, and counts it.
    func ingest(
        _ request: HTTPRequest,
        by protocolName: String,
        _ answer: () -> (HTTPResponse, IngestOutcome)
    ) -> HTTPResponse {
        let start = ContinuousClock.now
        let (response, outcome) = answer()
        ingested(
            outcome,
            by: protocolName,
            status: response.status,
            bytes: request.body.count,
            seconds: (ContinuousClock.now - start) / .seconds(1)
        )
        return response
    }

    /// Counts what was sent with data and was answered by this status.
    func ingested(_ outcome: IngestOutcome, by protocolName: String, status: Int, bytes: Int, seconds: Double) {
        let result = status >= 500 ? "failed" : status >= 400 || outcome.refused > 0 ? "refused" : "success"
        ingestRequests[protocolName, result].increment()
        ingestBytes[protocolName].increment(by: bytes)
        ingestDurations[protocolName].observe(seconds)
        for (signal, count) in outcome.taken where count > 0 { ingestItems[protocolName, signal].increment(by: count) }
        if outcome.refused > 0 { ingestRefused[protocolName, outcome.signal].increment(by: outcome.refused) }
    }

    /// Counts a reload.
    func reload(succeeded: Bool) {
        reloads[succeeded ? "success" : "failure"].increment()
        lastReload.set(to: succeeded ? 1 : 0)
    }
}
