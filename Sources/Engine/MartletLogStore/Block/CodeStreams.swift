import MartletEvents
import MartletFiles

// Safety: each buffer is as large as its capacity says, is written up to there only, and is freed once.

/// Memory for a granule's codes in the form that searches read, where they do not stand like that in the file.
@safe
final class CodeStreams {
    private var memory: [UnsafeMutableRawPointer?]
    private var capacities: [Int]

    /// Marks and bits, short codes, and up to three planes of long ones.
    static let count = 5

    init() {
        unsafe memory = [UnsafeMutableRawPointer?](repeating: nil, count: Self.count)
        capacities = [Int](repeating: 0, count: Self.count)
    }

    deinit {
        for place in unsafe memory.indices { unsafe memory[place]?.deallocate() }
    }

    /// Memory for so many bytes; what was there is lost.
    func buffer(_ stream: Int, _ size: Int) -> UnsafeMutableRawPointer {
        if let own = unsafe memory[stream], size <= capacities[stream] { return unsafe own }
        let own = UnsafeMutableRawPointer.allocate(byteCount: size + size / 4 + 64, alignment: 16)
        unsafe memory[stream]?.deallocate()
        unsafe memory[stream] = own
        capacities[stream] = size + size / 4 + 64
        return unsafe own
    }

    /// A copy of bytes.
    func copy(_ stream: Int, _ bytes: [UInt8]) -> UnsafeRawPointer {
        let own = unsafe buffer(stream, bytes.count)
        unsafe bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe own.copyMemory(from: start, byteCount: bytes.count) }
        }
        return UnsafeRawPointer(own)
    }

    /// Parts codes into short and long ones.
    ///
    /// - Parameters:
    ///   - count: How many there are.
    ///   - planeCount: How many bytes a long one has, 2 or 3.
    ///   - code: The code with a number.
    /// - Returns: The codes, in this memory.
    @inline(__always)
    func part(_ count: Int, planeCount: Int, _ code: (Int) -> UInt32) -> CodeGranule {
        let head = unsafe buffer(0, CodeGranule.headSize(count))
        let short = unsafe buffer(1, count)
        let low = unsafe buffer(2, count)
        let high = unsafe buffer(3, count)
        let top = unsafe buffer(4, planeCount > 2 ? count : 1)
        let bits = unsafe head + 4 * CodeGranule.markCount(count)
        var (shorts, longs, place) = (0, 0, 0)
        while place < count {
            if place % CodeGranule.markStep == 0 {
                unsafe head.storeBytes(
                    of: UInt32(truncatingIfNeeded: shorts),
                    toByteOffset: 4 * (place / CodeGranule.markStep),
                    as: UInt32.self
                )
            }
            let end = min(place + 64, count)
            let first = place
            var word: UInt64 = 0
            while place < end {
                let own = code(place)
                let isLong = own >= UInt32(CodeGranule.firstLong) ? 1 : 0
                // Stored on both sides and counted on one: cheaper than a branch that nobody can foretell.
                unsafe short.storeBytes(of: UInt8(truncatingIfNeeded: own), toByteOffset: shorts, as: UInt8.self)
                unsafe low.storeBytes(of: UInt8(truncatingIfNeeded: own), toByteOffset: longs, as: UInt8.self)
                unsafe high.storeBytes(of: UInt8(truncatingIfNeeded: own >> 8), toByteOffset: longs, as: UInt8.self)
                if planeCount > 2 {
                    unsafe top.storeBytes(of: UInt8(truncatingIfNeeded: own >> 16), toByteOffset: longs, as: UInt8.self)
                }
                word |= UInt64(isLong) << UInt64(place &- first)
                longs &+= isLong
                shorts &+= 1 &- isLong
                place &+= 1
            }
            // Bits behind the last code are set, so that they are no short ones.
            if end - first < 64 { word |= .max << UInt64(end - first) }
            unsafe bits.storeBytes(of: word, toByteOffset: first / 8, as: UInt64.self)
        }
        var granule = unsafe CodeGranule(count: count, longCount: longs, marks: UnsafeRawPointer(head))
        unsafe granule.short = UnsafeRawPointer(short)
        unsafe granule.low = UnsafeRawPointer(low)
        unsafe granule.high = UnsafeRawPointer(high)
        if planeCount > 2 { unsafe granule.top = UnsafeRawPointer(top) }
        return granule
    }

    /// Appends a granule as it stands in a file; `codec` compresses what gets smaller by that.
    static func append(
        _ granule: CodeGranule,
        planeCount: Int,
        _ codec: (any BlockCodec)?,
        to content: inout [UInt8]
    ) {
        content.append(varint: UInt64(granule.longCount))
        let sizes = [
            CodeGranule.headSize(granule.count), granule.shortCount, granule.longCount, granule.longCount,
            granule.longCount,
        ]
        let starts = unsafe [granule.marks, granule.short, granule.low, granule.high, granule.top]
        for stream in 0..<(2 + planeCount) {
            let bytes = unsafe UnsafeRawBufferPointer(start: starts[stream], count: sizes[stream])
            if let codec, sizes[stream] >= 64 {
                let packed = codec.compress(unsafe Array(bytes), level: LogBlock.coldLevel)
                // What hardly gets smaller is faster as it is.
                if packed.count < sizes[stream] - sizes[stream] / 64 {
                    content.append(varint: UInt64(packed.count))
                    content.append(1)
                    content += packed
                    continue
                }
            }
            content.append(varint: UInt64(sizes[stream]))
            content.append(0)
            unsafe content.append(contentsOf: bytes)
        }
    }
}
