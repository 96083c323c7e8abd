/// An error of a format that is written in protobuf: it says how damage of the encoding is told.
public protocol ProtobufFailure: Error {
    /// Tells what is wrong with the encoding.
    init(_ error: ProtobufError)
}

extension ProtobufError: ProtobufFailure {
    /// Itself.
    @inlinable
    public init(_ error: ProtobufError) {
        self = error
    }
}

/// A place in a protobuf message, and where the message ends; the bytes are passed to each step.
///
/// For requests that bring hundreds of thousands of entries a second, apart from ``ProtobufReader``: it keeps no reference
/// to the bytes, and its steps are inlined into the loop that walks a request. It throws the format's own error, so that
/// the loop need not translate one.
@frozen
public struct ProtobufCursor<Failure: ProtobufFailure>: Sendable {
    /// Where the next step begins.
    public var at: Int

    /// Where the message ends.
    public let end: Int

    /// A cursor at the beginning of a message.
    @inlinable
    @inline(__always)
    public init(_ range: Range<Int>) {
        at = range.lowerBound
        end = range.upperBound
    }

    /// Whether nothing is left.
    @inlinable
    @inline(__always)
    public var isAtEnd: Bool { at >= end }

    /// A number of variable length.
    @inlinable
    @inline(__always)
    public mutating func varint(_ bytes: Span<UInt8>) throws(Failure) -> UInt64 {
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

    @inlinable
    @inline(never)
    mutating func longVarint(_ bytes: Span<UInt8>) throws(Failure) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { throw Failure(.varintOverflow(offset: start)) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Failure(.truncated(offset: start))
    }

    /// A length and the bytes it spans.
    @inlinable
    @inline(__always)
    public mutating func range(_ bytes: Span<UInt8>) throws(Failure) -> Range<Int> {
        let start = at
        let length = try varint(bytes)
        guard length <= UInt64(end - at) else { throw tooLong(length, start) }
        at += Int(length)
        return (at - Int(length))..<at
    }

    @inlinable
    @inline(never)
    func tooLong(_ length: UInt64, _ start: Int) -> Failure {
        Failure(.lengthBeyondEnd(length: length, available: end - at, offset: start))
    }

    /// Eight bytes, the low one first.
    @inlinable
    @inline(__always)
    public mutating func fixed64(_ bytes: Span<UInt8>) throws(Failure) -> UInt64 {
        guard end - at >= 8, at >= 0, end <= bytes.count else { throw truncated() }
        defer { at += 8 }
        // Safety: the eight bytes lie inside of the span, as the guard has made sure.
        return unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    /// Four bytes, the low one first.
    @inlinable
    @inline(__always)
    public mutating func fixed32(_ bytes: Span<UInt8>) throws(Failure) -> UInt32 {
        guard end - at >= 4, at >= 0, end <= bytes.count else { throw truncated() }
        defer { at += 4 }
        // Safety: the four bytes lie inside of the span, as the guard has made sure.
        return unsafe UInt32(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self))
    }

    @inlinable
    @inline(never)
    func truncated() -> Failure { Failure(.truncated(offset: at)) }

    /// Passes over the content of a field whose tag was read.
    @inlinable
    public mutating func skip(_ tag: UInt64, _ bytes: Span<UInt8>, offset: Int) throws(Failure) {
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw Failure(.invalidField(number: number, offset: offset)) }
        switch tag & 7 {
        case 0: _ = try varint(bytes)
        case 1: _ = try fixed64(bytes)
        case 2: _ = try range(bytes)
        case 5: _ = try fixed32(bytes)
        case let type: throw Failure(.unknownWireType(UInt8(type), offset: offset))
        }
    }

    /// Passes over the content of a field whose tag was read, and refuses one that is known by its number but not by
    /// its type.
    @inlinable
    public mutating func skip(
        _ tag: UInt64,
        known: (UInt64) -> Bool,
        _ bytes: Span<UInt8>,
        offset: Int
    ) throws(Failure) {
        try skip(tag, bytes, offset: offset)
        if known(tag >> 3) { throw Failure(.unexpectedWireType(field: tag >> 3, offset: offset)) }
    }
}
