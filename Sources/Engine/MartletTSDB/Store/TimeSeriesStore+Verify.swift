import MartletFiles
import MartletSeries

/// What checking a data directory found.
public struct VerificationReport: Hashable, Sendable {
    /// One thing that is wrong.
    public struct Problem: Hashable, Sendable {
        /// The file.
        public var file: String

        /// What is wrong and what it costs.
        public var what: String
    }

    /// How many segments were read.
    public var segments = 0

    /// How many samples and aggregates they hold.
    public var segmentSamples = 0

    /// How many log files were read.
    public var logFiles = 0

    /// How many sound samples the log holds.
    public var logSamples = 0

    /// How many bytes were read.
    public var bytes = 0

    /// Whether the directory is of version 1 and will be converted when it is opened.
    public var isOldFormat = false

    /// What is wrong, in order of the files' names.
    public var problems: [Problem] = []

    /// Whether everything is as it was written.
    public var isSound: Bool { problems.isEmpty }
}

extension TimeSeriesStore {
    /// Checks every checksum of a data directory that no process has open, and reads every block and record.
    ///
    /// Nothing is changed.
    ///
    /// - Parameter directory: The data directory.
    /// - Returns: What was read and what is wrong.
    /// - Throws: ``StoreError`` when it is no data directory, is in use, or cannot be read.
    public static func verify(directory: String) throws(StoreError) -> VerificationReport {
        try verify(directory: directory, fileSystem: POSIXFileSystem())
    }

    static func verify(directory: String, fileSystem: any FileSystem) throws(StoreError) -> VerificationReport {
        do throws(FileError) {
            let names = try fileSystem.list(directory)
            guard names.contains(StoreFormat.fileName) else {
                throw FileError(
                    code: FileError.missing,
                    operation: "open",
                    path: "\(directory)/\(StoreFormat.fileName)"
                )
            }
            // A snapshot has no lock file, and making one there would change it.
            let lock =
                names.contains(StoreFormat.lockName)
                ? try fileSystem.lock("\(directory)/\(StoreFormat.lockName)") : nil
            defer { lock?.release() }
            var verification = Verification(directory: directory, fileSystem: fileSystem)
            try verification.run()
            return verification.report
        } catch {
            throw StoreError(error, directory: directory)
        }
    }
}

/// Reads all files of a data directory.
private struct Verification {
    let directory: String
    let fileSystem: any FileSystem
    var report = VerificationReport()

    mutating func run() throws(FileError) {
        let text = try fileSystem.map("\(directory)/\(StoreFormat.fileName)").withBytes { LogCodec.text($0) }
        report.isOldFormat = text == StoreFormat.oldText + "\n"
        if !report.isOldFormat, text != StoreFormat.text + "\n" {
            note("\(directory)/\(StoreFormat.fileName)", "it does not say a format that this version knows")
        }
        let segments = "\(directory)/\(StoreFormat.segmentDirectory)"
        for name in try fileSystem.list(segments) {
            let path = "\(segments)/\(name)"
            if name.hasSuffix(".damaged") {
                note(path, "it was set aside because it is damaged; restore it from a backup")
            }
            guard name.hasSuffix(".seg"), let number = UInt64(name.dropLast(4)) else { continue }
            check(path, number, try fileSystem.map(path))
        }
        let logs = "\(directory)/\(StoreFormat.logDirectory)"
        for name in try fileSystem.list(logs) {
            guard let (sequence, salt) = LogCodec.parse(fileName: name) else { continue }
            check("\(logs)/\(name)", sequence, salt, try fileSystem.map("\(logs)/\(name)"))
        }
    }

    private mutating func note(_ file: String, _ what: String) { report.problems.append(.init(file: file, what: what)) }

    private mutating func check(_ path: String, _ number: UInt64, _ file: MappedFile) {
        report.segments += 1
        report.bytes += file.count
        defer { file.forget() }
        do throws(SegmentDamage) {
            if OldSegment.isOld(file) {
                let old = try OldSegment(file)
                var columns = SeriesColumns()
                let damaged = (0..<old.count).count { place in
                    columns.clear()
                    defer { report.segmentSamples += columns.timestamps.count }
                    return !old.read(place, into: &columns)
                }
                if damaged > 0 { note(path, "the blocks of \(damaged) of \(old.count) series are damaged") }
                return
            }
            let segment = try Segment(path: path, number: number, file: file)
            let pages = segment.damagedPages()
            let lost = damagedRows(segment)
            report.segmentSamples += segment.sampleCount
            guard !pages.isEmpty || lost > 0 else { return }
            note(
                path,
                "\(pages.count) of \(segment.footer.pageCount) pages are damaged, which costs \(lost) of "
                    + "\(segment.seriesCount) series; restore the file from a backup"
            )
        } catch {
            note(path, "\(error.description); all of it is lost, restore the file from a backup")
        }
    }

    /// How many series of a segment cannot be read.
    private func damagedRows(_ segment: Segment) -> Int {
        var reader = SegmentReader(segment, codec: ChunkCodec())
        var columns = SeriesColumns()
        var rolled = RollupColumns()
        var lost = 0
        for family in segment.families {
            for row in 0..<family.rowCount {
                columns.clear()
                rolled.clear()
                let isSound =
                    segment.stepSeconds > 0
                    ? reader.readRollups(family, row, into: &rolled)
                    : reader.read(family, row, in: .min ... .max, into: &columns)
                if !isSound { lost += 1 }
            }
        }
        return lost
    }

    private mutating func check(_ path: String, _ sequence: UInt64, _ salt: UInt32, _ file: MappedFile) {
        report.logFiles += 1
        report.bytes += file.count
        defer { file.forget() }
        var samples = 0
        let damaged = file.withBytes { bytes in
            LogCodec.read(bytes, sequence: sequence, salt: salt) { tag, payload in
                switch LogRecordType(rawValue: tag[0]) {
                case nil: false
                case .series: LogCodec.readSeries(payload) { _, _ in }
                case .samples: LogCodec.readSamples(payload) { _, _, _ in samples += 1 }
                case .histograms: LogCodec.readHistograms(payload) { _, _, _ in samples += 1 }
                case .exemplars: LogCodec.readExemplars(payload) { _, _ in }
                case .oldSeries: LogCodec.readOldSeries(payload) { _, _ in }
                case .oldSamples: LogCodec.readOldSamples(payload) { _, _, _ in samples += 1 }
                }
            }
        }
        report.logSamples += samples
        if damaged > 0 {
            note(path, "\(damaged) stretches are damaged; the records in them are lost, the others are not")
        }
    }
}
