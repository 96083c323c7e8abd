import Foundation
import MartletCore
import MartletLogging
import Synchronization

/// Keeps records.
final class MemorySink: LogSink {
    private let list = Mutex<[LogRecord]>([])
    var all: [LogRecord] { list.withLock(\.self) }
    func write(_ record: LogRecord) { list.withLock { $0.append(record) } }
}

/// A clock that stands still until it is set: 2026-11-21T03:25:20.123456789Z.
final class StandingClock: WallClock {
    private let time = Mutex<Int64>(1_795_231_520_123_456_789)
    var nanosecondsSinceEpoch: Int64 { time.withLock(\.self) }
    func advance(by duration: Duration) { time.withLock { $0 += duration.wholeNanoseconds } }
}

/// A timer that is moved by hand.
final class HandTimer: MonotonicTimer {
    private let time = Mutex<Int64>(0)
    var nanoseconds: Int64 { time.withLock(\.self) }
    func advance(by duration: Duration) { time.withLock { $0 += duration.wholeNanoseconds } }
    func sleep(untilNanoseconds deadline: Int64) async throws {}
}

/// A folder that is removed at the end.
final class Folder {
    let path = FileManager.default.temporaryDirectory.path + "/martlet-logging-" + UUID().uuidString
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func lines(_ name: String) throws -> [String] {
        let text = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

/// A record of the standing clock's time.
func record(
    _ message: String,
    _ fields: LogFields = [:],
    level: LogLevel = .info,
    context: SpanContext? = nil
) -> LogRecord {
    LogRecord(
        nanosecondsSinceEpoch: 1_795_231_520_123_456_789,
        level: level,
        target: "scrape",
        message: message,
        fields: fields,
        context: context
    )
}

let someSpan = SpanContext(
    traceID: TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c),
    spanID: SpanID(0xb7ad_6b71_6920_3331),
    flags: 1
)
