/// Reads the fields of one protobuf message from a part of some bytes.
///
/// It reads nothing outside of its part, whatever the bytes claim.
///
/// - SeeAlso: [Encoding](https://protobuf.dev/programming-guides/encoding/)
struct WireReader {
    /// A field's content, by its wire type.
    enum Content {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    /// A field with its number and where it begins.
    struct Field {
        var number: UInt64
        var content: Content
        var offset: Int
    }

    private let bytes: [UInt8]
    private var place: Int
    private let end: Int

    /// Reads all of some bytes.
    init(_ bytes: [UInt8]) {
        (self.bytes, place, end) = (bytes, 0, bytes.count)
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        (self.bytes, place, end) = (bytes, range.lowerBound, range.upperBound)
    }

    /// A reader of a message inside.
    func message(_ field: Field) throws(RemoteWriteError) -> WireReader {
        WireReader(bytes, try range(field))
    }

    /// A text inside; `nil` where it is not UTF-8.
    func text(_ field: Field) throws(RemoteWriteError) -> String? {
        String(validating: bytes[try range(field)], as: UTF8.self)
    }

    /// A double inside.
    func double(_ field: Field) throws(RemoteWriteError) -> Double {
        guard case .fixed64(let bits) = field.content else { throw unexpected(field) }
        return Double(bitPattern: bits)
    }

    /// A whole number inside.
    func integer(_ field: Field) throws(RemoteWriteError) -> Int64 {
        guard case .varint(let value) = field.content else { throw unexpected(field) }
        return Int64(bitPattern: value)
    }

    /// The next field, `nil` at the end of the message.
    mutating func next() throws(RemoteWriteError) -> Field? {
        guard place < end else { return nil }
        let offset = place
        let tag = try varint()
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .invalidField(number: number, offset: offset) }
        switch tag & 7 {
        case 0: return Field(number: number, content: .varint(try varint()), offset: offset)
        case 1: return Field(number: number, content: .fixed64(try fixed(8)), offset: offset)
        case 2:
            let lengthOffset = place
            let length = try varint()
            guard length <= UInt64(end - place) else {
                throw .lengthBeyondEnd(length: length, available: end - place, offset: lengthOffset)
            }
            let range = place..<(place + Int(length))
            place = range.upperBound
            return Field(number: number, content: .bytes(range), offset: offset)
        case 5: return Field(number: number, content: .fixed32(UInt32(try fixed(4))), offset: offset)
        case let type: throw .unknownWireType(UInt8(type), offset: offset)
        }
    }

    private func range(_ field: Field) throws(RemoteWriteError) -> Range<Int> {
        guard case .bytes(let range) = field.content else { throw unexpected(field) }
        return range
    }

    private func unexpected(_ field: Field) -> RemoteWriteError {
        .unexpectedWireType(field: field.number, offset: field.offset)
    }

    private mutating func varint() throws(RemoteWriteError) -> UInt64 {
        let start = place
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < end {
            let byte = bytes[place]
            place += 1
            if shift == 63, byte > 1 { throw .varintOverflow(offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(offset: start)
    }

    private mutating func fixed(_ size: Int) throws(RemoteWriteError) -> UInt64 {
        guard place + size <= end else { throw .truncated(offset: place) }
        defer { place += size }
        return bytes[place..<(place + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
