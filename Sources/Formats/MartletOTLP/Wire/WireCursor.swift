import MartletProtobuf

/// A place in a protobuf message, and where the message ends; the bytes are passed to each step.
///
/// Traces and logs bring hundreds of thousands of entries a second, so that their cursor is apart from the general
/// reader: it keeps no reference to the bytes, and its steps are inlined into the loop that walks a request.
@usableFromInline
struct WireCursor: Sendable {
    @usableFromInline var at: Int
    @usableFromInline let end: Int

    @inlinable
    @inline(__always)
    init(_ range: Range<Int>) {
        at = range.lowerBound
        end = range.upperBound
    }

    @inlinable
    @inline(__always)
    var isAtEnd: Bool { at >= end }

    /// A number of variable length.
    @inlinable
    @inline(__always)
    mutating func varint(_ bytes: Span<UInt8>) throws(OTLPError) -> UInt64 {
        if at < end, bytes[at] < 0x80 {
            at += 1
            return UInt64(bytes[at - 1])
        }
        // The lengths of most messages.
        if end - at >= 2, bytes[at + 1] < 0x80 {
            at += 2
            return UInt64(bytes[at - 2] & 0x7f) | UInt64(bytes[at - 1]) << 7
        }
        return try longVarint(bytes)
    }

    @usableFromInline
    mutating func longVarint(_ bytes: Span<UInt8>) throws(OTLPError) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { throw .protobuf(.varintOverflow(offset: start)) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .protobuf(.truncated(offset: start))
    }

    /// A length and the bytes it spans.
    @inlinable
    @inline(__always)
    mutating func range(_ bytes: Span<UInt8>) throws(OTLPError) -> Range<Int> {
        let start = at
        let length = try varint(bytes)
        guard length <= UInt64(end - at) else { throw tooLong(length, start) }
        at += Int(length)
        return (at - Int(length))..<at
    }

    @usableFromInline
    func tooLong(_ length: UInt64, _ start: Int) -> OTLPError {
        .protobuf(.lengthBeyondEnd(length: length, available: end - at, offset: start))
    }

    /// Eight bytes, the low one first.
    @inlinable
    @inline(__always)
    mutating func fixed64(_ bytes: Span<UInt8>) throws(OTLPError) -> UInt64 {
        guard end - at >= 8, at >= 0, end <= bytes.count else { throw truncated() }
        defer { at += 8 }
        // Safety: the eight bytes lie inside of the span, as the guard has made sure.
        return unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    /// Four bytes, the low one first.
    @inlinable
    @inline(__always)
    mutating func fixed32(_ bytes: Span<UInt8>) throws(OTLPError) -> UInt32 {
        guard end - at >= 4, at >= 0, end <= bytes.count else { throw truncated() }
        defer { at += 4 }
        // Safety: the four bytes lie inside of the span, as the guard has made sure.
        return unsafe UInt32(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self))
    }

    @usableFromInline
    func truncated() -> OTLPError { .protobuf(.truncated(offset: at)) }

    /// Passes over the content of a field whose tag was read, and refuses one that is known by its number but not by
    /// its type.
    @usableFromInline
    mutating func skip(
        _ tag: UInt64,
        known: (UInt64) -> Bool,
        _ bytes: Span<UInt8>,
        offset: Int
    ) throws(OTLPError) {
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .protobuf(.invalidField(number: number, offset: offset)) }
        switch tag & 7 {
        case 0: _ = try varint(bytes)
        case 1: _ = try fixed64(bytes)
        case 2: _ = try range(bytes)
        case 5: _ = try fixed32(bytes)
        case let type: throw .protobuf(.unknownWireType(UInt8(type), offset: offset))
        }
        if known(number) { throw .protobuf(.unexpectedWireType(field: number, offset: offset)) }
    }
}
