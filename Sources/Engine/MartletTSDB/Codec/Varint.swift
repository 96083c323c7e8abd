/// Whole numbers in as few bytes as they need: seven bits a byte, the low ones first, the high bit for "more".
enum Varint {
    /// Appends a number, in one through ten bytes.
    @inline(__always)
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Reads a number and moves behind it; `nil` where the bytes end first or the number has over 64 bits.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, _ at: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { return nil }
        }
        return nil
    }

    /// A signed number with its sign in the lowest bit, so that small ones stay small.
    @inline(__always)
    static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

    /// The signed number again.
    @inline(__always)
    static func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
}

/// Fixed-width numbers, the low byte first.
extension [UInt8] {
    mutating func appendLittleEndian<Number: FixedWidthInteger & UnsignedInteger>(_ value: Number) {
        var rest = value
        for _ in 0..<(Number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func replaceLittleEndian(at place: Int, with value: UInt32) {
        for byte in 0..<4 { self[place + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
    }
}

extension Span<UInt8> {
    /// The four bytes at a place as a number; the caller has checked the bounds, and they are checked again.
    @inline(__always)
    func uint32(at place: Int) -> UInt32 {
        UInt32(self[place]) | UInt32(self[place + 1]) << 8 | UInt32(self[place + 2]) << 16
            | UInt32(self[place + 3]) << 24
    }

    /// The eight bytes at a place as a number.
    @inline(__always)
    func uint64(at place: Int) -> UInt64 {
        UInt64(uint32(at: place)) | UInt64(uint32(at: place + 4)) << 32
    }
}
