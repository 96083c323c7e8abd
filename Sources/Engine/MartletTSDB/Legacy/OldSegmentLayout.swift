import MartletFiles

/// The bytes of a segment file of version 1, which is only read to be converted.
enum OldSegmentLayout {
    /// "MRTSEG", two zero bytes: begins a file.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x53, 0x45, 0x47, 0, 0]

    /// "MRTSEGF1": ends a file.
    static let endMagic: UInt64 = 0x3146_4745_5354_524d

    static let version: UInt32 = 1
    static let headerSize = 16
    static let footerSize = 128
    static let seriesSize = 48
    static let postingSize = 16
    static let hashSize = 8

    /// What the footer tells, and where the parts of the index lie by it.
    struct Footer: Sendable {
        var indexStart = 0
        var symbolCount = 0
        var symbolBytes = 0
        var seriesCount = 0
        var pairCount = 0
        var postingListCount = 0
        var postingCount = 0
        var logSequence: UInt64 = 0
        var from: Int64 = 0
        var to: Int64 = 0
        var minTime: Int64 = 0
        var maxTime: Int64 = 0
        var sampleCount = 0
        var hashSeed: UInt64 = 0

        var symbolTexts: Int { indexStart + 4 * (symbolCount + 1) }
        var series: Int { symbolTexts + symbolBytes }
        var pairs: Int { series + seriesCount * OldSegmentLayout.seriesSize }
        var postingLists: Int { pairs + 8 * pairCount }
        var postings: Int { postingLists + postingListCount * OldSegmentLayout.postingSize }
        var hashes: Int { postings + 4 * postingCount }
        var end: Int { hashes + seriesCount * OldSegmentLayout.hashSize }
    }

    /// Reads a file's footer and checks everything that later readers rely on; gives what is wrong otherwise.
    static func decode(_ file: Span<UInt8>) -> Result<Footer, SegmentDamage> {
        guard file.count >= headerSize + footerSize else { return .failure(.init("it has only \(file.count) bytes")) }
        for place in 0..<magic.count where file[place] != magic[place] {
            return .failure(.init("it does not begin with the magic bytes"))
        }
        let found = file.uint32(at: 8)
        guard found == version else { return .failure(.init("its version is \(found), expected \(version)")) }
        let start = file.count - footerSize
        let bytes = file.extracting(start..<file.count)
        let expected = bytes.uint32(at: 0)
        let checksum = CRC32C.checksum(bytes.extracting(4..<footerSize))
        guard checksum == expected, bytes.uint64(at: footerSize - 8) == endMagic else {
            return .failure(
                .init(
                    "the checksum of its footer is \(SegmentLayout.hex(checksum)), expected \(SegmentLayout.hex(expected))"
                )
            )
        }
        let footer = footer(bytes)
        guard footer.indexStart >= headerSize, footer.indexStart <= start, footer.end == start else {
            return .failure(.init("its index does not fill the space before the footer"))
        }
        let indexChecksum = CRC32C.checksum(file.extracting(footer.indexStart..<start))
        guard indexChecksum == bytes.uint32(at: 4) else {
            return .failure(
                .init(
                    "the checksum of its index is \(SegmentLayout.hex(indexChecksum)), expected \(SegmentLayout.hex(bytes.uint32(at: 4)))"
                )
            )
        }
        guard isConsistent(file, footer) else { return .failure(.init("its index points outside of the file")) }
        return .success(footer)
    }

    private static func footer(_ bytes: Span<UInt8>) -> Footer {
        func count(_ place: Int) -> Int { Int(bytes.uint32(at: place)) }
        func time(_ place: Int) -> Int64 { Int64(bitPattern: bytes.uint64(at: place)) }
        return Footer(
            indexStart: Int(truncatingIfNeeded: bytes.uint64(at: 8)),
            symbolCount: count(16),
            symbolBytes: count(20),
            seriesCount: count(24),
            pairCount: count(28),
            postingListCount: count(32),
            postingCount: count(36),
            logSequence: bytes.uint64(at: 40),
            from: time(48),
            to: time(56),
            minTime: time(64),
            maxTime: time(72),
            sampleCount: Int(truncatingIfNeeded: bytes.uint64(at: 80)),
            hashSeed: bytes.uint64(at: 88)
        )
    }

    /// Whether every reference in the index stays inside of what it refers to.
    private static func isConsistent(_ file: Span<UInt8>, _ footer: Footer) -> Bool {
        var previous: UInt32 = 0
        for symbol in 0...footer.symbolCount {
            let offset = file.uint32(at: footer.indexStart + 4 * symbol)
            guard offset >= previous, Int(offset) <= footer.symbolBytes else { return false }
            previous = offset
        }
        for place in 0..<footer.seriesCount {
            let entry = footer.series + place * seriesSize
            let (start, length) = (file.uint64(at: entry), Int(file.uint32(at: entry + 8)))
            guard start >= UInt64(headerSize), start <= UInt64(footer.indexStart),
                Int(start) + length <= footer.indexStart,
                Int(file.uint32(at: entry + 36)) + Int(file.uint32(at: entry + 40)) <= footer.pairCount
            else { return false }
        }
        for pair in 0..<(2 * footer.pairCount) {
            guard Int(file.uint32(at: footer.pairs + 4 * pair)) < footer.symbolCount else { return false }
        }
        for list in 0..<footer.postingListCount {
            let entry = footer.postingLists + list * postingSize
            guard Int(file.uint32(at: entry)) < footer.symbolCount,
                Int(file.uint32(at: entry + 4)) < footer.symbolCount,
                Int(file.uint32(at: entry + 8)) + Int(file.uint32(at: entry + 12)) <= footer.postingCount
            else { return false }
        }
        for posting in 0..<footer.postingCount {
            guard Int(file.uint32(at: footer.postings + 4 * posting)) < footer.seriesCount else { return false }
        }
        for place in 0..<footer.seriesCount {
            let series = file.uint32(at: footer.hashes + place * hashSize + 4)
            guard Int(series) < footer.seriesCount else { return false }
        }
        return true
    }
}
