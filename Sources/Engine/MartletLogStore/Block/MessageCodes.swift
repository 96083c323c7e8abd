import MartletEvents

/// The codes of messages, in planes: as they stand in the file, or, in a block that is seldom read, compressed by granules.
///
/// It is a class because it is asked for each code: a struct in a property would be copied, with what it refers to, each time.
final class MessageCodes {
    /// How many codes there are.
    let count: Int

    private let planeCount: Int
    private let planes: ColumnBytes

    /// Where the compressed codes of each granule end; `nil` where none are compressed.
    private let ends: IntegerColumn?

    /// The granule that was read last, where codes are compressed.
    private var granule = -1
    private var bytes: [UInt8] = []
    private var range = 0..<0

    /// Count and number of planes stand in front of compressed codes.
    private static let headSize = 9

    init(_ reader: LogBlockReader) throws(EventError) {
        let file = reader.file
        guard file.has(LogSections.packedCodes) else {
            planeCount = file.has(LogSections.planes(3)) ? 3 : 2
            planes = try file.column(LogSections.planes(planeCount))
            count = planes.count / planeCount
            ends = nil
            return
        }
        planes = try file.column(LogSections.packedCodes)
        let (count, planeCount) = planes.withBytes { bytes in
            bytes.count >= Self.headSize ? (Int(clamping: bytes.uint64(at: 0)), Int(bytes[8])) : (0, 0)
        }
        guard planeCount == 2 || planeCount == 3, count <= 1 << 40 else {
            throw file.damaged("its messages make no sense")
        }
        (self.count, self.planeCount) = (count, planeCount)
        ends = try reader.integers(LogSections.packedEnds, reader.granuleCount)
    }

    /// Makes a granule's codes ready.
    func read(_ granule: Int, _ range: Range<Int>, _ reader: LogBlockReader) throws(EventError) {
        guard let ends, granule != self.granule else { return }
        let (from, to) = (granule == 0 ? Self.headSize : Int(ends[granule - 1]), Int(ends[granule]))
        guard from >= Self.headSize, from <= to, to <= planes.count,
            let bytes = planes.withBytes({ PackedBytes.read($0.extracting(from..<to), reader.block.codec) }),
            bytes.count == planeCount * range.count
        else { throw reader.file.damaged("its messages make no sense") }
        self.granule = granule
        self.bytes = bytes
        self.range = range
    }

    /// The code at a place, of the granule made ready where codes are compressed.
    @inline(__always)
    subscript(place: Int) -> Int {
        let (count, planeCount) = (count, planeCount)
        guard ends == nil else {
            let (bytes, range) = (bytes, range)
            return Self.code(bytes.span, place - range.lowerBound, range.count, planeCount)
        }
        return planes.withBytes { Self.code($0, place, count, planeCount) }
    }

    @inline(__always)
    private static func code(_ planes: Span<UInt8>, _ place: Int, _ count: Int, _ planeCount: Int) -> Int {
        let code = Int(planes[place]) | Int(planes[count + place]) << 8
        return planeCount == 2 ? code : code | Int(planes[2 * count + place]) << 16
    }

    /// Appends the places of a code in a part of the granule made ready.
    func find(_ code: Int, _ part: Range<Int>, _ places: inout [Int]) {
        guard ends != nil else {
            return planes.withBytes {
                PlaneScan.find(code, in: part, $0, codeCount: count, planeCount: planeCount, &places)
            }
        }
        let first = places.count
        let bytes = bytes
        PlaneScan.find(
            code,
            in: (part.lowerBound - range.lowerBound)..<(part.upperBound - range.lowerBound),
            bytes.span,
            codeCount: range.count,
            planeCount: planeCount,
            &places
        )
        for place in first..<places.count { places[place] += range.lowerBound }
    }

    // MARK: Writing

    /// Compresses the codes of a block by granules.
    static func pack(_ reader: LogBlockReader, to writer: BlockWriter) throws(EventError) {
        let codes = try MessageCodes(reader)
        let starts = try reader.integers(LogSections.codeStarts, reader.granuleCount)
        let places = starts.values(in: 0..<starts.count).map { Int($0) }
        guard zip([0] + places, places + [codes.count]).allSatisfy({ $0 <= $1 }), places.first ?? 0 == 0 else {
            throw reader.file.damaged("its messages make no sense")
        }
        codes.planes.withBytes { pack($0, codes.planeCount, places, reader.block.codec, to: writer) }
    }

    /// Compresses planes by granules.
    ///
    /// - Precondition: The granules' starts rise, and lie within the planes.
    static func pack(
        _ planes: Span<UInt8>,
        _ planeCount: Int,
        _ starts: [Int],
        _ codec: any BlockCodec,
        to writer: BlockWriter
    ) {
        let count = planes.count / planeCount
        var (content, ends): ([UInt8], [Int64]) = ([], [])
        content.append(littleEndian: UInt64(count))
        content.append(UInt8(planeCount))
        for (granule, start) in starts.enumerated() {
            let end = granule + 1 < starts.count ? starts[granule + 1] : count
            var plain: [UInt8] = []
            plain.reserveCapacity(planeCount * (end - start))
            for plane in 0..<planeCount {
                plain.append(span: planes.extracting((plane * count + start)..<(plane * count + end)))
            }
            PackedBytes.append(plain, codec, level: LogBlock.coldLevel, to: &content)
            ends.append(Int64(content.count))
        }
        writer.add(LogSections.packedCodes, content)
        writer.add(LogSections.packedEnds, IntegerColumnWriter.encode(ends))
    }
}
