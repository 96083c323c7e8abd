public import MartletProtobuf

/// Walks a request with log records from its first byte to its last without making a value of it.
///
/// Memory never grows with what a length claims, and nothing recurses, as with ``TraceScanner``.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct LogScanner: Sendable {
    /// What the request may hold at most.
    public var limits: OTLPLimits

    @usableFromInline var logCount = 0
    @usableFromInline var attributeCount = 0

    /// Creates a scanner.
    public init(limits: OTLPLimits = OTLPLimits()) {
        self.limits = limits
    }

    /// Walks `ExportLogsServiceRequest`, or `LogsData` of a file.
    ///
    /// - Parameters:
    ///   - bytes: The message, already uncompressed.
    ///   - visitor: Is told what is there, in the order sent.
    /// - Throws: ``OTLPError``, also what the visitor throws.
    /// - Complexity: O(*n*) in the number of bytes; nothing is allocated.
    @inlinable
    public mutating func scan<Visitor: LogVisitor>(
        _ bytes: Span<UInt8>,
        _ visitor: inout Visitor
    ) throws(OTLPError) {
        var cursor = WireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            if tag == 1 << 3 | 2 {
                try resourceLogs(bytes, try cursor.range(bytes), &visitor)
            } else {
                try cursor.skip(tag, known: { $0 <= 1 }, bytes, offset: offset)
            }
        }
    }

    @inlinable
    mutating func resourceLogs<Visitor: LogVisitor>(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ visitor: inout Visitor
    ) throws(OTLPError) {
        let frame = try WireFrame(range, bytes)
        try visitor.resource(frame.head, schemaURL: frame.schemaURL)
        var rest = frame.entries
        while let scope = try rest.next(in: bytes) {
            let frame = try WireFrame(scope, bytes)
            try visitor.scope(frame.head, schemaURL: frame.schemaURL)
            var rest = frame.entries
            while let message = try rest.next(in: bytes) {
                do throws(OTLPError) {
                    try log(bytes, message, &visitor)
                } catch {
                    guard error.isOfOneEntry else { throw error }
                    try visitor.refuse(error)
                }
            }
        }
    }

    @inlinable
    mutating func log<Visitor: LogVisitor>(
        _ bytes: Span<UInt8>,
        _ message: Range<Int>,
        _ visitor: inout Visitor
    ) throws(OTLPError) {
        logCount += 1
        guard logCount <= limits.spans else { throw .limitExceeded("log records", limit: limits.spans) }
        if let count = visitor.take(message, in: bytes) { return try add(attributes: count) }
        var log = WireLog(message: message)
        var attributes = WireRun()
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 1: log.time = try cursor.fixed64(bytes)
            case 2 << 3:
                let severity = try cursor.varint(bytes)
                log.severity = severity <= 24 ? UInt8(severity) : 0
            case 3 << 3 | 2: log.severityText = try cursor.range(bytes)
            case 5 << 3 | 2: log.body = try WireValue(try cursor.range(bytes), in: bytes)
            case 6 << 3 | 2:
                _ = try cursor.range(bytes)
                attributes.note(offset, cursor.at)
            case 7 << 3: log.droppedAttributes = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            case 8 << 3 | 5: log.flags = try cursor.fixed32(bytes)
            case 9 << 3 | 2: log.traceID = bytes.traceID(try cursor.range(bytes)) ?? log.traceID
            case 10 << 3 | 2: log.spanID = bytes.spanID(try cursor.range(bytes)) ?? log.spanID
            case 11 << 3 | 1: log.observedTime = try cursor.fixed64(bytes)
            case 12 << 3 | 2: log.eventName = try cursor.range(bytes)
            default: try cursor.skip(tag, known: { $0 <= 12 && $0 != 4 }, bytes, offset: offset)
            }
        }
        try add(attributes: attributes.count)
        log.attributes = WireAttributes(attributes.range, tag: 6 << 3 | 2, count: attributes.count)
        try visitor.log(log)
    }

    @inlinable
    @inline(__always)
    mutating func add(attributes count: Int) throws(OTLPError) {
        attributeCount += count
        guard attributeCount <= limits.attributes else {
            throw .limitExceeded("attributes", limit: limits.attributes)
        }
    }
}
