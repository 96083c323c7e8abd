public import MartletCore

/// A span as it stands in the bytes of a request: numbers are read, texts and lists are ranges.
public struct WireSpan: Sendable {
    /// The trace that the span belongs to; valid.
    public var traceID = TraceID(high: 0, low: 0)
    /// The span; valid.
    public var spanID = SpanID(0)
    /// The span that this one is a part of, or ``MartletCore/SpanID/none``.
    public var parentID = SpanID(0)
    /// The flags as OTLP numbers them.
    public var flags: UInt32 = 0
    /// What the span stands for; kinds that are not known are unspecified.
    public var kind = SpanKind.unspecified
    /// When it began, in nanoseconds since the epoch.
    public var start: UInt64 = 0
    /// When it ended, in nanoseconds since the epoch.
    public var end: UInt64 = 0
    /// Where its name stands.
    public var name = 0..<0
    /// Where its trace state stands.
    public var traceState = 0..<0
    /// How it ended.
    public var statusCode = SpanStatus.Code.unset
    /// Where the message of its status stands.
    public var statusMessage = 0..<0
    /// The particulars.
    public var attributes = WireAttributes(0..<0, tag: 9 << 3 | 2, count: 0)
    /// How many attributes were left out.
    public var droppedAttributes: UInt32 = 0
    /// What happened meanwhile, for ``WireEvent``.
    public var events = WireMessages(0..<0, tag: 11 << 3 | 2, count: 0)
    /// How many events were left out.
    public var droppedEvents: UInt32 = 0
    /// The spans that this one has to do with, for ``WireLink``.
    public var links = WireMessages(0..<0, tag: 13 << 3 | 2, count: 0)
    /// How many links were left out.
    public var droppedLinks: UInt32 = 0
    /// Where the whole message stands.
    public var message: Range<Int>

    @inlinable
    init(message: Range<Int>) {
        self.message = message
    }

    /// The span as a value.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Returns: The span.
    /// - Throws: ``OTLPError`` where a part is damaged or too deep.
    public func value(in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) -> FinishedSpan {
        var events: [SpanEvent] = []
        var rest = self.events
        events.reserveCapacity(rest.count)
        while let message = try rest.next(in: bytes) {
            events.append(try WireEvent(message, in: bytes).value(in: bytes, depthMax: depthMax))
        }
        var links: [SpanLink] = []
        rest = self.links
        links.reserveCapacity(rest.count)
        while let message = try rest.next(in: bytes) {
            links.append(try WireLink(message, in: bytes).value(in: bytes, depthMax: depthMax))
        }
        return FinishedSpan(
            traceID: traceID,
            spanID: spanID,
            parentID: parentID,
            traceState: bytes.text(traceState),
            flags: flags,
            name: bytes.text(name),
            kind: kind,
            start: start,
            end: end,
            attributes: try attributes.values(in: bytes, depthMax: depthMax),
            droppedAttributes: droppedAttributes,
            events: events,
            droppedEvents: droppedEvents,
            links: links,
            droppedLinks: droppedLinks,
            status: SpanStatus(statusCode, message: bytes.text(statusMessage))
        )
    }
}
