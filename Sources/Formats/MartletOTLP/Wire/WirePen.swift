// Safety: a pen writes below where it stands and looks for no room: whoever has one has reserved what it writes, and 16
// bytes more. It is kept in a local variable and only handed to functions that are inlined, so that its place stays in a
// register: one that is read from memory and stored again after every byte costs more than the bytes.

/// Writes fields from their end to their beginning into room that was reserved.
@unsafe
struct WirePen {
    /// Where the last byte written stands.
    private(set) var at: UnsafeMutableRawPointer

    @inline(__always)
    init(_ at: UnsafeMutableRawPointer) {
        unsafe self.at = at
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        if value < 0x80 {
            unsafe at -= 1
            unsafe at.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
        } else if value < 0x4000 {
            // Most lengths of messages.
            unsafe at -= 2
            let pair = UInt16(truncatingIfNeeded: value & 0x7f | 0x80 | (value << 1) & 0x7f00)
            unsafe at.storeBytes(of: pair.littleEndian, as: UInt16.self)
        } else {
            unsafe at = unsafe WirePen.long(value, at)
        }
    }

    @inline(never)
    private static func long(_ value: UInt64, _ end: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let size = (70 &- value.leadingZeroBitCount) / 7
        let start = unsafe end - size
        var rest = value
        for place in 0..<(size &- 1) {
            unsafe start.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: place, as: UInt8.self)
            rest >>= 7
        }
        unsafe start.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: size &- 1, as: UInt8.self)
        return unsafe start
    }

    /// A tag of one byte and a number.
    @inline(__always)
    mutating func number(_ tag: UInt8, _ value: UInt64) {
        if value < 0x80 {
            unsafe at -= 2
            unsafe at.storeBytes(
                of: UInt16(truncatingIfNeeded: UInt64(tag) | value << 8).littleEndian,
                as: UInt16.self
            )
        } else {
            unsafe varint(value)
            unsafe at -= 1
            unsafe at.storeBytes(of: tag, as: UInt8.self)
        }
    }

    @inline(__always)
    mutating func number(_ tag: UInt8, ifSet value: UInt64) {
        if value != 0 { unsafe number(tag, value) }
    }

    @inline(__always)
    mutating func fixed64(_ tag: UInt8, _ value: UInt64) {
        unsafe at -= 9
        unsafe at.storeBytes(of: tag, as: UInt8.self)
        unsafe at.storeBytes(of: value.littleEndian, toByteOffset: 1, as: UInt64.self)
    }

    @inline(__always)
    mutating func fixed32(_ tag: UInt8, _ value: UInt32) {
        unsafe at -= 5
        unsafe at.storeBytes(of: tag, as: UInt8.self)
        unsafe at.storeBytes(of: value.littleEndian, toByteOffset: 1, as: UInt32.self)
    }

    /// A `fixed32` whose tag has two bytes, the lower one first.
    @inline(__always)
    mutating func fixed32(longTag tag: UInt16, _ value: UInt32) {
        unsafe at -= 6
        unsafe at.storeBytes(of: tag.littleEndian, as: UInt16.self)
        unsafe at.storeBytes(of: value.littleEndian, toByteOffset: 2, as: UInt32.self)
    }

    /// Eight bytes, the most significant first.
    @inline(__always)
    mutating func id(_ tag: UInt8, _ bits: UInt64) {
        unsafe at -= 10
        unsafe at.storeBytes(of: (UInt16(tag) | 8 << 8).littleEndian, as: UInt16.self)
        unsafe at.storeBytes(of: bits.bigEndian, toByteOffset: 2, as: UInt64.self)
    }

    /// Sixteen bytes, the most significant first.
    @inline(__always)
    mutating func id(_ tag: UInt8, _ high: UInt64, _ low: UInt64) {
        unsafe at -= 18
        unsafe at.storeBytes(of: (UInt16(tag) | 16 << 8).littleEndian, as: UInt16.self)
        unsafe at.storeBytes(of: high.bigEndian, toByteOffset: 2, as: UInt64.self)
        unsafe at.storeBytes(of: low.bigEndian, toByteOffset: 10, as: UInt64.self)
    }

    /// A text, whose bytes stand beside each other.
    @inline(__always)
    mutating func text(_ tag: UInt8, _ words: TextWords) {
        let count = words.count
        if words.isSmall {
            // What the words have too much goes in front, where other bytes will be written.
            if count <= 8 {
                let bits = words.low &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
                unsafe at.storeBytes(of: bits, toByteOffset: -8, as: UInt64.self)
            } else {
                let shift = UInt64(truncatingIfNeeded: 128 &- 8 &* count)
                let high = words.high &<< shift | words.low &>> (64 &- shift)
                unsafe at.storeBytes(of: words.low &<< shift, toByteOffset: -16, as: UInt64.self)
                unsafe at.storeBytes(of: high, toByteOffset: -8, as: UInt64.self)
            }
        } else if let start = unsafe words.start {
            unsafe WirePen.copy(start, count, to: at - count)
        }
        unsafe at -= count
        unsafe number(tag, UInt64(truncatingIfNeeded: count))
    }

    /// Copies bytes that were written before, from behind; up to 15 more go in front, where other bytes will be written.
    ///
    /// - Precondition: The ids of a span, which are more than 15 bytes, stand between what is copied and this place.
    @inline(__always)
    mutating func copy(_ source: UnsafeRawPointer, _ count: Int) {
        unsafe at -= count
        guard count <= 256 else { return unsafe at.copyMemory(from: source, byteCount: count) }
        var place = count
        while place > 0 {
            place &-= 16
            unsafe WirePen.move(source, at, place)
        }
    }

    /// Copies what is mostly a little more than 16 bytes, in words that overlap.
    @inline(__always)
    private static func copy(_ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer) {
        guard count >= 16, count <= 128 else { return unsafe target.copyMemory(from: source, byteCount: count) }
        var place = 0
        repeat {
            unsafe move(source, target, place)
            place &+= 16
        } while place &+ 16 <= count
        unsafe move(source, target, count &- 16)
    }

    @inline(__always)
    private static func move(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ place: Int) {
        let word = unsafe source.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
        unsafe target.storeBytes(of: word, toByteOffset: place, as: SIMD16<UInt8>.self)
    }
}
