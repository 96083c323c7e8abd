public import MartletProtobuf

/// What the messages by resource and by scope have in common: a head in field 1, entries in field 2, and the URL of a
/// schema in field 3.
///
/// The fields may come in any order: the frame is read once to know the head before the entries are walked.
@usableFromInline
struct WireFrame {
    @usableFromInline var head = 0..<0
    @usableFromInline var schemaURL = 0..<0
    @usableFromInline var entries = WireMessages(0..<0, tag: 2 << 3 | 2, count: 0)

    @inlinable
    init(_ range: Range<Int>, _ bytes: Span<UInt8>) throws(OTLPError) {
        var run = WireRun()
        var cursor = WireCursor(range)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2: head = try cursor.range(bytes)
            case 2 << 3 | 2:
                _ = try cursor.range(bytes)
                run.note(offset, cursor.at)
            case 3 << 3 | 2: schemaURL = try cursor.range(bytes)
            default: try cursor.skip(tag, known: { $0 <= 3 }, bytes, offset: offset)
            }
        }
        entries = WireMessages(run.range, tag: 2 << 3 | 2, count: run.count)
    }
}
