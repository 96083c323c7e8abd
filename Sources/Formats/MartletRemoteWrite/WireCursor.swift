/// A place in a protobuf message, and where the message ends; the bytes are passed to each step.
///
/// Remote write brings millions of samples a second, so that its cursor is apart from the general reader: it keeps no
/// reference to the bytes, and its steps are inlined into the loop that walks a request.
@usableFromInline
struct WireCursor {
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
    mutating func varint(_ bytes: Span<UInt8>) throws(RemoteWriteError) -> UInt64 {
        if at < end, bytes[at] < 0x80 {
            at += 1
            return UInt64(bytes[at - 1])
        }
        return try longVarint(bytes)
    }

    @inlinable
    mutating func longVarint(_ bytes: Span<UInt8>) throws(RemoteWriteError) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { throw .varintOverflow(offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(offset: start)
    }

    /// A length and the bytes it spans.
    @inlinable
    @inline(__always)
    mutating func range(_ bytes: Span<UInt8>) throws(RemoteWriteError) -> Range<Int> {
        let start = at
        let length = try varint(bytes)
        guard length <= UInt64(end - at) else {
            throw .lengthBeyondEnd(length: length, available: end - at, offset: start)
        }
        at += Int(length)
        return (at - Int(length))..<at
    }

    /// Eight bytes, the low one first.
    @inlinable
    @inline(__always)
    mutating func fixed64(_ bytes: Span<UInt8>) throws(RemoteWriteError) -> UInt64 {
        guard end - at >= 8, at >= 0, end <= bytes.count else { throw .truncated(offset: at) }
        defer { at += 8 }
        // Safety: the eight bytes lie inside of the span, as the guard has made sure.
        return unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    /// Passes over the content of a field whose tag was read.
    @inlinable
    mutating func skip(_ tag: UInt64, _ bytes: Span<UInt8>, offset: Int) throws(RemoteWriteError) {
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw .invalidField(number: tag >> 3, offset: offset) }
        switch tag & 7 {
        case 0: _ = try varint(bytes)
        case 1: _ = try fixed64(bytes)
        case 2: _ = try range(bytes)
        case 5:
            guard end - at >= 4 else { throw .truncated(offset: at) }
            at += 4
        case let type: throw .unknownWireType(UInt8(type), offset: offset)
        }
    }

    /// Passes over a field that is not known, and refuses one that is known by its number but not by its type.
    @inlinable
    mutating func skipUnknown(
        _ tag: UInt64,
        known: ClosedRange<UInt64>,
        _ bytes: Span<UInt8>,
        offset: Int
    ) throws(RemoteWriteError) {
        if known.contains(tag >> 3), tag & 7 != 3, tag & 7 != 4, tag & 7 < 6 {
            throw .unexpectedWireType(field: tag >> 3, offset: offset)
        }
        try skip(tag, bytes, offset: offset)
    }
}
