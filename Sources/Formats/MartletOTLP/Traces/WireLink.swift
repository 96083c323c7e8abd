public import MartletCore
import MartletProtobuf

/// A link of a span as it stands in the bytes of a request.
public struct WireLink: Sendable {
    /// The trace of the span; not valid where the ids had not their lengths.
    public var traceID = TraceID(high: 0, low: 0)
    /// The span.
    public var spanID = SpanID(0)
    /// Where its trace state stands.
    public var traceState = 0..<0
    /// How the two belong together.
    public var attributes = WireAttributes(0..<0, tag: 4 << 3 | 2, count: 0)
    /// How many attributes were left out.
    public var droppedAttributes: UInt32 = 0
    /// The flags as OTLP numbers them.
    public var flags: UInt32 = 0

    /// Reads the message `Span.Link`.
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
            case 1 << 3 | 2: traceID = bytes.traceID(try cursor.range(bytes)) ?? .none
            case 2 << 3 | 2: spanID = bytes.spanID(try cursor.range(bytes)) ?? .none
            case 3 << 3 | 2: traceState = try cursor.range(bytes)
            case 4 << 3 | 2:
                _ = try cursor.range(bytes)
                run.note(offset, cursor.at)
            case 5 << 3: droppedAttributes = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            case 6 << 3 | 5: flags = try cursor.fixed32(bytes)
            default: try cursor.skip(tag, known: { $0 <= 6 }, bytes, offset: offset)
            }
        }
        attributes = WireAttributes(run.range, tag: 4 << 3 | 2, count: run.count)
    }

    /// The link as a value.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Returns: The link.
    /// - Throws: ``OTLPError`` where an attribute is damaged or too deep.
    public func value(in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) -> SpanLink {
        SpanLink(
            traceID: traceID,
            spanID: spanID,
            traceState: bytes.text(traceState),
            flags: flags,
            attributes: try attributes.values(in: bytes, depthMax: depthMax),
            droppedAttributes: droppedAttributes
        )
    }
}
