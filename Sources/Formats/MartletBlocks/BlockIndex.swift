public import MartletCore

/// The index of a block: its series, and where their samples are.
///
/// - SeeAlso: [Index disk format](https://github.com/prometheus/prometheus/blob/v3.5.0/tsdb/docs/format/index.md)
public struct BlockIndex {
    /// Where a chunk of a series is, and the times it covers.
    public struct ChunkReference: Hashable, Sendable {
        /// The time of its first sample, in milliseconds since the epoch.
        public var minTime: Int64

        /// The time of its last sample.
        public var maxTime: Int64

        /// Which file of the directory `chunks` it is in, counted from 0.
        public var file: Int

        /// Where in the file it begins.
        public var offset: Int
    }

    /// A series of the block.
    public struct Series: Hashable, Sendable {
        /// The number that tombstones name it by.
        public var reference: UInt64

        /// Its labels.
        public var labels: LabelSet

        /// Its chunks, in order of time.
        public var chunks: [ChunkReference]
    }

    private static let magic: UInt64 = 0xbaaa_d700
    private static let contentsSize = 6 * 8 + 4

    /// How many bytes of series entries are read at a time.
    private static let pieceSize = 1 << 20

    private let file: any BlockBytes
    private let version: UInt64
    private let symbols: SymbolTable
    private let seriesRange: Range<Int>
    private var at: Int
    private var piece: [UInt8] = []
    private var pieceStart: Int

    /// Reads the table of contents and the table of texts.
    ///
    /// - Parameter file: The file `index`.
    /// - Throws: ``BlockError``, or what the file throws.
    public init(_ file: any BlockBytes) throws {
        self.file = file
        guard file.count >= 5 + Self.contentsSize else { throw BlockError.truncated("the index", at: file.count) }
        var head = ByteReader(try file.read(0..<5), what: "the index")
        guard try head.fixed(4) == Self.magic else { throw BlockError("the file is no index of a block") }
        version = try head.fixed(1)
        guard version == 1 || version == 2 else { throw BlockError("the index has version \(version), not 1 or 2") }
        let contents = try file.read((file.count - Self.contentsSize)..<file.count)
        var reader = ByteReader(contents, what: "the index's table of contents")
        var offsets: [Int] = []
        for _ in 0..<6 {
            let offset = try reader.fixed(8)
            guard offset <= UInt64(file.count) else {
                throw BlockError("the index's table of contents names byte \(offset) of \(file.count)")
            }
            offsets.append(Int(offset))
        }
        guard Checksum.of(contents.dropLast(4)) == UInt32(truncatingIfNeeded: try reader.fixed(4)) else {
            throw BlockError("the checksum of the index's table of contents is wrong")
        }
        symbols = try SymbolTable(file, at: offsets[0], version: version)
        let start = offsets[1]
        let end = offsets.filter { $0 > start }.min() ?? file.count - Self.contentsSize
        seriesRange = start > 0 ? start..<max(start, end) : 0..<0
        (at, pieceStart) = (seriesRange.lowerBound, seriesRange.lowerBound)
    }

    /// How many bytes the entries of all series take; for progress.
    public var seriesByteCount: Int { seriesRange.count }

    /// How many of these bytes were read.
    public var seriesBytesRead: Int { at - seriesRange.lowerBound }

    /// The next series, in order of labels; `nil` behind the last one.
    ///
    /// - Throws: ``BlockError``, or what the file throws.
    public mutating func nextSeries() throws -> Series? {
        // Entries begin at multiples of 16.
        at = (at + 15) / 16 * 16
        guard at < seriesRange.upperBound else {
            at = seriesRange.upperBound
            return nil
        }
        var size = try entrySize(wanted: Self.pieceSize)
        if size == nil { size = try entrySize(wanted: seriesRange.upperBound - at) }
        guard let size else { throw BlockError.truncated("a series of the index", at: at) }
        let local = at - pieceStart
        let series = try series(piece, local..<(local + size), at: at)
        at += size
        return series
    }

    /// The whole size of the entry at the place reached, once the piece in memory holds it; `nil` where none does.
    private mutating func entrySize(wanted: Int) throws -> Int? {
        for isFresh in [false, true] {
            let local = at - pieceStart
            if local >= 0, local < piece.count {
                var reader = ByteReader(piece, local..<piece.count, what: "a series of the index")
                if let count = try? reader.unsigned(), count < 1 << 40 {
                    let size = reader.at - local + Int(count) + 4
                    if local + size <= piece.count { return size }
                }
            }
            if isFresh { return nil }
            pieceStart = at
            piece = try file.read(at..<min(at + wanted, seriesRange.upperBound))
        }
        return nil
    }

    private func series(_ bytes: [UInt8], _ range: Range<Int>, at offset: Int) throws(BlockError) -> Series {
        var reader = ByteReader(bytes, range, what: "a series of the index")
        let size = try reader.size()
        let content = reader.at..<(reader.at + size)
        var checksum = ByteReader(bytes, content.upperBound..<range.upperBound, what: "a series of the index")
        guard Checksum.of(bytes[content]) == UInt32(truncatingIfNeeded: try checksum.fixed(4)) else {
            throw BlockError("the checksum of the series at byte \(offset) of the index is wrong")
        }
        reader = ByteReader(bytes, content, what: "a series of the index")
        var labels: [Label] = []
        for _ in 0..<(try reader.size()) {
            labels.append(Label(try symbols.text(try reader.unsigned()), try symbols.text(try reader.unsigned())))
        }
        var chunks: [ChunkReference] = []
        var (minTime, maxTime): (Int64, Int64) = (0, 0)
        var reference: Int64 = 0
        for index in 0..<(try reader.size()) {
            if index == 0 {
                minTime = try reader.signed()
            } else {
                minTime = maxTime &+ Int64(bitPattern: try reader.unsigned())
            }
            maxTime = minTime &+ Int64(bitPattern: try reader.unsigned())
            if index == 0 {
                reference = Int64(bitPattern: try reader.unsigned())
            } else {
                reference &+= try reader.signed()
            }
            chunks.append(
                ChunkReference(
                    minTime: minTime,
                    maxTime: maxTime,
                    file: Int(reference >> 32 & 0xffff_ffff),
                    offset: Int(reference & 0xffff_ffff)
                )
            )
        }
        return Series(reference: UInt64(offset / 16), labels: LabelSet(labels), chunks: chunks)
    }
}

/// The texts of an index.
private struct SymbolTable {
    private var texts: [String] = []

    /// Version 1 names texts by their place in the file.
    private var placeOf: [UInt64: Int]?

    init(_ file: any BlockBytes, at offset: Int, version: UInt64) throws {
        guard offset > 0 else { return }
        guard offset + 8 <= file.count else { throw BlockError.truncated("the index's table of texts", at: offset) }
        var head = ByteReader(try file.read(offset..<(offset + 8)), what: "the index's table of texts")
        let size = Int(try head.fixed(4))
        let count = Int(try head.fixed(4))
        guard size >= 4, offset + 4 + size + 4 <= file.count else {
            throw BlockError.truncated("the index's table of texts", at: file.count)
        }
        let bytes = try file.read((offset + 4)..<(offset + 4 + size + 4))
        var checksum = ByteReader(bytes, size..<bytes.count, what: "the index's table of texts")
        guard Checksum.of(bytes[..<size]) == UInt32(truncatingIfNeeded: try checksum.fixed(4)) else {
            throw BlockError("the checksum of the index's table of texts is wrong")
        }
        var reader = ByteReader(bytes, 4..<size, what: "the index's table of texts")
        if version == 1 { placeOf = [:] }
        for place in 0..<count {
            placeOf?[UInt64(offset + 4 + reader.at)] = place
            texts.append(try reader.text())
        }
    }

    func text(_ reference: UInt64) throws(BlockError) -> String {
        let place = placeOf.map { $0[reference] ?? -1 } ?? Int(clamping: reference)
        guard texts.indices.contains(place) else {
            throw BlockError("a series refers to text \(reference) of \(texts.count)")
        }
        return texts[place]
    }
}
