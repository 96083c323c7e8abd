import MartletProtobuf

/// The library that telemetry was made with, as it stands in the bytes of a request.
public struct WireScope: Sendable {
    /// Where its name stands.
    public var name = 0..<0
    /// Where its version stands.
    public var version = 0..<0
    /// What else is known of it.
    public var attributes = WireAttributes(0..<0, tag: 3 << 3 | 2, count: 0)

    /// Reads the message `InstrumentationScope`.
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
            case 1 << 3 | 2: name = try cursor.range(bytes)
            case 2 << 3 | 2: version = try cursor.range(bytes)
            case 3 << 3 | 2:
                _ = try cursor.range(bytes)
                run.note(offset, cursor.at)
            default: try cursor.skip(tag, known: { $0 <= 3 }, bytes, offset: offset)
            }
        }
        attributes = WireAttributes(run.range, tag: 3 << 3 | 2, count: run.count)
    }
}
