import MartletCore
import MartletIngest
import MartletMetrics

/// What is remembered of deltas, as metrics.
struct DeltaCollector: MetricCollector {
    let name = "otlp"
    let receiver: OTLPMetricsReceiver

    func collect() -> [MetricFamily] {
        let state = receiver.deltaStatistics
        return [
            .gauge(
                "martlet_otlp_delta_series",
                "Series of deltas whose sums are remembered.",
                [(.empty, Double(state.series))]
            ),
            .counter(
                "martlet_otlp_delta_loads_total",
                "Sums of deltas looked up in the store.",
                [(.empty, Double(state.loads))]
            ),
            .counter(
                "martlet_otlp_delta_evictions_total",
                "Series of deltas forgotten to make room.",
                [(.empty, Double(state.evictions))]
            ),
        ]
    }
}
