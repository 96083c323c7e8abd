import MartletCore
import MartletEvents
import MartletMetrics
import MartletTraceStore

/// The trace store's numbers as metrics; none while nobody sent a span.
struct TraceCollector: MetricCollector {
    let name = "traces"
    let traces: TraceService

    func collect() -> [MetricFamily] {
        guard let store = traces.storeIfOpen else { return [] }
        let (state, counts) = (store.statistics, store.counts)
        let calls = store.calls
        let storage: [MetricFamily] = [
            .gauge(
                "martlet_trace_storage_bytes",
                unit: "bytes",
                "Bytes of spans by tier.",
                [
                    (["tier": "memory"], Double(state.activeBytes)), (["tier": "wal"], Double(state.logBytes)),
                    (["tier": "blocks"], Double(state.blockBytes)),
                ]
            ),
            .gauge(
                "martlet_trace_storage_spans",
                "Spans by tier.",
                [(["tier": "memory"], Double(state.activeEvents)), (["tier": "blocks"], Double(state.blockEvents))]
            ),
            .counter(
                "martlet_trace_spans_total",
                "Spans that came in, by what became of them.",
                [(["result": "taken"], Double(counts.accepted)), (["result": "refused"], Double(counts.refused))]
            ),
            .counter(
                "martlet_trace_values_cut_total",
                "Attributes and texts of spans that were cut or left out.",
                [(.empty, Double(counts.truncated))]
            ),
            .counter(
                "martlet_trace_blocks_dropped_total",
                "Blocks of spans dropped, by why.",
                [
                    (["reason": "age"], Double(state.expiredBlocks)), (["reason": "size"], Double(state.evictedBlocks)),
                ]
            ),
            .counter(
                "martlet_trace_wal_failures_total",
                "Failed writes to the log of spans.",
                [(.empty, Double(state.logFailures))]
            ),
            .counter(
                "martlet_trace_damaged_total",
                "Damaged parts of the trace store that were passed over at its start.",
                [
                    (["part": "wal"], Double(state.damagedRecords)), (["part": "block"], Double(state.damagedBlocks)),
                ]
            ),
        ]
        return storage + Self.spans(store.measurements) + Self.calls(calls.measured, calls.forgotten)
    }

    /// Rate, errors and durations by operation, named as OpenTelemetry's connector for them does.
    private static func spans(_ measurements: [SpanMeasurement]) -> [MetricFamily] {
        func labels(_ entry: SpanMeasurement) -> LabelSet {
            LabelSet([
                Label("service_name", entry.service), Label("span_name", entry.operation),
                Label("span_kind", "SPAN_KIND_\(entry.kind.name.uppercased())"),
                Label("status_code", "STATUS_CODE_\(name(entry.status))"),
            ])
        }
        let durations = measurements.map { entry in
            var below: UInt64 = 0
            let buckets = entry.buckets.indices.map { place in
                below += entry.buckets[place]
                return HistogramValue.Bucket(
                    upperBound: place < SpanMeasurement.bounds.count ? SpanMeasurement.bounds[place] : .infinity,
                    cumulativeCount: below,
                    exemplar: entry.examples[place].map {
                        Exemplar(
                            labels: ["trace_id": $0.traceID.description],
                            value: $0.seconds,
                            timestamp: $0.timestamp
                        )
                    }
                )
            }
            let value = HistogramValue(buckets: buckets, sum: entry.seconds, count: entry.count)
            return MetricSeries(labels: labels(entry), value: .histogram(value))
        }
        return [
            .counter(
                "traces_span_metrics_calls_total",
                "Spans that came in, by what they did and how they ended.",
                measurements.map { (labels($0), Double($0.count)) }
            ),
            MetricFamily(
                "traces_span_metrics_duration_seconds",
                metadata: MetricMetadata(type: .histogram, help: "How long spans took.", unit: "seconds"),
                series: durations
            ),
        ]
    }

    private static func name(_ status: SpanStatus.Code) -> String {
        switch status {
        case .unset: "UNSET"
        case .ok: "OK"
        case .error: "ERROR"
        }
    }

    /// The graph of services, named as OpenTelemetry's connector for it does.
    private static func calls(_ calls: [CallMeasurement], _ forgotten: Int) -> [MetricFamily] {
        func labels(_ call: CallMeasurement) -> LabelSet { ["client": call.client, "server": call.server] }
        return [
            .counter(
                "traces_service_graph_request_total",
                "Calls of one service by another.",
                calls.map { (labels($0), Double($0.calls)) }
            ),
            .counter(
                "traces_service_graph_request_failed_total",
                "Calls of one service by another that failed.",
                calls.map { (labels($0), Double($0.errors)) }
            ),
            .counter(
                "traces_service_graph_request_server_seconds_total",
                unit: "seconds",
                "Time that calls took in the service called.",
                calls.map { (labels($0), $0.seconds) }
            ),
            .counter(
                "traces_service_graph_dropped_spans_total",
                "Spans of calls whose other side did not come in time.",
                [(.empty, Double(forgotten))]
            ),
        ]
    }
}
