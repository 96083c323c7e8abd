import MartletFiles

/// The writing end of the log: one file at a time, records in the order of their tickets, failures remembered.
///
/// Guarded by the store's writer lock; whoever holds it writes for all who wait.
struct EventLog: Sendable {
    /// A log file that is complete.
    struct ClosedFile: Sendable {
        var sequence: UInt64
        var path: String
        var byteCount: Int
    }

    /// What was taken from the pending records to be written.
    struct Portion: Sendable {
        var records: [UInt8] = []
        var ticket: UInt64 = 0
    }

    /// How many bytes may wait for a sync before a writer does it itself; they are kept to be written anew.
    static let unsyncedBytesMax = 4 << 20

    let directory: String
    let fileSystem: any FileSystem
    var durability: EventDurability
    private(set) var closed: [ClosedFile]
    private(set) var writtenTicket: UInt64 = 0
    private(set) var failure: String?
    private(set) var failures = 0
    private(set) var current: ClosedFile?
    private var file: (any WritableFile)?
    private var salt: UInt32 = 0

    /// Records, not yet known to be on the disk itself, that a new file must repeat when a sync fails.
    private var unsynced: [[UInt8]] = []
    private var unsyncedBytes = 0
    private var takenTicket: UInt64 = 0

    init(directory: String, fileSystem: any FileSystem, durability: EventDurability, closed: [ClosedFile]) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.durability = durability
        self.closed = closed
    }

    /// How many bytes the log has on disk.
    var byteCount: Int { closed.reduce(current?.byteCount ?? 0) { $0 + $1.byteCount } }

    /// The highest number of a file.
    var lastSequence: UInt64 { max(current?.sequence ?? 0, closed.reduce(0) { max($0, $1.sequence) }) }

    /// Takes a portion over without writing it; the next file will begin with it.
    mutating func keep(_ portion: Portion) {
        takenTicket = max(takenTicket, portion.ticket)
        if durability != .os || failure != nil { keepUnsynced(portion.records) }
    }

    private mutating func keepUnsynced(_ records: [UInt8]) {
        guard !records.isEmpty else { return }
        unsyncedBytes += records.count
        unsynced.append(records)
    }

    /// Takes a portion over, whether it can be written or not; nothing of it is lost from then on.
    mutating func write(_ portion: consuming Portion) throws(FileError) {
        takenTicket = max(takenTicket, portion.ticket)
        guard !portion.records.isEmpty else {
            if failure == nil { writtenTicket = takenTicket }
            return
        }
        // Without a promise only what could not be written has to be kept.
        let mustKeep = durability != .os || failure != nil
        var isKept = false
        do throws(FileError) {
            guard failure == nil, let file else {
                throw FileError(code: FileError.inputOutput, operation: "write", path: directory)
            }
            EventLogCodec.seal(&portion.records, salt: salt)
            try file.write(portion.records.span)
            current?.byteCount += portion.records.count
            if mustKeep {
                keepUnsynced(portion.records)
                isKept = true
            }
            try syncAsPromised(file)
        } catch {
            if !isKept { keepUnsynced(portion.records) }
            throw fail(error)
        }
        writtenTicket = takenTicket
    }

    private mutating func syncAsPromised(_ file: any WritableFile) throws(FileError) {
        switch durability {
        case .os: break
        case .interval where unsyncedBytes < Self.unsyncedBytesMax: break
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

    /// Ends the current file and begins the next with what the failed one may lack.
    ///
    /// After a failure this is how the log gets well: the failed file's cached pages are never trusted to a second
    /// sync, so that what it was to have is written anew.
    mutating func begin(sequence: UInt64, salt: UInt32) throws(FileError) {
        if failure == nil { try sync() }
        closeCurrent()
        let path = "\(directory)/\(EventLogCodec.fileName(sequence: sequence, salt: salt))"
        for place in unsynced.indices { EventLogCodec.seal(&unsynced[place], salt: salt) }
        let header = EventLogCodec.header(sequence: sequence, salt: salt)
        var opened: (any WritableFile)?
        do throws(FileError) {
            let new = try fileSystem.create(path)
            opened = new
            try new.write(header.span)
            for records in unsynced { try new.write(records.span) }
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
                // What may be left of the file is deleted with the complete ones, when its events are sealed.
                closed.append(ClosedFile(sequence: sequence, path: path, byteCount: 0))
                try? fileSystem.remove(path)
            }
            throw fail(error)
        }
        current = ClosedFile(sequence: sequence, path: path, byteCount: header.count + unsyncedBytes)
        forgetUnsynced()
        failure = nil
        writtenTicket = takenTicket
    }

    private mutating func forgetUnsynced() {
        unsynced.removeAll(keepingCapacity: unsynced.capacity <= 1024)
        unsyncedBytes = 0
    }

    private mutating func fail(_ error: FileError) -> FileError {
        failures += 1
        failure = "\(error); \(error.remedy)"
        return error
    }

    private mutating func closeCurrent() {
        if let current, let file {
            // A torn record is no harm to the reader; cutting it off only saves a search.
            if failure != nil { try? file.truncate(to: current.byteCount) }
            try? file.close()
            closed.append(current)
        }
        (current, file) = (nil, nil)
    }

    /// Deletes files whose events are all sealed.
    mutating func remove(before sequence: UInt64) throws(FileError) {
        guard hasFiles(before: sequence) else { return }
        for log in closed where log.sequence < sequence { try fileSystem.remove(log.path) }
        // A file that came back after a power cut would bring dropped events back once their block is gone.
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
