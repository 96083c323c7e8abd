public import MartletCore

/// A log record as it stands in the bytes of a request: numbers are read, texts and lists are ranges.
public struct WireLog: Sendable {
    /// When it happened, in nanoseconds since the epoch; 0 where that is not known.
    public var time: UInt64 = 0
    /// When it was first seen by a collector, in nanoseconds since the epoch; 0 where that is not known.
    public var observedTime: UInt64 = 0
    /// How much it matters, from 1 (trace) to 24 (fatal); 0 where nothing was said or something else.
    public var severity: UInt8 = 0
    /// Where the source's own word for that stands.
    public var severityText = 0..<0
    /// What is told.
    public var body = WireValue.empty
    /// The particulars.
    public var attributes = WireAttributes(0..<0, tag: 6 << 3 | 2, count: 0)
    /// How many attributes were left out.
    public var droppedAttributes: UInt32 = 0
    /// The flags of `traceparent` in the lower 8 bits.
    public var flags: UInt32 = 0
    /// The trace that the record belongs to; none also where the id has not its length.
    public var traceID = TraceID(high: 0, low: 0)
    /// The span that the record belongs to; none also where the id has not its length.
    public var spanID = SpanID(0)
    /// Where the name of the kind of event stands.
    public var eventName = 0..<0
    /// Where the whole message stands.
    public var message: Range<Int>

    @inlinable
    init(message: Range<Int>) {
        self.message = message
    }

    /// The record as a value.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Returns: The record.
    /// - Throws: ``OTLPError`` where a part is damaged or too deep.
    public func value(in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) -> LogEntry {
        LogEntry(
            time: time,
            observedTime: observedTime,
            severity: severity,
            severityText: bytes.text(severityText),
            body: try AttributeValue(wire: body, in: bytes, depthMax: depthMax),
            attributes: try attributes.values(in: bytes, depthMax: depthMax),
            droppedAttributes: droppedAttributes,
            flags: flags,
            traceID: traceID,
            spanID: spanID,
            eventName: bytes.text(eventName)
        )
    }
}
