import MartletCore
import MartletExposition
public import MartletLogging
public import MartletMetrics

/// Writes the metrics to a log, one record a time with a field for each series.
///
/// A histogram and a summary have two fields, their count and sum. With the JSON form of log lines that is one JSON object
/// a time.
public struct LogExporter: MetricsExporter {
    /// A record has at most so many fields; the last one, `series_dropped`, says how many there were beyond.
    public let fieldsMax: Int

    private let logger: Logger

    /// Creates an exporter.
    ///
    /// - Parameters:
    ///   - logger: Where records go, at the level info.
    ///   - fieldsMax: How many fields a record has at most.
    public init(_ logger: Logger, fieldsMax: Int = 1000) {
        self.logger = logger
        self.fieldsMax = max(1, fieldsMax)
    }

    /// The exporter's name, `log`.
    public var name: String { "log" }

    /// Writes one record.
    public func export(_ families: [MetricFamily], at timestamp: Int64) {
        var fields: LogFields = [:]
        var dropped = 0
        func add(_ name: String, _ value: LogValue) {
            if fields.count < fieldsMax { fields.append(name, value) } else { dropped += 1 }
        }
        for row in MetricRows(families, at: timestamp) {
            let name = row.labels.setting(Label.metricName, to: row.name).description
            switch row.value {
            case .integer(let count): add(name, Int64(exactly: count).map { .integer($0) } ?? .double(Double(count)))
            case .number(let number): add(name, .double(number))
            default: continue
            }
        }
        if dropped > 0 { fields.append("series_dropped", .integer(Int64(dropped))) }
        logger.info("metrics", fields)
    }
}
