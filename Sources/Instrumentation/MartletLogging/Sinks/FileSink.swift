public import MartletCore
import Synchronization

/// Writes one line a record to a file that is rotated by size and by age.
///
/// The file that is written keeps its name; the one before it becomes `name.1`, and so on. A file that was moved or removed by
/// somebody else, as logrotate does, is made anew by ``reopen()``. What the disk does not take is counted and dropped.
public final class FileSink: LogSink {
    /// When a file is put aside, and how many are kept.
    public struct Rotation: Sendable {
        /// The length from which on the file is put aside, in bytes; 0 for never.
        public var bytes: Int64
        /// The age from which on the file is put aside; `nil` for never.
        public var age: Duration?
        /// How many files are kept beside the one that is written.
        public var kept: Int

        /// Creates a rule: 100 MiB, no age, five files.
        public init(bytes: Int64 = 100 << 20, age: Duration? = nil, kept: Int = 5) {
            self.bytes = max(0, bytes)
            self.age = age
            self.kept = min(max(0, kept), 1000)
        }
    }

    private struct State {
        var descriptor: Int32
        var length: Int64
        var openedAt: Int64
        var failures: UInt64 = 0
    }

    private let path: String
    private let format: any LogLines
    private let rotation: Rotation
    private let clock: any WallClock
    private let state: Mutex<State>

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Where the file is; it is made with mode 0640, its folder is not.
    ///   - format: How a record becomes a line.
    ///   - rotation: When it is put aside.
    ///   - clock: Tells its age.
    /// - Throws: ``LogSinkError`` where it cannot be opened.
    public init(
        path: String,
        format: any LogLines = LogLineFormat.json,
        rotation: Rotation = Rotation(),
        clock: any WallClock = SystemWallClock()
    ) throws(LogSinkError) {
        self.path = path
        self.format = format
        self.rotation = rotation
        self.clock = clock
        state = Mutex(try Self.open(path, clock))
    }

    deinit { state.withLock { SystemFile.close($0.descriptor) } }

    /// How many records the disk did not take.
    public var failures: UInt64 { state.withLock { $0.failures } }

    /// Writes the record, after putting the file aside where it is long or old enough.
    public func write(_ record: LogRecord) {
        var line = format.line(for: record)
        state.withLock { state in
            rotateIfDue(&state)
            line.withUTF8 { bytes in
                guard unsafe SystemFile.write(bytes, to: state.descriptor) == 0 else {
                    state.failures += 1
                    return
                }
                state.length += Int64(bytes.count)
            }
        }
    }

    /// Closes the file and opens what has its name now.
    ///
    /// - Throws: ``LogSinkError`` where it cannot be opened; the old file is written on then.
    public func reopen() throws(LogSinkError) {
        let fresh = try Self.open(path, clock)
        state.withLock { state in
            SystemFile.close(state.descriptor)
            let failures = state.failures
            state = fresh
            state.failures = failures
        }
    }

    private func rotateIfDue(_ state: inout State) {
        let isLong = rotation.bytes > 0 && state.length >= rotation.bytes
        let age = Duration.nanoseconds(clock.nanosecondsSinceEpoch - state.openedAt)
        let isOld = rotation.age.map { age >= $0 && state.length > 0 } ?? false
        guard isLong || isOld else { return }
        for number in stride(from: rotation.kept, to: 0, by: -1) {
            let older = number == 1 ? path : "\(path).\(number - 1)"
            if SystemFile.exists(older) { _ = SystemFile.rename(older, to: "\(path).\(number)") }
        }
        if rotation.kept == 0 { SystemFile.remove(path) }
        // Where no new file can be had, the old one is written on.
        guard let fresh = try? Self.open(path, clock) else { return }
        SystemFile.close(state.descriptor)
        let failures = state.failures
        state = fresh
        state.failures = failures
    }

    private static func open(_ path: String, _ clock: any WallClock) throws(LogSinkError) -> State {
        let descriptor = SystemFile.openToAppend(path)
        guard descriptor >= 0 else {
            let reason = SystemFile.reason(SystemFile.lastError)
            throw LogSinkError("cannot write the log file \(path): \(reason); check the folder and its rights")
        }
        return State(
            descriptor: descriptor,
            length: SystemFile.length(descriptor),
            openedAt: clock.nanosecondsSinceEpoch
        )
    }
}
