package import MartletFiles
import Synchronization

/// A sealed block's file: finds its columns, and checks each the first time it is asked for.
package final class BlockFile: Sendable {
    /// "MRTEVB", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x45, 0x56, 0x42, 0, 0]
    static let version: UInt32 = 1

    /// Blocks that were written anew in their smaller form.
    ///
    /// 2 and 4 were those of logs before, 3 a sealed block of theirs, and 5 is one of now, so that programs of before name
    /// what they cannot read.
    static let coldVersion: UInt32 = 6

    /// The numbers of the blocks that a block stands for, 8 bytes each.
    static let replaced = BlockSection(0)

    /// Magic, version, four zero bytes, number.
    static let headerSize = 24

    /// "MEND".
    static let endMarker: UInt32 = 0x444e_454d
    private static let trailerSize = 16
    private static let entrySize = 28

    /// Count, times, log sequence, when it was sealed, number of columns.
    private static let directorySize = 44

    private struct Section {
        var range: Range<Int>
        var checksum: UInt32
    }

    /// The file's path.
    package let path: String

    /// The form of the file: 1, 3 or 5 as sealed, 2, 4 or 6 written anew in its smaller form.
    package let version: UInt32

    /// Whether the file is as small as it gets.
    var isCold: Bool { version == Self.coldVersion || version == 4 }

    /// The block's number; later blocks have higher ones.
    package let number: UInt64

    /// How many events it has.
    package let count: Int

    /// The times of its events, in nanoseconds since 1970.
    package let times: ClosedRange<Int64>

    /// Log files below this number are superfluous.
    let logSequence: UInt64

    /// When the block was sealed, in milliseconds since 1970.
    let sealedAt: Int64
    private let file: MappedFile
    private let sections: [BlockSection: Section]
    private let verified = Mutex<[BlockSection: Bool]>([:])

    /// Reads the directory of a file.
    ///
    /// - Throws: ``EventError`` `damaged`.
    init(_ file: MappedFile, path: String) throws(EventError) {
        self.file = file
        self.path = path
        version = file.withBytes { $0.count >= Self.headerSize ? $0.uint32(at: 8) : 0 }
        if file.withBytes({ $0.count > Self.headerSize && $0.extracting(0..<8).isEqual(Self.magic.span) }),
            version > Self.coldVersion
        {
            throw .damaged(
                "cannot read block \(path): its version is \(version), this program reads 1 to \(Self.coldVersion); use the program that wrote it"
            )
        }
        guard let directory = file.withBytes({ Self.directory($0) }) else {
            throw .damaged("cannot read block \(path): its directory is damaged; restore it or delete it")
        }
        number = directory.number
        count = directory.count
        times = directory.times
        logSequence = directory.logSequence
        sealedAt = directory.sealedAt
        sections = directory.sections
    }

    private struct Directory {
        var number: UInt64
        var count: Int
        var times: ClosedRange<Int64>
        var logSequence: UInt64
        var sealedAt: Int64
        var sections: [BlockSection: Section]
    }

    private static func directory(_ bytes: Span<UInt8>) -> Directory? {
        let end = bytes.count - trailerSize
        guard end >= headerSize + directorySize, bytes.uint32(at: end + 12) == endMarker,
            (version...coldVersion).contains(bytes.uint32(at: 8))
        else {
            return nil
        }
        guard let start = Int(exactly: bytes.uint64(at: end)), start >= headerSize, start <= end - directorySize else {
            return nil
        }
        let seed = CRC32C.checksum(bytes.extracting(0..<headerSize))
        guard CRC32C.checksum(bytes.extracting(start..<end), seed: seed) == bytes.uint32(at: end + 8) else {
            return nil
        }
        let sectionCount = Int(bytes.uint32(at: start + 40))
        let (low, high) = (
            Int64(bitPattern: bytes.uint64(at: start + 8)), Int64(bitPattern: bytes.uint64(at: start + 16))
        )
        guard sectionCount == (end - start - directorySize) / entrySize, low <= high,
            let count = Int(exactly: bytes.uint64(at: start))
        else { return nil }
        var sections: [BlockSection: Section] = [:]
        for index in 0..<sectionCount {
            let at = start + directorySize + index * entrySize
            guard let offset = Int(exactly: bytes.uint64(at: at + 8)), offset >= headerSize, offset <= start,
                let size = Int(exactly: bytes.uint64(at: at + 16)), size <= start - offset
            else { return nil }
            let name = BlockSection(bytes.uint32(at: at), Int(bytes.uint32(at: at + 4)))
            sections[name] = Section(range: offset..<(offset + size), checksum: bytes.uint32(at: at + 24))
        }
        return Directory(
            number: bytes.uint64(at: 16),
            count: count,
            times: low...high,
            logSequence: bytes.uint64(at: start + 24),
            sealedAt: Int64(bitPattern: bytes.uint64(at: start + 32)),
            sections: sections
        )
    }

    /// The time that retention goes by, in milliseconds since 1970: the newest event's, unless that lies in the future.
    var newestTime: Int64 { min(times.upperBound / 1_000_000, sealedAt) }

    /// The bytes the file takes.
    package var byteCount: Int { file.count }

    /// The names of all columns, in the order of the file.
    package var columnNames: [BlockSection] {
        sections.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }.map(\.key)
    }

    /// The numbers of the blocks that this one stands for.
    var replacedNumbers: [UInt64] {
        guard has(Self.replaced), let content = try? column(Self.replaced) else { return [] }
        return content.withBytes { bytes in
            stride(from: 0, through: bytes.count - 8, by: 8).map { bytes.uint64(at: $0) }
        }
    }

    /// Checks all columns.
    ///
    /// - Throws: ``EventError`` `damaged`.
    func verify() throws(EventError) {
        for name in columnNames { _ = try column(name) }
    }

    /// Whether a column is there.
    package func has(_ name: BlockSection) -> Bool { sections[name] != nil }

    /// A column's bytes, checked.
    ///
    /// - Throws: ``EventError`` `damaged` where the column is missing or its checksum is wrong.
    package func column(_ name: BlockSection) throws(EventError) -> ColumnBytes {
        guard let section = sections[name] else { throw damaged("column \(name.kind).\(name.index) is missing") }
        let isGood = verified.withLock { verified in
            if let known = verified[name] { return known }
            let isGood = file.withBytes { CRC32C.checksum($0.extracting(section.range)) == section.checksum }
            verified[name] = isGood
            return isGood
        }
        guard isGood else { throw damaged("the checksum of column \(name.kind).\(name.index) is wrong") }
        return ColumnBytes(file: file, range: section.range)
    }

    /// An error that names this block.
    package func damaged(_ what: String) -> EventError {
        .damaged("cannot read block \(path): \(what); restore it or delete it")
    }

    /// Gives the memory back to the system; the bytes are read again when they are touched.
    package func forget() { file.forget() }
}

/// A column's bytes in the file.
package struct ColumnBytes: Sendable {
    @usableFromInline let file: MappedFile
    @usableFromInline let range: Range<Int>

    @usableFromInline
    init(file: MappedFile, range: Range<Int>) {
        self.file = file
        self.range = range
    }

    /// All bytes of a file.
    package init(whole file: MappedFile) {
        self.init(file: file, range: 0..<file.count)
    }

    /// How many bytes there are.
    @inlinable package var count: Int { range.count }

    /// A part of them.
    ///
    /// - Precondition: It lies within.
    package func part(_ part: Range<Int>) -> ColumnBytes {
        precondition(part.lowerBound >= 0 && part.upperBound <= count)
        return ColumnBytes(
            file: file,
            range: (range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound)
        )
    }

    /// Lends the bytes.
    @inlinable
    @inline(__always)
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes { (bytes: Span<UInt8>) throws(Failure) in try body(bytes.extracting(range)) }
    }
}
