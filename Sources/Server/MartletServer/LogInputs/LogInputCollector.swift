import MartletCore
import MartletLogFormats
import MartletLogInputs
import MartletMetrics

/// The numbers of the sources of logs as metrics; none where the configuration names no source.
struct LogInputCollector: MetricCollector {
    let name = "log_inputs"
    let sources: @Sendable () -> LogSources?

    func collect() -> [MetricFamily] {
        guard let sources = sources() else { return [] }
        let numbers = sources.numbers.map { (LabelSet([Label("source", $0.name)]), $0.current) }
        func counter(_ name: String, _ help: String, _ value: (LogInputNumbers.Values) -> Int) -> MetricFamily {
            .counter(name, help, numbers.map { ($0.0, Double(value($0.1))) })
        }
        return [
            counter("martlet_log_source_records_total", "Records of sources that the store took.") { $0.taken },
            counter("martlet_log_source_dropped_total", "Records given up because the store refused them for too long.")
            {
                $0.dropped
            },
            counter("martlet_log_source_refusals_total", "Times the store refused records, which were tried again.") {
                $0.refusals
            },
            counter("martlet_log_source_unparsed_total", "Lines that had not the form expected and are kept whole.") {
                $0.lines.unparsed
            },
            counter("martlet_log_source_cut_total", "Lines that were longer than the limit.") { $0.lines.cut },
            counter("martlet_log_source_repaired_total", "Lines that were not UTF-8.") { $0.lines.repaired },
            counter("martlet_log_source_retimed_total", "Records that claimed a time too far from their arrival.") {
                $0.lines.retimed
            },
            .counter(
                "martlet_log_source_bytes_total",
                unit: "bytes",
                "Bytes read from sources.",
                numbers.map { ($0.0, Double($0.1.bytes)) }
            ),
            .gauge(
                "martlet_log_source_connections",
                "Connections of syslog.",
                [(.empty, Double(sources.connections.open))]
            ),
            .counter(
                "martlet_log_source_connections_refused_total",
                "Connections of syslog refused because there were too many.",
                [(.empty, Double(sources.connections.refused))]
            ),
            .gauge("martlet_log_source_files", "Files that are followed.", [(.empty, Double(sources.files.open))]),
            .counter(
                "martlet_log_source_files_truncated_total",
                "Times a followed file was truncated or replaced in place.",
                [(.empty, Double(sources.files.truncated))]
            ),
        ]
    }
}
