import MartletEvents
import MartletFiles

// Three forms stand in files: parted into short and long codes, plain or with what gets smaller compressed; and, in blocks
// of before, planes of all lowest bytes, then all next ones, plain or compressed by granules. Those are parted when they
// are read, so that a search knows one form only.
//
// Safety: streams are only pointed at inside of the column, which `bytes` keeps mapped, after their sizes were checked.

/// The codes of messages, by granules.
@safe
final class MessageCodes {
    /// What is wanted of a granule; what is not wanted need not be decompressed.
    struct Streams: OptionSet {
        var rawValue: UInt8
        static let short = Streams(rawValue: 1)
        static let long = Streams(rawValue: 2)
        static let all: Streams = [.short, .long]
    }

    private enum Form {
        case parted
        case planes
        case packedPlanes
    }

    /// How many bytes a long code has.
    let planeCount: Int

    /// How many codes there are.
    private let count: Int
    private let form: Form
    private let bytes: ColumnBytes
    private let starts: IntegerColumn

    /// Where each granule ends; `nil` for plain planes.
    private let ends: IntegerColumn?
    private let granuleCount: Int
    private let file: BlockFile
    private let codec: any BlockCodec

    // The granule that was read last.
    private let memory = CodeStreams()
    private var number = -1
    private var granule: CodeGranule?
    private var known: Streams = []
    private var parts: [(range: Range<Int>, isPacked: Bool)] = []

    /// Count and number of planes stand in front.
    private static let headSize = 9

    init(_ reader: LogBlockReader) throws(EventError) {
        (file, codec, granuleCount) = (reader.file, reader.block.codec, reader.granuleCount)
        starts = try reader.integers(LogSections.codeStarts, granuleCount)
        form = file.has(LogSections.codes) ? .parted : file.has(LogSections.packedPlanes) ? .packedPlanes : .planes
        switch form {
        case .planes:
            planeCount = file.has(LogSections.planes(3)) ? 3 : 2
            bytes = try file.column(LogSections.planes(planeCount))
            count = bytes.count / planeCount
            ends = nil
        case .parted, .packedPlanes:
            bytes = try file.column(form == .parted ? LogSections.codes : LogSections.packedPlanes)
            let (told, planes) = bytes.withBytes { bytes in
                bytes.count >= Self.headSize ? (Int(clamping: bytes.uint64(at: 0)), Int(bytes[8])) : (0, 0)
            }
            guard planes == 2 || planes == 3, told <= 1 << 40 else {
                throw file.damaged("its messages make no sense")
            }
            (count, planeCount) = (told, planes)
            ends = try reader.integers(
                form == .parted ? LogSections.codeEnds : LogSections.packedPlaneEnds,
                granuleCount
            )
        }
    }

    private var damage: EventError { file.damaged("its messages make no sense") }

    /// A granule's codes, good until the next granule is asked for.
    func granule(_ number: Int, _ wanted: Streams) throws(EventError) -> CodeGranule {
        if number == self.number, known.isSuperset(of: wanted), let granule { return granule }
        let start = Int(starts[number])
        let end = number + 1 < granuleCount ? Int(starts[number + 1]) : count
        guard start >= 0, start <= end, end <= count, end - start <= 1 << 31 else { throw damage }
        if number != self.number {
            (self.number, granule, known) = (-1, nil, [])
            granule = try begin(number, start..<end)
            self.number = number
        }
        guard var granule else { throw damage }
        if wanted.contains(.short), !known.contains(.short) {
            unsafe granule.short = try stream(1, granule.shortCount)
            known.insert(.short)
        }
        if wanted.contains(.long), !known.contains(.long) {
            unsafe granule.low = try stream(2, granule.longCount)
            unsafe granule.high = try stream(3, granule.longCount)
            if planeCount > 2 { unsafe granule.top = try stream(4, granule.longCount) }
            known.insert(.long)
        }
        self.granule = granule
        return granule
    }

    private func begin(_ number: Int, _ range: Range<Int>) throws(EventError) -> CodeGranule {
        switch form {
        case .parted: return try beginParted(number, range.count)
        case .planes:
            known = .all
            return bytes.withBytes { part($0, range.lowerBound, count, range.count) }
        case .packedPlanes:
            let own = try ownBytes(number)
            guard let plain = bytes.withBytes({ PackedBytes.read($0.extracting(own), codec) }),
                plain.count == planeCount * range.count
            else { throw damage }
            known = .all
            return part(plain.span, 0, range.count, range.count)
        }
    }

    /// Where a granule's bytes are.
    private func ownBytes(_ number: Int) throws(EventError) -> Range<Int> {
        guard let ends else { throw damage }
        let (from, to) = (number == 0 ? Self.headSize : Int(ends[number - 1]), Int(ends[number]))
        guard from >= Self.headSize, from <= to, to <= bytes.count else { throw damage }
        return from..<to
    }

    /// Parts the codes of planes.
    private func part(_ planes: Span<UInt8>, _ start: Int, _ stride: Int, _ count: Int) -> CodeGranule {
        let planeCount = planeCount
        return memory.part(count, planeCount: planeCount) { place in
            var code = UInt32(planes[start + place]) | UInt32(planes[stride + start + place]) << 8
            if planeCount > 2 { code |= UInt32(planes[2 * stride + start + place]) << 16 }
            return code
        }
    }

    /// Finds a granule's streams.
    private func beginParted(_ number: Int, _ count: Int) throws(EventError) -> CodeGranule {
        let own = try ownBytes(number)
        parts.removeAll(keepingCapacity: true)
        let streams = 2 + planeCount
        let longs: Int? = bytes.withBytes { bytes in
            var at = own.lowerBound
            guard let longs = bytes.varint(&at), longs <= UInt64(count) else { return nil }
            if appendPlainParts(at..<own.upperBound, count, Int(longs)) { return Int(longs) }
            for _ in 0..<streams {
                guard let size = bytes.varint(&at), at < own.upperBound, size < UInt64(own.upperBound - at) else {
                    return nil
                }
                parts.append(((at + 1)..<(at + 1 + Int(size)), bytes[at] != 0))
                at += 1 + Int(size)
            }
            return Int(longs)
        }
        guard let longs, parts.count == streams else { throw damage }
        return unsafe CodeGranule(count: count, longCount: longs, marks: try stream(0, CodeGranule.headSize(count)))
    }

    /// Finds the streams of a granule that has all of them plain, which its size alone tells: a frame would be smaller.
    ///
    /// Their lengths stand far from each other, so that reading them would be most of what a search waits for.
    private func appendPlainParts(_ range: Range<Int>, _ count: Int, _ longs: Int) -> Bool {
        let head = CodeGranule.headSize(count)
        let (lengths, longLength) = (varintSize(head) + varintSize(count - longs), varintSize(longs))
        let size = head + count - longs + lengths + 2 + planeCount * (longs + longLength + 1)
        guard range.count == size else { return false }
        var at = range.lowerBound
        for stream in 0..<(2 + planeCount) {
            let size = stream == 0 ? head : stream == 1 ? count - longs : longs
            at += varintSize(size) + 1
            parts.append((at..<(at + size), false))
            at += size
        }
        return true
    }

    /// The bytes of a varint: seven bits each.
    private func varintSize(_ number: Int) -> Int { max(1, (70 - number.leadingZeroBitCount) / 7) }

    /// A stream's bytes, in the file or decompressed.
    private func stream(_ index: Int, _ size: Int) throws(EventError) -> UnsafeRawPointer {
        let (range, isPacked) = parts[index]
        guard isPacked else {
            let start = unsafe bytes.withBytes { unsafe $0.withUnsafeBytes { $0.baseAddress } }
            guard range.count == size, let start = unsafe start else { throw damage }
            return unsafe start + range.lowerBound
        }
        let packed = bytes.withBytes { $0.extracting(range).array }
        guard let plain = codec.decompress(packed, count: size), plain.count == size else { throw damage }
        return unsafe memory.copy(index, plain)
    }

    // MARK: Writing

    /// Writes the codes of a block, compressed where that helps.
    static func writeCold(_ reader: LogBlockReader, to writer: BlockWriter) throws(EventError) {
        let codes = try MessageCodes(reader)
        var (content, ends) = (head(codes.count, codes.planeCount), [Int64]())
        for granule in 0..<reader.granuleCount {
            let own = try codes.granule(granule, .all)
            CodeStreams.append(own, planeCount: codes.planeCount, codes.codec, to: &content)
            ends.append(Int64(content.count))
        }
        writer.add(LogSections.codes, content)
        writer.add(LogSections.codeEnds, IntegerColumnWriter.encode(ends))
    }

    /// Writes codes, compressed where they shall be small.
    ///
    /// - Parameters:
    ///   - tokens: The numbers of all messages' words, one after the other.
    ///   - codes: The code of each number.
    ///   - planeCount: How many bytes the largest code needs, 2 or 3.
    ///   - starts: Where each granule begins.
    ///   - codec: What compresses, `nil` for nothing.
    ///   - writer: Takes the columns.
    static func write(
        _ tokens: [UInt32],
        codes: [UInt32],
        planeCount: Int,
        starts: [Int],
        _ codec: (any BlockCodec)?,
        to writer: BlockWriter
    ) {
        var (content, ends) = (head(tokens.count, planeCount), [Int64]())
        content.reserveCapacity(2 * tokens.count)
        let memory = CodeStreams()
        for (granule, start) in starts.enumerated() {
            let end = granule + 1 < starts.count ? starts[granule + 1] : tokens.count
            let own = memory.part(end - start, planeCount: planeCount) { codes[Int(tokens[start + $0])] }
            CodeStreams.append(own, planeCount: planeCount, codec, to: &content)
            ends.append(Int64(content.count))
        }
        writer.add(LogSections.codes, content)
        writer.add(LogSections.codeEnds, IntegerColumnWriter.encode(ends))
    }

    private static func head(_ count: Int, _ planeCount: Int) -> [UInt8] {
        var head: [UInt8] = []
        head.append(littleEndian: UInt64(count))
        head.append(UInt8(planeCount))
        return head
    }
}
