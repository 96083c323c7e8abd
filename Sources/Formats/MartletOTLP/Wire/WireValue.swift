public import MartletProtobuf

/// What an attribute holds, as it stands in the bytes of a request.
public enum WireValue: Hashable, Sendable {
    /// A text; it need not be UTF-8.
    case string(Range<Int>)
    /// Yes or no.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A number.
    case double(Double)
    /// Bytes.
    case bytes(Range<Int>)
    /// A list or a map: the message `AnyValue`, for ``MartletCore/AttributeValue/init(wire:in:depthMax:)``.
    case compound(Range<Int>)
    /// Nothing.
    case empty

    /// Reads the message `AnyValue`.
    @inlinable
    init(_ message: Range<Int>, in bytes: Span<UInt8>) throws(OTLPError) {
        self = .empty
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2: self = .string(try cursor.range(bytes))
            case 2 << 3: self = .bool(try cursor.varint(bytes) != 0)
            case 3 << 3: self = .int(Int64(bitPattern: try cursor.varint(bytes)))
            case 4 << 3 | 1: self = .double(Double(bitPattern: try cursor.fixed64(bytes)))
            case 5 << 3 | 2, 6 << 3 | 2:
                _ = try cursor.range(bytes)
                self = .compound(message)
            case 7 << 3 | 2: self = .bytes(try cursor.range(bytes))
            default: try cursor.skip(tag, known: { $0 <= 7 }, bytes, offset: offset)
            }
        }
    }
}
