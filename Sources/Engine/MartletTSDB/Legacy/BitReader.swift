/// Unpacks numbers of any width from bytes, the high bit first.
///
/// Past the end it reads zeros and remembers it, so that a decoder checks once instead of at every number.
struct BitReader {
    private(set) var place: Int
    private var accumulator: UInt64 = 0
    private var available = 0
    private(set) var isPastEnd = false

    /// Starts at a byte.
    init(at place: Int) {
        self.place = place
    }

    /// Reads a number of up to 64 bits.
    @inline(__always)
    mutating func read(_ bytes: Span<UInt8>, width: Int) -> UInt64 {
        if width > 32 {
            let high = readShort(bytes, width: width - 32)
            return high << 32 | readShort(bytes, width: 32)
        }
        return readShort(bytes, width: width)
    }

    @inline(__always)
    private mutating func readShort(_ bytes: Span<UInt8>, width: Int) -> UInt64 {
        while available < width {
            if place < bytes.count {
                accumulator = accumulator << 8 | UInt64(bytes[place])
            } else {
                accumulator <<= 8
                isPastEnd = true
            }
            place += 1
            available += 8
        }
        available -= width
        return accumulator >> UInt64(available) & (1 << UInt64(width) - 1)
    }
}
