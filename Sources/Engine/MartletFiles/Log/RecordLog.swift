/// The writing end of a log: one file at a time, records in the order of their tickets, failures remembered.
///
/// A store guards it by its writer's lock; whoever holds that writes for all who wait.
package struct RecordLog<Format: RecordFormat, Records: RecordBytes>: Sendable {
    /// A log file that is complete.
    package struct ClosedFile: Sendable {
        /// The file's number.
        package var sequence: UInt64
        /// Where it is.
        package var path: String
        /// How long it is.
        package var byteCount: Int

        /// A file of a number.
        package init(sequence: UInt64, path: String, byteCount: Int) {
            (self.sequence, self.path, self.byteCount) = (sequence, path, byteCount)
        }
    }

    /// What was taken from the pending records to be written.
    package struct Portion: Sendable {
        /// Whole records, whose checksums are not filled in yet.
        package var records: Records
        /// The number of the newest batch in them.
        package var ticket: UInt64

        /// Records up to a ticket.
        package init(records: Records, ticket: UInt64) {
            (self.records, self.ticket) = (records, ticket)
        }
    }

    /// How many bytes may wait for a sync before a writer does it itself; they are kept to be written anew.
    private static var unsyncedBytesMax: Int { 4 << 20 }

    /// Where the files are.
    package let directory: String
    /// When what is written survives a power cut.
    package var durability: LogDurability
    /// The files that are complete.
    package private(set) var closed: [ClosedFile]
    /// The number of the newest batch that the log has.
    package private(set) var writtenTicket: UInt64 = 0
    /// What failed, and what to do about it, until a new file was begun.
    package private(set) var failure: String?
    /// How many writes, syncs and new files failed.
    package private(set) var failures = 0
    /// The file that is being written.
    package private(set) var current: ClosedFile?
    /// Records, not yet known to be on the disk itself, that a new file must repeat when a sync fails.
    package private(set) var unsynced: [Records] = []
    private let fileSystem: any FileSystem
    private var file: (any WritableFile)?
    private var salt: UInt32 = 0
    private var unsyncedBytes = 0
    private var takenTicket: UInt64 = 0

    /// A log that writes nothing before ``begin(sequence:salt:with:)``.
    package init(directory: String, fileSystem: any FileSystem, durability: LogDurability, closed: [ClosedFile] = []) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.durability = durability
        self.closed = closed
    }

    /// Takes over the files that were there already.
    package mutating func adopt(_ files: [ClosedFile]) {
        closed = files
    }

    /// How many bytes the log has on disk.
    package var byteCount: Int { closed.reduce(current?.byteCount ?? 0) { $0 + $1.byteCount } }

    /// How many files the log has.
    package var fileCount: Int { closed.count + (current == nil ? 0 : 1) }

    /// The highest number of a file.
    package var lastSequence: UInt64 { closed.reduce(current?.sequence ?? 0) { max($0, $1.sequence) } }

    // MARK: Writing

    /// Takes a portion over without writing it; the next file will begin with it.
    package mutating func keep(_ portion: consuming Portion) {
        takenTicket = max(takenTicket, portion.ticket)
        // Without a promise only what could not be written has to be kept.
        if durability != .os || failure != nil { keepUnsynced(portion.records) }
    }

    private mutating func keepUnsynced(_ records: Records) {
        guard records.count > 0 else { return }
        unsyncedBytes += records.count
        unsynced.append(records)
    }

    /// Takes a portion over, whether it can be written or not; nothing of it is lost from then on.
    ///
    /// - Throws: ``FileError`` where it was not written; the next file will have it.
    package mutating func write(_ portion: consuming Portion) throws(FileError) {
        takenTicket = max(takenTicket, portion.ticket)
        guard portion.records.count > 0 else {
            if failure == nil { writtenTicket = takenTicket }
            return
        }
        let mustKeep = durability != .os || failure != nil
        var isKept = false
        do throws(FileError) {
            guard failure == nil, let file else {
                throw FileError(code: FileError.inputOutput, operation: "write", path: directory)
            }
            Format.seal(&portion.records, salt: salt)
            try portion.records.withBytes { (bytes: Span<UInt8>) throws(FileError) in try file.write(bytes) }
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
    package mutating func sync() throws(FileError) {
        guard failure == nil, let file, !unsynced.isEmpty else { return }
        do throws(FileError) {
            try file.sync()
            forgetUnsynced()
        } catch {
            throw fail(error)
        }
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

    // MARK: Files

    /// Ends the current file and begins the next with what the failed one may lack.
    ///
    /// After a failure this is how the log gets well: the failed file's cached pages are never trusted to a second sync, so that
    /// what it was to have is written anew.
    ///
    /// - Parameters:
    ///   - sequence: The new file's number.
    ///   - salt: The seed of its checksums.
    ///   - records: What the file begins with instead of ``unsynced``, where that needs more than itself to be read.
    /// - Throws: ``FileError`` where the file cannot be made; nothing is lost, and the next try begins another.
    package mutating func begin(sequence: UInt64, salt: UInt32, with records: Records? = nil) throws(FileError) {
        if failure == nil { try sync() }
        closeCurrent()
        let path = "\(directory)/\(Format.fileName(sequence: sequence, salt: salt))"
        let header = Format.header(sequence: sequence, salt: salt)
        var byteCount = header.count
        var opened: (any WritableFile)?
        do throws(FileError) {
            let new = try fileSystem.create(path)
            opened = new
            try new.write(header.span)
            for var part in records.map({ [$0] }) ?? unsynced where part.count > 0 {
                Format.seal(&part, salt: salt)
                try part.withBytes { (bytes: Span<UInt8>) throws(FileError) in try new.write(bytes) }
                byteCount += part.count
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
                // What may be left of the file is deleted with the complete ones, when all that they have is sealed.
                closed.append(ClosedFile(sequence: sequence, path: path, byteCount: 0))
                try? fileSystem.remove(path)
            }
            throw fail(error)
        }
        current = ClosedFile(sequence: sequence, path: path, byteCount: byteCount)
        forgetUnsynced()
        failure = nil
        writtenTicket = takenTicket
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

    /// Deletes files whose records are all sealed.
    package mutating func remove(before sequence: UInt64) throws(FileError) {
        guard hasFiles(before: sequence) else { return }
        for log in closed where log.sequence < sequence { try fileSystem.remove(log.path) }
        // A file that came back after a power cut would bring back what is dropped once its block is gone.
        try fileSystem.syncDirectory(directory)
        closed.removeAll { $0.sequence < sequence }
    }

    /// Whether there are complete files below a sequence.
    package func hasFiles(before sequence: UInt64) -> Bool { closed.contains { $0.sequence < sequence } }

    /// Closes the log for good.
    package mutating func close() throws(FileError) {
        if durability != .os { try sync() }
        closeCurrent()
    }
}
