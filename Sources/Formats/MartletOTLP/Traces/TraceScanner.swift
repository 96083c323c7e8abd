public import MartletCore
public import MartletProtobuf

/// Walks a request with traces from its first byte to its last without making a value of it.
///
/// Memory never grows with what a length claims, and nothing recurses: lists and maps inside of attributes are left as
/// they are, until somebody makes values of them, to a bounded depth.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct TraceScanner: Sendable {
    /// What the request may hold at most.
    public var limits: OTLPLimits

    @usableFromInline var spanCount = 0
    @usableFromInline var partCount = 0
    @usableFromInline var attributeCount = 0

    /// Creates a scanner.
    public init(limits: OTLPLimits = OTLPLimits()) {
        self.limits = limits
    }

    /// Walks `ExportTraceServiceRequest`, or `TracesData` of a file.
    ///
    /// - Parameters:
    ///   - bytes: The message, already uncompressed.
    ///   - visitor: Is told what is there, in the order sent.
    /// - Throws: ``OTLPError``, also what the visitor throws.
    /// - Complexity: O(*n*) in the number of bytes; nothing is allocated.
    @inlinable
    public mutating func scan<Visitor: TraceVisitor>(
        _ bytes: Span<UInt8>,
        _ visitor: inout Visitor
    ) throws(OTLPError) {
        var cursor = WireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            if tag == 1 << 3 | 2 {
                try resourceSpans(bytes, try cursor.range(bytes), &visitor)
            } else {
                try cursor.skip(tag, known: { $0 <= 1 }, bytes, offset: offset)
            }
        }
    }

    @inlinable
    mutating func resourceSpans<Visitor: TraceVisitor>(
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
                if let attributes = visitor.take(message, in: bytes) {
                    try count(attributes)
                } else {
                    try span(bytes, message, &visitor)
                }
            }
        }
    }

    /// Counts a span with its attributes.
    @inlinable
    mutating func count(_ attributes: Int) throws(OTLPError) {
        spanCount += 1
        guard spanCount <= limits.spans else { throw .limitExceeded("spans", limit: limits.spans) }
        attributeCount += attributes
        guard attributeCount <= limits.attributes else {
            throw .limitExceeded("attributes", limit: limits.attributes)
        }
    }

    @inlinable
    mutating func span<Visitor: TraceVisitor>(
        _ bytes: Span<UInt8>,
        _ message: Range<Int>,
        _ visitor: inout Visitor
    ) throws(OTLPError) {
        var span = WireSpan(message: message)
        var (traceID, spanID, parentID) = (0..<0, 0..<0, 0..<0)
        var (attributes, events, links) = (WireRun(), WireRun(), WireRun())
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 2: traceID = try cursor.range(bytes)
            case 2 << 3 | 2: spanID = try cursor.range(bytes)
            case 3 << 3 | 2: span.traceState = try cursor.range(bytes)
            case 4 << 3 | 2: parentID = try cursor.range(bytes)
            case 5 << 3 | 2: span.name = try cursor.range(bytes)
            case 6 << 3: span.kind = SpanKind(rawValue: UInt8(clamping: try cursor.varint(bytes))) ?? .unspecified
            case 7 << 3 | 1: span.start = try cursor.fixed64(bytes)
            case 8 << 3 | 1: span.end = try cursor.fixed64(bytes)
            case 9 << 3 | 2:
                _ = try cursor.range(bytes)
                attributes.note(offset, cursor.at)
            case 10 << 3: span.droppedAttributes = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            case 11 << 3 | 2:
                _ = try cursor.range(bytes)
                events.note(offset, cursor.at)
            case 12 << 3: span.droppedEvents = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            case 13 << 3 | 2:
                _ = try cursor.range(bytes)
                links.note(offset, cursor.at)
            case 14 << 3: span.droppedLinks = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            case 15 << 3 | 2: try status(bytes, try cursor.range(bytes), &span)
            case 16 << 3 | 5: span.flags = try cursor.fixed32(bytes)
            default: try cursor.skip(tag, known: { $0 <= 16 }, bytes, offset: offset)
            }
        }
        try count(attributes.count)
        partCount += events.count + links.count
        guard partCount <= limits.parts else { throw .limitExceeded("events and links", limit: limits.parts) }
        guard let trace = bytes.traceID(traceID), trace.isValid else {
            return visitor.refuse(.traceID(bytes: traceID.count))
        }
        guard let own = bytes.spanID(spanID), own.isValid else { return visitor.refuse(.spanID(bytes: spanID.count)) }
        guard let parent = bytes.spanID(parentID) ?? (parentID.isEmpty ? SpanID(0) : nil) else {
            return visitor.refuse(.parentID(bytes: parentID.count))
        }
        span.traceID = trace
        span.spanID = own
        span.parentID = parent
        span.attributes = WireAttributes(attributes.range, tag: 9 << 3 | 2, count: attributes.count)
        span.events = WireMessages(events.range, tag: 11 << 3 | 2, count: events.count)
        span.links = WireMessages(links.range, tag: 13 << 3 | 2, count: links.count)
        try visitor.span(span)
    }

    @inlinable
    func status(_ bytes: Span<UInt8>, _ range: Range<Int>, _ span: inout WireSpan) throws(OTLPError) {
        var cursor = WireCursor(range)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 2 << 3 | 2: span.statusMessage = try cursor.range(bytes)
            case 3 << 3:
                span.statusCode = SpanStatus.Code(rawValue: UInt8(clamping: try cursor.varint(bytes))) ?? .unset
            default: try cursor.skip(tag, known: { $0 == 2 || $0 == 3 }, bytes, offset: offset)
            }
        }
    }
}

extension Span<UInt8> {
    /// The id of a trace; `nil` where it has not its length.
    @inlinable
    func traceID(_ range: Range<Int>) -> TraceID? {
        guard range.count == 16 else { return nil }
        return TraceID(high: bigEndian64(at: range.lowerBound), low: bigEndian64(at: range.lowerBound + 8))
    }

    /// The id of a span; `nil` where it has not its length.
    @inlinable
    func spanID(_ range: Range<Int>) -> SpanID? {
        guard range.count == 8 else { return nil }
        return SpanID(bigEndian64(at: range.lowerBound))
    }
}
