import MartletCore
import MartletFiles
import MartletLogging

/// Finds out what a directory holds: its blocks, and what of the log is not in them.
package struct EventOpening<Kind: EventKind> {
    /// What was found.
    package struct Report: Sendable {
        /// Damaged records of the log, each a stretch of bytes, that were skipped.
        package var damagedRecords = 0

        /// The paths of blocks that cannot be read.
        package var damagedBlocks: [String] = []

        /// How many events came from the log.
        package var replayed = 0
    }

    let lock: any FileLock
    let report: Report
    let head: EventStore<Kind>.Head
    let log: EventLog
    private(set) var nextBlock: UInt64 = 1
    private(set) var sealedSequence: UInt64 = 0

    init(
        _ configuration: EventConfiguration,
        _ kind: Kind,
        _ clock: any WallClock,
        _ logger: Logger,
        _ fileSystem: any FileSystem,
        salt: UInt32
    ) throws(EventError) {
        let directory = configuration.directory
        do throws(FileError) {
            try fileSystem.createDirectory(directory)
            lock = try fileSystem.lock("\(directory)/lock")
        } catch {
            throw Self.unusable(error)
        }
        var files: [EventLog.ClosedFile] = []
        var (head, report) = (EventStore<Kind>.Head(active: kind.makeActive()), Report())
        do throws(FileError) {
            try fileSystem.createDirectory("\(directory)/wal")
            try fileSystem.createDirectory("\(directory)/blocks")
            try Self.checkFormat(directory, kind.format, fileSystem, salt)
            var blocks: [StoredBlock<Kind>] = []
            for name in try fileSystem.list("\(directory)/blocks") {
                let path = "\(directory)/blocks/\(name)"
                guard name.hasSuffix(".block"), let number = UInt64(name.dropLast(6)) else {
                    // What a stop left of a block that was being written.
                    if name.hasSuffix(".tmp") { try fileSystem.remove(path) }
                    continue
                }
                nextBlock = max(nextBlock, number + 1)
                let map = try fileSystem.map(path)
                do throws(EventError) {
                    let file = try BlockFile(map, path: path)
                    sealedSequence = max(sealedSequence, file.logSequence)
                    blocks.append(StoredBlock(file: file, content: try kind.open(file)))
                } catch {
                    report.damagedBlocks.append(path)
                    logger.error("a block is damaged; the others answer", ["error": .string("\(error)")])
                }
            }
            head.blocks = try Self.newest(blocks, fileSystem)
            if let last = head.blocks.last { head.active = kind.makeActive(after: last.content) }
            // A block whose name may not last must not make its log superfluous.
            if !blocks.isEmpty, configuration.durability != .os {
                try fileSystem.syncDirectory("\(directory)/blocks")
            }
            var seen: Set<UInt64> = []
            for name in try fileSystem.list("\(directory)/wal") {
                guard let (sequence, salt) = EventLogCodec.parse(fileName: name) else { continue }
                let path = "\(directory)/wal/\(name)"
                let map = try fileSystem.map(path)
                files.append(EventLog.ClosedFile(sequence: sequence, path: path, byteCount: map.count))
                guard sequence >= sealedSequence else { continue }
                report.damagedRecords += map.withBytes { bytes in
                    EventLogCodec.read(bytes, sequence: sequence, salt: salt) { tag, payload in
                        let ticket = tag.uint64(at: 0)
                        guard seen.insert(ticket).inserted else { return true }
                        head.ticket = max(head.ticket, ticket)
                        return head.active.replay(payload)
                    }
                }
            }
        } catch {
            lock.release()
            throw Self.unusable(error)
        }
        report.replayed = head.active.count
        if head.active.count > 0 { head.activeSince = clock.millisecondsSinceEpoch }
        if report.damagedRecords > 0 {
            logger.warn("damaged records of the log were skipped", ["records": LogValue(report.damagedRecords)])
        }
        self.head = head
        self.report = report
        log = EventLog(
            directory: "\(directory)/wal",
            fileSystem: fileSystem,
            durability: configuration.durability,
            closed: files
        )
    }

    /// The blocks without those that were written a second time, because nobody knew that the first would last, or in a
    /// smaller form.
    private static func newest(
        _ blocks: [StoredBlock<Kind>],
        _ fileSystem: any FileSystem
    ) throws(FileError) -> [StoredBlock<Kind>] {
        var kept: [UInt64: StoredBlock<Kind>] = [:]
        // What was written anew counts, and those it was made of go; a stop may have left them.
        let replaced = Set(blocks.flatMap { $0.file.replacedNumbers })
        for block in blocks where replaced.contains(block.file.number) { try fileSystem.remove(block.file.path) }
        let blocks = blocks.filter { !replaced.contains($0.file.number) }
        for block in blocks.sorted(by: { $0.file.number < $1.file.number }) {
            if let old = kept.updateValue(block, forKey: block.file.logSequence) {
                try fileSystem.remove(old.file.path)
            }
        }
        // Blocks that were written anew have higher numbers than younger ones; the log's number tells the age.
        return kept.values.sorted { $0.file.logSequence < $1.file.logSequence }
    }

    private static func unusable(_ error: FileError) -> EventError {
        if error.isLocked {
            let holder = error.holder.map { "process \($0)" } ?? "another process"
            return .unusable("cannot open \(error.path): \(holder) is using it; stop it or choose another directory")
        }
        return .unusable("\(error); \(error.remedy)")
    }

    /// Requires that the directory was written in a form that is known, and says which form it has.
    private static func checkFormat(
        _ directory: String,
        _ format: String,
        _ fileSystem: any FileSystem,
        _ salt: UInt32
    ) throws(FileError) {
        let path = "\(directory)/format"
        if try fileSystem.list(directory).contains("format") {
            let found = try fileSystem.map(path).withBytes { $0.text }
            guard found == format + "\n" else {
                throw FileError(
                    code: FileError.exists,
                    operation: "open",
                    path: directory,
                    reason: "its format is \"\(found.prefix(60))\", expected \"\(format)\""
                )
            }
            return
        }
        let temporary = "\(directory)/format-\(String(salt, radix: 16)).tmp"
        let file = try fileSystem.create(temporary)
        try file.write(Array("\(format)\n".utf8).span)
        try file.sync()
        try file.close()
        try fileSystem.rename(temporary, to: path)
        try fileSystem.syncDirectory(directory)
    }
}
