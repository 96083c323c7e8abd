public import MartletCore

/// What becomes of a record between the logger and the sink: levels, sampling, redaction, common fields.
///
/// One pipeline serves all loggers of a program.
public final class LogPipeline: Sendable {
    /// Which levels are on.
    public let levels: LogLevels

    let sink: any LogSink
    let clock: any WallClock
    let sampler: LogSampler?
    let redaction: Redaction?
    let commonFields: LogFields

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - sink: Where the records go.
    ///   - levels: Which levels are on.
    ///   - sampler: Thins out what one place of the program tells too often.
    ///   - redaction: Which fields hold secrets.
    ///   - commonFields: Fields that each record begins with, such as the program's name and version.
    ///   - clock: What time it is.
    public init(
        sink: any LogSink,
        levels: LogLevels = LogLevels(),
        sampler: LogSampler? = nil,
        redaction: Redaction? = Redaction(),
        commonFields: LogFields = [:],
        clock: any WallClock = SystemWallClock()
    ) {
        self.sink = sink
        self.levels = levels
        self.sampler = sampler
        self.redaction = redaction
        self.commonFields = commonFields
        self.clock = clock
    }

    /// A logger for one part of the program.
    public func logger(_ target: String) -> Logger { Logger(target, pipeline: self) }

    /// Hands over what the sinks hold back, for at most a time.
    public func flush(within limit: Duration = .seconds(5)) { sink.flush(within: limit) }

    func take(_ record: LogRecord) {
        var record = record
        if !commonFields.isEmpty {
            var fields = commonFields
            fields.append(contentsOf: record.fields)
            record.fields = fields
        }
        if let redaction { redaction.apply(to: &record.fields) }
        sink.write(record)
    }
}
