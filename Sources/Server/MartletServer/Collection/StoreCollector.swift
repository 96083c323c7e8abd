import MartletCore
import MartletMetrics
import MartletSeries
import MartletTSDB

/// The store's numbers as metrics.
struct StoreCollector: MetricCollector {
    let name = "store"
    let store: TimeSeriesStore
    let bytesMax: Int

    func collect() -> [MetricFamily] {
        let state = store.statistics
        return [
            .gauge("martlet_series", "Live series.", [(["collector": "store"], Double(state.series))]),
            .gauge(
                "martlet_storage_bytes",
                unit: "bytes",
                "Bytes stored by tier.",
                [
                    (["tier": "raw"], Double(state.segmentBytes)), (["tier": "wal"], Double(state.logBytes)),
                    (["tier": "hourly"], Double(state.rollupBytes[3600] ?? 0)),
                    (["tier": "daily"], Double(state.rollupBytes[86_400] ?? 0)),
                ]
            ),
            .gauge("martlet_storage_limit_bytes", unit: "bytes", "Size cap.", [(.empty, Double(bytesMax))]),
            .gauge(
                "martlet_storage_points",
                "Points stored by tier.",
                [
                    (["tier": "head"], Double(state.headSamples)), (["tier": "raw"], Double(state.segmentSamples)),
                    (["tier": "hourly"], Double(state.rollupPoints[3600] ?? 0)),
                    (["tier": "daily"], Double(state.rollupPoints[86_400] ?? 0)),
                ]
            ),
            .counter(
                "martlet_samples_appended_total",
                "Samples taken into the store.",
                [(.empty, Double(state.appended))]
            ),
            .counter(
                "martlet_samples_rejected_total",
                "Samples refused by the store.",
                AppendResult.Reason.allCases.map { (["reason": $0.rawValue], Double(state.rejected[$0] ?? 0)) }
            ),
            .counter(
                "martlet_retention_deleted_total",
                "Segments dropped, by why.",
                [
                    (["tier": "raw", "reason": "age"], Double(state.segmentsExpired)),
                    (["tier": "raw", "reason": "size"], Double(state.segmentsEvicted)),
                ]
            ),
            .gauge(
                "martlet_wal_replay_duration_seconds",
                unit: "seconds",
                "Recovery time at start.",
                [(.empty, state.replaySeconds)]
            ),
            .counter(
                "martlet_wal_damaged_records_total",
                "Damaged log records skipped at start.",
                [
                    (.empty, Double(state.damagedRecords))
                ]
            ),
            .counter(
                "martlet_storage_damaged_blocks_total",
                "Damaged blocks that readers came upon.",
                [
                    (.empty, Double(state.damagedBlocks))
                ]
            ),
            .counter("martlet_wal_failures_total", "Failed writes to the log.", [(.empty, Double(state.logFailures))]),
        ]
    }
}

extension MetricFamily {
    /// A family of gauges.
    static func gauge(_ name: String, unit: String = "", _ help: String, _ series: [(LabelSet, Double)]) -> MetricFamily
    {
        family(name, MetricMetadata(type: .gauge, help: help, unit: unit), series)
    }

    /// A family of counters.
    static func counter(_ name: String, unit: String = "", _ help: String, _ series: [(LabelSet, Double)])
        -> MetricFamily
    {
        family(name, MetricMetadata(type: .counter, help: help, unit: unit), series)
    }

    private static func family(_ name: String, _ metadata: MetricMetadata, _ series: [(LabelSet, Double)])
        -> MetricFamily
    {
        MetricFamily(name, metadata: metadata, series: series.map { MetricSeries(labels: $0.0, $0.1) })
    }
}
