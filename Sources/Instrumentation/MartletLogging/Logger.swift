public import MartletCore

/// Tells what one part of a program does.
///
/// A logger is a small value: keep one a component, `let log = logger.named("scrape")`.
public struct Logger: Sendable {
    /// Which part of the program tells.
    public var target: String

    /// Records below this level are not made.
    public var minimumLevel: LogLevel

    private let sink: any LogSink
    private let clock: any WallClock

    /// Creates a logger.
    public init(
        _ target: String,
        minimumLevel: LogLevel = .info,
        sink: any LogSink,
        clock: any WallClock = SystemWallClock()
    ) {
        self.target = target
        self.minimumLevel = minimumLevel
        self.sink = sink
        self.clock = clock
    }

    /// A logger that drops everything.
    public static let silent = Logger("", minimumLevel: .critical, sink: SilentSink())

    /// This logger for another part of the program.
    public func named(_ target: String) -> Logger {
        var logger = self
        logger.target = target
        return logger
    }

    /// Tells that something happened; message and fields are only evaluated if the level is on.
    public func log(
        _ level: LogLevel,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        guard level >= minimumLevel else { return }
        sink.write(
            LogRecord(
                nanosecondsSinceEpoch: clock.nanosecondsSinceEpoch,
                level: level,
                target: target,
                message: message(),
                fields: fields()
            )
        )
    }

    /// Tells what helps to find a fault.
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.debug, message(), fields())
    }

    /// Tells what happens in normal work.
    public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.info, message(), fields())
    }

    /// Tells that something is not as it should be.
    public func warn(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.warn, message(), fields())
    }

    /// Tells that something failed.
    public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.error, message(), fields())
    }

    private struct SilentSink: LogSink {
        func write(_ record: LogRecord) {}
    }
}
