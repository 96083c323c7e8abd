public import MartletCore

/// Tells what one part of a program does.
///
/// A logger is a small value: keep one a component, `let log = logger.named("scrape")`. A call whose level is off costs about a
/// nanosecond: neither message nor fields are evaluated. A call that is on costs what its sink does; behind a ``QueuedSink``
/// that is one lock.
public struct Logger: Sendable {
    /// Which part of the program tells.
    public let target: String

    /// What the records go through.
    public let pipeline: LogPipeline

    @usableFromInline let cell: LevelCell

    /// Creates a logger of a pipeline.
    public init(_ target: String, pipeline: LogPipeline) {
        self.target = target
        self.pipeline = pipeline
        cell = pipeline.levels.cell(of: target)
    }

    /// Creates a logger with a pipeline of its own, without sampling.
    public init(
        _ target: String,
        minimumLevel: LogLevel = .info,
        sink: any LogSink,
        clock: any WallClock = SystemWallClock()
    ) {
        let levels = LogLevels(LogFilter(minimumLevel))
        self.init(target, pipeline: LogPipeline(sink: sink, levels: levels, clock: clock))
    }

    /// A logger that drops everything.
    public static let silent = Logger(
        "",
        pipeline: LogPipeline(sink: SilentSink(), levels: LogLevels(LogFilter(nil)))
    )

    /// This logger for another part of the program.
    public func named(_ target: String) -> Logger { Logger(target, pipeline: pipeline) }

    /// This logger with a pipeline whose records go to another sink too; levels are shared with this one.
    public func adding(_ sink: any LogSink) -> Logger {
        let adding = LogPipeline(
            sink: SeveralSinks([pipeline.sink, sink]),
            levels: pipeline.levels,
            sampler: pipeline.sampler,
            redaction: pipeline.redaction,
            commonFields: pipeline.commonFields,
            clock: pipeline.clock
        )
        return Logger(target, pipeline: adding)
    }

    /// The level from which on this target is heard; `nil` for never.
    public var minimumLevel: LogLevel? { cell.level }

    /// Whether a level is on.
    @inlinable
    public func isEnabled(_ level: LogLevel) -> Bool { cell.isOn(level) }

    /// Tells that something happened; message and fields are only evaluated if the level is on.
    ///
    /// - Parameters:
    ///   - level: How much it matters.
    ///   - message: What happened, in words that stay the same from one time to the next.
    ///   - fields: The particulars.
    ///   - file: The file of the call, by which it is sampled.
    ///   - line: The line of the call.
    @inlinable
    public func log(
        _ level: LogLevel,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        guard cell.isOn(level) else { return }
        record(level, message, fields, SpanContext.current, CallSite(file: file, line: line))
    }

    /// Tells that something happened in a span that is not, or no longer, the one the caller is in.
    ///
    /// - Parameters:
    ///   - level: How much it matters.
    ///   - context: The span.
    ///   - message: What happened.
    ///   - fields: The particulars.
    ///   - file: The file of the call, by which it is sampled.
    ///   - line: The line of the call.
    @inlinable
    public func log(
        _ level: LogLevel,
        in context: SpanContext,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        guard cell.isOn(level) else { return }
        record(level, message, fields, context.isValid ? context : nil, CallSite(file: file, line: line))
    }

    /// Tells a step.
    @inlinable
    public func trace(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.trace, message(), fields(), file: file, line: line)
    }

    /// Tells what helps to find a fault.
    @inlinable
    public func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.debug, message(), fields(), file: file, line: line)
    }

    /// Tells what happens in normal work.
    @inlinable
    public func info(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.info, message(), fields(), file: file, line: line)
    }

    /// Tells that something is not as it should be.
    @inlinable
    public func warn(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.warn, message(), fields(), file: file, line: line)
    }

    /// Tells that something failed.
    @inlinable
    public func error(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.error, message(), fields(), file: file, line: line)
    }

    /// Tells that the program cannot do its work.
    @inlinable
    public func critical(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        log(.critical, message(), fields(), file: file, line: line)
    }

    /// Makes the record of a call whose level is on, unless it is sampled away.
    @usableFromInline
    func record(
        _ level: LogLevel,
        _ message: () -> String,
        _ fields: () -> LogFields,
        _ context: SpanContext?,
        _ site: CallSite
    ) {
        var weight = 1
        if let sampler = pipeline.sampler, level < .error, context?.isSampled != true {
            guard let kept = sampler.weight(at: site) else { return }
            weight = kept
        }
        pipeline.take(
            LogRecord(
                nanosecondsSinceEpoch: pipeline.clock.nanosecondsSinceEpoch,
                level: level,
                target: target,
                message: message(),
                fields: fields(),
                context: context,
                weight: weight
            )
        )
    }
}
