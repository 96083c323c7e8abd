import CMartletSpans
import MartletCore

// Safety: a record is only read while the drain has it: its words lie behind it, as its size says. Names and keys are
// static texts, which never go.

/// Makes values of the records in the rings.
@safe
struct SpanDecoder {
    /// Texts by where they stand: a key that recurs costs no new text.
    private var texts: [UInt: String] = [:]
    private static let textsMax = 65_536

    mutating func span(_ record: UnsafePointer<martlet_span_record>, _ limits: SpanLimits) -> FinishedSpan {
        let head = unsafe record.pointee
        var span = unsafe FinishedSpan(
            traceID: TraceID(high: head.high, low: head.low),
            spanID: SpanID(head.span),
            parentID: SpanID(head.parent),
            flags: head.flags,
            name: text(head.name, Int(head.name_length)),
            kind: SpanKind(rawValue: head.kind) ?? .internal,
            start: martlet_span_wall(head.start),
            end: martlet_span_wall(head.end),
            droppedAttributes: head.dropped,
            status: SpanStatus(SpanStatus.Code(rawValue: head.status) ?? .unset)
        )
        if unsafe head.words > 0 { unsafe read(record, Int(head.words), &span) }
        if let opaque = unsafe head.extras {
            let extras = unsafe Unmanaged<SpanExtras>.fromOpaque(opaque).takeRetainedValue()
            take(extras, &span)
        }
        if span.attributes.count > 1 { SpanDecoder.keepLast(&span.attributes) }
        if let most = limits.characters { SpanDecoder.cut(&span, most) }
        return span
    }

    /// Lets go of what a record holds that nobody wants.
    static func release(_ record: UnsafePointer<martlet_span_record>) {
        guard let extras = unsafe record.pointee.extras else { return }
        unsafe Unmanaged<SpanExtras>.fromOpaque(extras).release()
    }

    private mutating func read(_ record: UnsafePointer<martlet_span_record>, _ count: Int, _ span: inout FinishedSpan) {
        let words = unsafe UnsafeRawPointer(record + 1).assumingMemoryBound(to: UInt64.self)
        span.attributes.reserveCapacity(4)
        var place = 0
        while place + 2 <= count {
            let (address, meta) = unsafe (words[place], words[place + 1])
            let length = Int(meta >> 32)
            let key = unsafe text(UnsafePointer(bitPattern: UInt(address)), Int(meta >> 8 & 0xffffff))
            let value: AttributeValue
            switch UInt32(meta & 0xff) {
            case MARTLET_SPAN_INT: value = unsafe .int(Int64(bitPattern: words[place + 2]))
            case MARTLET_SPAN_BOOL: value = unsafe .bool(words[place + 2] != 0)
            case MARTLET_SPAN_DOUBLE: value = unsafe .double(Double(bitPattern: words[place + 2]))
            default:
                let bytes = unsafe UnsafeRawBufferPointer(start: words + place + 2, count: length)
                value = unsafe .string(String(decoding: bytes, as: UTF8.self))
            }
            span.attributes.append(Attribute(key, value))
            place += 2 + (length + 7) / 8
        }
    }

    private func take(_ extras: SpanExtras, _ span: inout FinishedSpan) {
        span.attributes += extras.attributes
        span.events = extras.events
        span.droppedEvents = extras.droppedEvents
        span.links = extras.links
        span.droppedLinks = extras.droppedLinks
        span.traceState = extras.traceState
        if let name = extras.name { span.name = name }
        if let message = extras.message { span.status.message = message }
        if extras.start != 0 { span.start = extras.start }
        if extras.end != 0 { span.end = extras.end }
    }

    private mutating func text(_ start: UnsafePointer<UInt8>?, _ count: Int) -> String {
        guard let start = unsafe start, count > 0 else { return "" }
        let address = UInt(bitPattern: start)
        if let known = texts[address], known.utf8.count == count { return known }
        let text = unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        if texts.count < SpanDecoder.textsMax { texts[address] = text }
        return text
    }

    /// Where a key was set more than once, the last value counts.
    private static func keepLast(_ attributes: inout [Attribute]) {
        for place in 1..<attributes.count {
            guard attributes[..<place].contains(where: { $0.key == attributes[place].key }) else { continue }
            var kept: [Attribute] = []
            for attribute in attributes {
                if let known = kept.firstIndex(where: { $0.key == attribute.key }) {
                    kept[known].value = attribute.value
                } else {
                    kept.append(attribute)
                }
            }
            attributes = kept
            return
        }
    }

    private static func cut(_ span: inout FinishedSpan, _ most: Int) {
        for place in span.attributes.indices { cut(&span.attributes[place].value, most) }
        for event in span.events.indices {
            for place in span.events[event].attributes.indices {
                cut(&span.events[event].attributes[place].value, most)
            }
        }
        for link in span.links.indices {
            for place in span.links[link].attributes.indices { cut(&span.links[link].attributes[place].value, most) }
        }
    }

    private static func cut(_ value: inout AttributeValue, _ most: Int) {
        switch value {
        case .string(let text) where text.utf8.count > most: value = .string(String(text.prefix(most)))
        case .array(let values):
            value = .array(
                values.map { value in
                    var value = value
                    cut(&value, most)
                    return value
                }
            )
        default: break
        }
    }
}
