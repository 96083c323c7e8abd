import MartletCore
import MartletEvents
import MartletLogStore
import MartletMetrics

/// The log store's numbers as metrics; none while no record came.
struct LogStoreCollector: MetricCollector {
    let name = "logs"
    let logs: LogService

    func collect() -> [MetricFamily] {
        guard let store = logs.storeIfOpen else { return [] }
        let (state, counts) = (store.statistics, store.counts)
        return [
            .gauge(
                "martlet_log_storage_bytes",
                unit: "bytes",
                "Bytes of log records by tier.",
                [
                    (["tier": "memory"], Double(state.activeBytes)), (["tier": "wal"], Double(state.logBytes)),
                    (["tier": "blocks"], Double(state.blockBytes)),
                ]
            ),
            .gauge(
                "martlet_log_storage_limit_bytes",
                unit: "bytes",
                "Bytes that the write-ahead log and the blocks may take before the oldest blocks go.",
                [(.empty, Double(logs.bytesMax))]
            ),
            .gauge(
                "martlet_log_storage_records",
                "Log records by tier.",
                [(["tier": "memory"], Double(state.activeEvents)), (["tier": "blocks"], Double(state.blockEvents))]
            ),
            .counter("martlet_log_records_total", "Log records taken.", [(.empty, Double(counts.accepted))]),
            .counter(
                "martlet_log_values_cut_total",
                "Attributes and texts of log records that were cut or left out.",
                [(.empty, Double(counts.truncated))]
            ),
            .counter(
                "martlet_log_blocks_dropped_total",
                "Blocks of log records dropped, by why.",
                [(["reason": "age"], Double(state.expiredBlocks)), (["reason": "size"], Double(state.evictedBlocks))]
            ),
            .counter(
                "martlet_log_compactions_total",
                "Blocks of log records written from older ones, alone or several as one.",
                [(.empty, Double(state.compactions))]
            ),
            .counter(
                "martlet_log_compaction_seconds_total",
                unit: "seconds",
                "Seconds that writing blocks of log records anew took.",
                [(.empty, state.compactionSeconds)]
            ),
            .counter(
                "martlet_log_compaction_bytes_total",
                unit: "bytes",
                "Bytes of the blocks of log records that were replaced, and of those that took their place.",
                [
                    (["side": "before"], Double(state.compactionBytesRead)),
                    (["side": "after"], Double(state.compactionBytesWritten)),
                ]
            ),
            .counter(
                "martlet_log_compaction_failures_total",
                "Times that a block of log records could not be written anew.",
                [(.empty, Double(state.compactionFailures))]
            ),
            .counter(
                "martlet_log_wal_failures_total",
                "Failed writes to the log of log records.",
                [(.empty, Double(state.logFailures))]
            ),
            .counter(
                "martlet_log_damaged_total",
                "Damaged parts of the log store that were passed over at its start.",
                [(["part": "wal"], Double(state.damagedRecords)), (["part": "block"], Double(state.damagedBlocks))]
            ),
        ]
    }
}
