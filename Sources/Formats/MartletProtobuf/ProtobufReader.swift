/// Reads protobuf messages field by field.
///
/// ```swift
/// var reader = ProtobufReader(bytes)
/// while let field = try reader.next() {
///     switch field.number {
///     case 1: name = try reader.text(field)
///     case 2: value = try reader.double(field)
///     default: break  // unknown fields are skipped
///     }
/// }
/// ```
///
/// A nested message is a reader over the same bytes, so that nothing is copied; memory never grows with what a length
/// claims. Groups, which no current protocol uses, are an error.
///
/// - SeeAlso: [Protobuf encoding](https://protobuf.dev/programming-guides/encoding/)
public struct ProtobufReader: Sendable {
    /// A field's content, by its wire type.
    public enum Content: Hashable, Sendable {
        /// A number of variable length.
        case varint(UInt64)
        /// Eight bytes.
        case fixed64(UInt64)
        /// Where a text, a message or a packed list stands.
        case bytes(Range<Int>)
        /// Four bytes.
        case fixed32(UInt32)
    }

    /// A field with its number and where it begins.
    public struct Field: Hashable, Sendable {
        /// The number, 1 or above.
        public var number: UInt64
        /// What it holds.
        public var content: Content
        /// Where it begins, in the bytes of the outermost reader.
        public var offset: Int
    }

    /// The bytes that offsets count in.
    public let bytes: [UInt8]

    /// Where the next field begins, in ``bytes``.
    public private(set) var offset: Int

    private let end: Int

    /// Reads all of some bytes.
    public init(_ bytes: [UInt8]) {
        (self.bytes, offset, end) = (bytes, 0, bytes.count)
    }

    /// Reads a part of some bytes.
    ///
    /// - Precondition: `range` lies in the bytes.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        (self.bytes, offset, end) = (bytes, range.lowerBound, range.upperBound)
    }

    /// Whether nothing is left.
    public var isAtEnd: Bool { offset >= end }

    /// The next field, `nil` at the end of the message.
    public mutating func next() throws(ProtobufError) -> Field? {
        guard offset < end else { return nil }
        let start = offset
        let tag = try varint()
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .invalidField(number: number, offset: start) }
        switch tag & 7 {
        case 0: return Field(number: number, content: .varint(try varint()), offset: start)
        case 1: return Field(number: number, content: .fixed64(try fixed(8)), offset: start)
        case 2: return Field(number: number, content: .bytes(try lengthPrefixed()), offset: start)
        case 5: return Field(number: number, content: .fixed32(UInt32(try fixed(4))), offset: start)
        case let type: throw .unknownWireType(UInt8(type), offset: start)
        }
    }

    /// The next message of a delimited stream, which puts a length before each; `nil` at the end.
    public mutating func nextDelimited() throws(ProtobufError) -> ProtobufReader? {
        guard offset < end else { return nil }
        return ProtobufReader(bytes, in: try lengthPrefixed())
    }

    // MARK: Contents

    /// A reader of a message inside.
    public func message(_ field: Field) throws(ProtobufError) -> ProtobufReader {
        ProtobufReader(bytes, in: try range(field))
    }

    /// Where the bytes of a field stand.
    public func range(_ field: Field) throws(ProtobufError) -> Range<Int> {
        guard case .bytes(let range) = field.content else { throw unexpected(field) }
        return range
    }

    /// A text inside; `nil` where it is not UTF-8.
    public func text(_ field: Field) throws(ProtobufError) -> String? {
        String(validating: bytes[try range(field)], as: UTF8.self)
    }

    /// A `double` inside.
    public func double(_ field: Field) throws(ProtobufError) -> Double {
        guard case .fixed64(let bits) = field.content else { throw unexpected(field) }
        return Double(bitPattern: bits)
    }

    /// An `int64`, `int32` or enumeration inside.
    public func integer(_ field: Field) throws(ProtobufError) -> Int64 {
        Int64(bitPattern: try unsigned(field))
    }

    /// A `uint64`, `uint32` or `bool` inside.
    public func unsigned(_ field: Field) throws(ProtobufError) -> UInt64 {
        guard case .varint(let value) = field.content else { throw unexpected(field) }
        return value
    }

    /// A `sint64` or `sint32` inside, whose sign stands in the lowest bit.
    public func signed(_ field: Field) throws(ProtobufError) -> Int64 {
        ProtobufReader.unfolded(try unsigned(field))
    }

    /// The numbers of a repeated `sint64` or `sint32` field, packed or not, handed over one by one.
    public func forEachSigned(_ field: Field, _ body: (Int64) -> Void) throws(ProtobufError) {
        try forEachUnsigned(field) { body(ProtobufReader.unfolded($0)) }
    }

    /// The numbers of a repeated `uint64` or `uint32` field, packed or not, handed over one by one.
    public func forEachUnsigned(_ field: Field, _ body: (UInt64) -> Void) throws(ProtobufError) {
        if case .varint(let value) = field.content { return body(value) }
        var list = try message(field)
        while !list.isAtEnd { body(try list.varint()) }
    }

    /// The numbers of a repeated `double` field, packed or not, handed over one by one.
    public func forEachDouble(_ field: Field, _ body: (Double) -> Void) throws(ProtobufError) {
        if case .fixed64(let bits) = field.content { return body(Double(bitPattern: bits)) }
        var list = try message(field)
        while !list.isAtEnd { body(Double(bitPattern: try list.fixed(8))) }
    }

    // MARK: Numbers

    private static func unfolded(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private func unexpected(_ field: Field) -> ProtobufError {
        .unexpectedWireType(field: field.number, offset: field.offset)
    }

    private mutating func lengthPrefixed() throws(ProtobufError) -> Range<Int> {
        let start = offset
        let length = try varint()
        guard length <= UInt64(end - offset) else {
            throw .lengthBeyondEnd(length: length, available: end - offset, offset: start)
        }
        defer { offset += Int(length) }
        return offset..<(offset + Int(length))
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { throw .varintOverflow(offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(offset: start)
    }

    private mutating func fixed(_ size: Int) throws(ProtobufError) -> UInt64 {
        guard end - offset >= size else { throw .truncated(offset: offset) }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        offset += size
        return value
    }
}
