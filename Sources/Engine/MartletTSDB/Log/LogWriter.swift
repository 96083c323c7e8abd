import MartletFiles
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
    }

    /// How many bytes may wait for a sync before a writer does it itself; they are kept to be written anew.
    static let unsyncedBytesMax = 4 << 20

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
    private let unsynced = ByteWriter()
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
    var unfinished: ByteWriter { unsynced }

    /// Takes a portion over without writing it; the next file will begin with it.
    mutating func keep(_ portion: PendingLog.Portion) {
        takenTicket = portion.ticket
        if durability != .os || failure != nil { portion.records.withBytes { unsynced.put($0) } }
    }

    /// Takes a portion over, whether it can be written or not; nothing of it is lost from then on.
    mutating func write(_ portion: PendingLog.Portion) throws(FileError) {
        keep(portion)
        guard portion.records.count > 0 else {
            writtenTicket = portion.ticket
            return
        }
        do throws(FileError) {
            guard let file else { throw FileError(code: FileError.inputOutput, operation: "write", path: directory) }
            LogCodec.seal(portion.records, salt: salt)
            try portion.records.withBytes { (bytes: Span<UInt8>) throws(FileError) in try file.write(bytes) }
            current?.byteCount += portion.records.count
            try syncAsPromised(file)
        } catch {
            // Without a promise nothing was kept so far; what failed to be written has to be.
            if durability == .os, failure == nil { portion.records.withBytes { unsynced.put($0) } }
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
        guard failure == nil, let file, unsynced.count > 0 else { return }
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
    mutating func begin(sequence: UInt64, salt: UInt32, with records: ByteWriter = ByteWriter()) throws(FileError) {
        if failure == nil { try sync() }
        closeCurrent()
        let path = "\(directory)/\(LogCodec.fileName(sequence: sequence, salt: salt))"
        LogCodec.seal(records, salt: salt)
        let header = LogCodec.header(sequence: sequence, salt: salt)
        var opened: (any WritableFile)?
        do throws(FileError) {
            let new = try fileSystem.create(path)
            opened = new
            try new.write(header.span)
            try records.withBytes { (bytes: Span<UInt8>) throws(FileError) in
                if bytes.count > 0 { try new.write(bytes) }
            }
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
                // What may be left of the file is deleted with the complete ones, when its samples are sealed.
                closed.append(ClosedFile(sequence: sequence, path: path, byteCount: 0))
                try? fileSystem.remove(path)
            }
            throw fail(error)
        }
        current = ClosedFile(sequence: sequence, path: path, byteCount: header.count + records.count)
        forgetUnsynced()
        failure = nil
        writtenTicket = takenTicket
    }

    private mutating func forgetUnsynced() {
        unsynced.clear(keeping: 4 << 20)
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
    mutating func remove(before sequence: UInt64) throws(FileError) {
        guard hasFiles(before: sequence) else { return }
        for log in closed where log.sequence < sequence { try fileSystem.remove(log.path) }
        // A file that came back after a power cut would bring deleted samples back once its segment is gone.
        try fileSystem.syncDirectory(directory)
        closed.removeAll { $0.sequence < sequence }
    }

    /// Whether there are complete files below a sequence.
    func hasFiles(before sequence: UInt64) -> Bool { closed.contains { $0.sequence < sequence } }

    /// Closes the log for good.
    mutating func close() throws(FileError) {
        if durability != .os { try sync() }
        closeCurrent()
    }
}
