import MartletCore

/// Writes a segment file: blocks as they come, the index at the end.
struct SegmentWriter {
    private struct Entry {
        var labels: LabelSet
        var start: UInt64
        var length: UInt32
        var checksum: UInt32
        var minTime: Int64
        var maxTime: Int64
        var count: UInt32
    }

    /// How much is gathered before it is written.
    private static let bufferBytes = 1 << 20

    private let file: any WritableFile
    private var footer: SegmentLayout.Footer
    private var buffer: [UInt8] = []
    private var written = 0
    private var entries: [Entry] = []

    /// Begins a file.
    init(file: any WritableFile, from: Int64, to: Int64, logSequence: UInt64, hashSeed: UInt64) {
        self.file = file
        footer = SegmentLayout.Footer()
        (footer.from, footer.to, footer.logSequence, footer.hashSeed) = (from, to, logSequence, hashSeed)
        (footer.minTime, footer.maxTime) = (.max, .min)
        buffer = SegmentLayout.magic
        buffer.appendLittleEndian(SegmentLayout.version)
        buffer.appendLittleEndian(UInt32(0))
    }

    /// Whether nothing was added yet.
    var isEmpty: Bool { entries.isEmpty }

    /// Adds a series with its samples, which ascend by time.
    mutating func add(_ labels: LabelSet, timestamps: [Int64], values: [Double]) throws(FileError) {
        guard let first = timestamps.first, let last = timestamps.last else { return }
        let start = buffer.count
        for chunk in Chunk.chunks(timestamps: timestamps, values: values) {
            Varint.append(UInt64(chunk.bytes.count), to: &buffer)
            buffer.append(contentsOf: chunk.bytes)
        }
        entries.append(
            Entry(
                labels: labels,
                start: UInt64(written + start),
                length: UInt32(buffer.count - start),
                checksum: CRC32C.checksum(buffer.span.extracting(start..<buffer.count)),
                minTime: first,
                maxTime: last,
                count: UInt32(timestamps.count)
            )
        )
        footer.minTime = min(footer.minTime, first)
        footer.maxTime = max(footer.maxTime, last)
        footer.sampleCount += timestamps.count
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes the index and the footer and makes the file durable.
    mutating func finish() throws(FileError) {
        footer.indexStart = written + buffer.count
        entries.sort { $0.labels < $1.labels }
        let index = index()
        buffer.append(contentsOf: index)
        let tail = SegmentLayout.encode(footer, indexChecksum: CRC32C.checksum(index.span))
        buffer.append(contentsOf: tail)
        try flush()
        try file.sync()
        try file.close()
    }

    private mutating func flush() throws(FileError) {
        try file.write(buffer)
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Orders texts by their bytes.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private mutating func index() -> [UInt8] {
        let texts = Set(entries.flatMap { $0.labels.flatMap { [$0.name, $0.value] } }).sorted(by: Self.isBefore)
        let numbers = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, UInt32($0)) })
        var bytes = symbolSection(texts)
        var pairs: [UInt32] = []
        var postings: [UInt64: [UInt32]] = [:]
        for (place, entry) in entries.enumerated() {
            let start = pairs.count / 2
            for label in entry.labels {
                let (name, value) = (numbers[label.name] ?? 0, numbers[label.value] ?? 0)
                pairs.append(name)
                pairs.append(value)
                postings[UInt64(name) << 32 | UInt64(value), default: []].append(UInt32(place))
            }
            append(entry, pairStart: start, to: &bytes)
        }
        for number in pairs { bytes.appendLittleEndian(number) }
        appendPostings(postings, to: &bytes)
        appendHashes(to: &bytes)
        (footer.seriesCount, footer.pairCount) = (entries.count, pairs.count / 2)
        return bytes
    }

    private mutating func symbolSection(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        var offset: UInt32 = 0
        for text in texts {
            bytes.appendLittleEndian(offset)
            offset += UInt32(text.utf8.count)
        }
        bytes.appendLittleEndian(offset)
        for text in texts { bytes.append(contentsOf: text.utf8) }
        (footer.symbolCount, footer.symbolBytes) = (texts.count, Int(offset))
        return bytes
    }

    private func append(_ entry: Entry, pairStart: Int, to bytes: inout [UInt8]) {
        bytes.appendLittleEndian(entry.start)
        bytes.appendLittleEndian(entry.length)
        bytes.appendLittleEndian(entry.checksum)
        bytes.appendLittleEndian(UInt64(bitPattern: entry.minTime))
        bytes.appendLittleEndian(UInt64(bitPattern: entry.maxTime))
        bytes.appendLittleEndian(entry.count)
        bytes.appendLittleEndian(UInt32(pairStart))
        bytes.appendLittleEndian(UInt32(entry.labels.count))
        bytes.appendLittleEndian(UInt32(0))
    }

    private mutating func appendPostings(_ postings: [UInt64: [UInt32]], to bytes: inout [UInt8]) {
        let lists = postings.sorted { $0.key < $1.key }
        var start: UInt32 = 0
        for (key, places) in lists {
            bytes.appendLittleEndian(UInt32(key >> 32))
            bytes.appendLittleEndian(UInt32(truncatingIfNeeded: key))
            bytes.appendLittleEndian(start)
            bytes.appendLittleEndian(UInt32(places.count))
            start += UInt32(places.count)
        }
        for (_, places) in lists {
            for place in places { bytes.appendLittleEndian(place) }
        }
        (footer.postingListCount, footer.postingCount) = (lists.count, Int(start))
    }

    private func appendHashes(to bytes: inout [UInt8]) {
        let hashes = entries.enumerated().map { place, entry in
            (UInt32(truncatingIfNeeded: LabelHash.hash(entry.labels, seed: footer.hashSeed)), UInt32(place))
        }
        for (hash, place) in hashes.sorted(by: <) {
            bytes.appendLittleEndian(hash)
            bytes.appendLittleEndian(place)
        }
    }
}
