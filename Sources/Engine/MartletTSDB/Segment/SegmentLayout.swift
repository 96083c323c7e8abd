import MartletFiles

/// The bytes of a segment file; docs/formats/segment.md says the same in words.
enum SegmentLayout {
    /// "MRTSEG", two zero bytes: begins a file.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x53, 0x45, 0x47, 0, 0]

    /// "MRTSEGF2": ends a file.
    static let endMagic: UInt64 = 0x3246_4745_5354_524d

    static let version: UInt32 = 2
    static let headerSize = 16
    static let footerSize = 160
    static let timeColumnSize = 24

    /// Every page of the file before the index has a checksum of its own.
    static let pageSize = 4096

    /// How many runs of values a chunk of a tier of roll-ups has.
    static let rollupColumns = 6

    /// What the footer tells, and where the parts of the index lie by it.
    struct Footer: Sendable, Hashable {
        var indexStart = 0
        var symbolCount = 0
        var symbolBytes = 0
        var timeCount = 0
        var timeBytes = 0
        var familyCount = 0
        var familyBytes = 0
        var replacedCount = 0
        var seriesCount = 0
        /// The step of a tier of roll-ups in seconds, 0 for raw samples.
        var stepSeconds = 0
        var logSequence: UInt64 = 0
        var from: Int64 = 0
        var to: Int64 = 0
        var minTime: Int64 = .max
        var maxTime: Int64 = .min
        var sampleCount = 0

        var pageCount: Int { (indexStart + pageSize - 1) / pageSize }
        var symbolTexts: Int { indexStart + 4 * (symbolCount + 1) }
        var timeColumns: Int { symbolTexts + symbolBytes }
        var times: Int { timeColumns + timeCount * timeColumnSize }
        var familyOffsets: Int { times + timeBytes }
        var families: Int { familyOffsets + 4 * familyCount }
        var replaced: Int { families + familyBytes }
        var pages: Int { replaced + 8 * replacedCount }
        var end: Int { pages + 4 * pageCount }
    }

    /// The footer's bytes.
    static func encode(_ footer: Footer, indexChecksum: UInt32) -> [UInt8] {
        let writer = ByteWriter(capacity: footerSize)
        writer.put(indexChecksum)
        writer.put(Int64(footer.indexStart))
        for count in [
            footer.symbolCount, footer.symbolBytes, footer.timeCount, footer.timeBytes, footer.familyCount,
            footer.familyBytes, footer.replacedCount, footer.seriesCount, footer.stepSeconds,
        ] {
            writer.put(UInt32(count))
        }
        writer.put(footer.logSequence, bytes: 8)
        for time in [footer.from, footer.to, footer.minTime, footer.maxTime] { writer.put(time) }
        writer.put(Int64(footer.sampleCount))
        while writer.count < footerSize - 12 { writer.put(byte: 0) }
        writer.put(endMagic, bytes: 8)
        let bytes = writer.array
        var result: [UInt8] = []
        result.append(littleEndian: CRC32C.checksum(bytes.span))
        return result + bytes
    }

    /// Reads a file's footer and checks it and the index; gives what is wrong otherwise.
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
            return .failure(.init("the checksum of its footer is \(hex(checksum)), expected \(hex(expected))"))
        }
        let footer = footer(bytes)
        guard footer.indexStart >= headerSize, footer.indexStart <= start, footer.end == start else {
            return .failure(.init("its index does not fill the space before the footer"))
        }
        let indexChecksum = CRC32C.checksum(file.extracting(footer.indexStart..<start))
        guard indexChecksum == bytes.uint32(at: 4) else {
            return .failure(
                .init("the checksum of its index is \(hex(indexChecksum)), expected \(hex(bytes.uint32(at: 4)))")
            )
        }
        return .success(footer)
    }

    private static func footer(_ bytes: Span<UInt8>) -> Footer {
        func count(_ index: Int) -> Int { Int(bytes.uint32(at: 16 + 4 * index)) }
        func number(_ index: Int) -> UInt64 { bytes.uint64(at: 52 + 8 * index) }
        return Footer(
            indexStart: Int(truncatingIfNeeded: bytes.uint64(at: 8)),
            symbolCount: count(0),
            symbolBytes: count(1),
            timeCount: count(2),
            timeBytes: count(3),
            familyCount: count(4),
            familyBytes: count(5),
            replacedCount: count(6),
            seriesCount: count(7),
            stepSeconds: count(8),
            logSequence: number(0),
            from: Int64(bitPattern: number(1)),
            to: Int64(bitPattern: number(2)),
            minTime: Int64(bitPattern: number(3)),
            maxTime: Int64(bitPattern: number(4)),
            sampleCount: Int(truncatingIfNeeded: number(5))
        )
    }

    static func hex(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }

    /// How many bits numbers below a count need.
    static func width(below count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }
}

/// What is wrong with a segment file.
struct SegmentDamage: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
