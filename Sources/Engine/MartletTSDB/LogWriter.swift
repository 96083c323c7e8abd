import MartletSeries

/// The writing end of the log: one file at a time, records in the order of their tickets, failures remembered.
///
/// Guarded by the store's writer lock; whoever holds it writes for all who wait.
struct LogWriter: Sendable {
    /// A log file that is complete.
    struct ClosedFile: Sendable {
        var sequence: UInt64
        var path: String
        var byteCount: Int
        var maxTime: Int64
    }

    /// How many bytes may wait for a sync before a writer does it itself; they are kept to be written anew.
    static let unsyncedBytesMax = 16 << 20

    let directory: String
    let fileSystem: any FileSystem
    var durability: TimeSeriesStore.Durability
    private(set) var closed: [ClosedFile]
    private(set) var writtenTicket: UInt64 = 0
    private(set) var failure: String?
    private(set) var failures = 0
    private(set) var current: ClosedFile?
    private var file: (any WritableFile)?
    private var salt: UInt32 = 0

    /// Records, not yet known to be on the disk itself, that a new file must repeat when a sync fails.
    private var unsynced: [UInt8] = []
    private var unsyncedMaxTime = Int64.min
    private var takenTicket: UInt64 = 0

    init(directory: String, fileSystem: any FileSystem, durability: TimeSeriesStore.Durability) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.durability = durability
        closed = []
    }

    /// Takes over the files that were there already.
    mutating func adopt(_ files: [ClosedFile]) {
        closed = files
    }

    /// How many bytes the log has on disk.
    var byteCount: Int { closed.reduce(current?.byteCount ?? 0) { $0 + $1.byteCount } }

    /// How many files the log has.
    var fileCount: Int { closed.count + (current == nil ? 0 : 1) }

    /// The records that a new file must begin with.
    var unfinished: [UInt8] { unsynced }

    /// Whether a sync is due.
    var needsSync: Bool { failure == nil && !unsynced.isEmpty }

    /// Takes a portion over without writing it; the next file will begin with it.
    mutating func keep(_ portion: PendingLog.Portion) {
        takenTicket = portion.ticket
        unsynced.append(contentsOf: portion.bytes)
        unsyncedMaxTime = max(unsyncedMaxTime, portion.maxTime)
    }

    /// Takes a portion over, whether it can be written or not; nothing of it is lost from then on.
    mutating func write(_ portion: PendingLog.Portion) throws(FileError) {
        keep(portion)
        guard !portion.bytes.isEmpty else {
            writtenTicket = portion.ticket
            return
        }
        guard let file, let current else {
            throw fail(FileError(code: FileError.inputOutput, operation: "write", path: directory))
        }
        var records = portion.bytes
        LogCodec.seal(&records, salt: salt)
        do throws(FileError) {
            try file.write(records)
            self.current?.byteCount += records.count
            self.current?.maxTime = max(current.maxTime, portion.maxTime)
            try syncAsPromised(file)
        } catch {
            throw fail(error)
        }
        writtenTicket = portion.ticket
    }

    private mutating func syncAsPromised(_ file: any WritableFile) throws(FileError) {
        switch durability {
        case .os: forgetUnsynced()
        case .interval where unsynced.count < Self.unsyncedBytesMax: break
        case .each, .interval:
            try file.sync()
            forgetUnsynced()
        }
    }

    /// Makes everything written durable.
    mutating func sync() throws(FileError) {
        guard failure == nil, let file, !unsynced.isEmpty else { return }
        do throws(FileError) {
            try file.sync()
            forgetUnsynced()
        } catch {
            throw fail(error)
        }
    }

    /// Ends the current file and begins the next with some records.
    ///
    /// After a failure this is how the log gets well: what the failed file may not have is in the new one, and the
    /// failed file's cached pages are never trusted to a second sync.
    mutating func begin(sequence: UInt64, salt: UInt32, with records: [UInt8]) throws(FileError) {
        if failure == nil { try sync() }
        closeCurrent()
        let path = "\(directory)/\(LogCodec.fileName(sequence: sequence, salt: salt))"
        var bytes = records
        LogCodec.seal(&bytes, salt: salt)
        bytes = LogCodec.header(sequence: sequence, salt: salt) + bytes
        var opened: (any WritableFile)?
        do throws(FileError) {
            let new = try fileSystem.create(path)
            opened = new
            try new.write(bytes)
            if durability != .os {
                try new.sync()
                try fileSystem.syncDirectory(directory)
            }
            self.salt = salt
            file = new
        } catch {
            if let opened {
                // Another error here adds nothing to the one being told.
                try? opened.close()
                try? fileSystem.remove(path)
            }
            throw fail(error)
        }
        current = ClosedFile(sequence: sequence, path: path, byteCount: bytes.count, maxTime: unsyncedMaxTime)
        forgetUnsynced()
        failure = nil
        writtenTicket = takenTicket
    }

    private mutating func forgetUnsynced() {
        unsynced.removeAll(keepingCapacity: unsynced.capacity <= 1 << 20)
        unsyncedMaxTime = .min
    }

    private mutating func fail(_ error: FileError) -> FileError {
        failures += 1
        failure = "\(error); \(error.remedy)"
        return error
    }

    private mutating func closeCurrent() {
        if let current, let file {
            if failure != nil {
                // A torn record is no harm to the reader; cutting it off only saves a search.
                try? file.truncate(to: current.byteCount)
            }
            try? file.close()
            closed.append(current)
        }
        (current, file) = (nil, nil)
    }

    /// Deletes files whose samples are all sealed.
    mutating func remove(before sequence: UInt64, olderThan cut: Int64) throws(FileError) {
        for log in closed where log.sequence < sequence && log.maxTime < cut {
            try fileSystem.remove(log.path)
            closed.removeAll { $0.sequence == log.sequence }
        }
    }

    /// Closes the log for good.
    mutating func close() throws(FileError) {
        if durability != .os { try sync() }
        closeCurrent()
    }
}
