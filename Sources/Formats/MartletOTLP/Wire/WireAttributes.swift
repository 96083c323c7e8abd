public import MartletProtobuf

/// Attributes as they stand in the bytes of a request; read one after the other, without an allocation.
///
/// ```swift
/// var rest = span.attributes
/// while let (key, value) = try rest.next(in: bytes) { … }
/// ```
public struct WireAttributes: Sendable {
    /// How many there are.
    public let count: Int

    @usableFromInline var cursor: WireCursor
    @usableFromInline let tag: UInt64

    @inlinable
    init(_ range: Range<Int>, tag: UInt64, count: Int) {
        cursor = WireCursor(range)
        self.tag = tag
        self.count = count
    }

    /// The next attribute; `nil` behind the last.
    ///
    /// - Parameter bytes: The bytes that were scanned.
    /// - Returns: Where the key stands, and the value.
    /// - Throws: ``OTLPError`` where the attribute is damaged.
    @inlinable
    public mutating func next(in bytes: Span<UInt8>) throws(OTLPError) -> (key: Range<Int>, value: WireValue)? {
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            guard tag == self.tag else {
                try cursor.skip(tag, known: { _ in false }, bytes, offset: offset)
                continue
            }
            return try WireAttributes.attribute(try cursor.range(bytes), bytes)
        }
        return nil
    }

    @inlinable
    static func attribute(
        _ message: Range<Int>,
        _ bytes: Span<UInt8>
    ) throws(OTLPError) -> (key: Range<Int>, value: WireValue) {
        var (key, value) = (message.lowerBound..<message.lowerBound, WireValue.empty)
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2: key = try cursor.range(bytes)
            case 2 << 3 | 2: value = try WireValue(try cursor.range(bytes), in: bytes)
            default: try cursor.skip(tag, known: { $0 <= 2 }, bytes, offset: offset)
            }
        }
        return (key, value)
    }
}
