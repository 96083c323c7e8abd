public import MartletCore
import MartletProtobuf

/// An event of a span as it stands in the bytes of a request.
public struct WireEvent: Sendable {
    /// When, in nanoseconds since the epoch.
    public var time: UInt64 = 0
    /// Where its name stands.
    public var name = 0..<0
    /// The particulars.
    public var attributes = WireAttributes(0..<0, tag: 3 << 3 | 2, count: 0)
    /// How many attributes were left out.
    public var droppedAttributes: UInt32 = 0

    /// Reads the message `Span.Event`.
    ///
    /// - Parameters:
    ///   - message: Where it stands.
    ///   - bytes: The bytes that were scanned.
    /// - Throws: ``OTLPError`` where it is damaged.
    public init(_ message: Range<Int>, in bytes: Span<UInt8>) throws(OTLPError) {
        var run = WireRun()
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 1: time = try cursor.fixed64(bytes)
            case 2 << 3 | 2: name = try cursor.range(bytes)
            case 3 << 3 | 2:
                _ = try cursor.range(bytes)
                run.note(offset, cursor.at)
            case 4 << 3: droppedAttributes = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            default: try cursor.skip(tag, known: { $0 <= 4 }, bytes, offset: offset)
            }
        }
        attributes = WireAttributes(run.range, tag: 3 << 3 | 2, count: run.count)
    }

    /// The event as a value.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Returns: The event.
    /// - Throws: ``OTLPError`` where an attribute is damaged or too deep.
    public func value(in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) -> SpanEvent {
        SpanEvent(
            time: time,
            name: bytes.text(name),
            attributes: try attributes.values(in: bytes, depthMax: depthMax),
            droppedAttributes: droppedAttributes
        )
    }
}
