public import MartletProtobuf

/// Repeated messages as they stand in the bytes of a request, such as the events of a span.
public struct WireMessages: Sendable {
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

    /// Where the next message stands; `nil` behind the last.
    ///
    /// - Parameter bytes: The bytes that were scanned.
    /// - Returns: The range, for ``WireEvent`` or ``WireLink``.
    /// - Throws: ``OTLPError`` where something else stands between and is damaged.
    @inlinable
    public mutating func next(in bytes: Span<UInt8>) throws(OTLPError) -> Range<Int>? {
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            if tag == self.tag { return try cursor.range(bytes) }
            try cursor.skip(tag, known: { _ in false }, bytes, offset: offset)
        }
        return nil
    }
}
