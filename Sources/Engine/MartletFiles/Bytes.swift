// Safety: memory is only lent for the time of the copy, and loads stay inside of the bounds that are checked first.

extension Array<UInt8> {
    /// Appends a number, the low byte first.
    @inlinable
    @inline(__always)
    package mutating func append<Number: FixedWidthInteger & UnsignedInteger>(littleEndian value: Number) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }

    /// Appends a number of seven bits a byte, the low ones first, the high bit for "more".
    @inlinable
    package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends numbers, the low byte of each first.
    package mutating func append(littleEndian values: [UInt64]) {
        #if _endian(little)
        unsafe values.withUnsafeBytes { unsafe append(contentsOf: $0) }
        #else
        for value in values { append(littleEndian: value) }
        #endif
    }

    /// Appends lent bytes.
    @inlinable
    package mutating func append(span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// The four bytes at a place as a number, the low one first.
    ///
    /// - Precondition: The four bytes are there.
    @inlinable
    @inline(__always)
    package func uint32(at place: Int) -> UInt32 {
        precondition(place >= 0 && place <= count - 4)
        return unsafe withUnsafeBytes {
            UInt32(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }
    }

    /// The eight bytes at a place as a number, the low one first.
    ///
    /// - Precondition: The eight bytes are there.
    @inlinable
    @inline(__always)
    package func uint64(at place: Int) -> UInt64 {
        precondition(place >= 0 && place <= count - 8)
        return unsafe withUnsafeBytes {
            UInt64(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
    }

    /// Reads a number that ``Swift/Array/append(varint:)`` wrote and moves behind it; `nil` where the bytes make none.
    @inlinable
    @inline(__always)
    package func varint(_ at: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < count {
            let byte = self[at]
            at += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { return nil }
        }
        return nil
    }

    /// A copy.
    package var array: [UInt8] { unsafe withUnsafeBufferPointer { unsafe Array($0) } }

    /// The bytes as a text; what is not UTF-8 is repaired.
    package var text: String { unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }

    /// Whether the bytes come before others, byte by byte; the shorter of two that begin alike comes first.
    @inlinable
    package func isBefore(_ other: Span<UInt8>) -> Bool {
        let common = Swift.min(count, other.count)
        var place = 0
        while place < common {
            if self[place] != other[place] { return self[place] < other[place] }
            place += 1
        }
        return count < other.count
    }

    /// Whether the same bytes are here and there.
    @inlinable
    @inline(__always)
    package func isEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var place = 0
        while place + 8 <= count {
            if uint64(at: place) != other.uint64(at: place) { return false }
            place += 8
        }
        guard place < count else { return true }
        // The last eight bytes, some of them once more.
        if count >= 8 { return uint64(at: count - 8) == other.uint64(at: count - 8) }
        while place < count {
            if self[place] != other[place] { return false }
            place += 1
        }
        return true
    }
}

/// A signed number with its sign in the lowest bit, so that small ones stay small.
@inlinable
package func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

/// The signed number again.
@inlinable
package func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
