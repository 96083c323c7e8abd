import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries

/// What reading a directory found, for ``StoreStatistics``.
struct OpeningReport: Sendable {
    var replaySeconds = 0.0
    var replayedSamples = 0
    var damagedRecords = 0
    var damagedSegments = 0
    var convertedSegments = 0
}

/// Opens a data directory: lock, format, segments, log.
struct Opening {
    let lock: any FileLock
    private(set) var head: Head
    private(set) var writer: LogWriter
    private(set) var nextSegment: UInt64 = 1
    private(set) var report = OpeningReport()
    private(set) var exemplars: ExemplarRing

    private let directory: String
    private let logger: Logger
    private let fileSystem: any FileSystem
    private let oldestTime: Int64
    private var isOldFormat = false

    init(
        _ configuration: TimeSeriesStore.Configuration,
        now: Int64,
        _ logger: Logger,
        _ fileSystem: any FileSystem,
        salt: UInt32
    ) throws(StoreError) {
        directory = configuration.directory
        self.logger = logger
        self.fileSystem = fileSystem
        oldestTime = .min
        exemplars = ExemplarRing(capacity: configuration.exemplarsMax)
        head = Head(
            limits: .init(
                retention: configuration.retention.milliseconds,
                outOfOrderWindow: configuration.outOfOrderWindow.milliseconds,
                futureAllowance: configuration.futureAllowance.milliseconds,
                seriesMax: configuration.seriesMax,
                seriesOfOriginMax: configuration.seriesOfOriginMax,
                seriesOfMetricMax: configuration.seriesOfMetricMax,
                labels: configuration.labelLimits
            ),
            seed: .random(in: .min ... .max)
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
            try replay(salt: salt)
            if isOldFormat { try writeFormat() }
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

    /// The newest time of all that is stored.
    var newestTime: Int64? {
        let newest = head.segments.reduce(head.columns.maxTime) { max($0, $1.maxTime) }
        return newest > .min ? newest : nil
    }

    private mutating func checkFormat() throws {
        let path = "\(directory)/\(StoreFormat.fileName)"
        if try fileSystem.list(directory).contains(StoreFormat.fileName) {
            let found = try fileSystem.map(path).withBytes { bytes in
                LogCodec.text(bytes.extracting(0..<min(bytes.count, 64)))
            }
            isOldFormat = found == StoreFormat.oldText + "\n"
            guard isOldFormat || found == StoreFormat.text + "\n" else {
                let line = found.split(separator: "\n").first.map(String.init) ?? ""
                throw StoreError.unknownFormat(directory: directory, found: LabelSyntax.quoted(line))
            }
        } else {
            try writeFormat()
        }
        try fileSystem.createDirectory("\(directory)/\(StoreFormat.logDirectory)")
        try fileSystem.createDirectory("\(directory)/\(StoreFormat.segmentDirectory)")
        try fileSystem.syncDirectory(directory)
    }

    private func writeFormat() throws(FileError) {
        // A stop in the middle must not leave half a format behind: a new name for a whole file.
        let path = "\(directory)/\(StoreFormat.fileName)"
        try fileSystem.remove(path + ".tmp")
        let file = try fileSystem.create(path + ".tmp")
        try file.write(Array((StoreFormat.text + "\n").utf8).span)
        try file.sync()
        try file.close()
        try fileSystem.rename(path + ".tmp", to: path)
        try fileSystem.syncDirectory(directory)
    }

    private mutating func openSegments() throws(FileError) {
        let segmentDirectory = "\(directory)/\(StoreFormat.segmentDirectory)"
        var found: [Segment] = []
        var old: [(path: String, file: MappedFile)] = []
        for name in try fileSystem.list(segmentDirectory) {
            let path = "\(segmentDirectory)/\(name)"
            if name.hasSuffix(".tmp") {
                try fileSystem.remove(path)
                continue
            }
            guard name.hasSuffix(".seg"), let number = UInt64(name.dropLast(4)) else { continue }
            nextSegment = max(nextSegment, number + 1)
            let file = try fileSystem.map(path)
            if OldSegment.isOld(file) {
                old.append((path, file))
                continue
            }
            do throws(SegmentDamage) {
                found.append(try Segment(path: path, number: number, file: file))
            } catch {
                try setAside(path, error)
            }
        }
        for (path, file) in old { if let converted = try convert(path, file) { found.append(converted) } }
        let replaced = Set(found.flatMap(\.replaced))
        for segment in found where replaced.contains(segment.number) { try fileSystem.remove(segment.path) }
        found.removeAll { replaced.contains($0.number) }
        found.sort { $0.number < $1.number }
        head.segments = found.filter { $0.stepSeconds == 0 }
        head.rollups = found.filter { $0.stepSeconds > 0 }
    }

    private mutating func setAside(_ path: String, _ damage: SegmentDamage) throws(FileError) {
        report.damagedSegments += 1
        logger.error(
            "a segment is damaged and set aside; restore it from a backup or delete it",
            ["file": .string("\(path).damaged"), "reason": .string(damage.description)]
        )
        try fileSystem.rename(path, to: path + ".damaged")
    }

    /// Writes a segment of version 1 anew in the present form.
    private mutating func convert(_ path: String, _ file: MappedFile) throws(FileError) -> Segment? {
        let source: OldSegment
        do throws(SegmentDamage) {
            source = try OldSegment(file)
        } catch {
            try setAside(path, error)
            return nil
        }
        var table = LabelTable(seed: head.seed)
        var isSound: [Bool] = []
        var columns = SeriesColumns()
        for place in 0..<source.count {
            columns.clear()
            isSound.append(source.read(place, into: &columns) && !columns.timestamps.isEmpty)
            _ = table.add(LabelBytes.encode(source.labels(place)).span, id: UInt32(place))
        }
        let number = nextSegment
        nextSegment += 1
        let plan = SegmentPlan(table) { isSound[Int($0)] }
        let segment = try SegmentFile.write(
            path: "\(directory)/\(StoreFormat.segmentDirectory)/\(number).seg",
            number: number,
            plan: plan,
            origin: .init(logSequence: source.logSequence),
            codec: ChunkCodec(),
            fileSystem: fileSystem
        ) { sealer throws(FileError) in
            for family in plan.families {
                for place in family.ids {
                    var columns = SeriesColumns()
                    _ = source.read(Int(place), into: &columns)
                    columns.finish()
                    try sealer.add(columns)
                }
            }
        }
        try fileSystem.syncDirectory("\(directory)/\(StoreFormat.segmentDirectory)")
        try fileSystem.remove(path)
        report.convertedSegments += 1
        report.damagedSegments += isSound.contains(false) ? 1 : 0
        logger.info("a segment of version 1 was converted", ["file": .string(path)])
        return segment
    }

    private mutating func replay(salt: UInt32) throws(FileError) {
        let start = ContinuousClock.now
        var files: [(name: String, sequence: UInt64, salt: UInt32)] = []
        for name in try fileSystem.list(writer.directory) {
            if let (sequence, salt) = LogCodec.parse(fileName: name) { files.append((name, sequence, salt)) }
        }
        files.sort { $0.sequence < $1.sequence }
        // Everything before this file is in segments. Version 1 sealed by stretches of time and not by files; reading
        // all of its log again costs little, for what is in a segment already is not kept twice.
        let sealed = isOldFormat ? 0 : head.segments.reduce(0) { max($0, $1.logSequence) }
        var closed: [LogWriter.ClosedFile] = []
        for (name, sequence, salt) in files {
            let path = "\(writer.directory)/\(name)"
            guard sequence >= sealed else {
                try fileSystem.remove(path)
                continue
            }
            let file = try fileSystem.map(path)
            var replay = LogReplay(oldestTime: oldestTime)
            let damaged =
                file.withBytes { replay.run($0, sequence: sequence, salt: salt, into: &head) } + replay.orphanRecords
            report.damagedRecords += damaged
            report.replayedSamples += replay.kept
            if damaged > 0 {
                logger.warn(
                    "damaged log records were skipped",
                    ["file": .string(path), "records": .integer(Int64(damaged))]
                )
            }
            for found in replay.exemplars { _ = exemplars.append(found.exemplar, of: found.labels) }
            if replay.kept == 0, replay.exemplars.isEmpty {
                try fileSystem.remove(path)
            } else {
                closed.append(.init(sequence: sequence, path: path, byteCount: file.count))
            }
        }
        let sequence = max(files.last?.sequence ?? 0, head.segments.map(\.logSequence).max() ?? 0) + 1
        writer.adopt(closed)
        head.log.sequence = sequence
        try writer.begin(sequence: sequence, salt: salt)
        let elapsed = ContinuousClock.now - start
        report.replaySeconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
