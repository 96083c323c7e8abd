public import MartletCore
import Synchronization

/// Writes audit records, one JSON object a line with always the same keys, and tells the caller when that fails.
///
/// Unlike a log it drops nothing: an ``append(_:)`` that returns has written its line, and made it durable where that is asked.
/// Lines have a running number, so that a missing one shows. After a crash the last line may be torn; it was not acknowledged,
/// and opening the file ends it, so that the next record stands on a line of its own.
public final class AuditLog: Sendable {
    /// When a record is safe from a power cut.
    public enum Durability: Sendable {
        /// Before ``append(_:)`` returns.
        case each
        /// When the system writes it, usually within half a minute; a crash of the program loses nothing.
        case system
    }

    private struct State {
        var descriptor: Int32
        var number: UInt64
        var isTorn = false
        var failures: UInt64 = 0
    }

    private let path: String
    private let durability: Durability
    private let redaction: Redaction
    private let clock: any WallClock
    private let state: Mutex<State>

    /// Opens a file, or makes it with mode 0600.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - durability: When a record is safe.
    ///   - redaction: Which particulars hold secrets.
    ///   - clock: Tells when things were done.
    /// - Throws: ``LogSinkError`` where it cannot be opened or read.
    public init(
        path: String,
        durability: Durability = .each,
        redaction: Redaction = Redaction(),
        clock: any WallClock = SystemWallClock()
    ) throws(LogSinkError) {
        self.path = path
        self.durability = durability
        self.redaction = redaction
        self.clock = clock
        let descriptor = SystemFile.openToAppend(path, mode: 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", path, SystemFile.lastError) }
        let (number, isTorn) = SystemFile.lastLine(of: path).map(Self.reading) ?? (0, false)
        state = Mutex(State(descriptor: descriptor, number: number, isTorn: isTorn))
    }

    deinit { state.withLock { SystemFile.close($0.descriptor) } }

    /// Writes a record.
    ///
    /// - Returns: The record's number, from 1.
    /// - Throws: ``LogSinkError`` where it could not be written or made durable: the operation it tells of should not go on then.
    @discardableResult
    public func append(_ record: AuditRecord) throws(LogSinkError) -> UInt64 {
        let context = SpanContext.current
        let result: Result<UInt64, LogSinkError> = state.withLock { state in
            let number = state.number + 1
            var line = (state.isTorn ? "\n" : "") + self.line(record, number, context)
            var code = line.withUTF8 { unsafe SystemFile.write($0, to: state.descriptor) }
            if code == 0 { (state.number, state.isTorn) = (number, false) } else { state.isTorn = true }
            if code == 0, case .each = durability { code = SystemFile.synchronize(state.descriptor) }
            guard code == 0 else {
                state.failures += 1
                return .failure(Self.failure("write", path, code))
            }
            return .success(number)
        }
        return try result.get()
    }

    /// How many records could not be written.
    public var failures: UInt64 { state.withLock { $0.failures } }

    /// The number of the last record; 0 before the first.
    public var lastNumber: UInt64 { state.withLock { $0.number } }

    private func line(_ record: AuditRecord, _ number: UInt64, _ context: SpanContext?) -> String {
        record.json(
            time: clock.nanosecondsSinceEpoch,
            number: number,
            traceID: context?.traceID,
            redaction: redaction
        ) + "\n"
    }

    /// The number of the last whole line, and whether a torn one follows it.
    private static func reading(_ end: (whole: String, isTorn: Bool)) -> (UInt64, Bool) {
        let value = try? JSONParser.parse(Array(end.whole.utf8))
        return (value?["number"]?.integer(UInt64.self) ?? 0, end.isTorn)
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> LogSinkError {
        LogSinkError(
            "cannot \(verb) the audit log \(path): \(SystemFile.reason(code)); free space, or check its rights"
        )
    }
}
