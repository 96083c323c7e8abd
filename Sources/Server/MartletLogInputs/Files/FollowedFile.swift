import MartletCore
import MartletLogFormats
import MartletOTLP

/// One file that is followed: what was read of it, and what of that is stored.
struct FollowedFile: Sendable {
    /// How many bytes are read at once.
    static let pieceBytes = 256 << 10

    let path: String
    let file: OpenFile
    let source: Int
    /// Where the next byte is read.
    private(set) var readOffset: Int
    /// Up to where everything was handed on.
    private(set) var storedOffset: Int
    /// Whether the path belongs to another file now.
    var isReplaced = false
    /// How often in a row nothing was there to read.
    private(set) var quietTurns = 0

    private var framer: LineFramer
    private var joiner: LineJoiner?
    private var parser: LineParser
    /// Where the records that are read and not handed on yet end.
    private var recordEnd: Int
    private var fingerprint: (checksum: UInt32, count: Int) = (0, 0)

    init(_ path: String, _ file: OpenFile, offset: Int, source: Int, _ settings: FileSource, utcOffset: Int64) {
        self.path = path
        self.file = file
        self.source = source
        let limits = LogInputLimits()
        framer = LineFramer(limit: limits.lineBytes)
        joiner = settings.joinsLines || settings.start != nil ? LineJoiner(start: settings.start, limits: limits) : nil
        parser = LineParser(settings.format, limits: limits, utcOffset: utcOffset)
        (readOffset, storedOffset, recordEnd) = (offset, offset, offset)
        updateFingerprint()
    }

    /// What happened to the file since it was looked at last.
    enum Change {
        case none
        /// It is shorter than what was read of it, or begins otherwise.
        case truncated
    }

    var change: Change {
        if file.size < readOffset { return .truncated }
        let isSame = FileCheckpoint.fingerprint(of: file, count: fingerprint.count) == fingerprint.checksum
        return isSame ? .none : .truncated
    }

    /// Reads a piece and adds its records to a batch; `false` where nothing was there.
    mutating func read(into batch: inout LogBatch, observed: Int64, _ attributes: [Attribute]) -> Int {
        let bytes = file.read(at: readOffset, count: Self.pieceBytes)
        guard !bytes.isEmpty else {
            quietTurns += 1
            // Lines that wait for more get it within a second, or never.
            if quietTurns == 5, let held = joiner?.flush() { add(held, &batch, observed, attributes) }
            if quietTurns >= 5 { recordEnd = readOffset - framer.pendingBytes }
            return 0
        }
        quietTurns = 0
        let start = readOffset
        readOffset += bytes.count
        if fingerprint.count < FileCheckpoint.fingerprintMax { updateFingerprint() }
        // Where each line begins tells what may be forgotten once the records before it are stored.
        var place = start - framer.pendingBytes
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0a) {
            for line in framer.take(rest[...end]) {
                let next = start + end + 1
                take(line, from: place, to: next, &batch, observed, attributes)
                place = next
            }
            rest = rest[(end + 1)...]
        }
        _ = framer.take(rest)
        return bytes.count
    }

    /// Adds what is held, also a last line without its end; for a file that will not grow any more.
    mutating func finish(into batch: inout LogBatch, observed: Int64, _ attributes: [Attribute]) {
        if let line = framer.finish() { take(line, from: readOffset, to: readOffset, &batch, observed, attributes) }
        if let held = joiner?.flush() { add(held, &batch, observed, attributes) }
        recordEnd = readOffset
    }

    /// Tells that everything in the batches so far is stored.
    mutating func stored() { storedOffset = recordEnd }

    mutating func takeCounts() -> LogInputCounts { parser.takeCounts() }

    var checkpoint: FileCheckpoint {
        FileCheckpoint(
            path: path,
            identity: file.identity,
            offset: storedOffset,
            fingerprint: fingerprint.checksum,
            fingerprintBytes: fingerprint.count
        )
    }

    private mutating func take(
        _ line: LineFramer.Line,
        from start: Int,
        to end: Int,
        _ batch: inout LogBatch,
        _ observed: Int64,
        _ attributes: [Attribute]
    ) {
        guard joiner != nil else {
            add(line, &batch, observed, attributes)
            recordEnd = end
            return
        }
        let record = joiner?.take(line)
        if let record { add(record, &batch, observed, attributes) }
        // What the joiner holds begins with this line if it ended another record or there was none.
        if record != nil { recordEnd = start }
    }

    private mutating func add(
        _ line: LineFramer.Line,
        _ batch: inout LogBatch,
        _ observed: Int64,
        _ attributes: [Attribute]
    ) {
        // Empty lines separate others and tell nothing.
        guard !line.bytes.isEmpty else { return }
        var parsed = parser.parse(line, observed: observed)
        parsed.entry.attributes.append(Attribute("log.file.path", path))
        batch.add(parsed, source: attributes)
    }

    private mutating func updateFingerprint() {
        let count = min(readOffset, FileCheckpoint.fingerprintMax)
        fingerprint = (FileCheckpoint.fingerprint(of: file, count: count), count)
    }
}
