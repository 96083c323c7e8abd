import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

/// A request read from its first byte to its last before anything of it is stored.
///
/// Texts are places in the request's bytes, so that nothing is copied but what is rare.
struct ParsedSpans: TraceVisitor, Sendable {
    /// Where a text stands in the bytes.
    struct Place: Hashable, Sendable {
        var start: UInt32
        var end: UInt32

        init(_ range: Range<Int>) {
            start = UInt32(truncatingIfNeeded: range.lowerBound)
            end = UInt32(truncatingIfNeeded: range.upperBound)
        }

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    /// An attribute; a text, or the bits of a number.
    struct Value: Hashable, Sendable {
        var key: Place
        var type: ValueType
        var place: Place
        var bits: UInt64
    }

    struct Row: Hashable, Sendable {
        var span: UInt64 = 0
        var parent: UInt64 = 0
        var start: Int64 = 0
        var end: Int64 = 0
        /// The number of the trace in ``traces``.
        var trace: UInt32 = 0
        /// The number of the name in ``names``.
        var name: UInt32 = 0
        var flags: UInt32 = 0
        var origin: UInt32
        var kind: UInt8 = 0
        var status: UInt8 = 0
        var firstValue: UInt32
        var valueCount: UInt32 = 0
        var firstExtra: UInt32 = 0
        var extraCount: UInt32 = 0

        init(firstValue: UInt32, origin: UInt32) {
            (self.firstValue, self.origin) = (firstValue, origin)
        }

        var values: Range<Int> { Int(firstValue)..<(Int(firstValue) + Int(valueCount)) }
        var extra: Range<Int> { Int(firstExtra)..<(Int(firstExtra) + Int(extraCount)) }
    }

    /// A resource with a library: the heads of the messages that the spans stand in.
    struct Origin: Sendable {
        var service: Place
        var resource: [UInt8]
        var scope: [UInt8]
    }

    let bytes: [UInt8]
    let limits: TraceLimits
    /// Whether plain spans are taken without the scanner.
    let isQuick: Bool
    var rows: [Row] = []
    /// The attributes of the rows, by their numbers in ``attributes``.
    var values: [UInt32] = []
    /// The attributes that came; most that are equal are there once, as what they are is then looked up once.
    var attributes: [Value] = []
    /// The traces and names that came; most are there once.
    var traces: [TraceID] = []
    var names: [Place] = []
    var recentAttributes: RecentPlaces
    var recentNames: RecentPlaces
    private var recentTraces: RecentPlaces
    private(set) var origins: [Origin] = []
    private(set) var extras: [UInt8] = []
    private(set) var refused = 0
    private(set) var firstRefusal: String?
    private(set) var truncated = 0
    private var resourceHead: [UInt8] = []
    private var service = Place(0..<0)
    private var hasOrigin = false

    /// Reads a request; all of it by the scanner where it is not to be quick, for tests.
    ///
    /// - Throws: `OTLPError` where its bytes make none.
    init(_ bytes: [UInt8], limits: TraceLimits, isQuick: Bool = true) throws(OTLPError) {
        self.bytes = bytes
        self.isQuick = isQuick
        self.limits = limits
        // About what a request of its size holds, so that no array is copied while it grows; up to a bound, as what came
        // may be no request at all.
        rows.reserveCapacity(min(bytes.count / 160, 8192))
        values.reserveCapacity(min(bytes.count / 48, 32_768))
        attributes.reserveCapacity(min(bytes.count / 160, 8192))
        recentAttributes = RecentPlaces(lines: min(bytes.count / 80, 4096))
        recentNames = RecentPlaces(lines: min(bytes.count / 640, 512))
        recentTraces = RecentPlaces(lines: min(bytes.count / 160, 2048))
        var scanner = TraceScanner(limits: limits.request)
        try scanner.scan(bytes.span, &self)
    }

    mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
        var attributes = try WireResource(message, in: bytes.span).attributes
        // Values that could not be given back are refused now.
        _ = try attributes.values(in: bytes.span)
        service = Place(0..<0)
        while let (key, value) = try attributes.next(in: bytes.span) {
            if bytes.span.text(key) == "service.name", case .string(let range) = value { service = Place(range) }
        }
        resourceHead = head(message, schemaURL)
        hasOrigin = false
        try scope(0..<0, schemaURL: 0..<0)
    }

    mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
        _ = try WireScope(message, in: bytes.span).attributes.values(in: bytes.span)
        let origin = Origin(service: service, resource: resourceHead, scope: head(message, schemaURL))
        // What stands for spans without a scope gives way to the first real one.
        if hasOrigin || message.isEmpty { origins.append(origin) } else { origins[origins.count - 1] = origin }
        hasOrigin = !message.isEmpty
    }

    /// Field 1 with the message and field 3 with the schema's URL, as they stand in front of and behind the entries.
    private func head(_ message: Range<Int>, _ schemaURL: Range<Int>) -> [UInt8] {
        var head: [UInt8] = []
        for (tag, range) in [(UInt8(1 << 3 | 2), message), (3 << 3 | 2, schemaURL)] where !range.isEmpty {
            head.append(tag)
            head.append(varint: UInt64(range.count))
            head.append(span: bytes.span.extracting(range))
        }
        return head
    }

    mutating func span(_ span: borrowing WireSpan) throws(OTLPError) {
        let firstValue = values.count
        var dropped = 0
        var attributes = span.attributes
        while let (key, value) = try attributes.next(in: bytes.span) {
            if values.count - firstValue >= limits.attributes || !add(key, value) { dropped += 1 }
        }
        truncated += dropped
        var extra = extras.count..<extras.count
        let parts = span.events.count + span.links.count
        if parts > 0 {
            do throws(OTLPError) {
                _ = try span.value(in: bytes.span)
            } catch {
                values.removeLast(values.count - firstValue)
                return note("\(error)")
            }
        }
        let lost = Int(span.droppedAttributes) + Int(span.droppedEvents) + Int(span.droppedLinks) + dropped
        if parts + span.traceState.count + span.statusMessage.count + lost > 0 {
            copyExtras(span.message, alsoDropped: UInt64(span.droppedAttributes) + UInt64(dropped))
            extra = extra.lowerBound..<extras.count
        }
        var row = Row(
            firstValue: UInt32(truncatingIfNeeded: firstValue),
            origin: UInt32(truncatingIfNeeded: origins.count - 1)
        )
        row.trace = number(of: span.traceID)
        row.span = span.spanID.bits
        row.parent = span.parentID.bits
        row.start = Int64(clamping: span.start)
        row.end = Int64(clamping: span.end)
        row.name = UInt32(truncatingIfNeeded: names.count)
        names.append(Place(clipped(span.name, to: limits.nameBytes)))
        row.flags = span.flags
        row.kind = span.kind.rawValue
        row.status = span.statusCode.rawValue
        row.valueCount = UInt32(truncatingIfNeeded: values.count - firstValue)
        row.firstExtra = UInt32(truncatingIfNeeded: extra.lowerBound)
        row.extraCount = UInt32(truncatingIfNeeded: extra.count)
        rows.append(row)
    }

    mutating func refuse(_ refusal: SpanRefusal) { note(refusal.description) }

    private mutating func note(_ refusal: String) {
        refused += 1
        if firstRefusal == nil { firstRefusal = refusal }
    }

    /// Adds an attribute; `false` where its value cannot be given back.
    private mutating func add(_ key: Range<Int>, _ wire: WireValue) -> Bool {
        var (type, range, bits) = (ValueType.empty, 0..<0, UInt64(0))
        switch wire {
        case .string(let text):
            (type, range) = (.string, clipped(text, to: limits.valueBytes))
            if range.count < text.count { truncated += 1 }
        case .bool(let flag): (type, bits) = (.bool, flag ? 1 : 0)
        case .int(let number): (type, bits) = (.int, UInt64(bitPattern: number))
        case .double(let number): (type, bits) = (.double, number.bitPattern)
        case .bytes(let content):
            guard content.count <= limits.valueBytes else { return false }
            (type, range) = (.bytes, content)
        case .compound(let message):
            guard message.count <= limits.valueBytes, (try? AttributeValue(wire: wire, in: bytes.span)) != nil else {
                return false
            }
            (type, range) = (.compound, message)
        case .empty: break
        }
        values.append(UInt32(truncatingIfNeeded: attributes.count))
        attributes.append(
            Value(key: Place(clipped(key, to: limits.nameBytes)), type: type, place: Place(range), bits: bits)
        )
        return true
    }

    /// The number of a trace, which is likely one that came lately.
    @inline(__always)
    mutating func number(of id: TraceID) -> UInt32 {
        let hash = recentTraces.hash(id)
        if let known = recentTraces.candidate(hash), traces[Int(known)] == id { return known }
        let number = UInt32(truncatingIfNeeded: traces.count)
        traces.append(id)
        recentTraces.put(hash, number)
        return number
    }

    /// The start of a text that is too long, cut before a character.
    private func clipped(_ text: Range<Int>, to limit: Int) -> Range<Int> {
        guard text.count > limit else { return text }
        var end = text.lowerBound + limit
        while end > text.lowerBound, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return text.lowerBound..<end
    }

    /// Copies the fields that few spans have: trace state, events, links, what was dropped, the status' message.
    private mutating func copyExtras(_ message: Range<Int>, alsoDropped: UInt64) {
        let first = extras.count
        let bytes = bytes
        var at = message.lowerBound
        while at < message.upperBound {
            let start = at
            guard let tag = bytes.span.varint(&at), let end = Self.end(of: tag, bytes.span, at),
                end <= message.upperBound
            else { return }
            at = end
            switch tag >> 3 {
            case 3, 11, 12, 13, 14, 15:
                if extras.count - first + (end - start) > limits.extraBytes {
                    truncated += 1
                } else {
                    extras.append(span: bytes.span.extracting(start..<end))
                }
            default: break
            }
        }
        if alsoDropped > 0 {
            extras.append(10 << 3)
            extras.append(varint: min(alsoDropped, UInt64(UInt32.max)))
        }
    }

    /// Where a field's content ends.
    private static func end(of tag: UInt64, _ bytes: Span<UInt8>, _ start: Int) -> Int? {
        var at = start
        switch tag & 7 {
        case 0: return bytes.varint(&at) == nil ? nil : at
        case 1: return start + 8
        case 2:
            guard let count = bytes.varint(&at), count <= UInt64(bytes.count - at) else { return nil }
            return at + Int(count)
        case 5: return start + 4
        default: return nil
        }
    }
}
