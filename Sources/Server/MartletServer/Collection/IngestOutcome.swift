import MartletIngest
import MartletLogFormats
import MartletOTLP
import MartletTraceStore

/// What became of the items that a request brought, for the server's own metrics.
struct IngestOutcome {
    /// How many were taken, by what they are.
    var taken: [(signal: String, count: Int)] = []

    var refused = 0

    /// What was refused.
    var signal = "metrics"
}

extension IngestOutcome {
    init(_ outcome: RemoteWriteOutcome) {
        taken = [("metrics", outcome.samples + outcome.histograms), ("exemplars", outcome.exemplars)]
        refused = outcome.refused
    }

    init(_ outcome: TraceStore.Outcome) {
        taken = [("spans", outcome.accepted), ("spans_cut", outcome.truncated)]
        refused = outcome.refused
        signal = "spans"
    }

    /// Of lines none is refused: what cannot be read is kept whole.
    init(_ counts: LogInputCounts) {
        taken = [("logs", counts.records), ("logs_unparsed", counts.unparsed), ("logs_cut", counts.cut)]
        signal = "logs"
    }

    init(_ taken: OTLPTaken?, of signal: String) {
        self.init(taken: taken?.items ?? [], refused: taken?.answer.rejected ?? 0, signal: signal)
    }
}
