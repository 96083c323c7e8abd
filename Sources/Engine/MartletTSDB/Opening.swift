import MartletCore
import MartletLogging
import MartletSeries

/// What reading a directory found, for ``StoreStatistics``.
struct OpeningReport: Sendable {
    var replaySeconds = 0.0
    var replayedSamples = 0
    var damagedRecords = 0
    var damagedSegments = 0
}

/// Opens a data directory: lock, format, segments, log.
struct Opening {
    let lock: any FileLock
    private(set) var head: Head
    private(set) var writer: LogWriter
    private(set) var nextSegment: UInt64 = 1
    private(set) var report = OpeningReport()

    private let directory: String
    private let logger: Logger
    private let fileSystem: any FileSystem
    private let oldestTime: Int64

    init(
        _ configuration: TimeSeriesStore.Configuration,
        now: Int64,
        _ logger: Logger,
        _ fileSystem: any FileSystem
    ) throws(StoreError) {
        directory = configuration.directory
        self.logger = logger
        self.fileSystem = fileSystem
        oldestTime = now - configuration.retention.milliseconds
        head = Head(
            limits: .init(
                retention: configuration.retention.milliseconds,
                outOfOrderWindow: configuration.outOfOrderWindow.milliseconds,
                futureAllowance: configuration.futureAllowance.milliseconds,
                seriesMax: configuration.seriesMax
            ),
            hashSeed: .random(in: .min ... .max)
        )
        let logDirectory = "\(directory)/\(StoreFormat.logDirectory)"
        writer = LogWriter(
            directory: logDirectory,
            fileSystem: fileSystem,
            durability: configuration.durability
        )
        do throws(FileError) {
            try fileSystem.createDirectory(directory)
            lock = try fileSystem.lock("\(directory)/\(StoreFormat.lockName)")
        } catch {
            throw StoreError(error, directory: directory)
        }
        do {
            try checkFormat()
            try openSegments()
            try replay()
        } catch let error as FileError {
            lock.release()
            throw StoreError(error, directory: directory)
        } catch let error as StoreError {
            lock.release()
            throw error
        } catch {
            lock.release()
            throw .unusableDirectory("cannot open \(directory): \(error)")
        }
    }

    private func checkFormat() throws {
        let path = "\(directory)/\(StoreFormat.fileName)"
        let names = try fileSystem.list(directory)
        if names.contains(StoreFormat.fileName) {
            let found = try fileSystem.map(path).withBytes { bytes in
                LogCodec.text(bytes.extracting(0..<min(bytes.count, 64)))
            }
            guard found == StoreFormat.text + "\n" else {
                let line = found.split(separator: "\n").first.map(String.init) ?? ""
                throw StoreError.unknownFormat(directory: directory, found: LabelSyntax.quoted(line))
            }
        } else {
            // A stop in the middle must not leave half a format behind: a new name for a whole file.
            try fileSystem.remove(path + ".tmp")
            let file = try fileSystem.create(path + ".tmp")
            try file.write(Array((StoreFormat.text + "\n").utf8))
            try file.sync()
            try file.close()
            try fileSystem.rename(path + ".tmp", to: path)
        }
        try fileSystem.createDirectory("\(directory)/\(StoreFormat.logDirectory)")
        try fileSystem.createDirectory("\(directory)/\(StoreFormat.segmentDirectory)")
        try fileSystem.syncDirectory(directory)
    }

    private mutating func openSegments() throws(FileError) {
        let segmentDirectory = "\(directory)/\(StoreFormat.segmentDirectory)"
        for name in try fileSystem.list(segmentDirectory) {
            let path = "\(segmentDirectory)/\(name)"
            if name.hasSuffix(".tmp") {
                try fileSystem.remove(path)
                continue
            }
            guard name.hasSuffix(".seg"), let number = UInt64(name.dropLast(4)) else { continue }
            nextSegment = max(nextSegment, number + 1)
            let file = try fileSystem.map(path)
            do throws(SegmentDamage) {
                head.segments.append(try Segment(path: path, number: number, file: file))
            } catch {
                report.damagedSegments += 1
                logger.error(
                    "a segment is damaged and set aside; restore it from a backup or delete it",
                    ["file": .string("\(path).damaged"), "reason": .string(error.description)]
                )
                try fileSystem.rename(path, to: path + ".damaged")
            }
        }
        head.segments.sort { $0.number < $1.number }
    }

    private mutating func replay() throws(FileError) {
        let start = ContinuousClock.now
        var files: [(name: String, sequence: UInt64, salt: UInt32)] = []
        for name in try fileSystem.list(writer.directory) {
            if let (sequence, salt) = LogCodec.parse(fileName: name) { files.append((name, sequence, salt)) }
        }
        files.sort { $0.sequence < $1.sequence }
        var closed: [LogWriter.ClosedFile] = []
        for (name, sequence, salt) in files {
            let path = "\(writer.directory)/\(name)"
            let file = try fileSystem.map(path)
            var replay = LogReplay(sequence: sequence, oldestTime: oldestTime)
            let damaged = file.withBytes { replay.run($0, salt: salt, into: &head) } + replay.orphanRecords
            report.damagedRecords += damaged
            report.replayedSamples += replay.kept
            if damaged > 0 {
                logger.warn(
                    "damaged log records were skipped",
                    ["file": .string(path), "records": .integer(Int64(damaged))]
                )
            }
            if replay.kept == 0 {
                try fileSystem.remove(path)
            } else {
                closed.append(.init(sequence: sequence, path: path, byteCount: file.count, maxTime: replay.maxTime))
            }
        }
        let sequence = max(files.last?.sequence ?? 0, head.segments.map(\.logSequence).max() ?? 0) + 1
        writer.adopt(closed)
        head.log.sequence = sequence
        try writer.begin(sequence: sequence, salt: .random(in: .min ... .max), with: [])
        let elapsed = ContinuousClock.now - start
        report.replaySeconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
