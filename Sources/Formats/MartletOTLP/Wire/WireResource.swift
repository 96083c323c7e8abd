import MartletProtobuf

/// Where telemetry comes from, as it stands in the bytes of a request.
public struct WireResource: Sendable {
    /// What is known of it, such as `service.name`.
    public var attributes = WireAttributes(0..<0, tag: 1 << 3 | 2, count: 0)

    /// Reads the message `Resource`.
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
            if tag == 1 << 3 | 2 {
                _ = try cursor.range(bytes)
                run.note(offset, cursor.at)
            } else {
                try cursor.skip(tag, known: { $0 <= 1 }, bytes, offset: offset)
            }
        }
        attributes = WireAttributes(run.range, tag: 1 << 3 | 2, count: run.count)
    }
}
