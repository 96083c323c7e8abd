import MartletCore

extension TracesRequest {
    /// The request as protobuf bytes, to be compressed and sent.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func encoded() -> [UInt8] {
        var writer = WireWriter(capacity: 64 + 192 * spanCount)
        for resource in resourceSpans.reversed() { writer.resourceSpans(resource) }
        return writer.bytes()
    }
}

extension WireWriter {
    fileprivate mutating func resourceSpans(_ resource: ResourceSpans) {
        let mark = count
        text(3 << 3 | 2, ifSet: resource.schemaURL)
        for scope in resource.scopeSpans.reversed() { scopeSpans(scope) }
        self.resource(resource.resource)
        finish(1 << 3 | 2, mark)
    }

    private mutating func scopeSpans(_ scope: borrowing ScopeSpans) {
        let mark = count
        text(3 << 3 | 2, ifSet: scope.schemaURL)
        // Lent, so that no span is retained and released on its way.
        let spans = scope.spans.span
        var place = spans.count
        while place > 0 {
            place &-= 1
            span(spans[place])
        }
        self.scope(scope.scope)
        finish(2 << 3 | 2, mark)
    }

    private mutating func span(_ span: borrowing FinishedSpan) {
        let mark = count
        if span.flags != 0 { fixed32(longTag: 0x0185, span.flags) }
        if span.status.code != .unset || !span.status.message.isEmpty { status(span.status) }
        number(14 << 3, ifSet: UInt64(span.droppedLinks))
        if !span.links.isEmpty { for link in span.links.reversed() { self.link(link) } }
        number(12 << 3, ifSet: UInt64(span.droppedEvents))
        if !span.events.isEmpty { for event in span.events.reversed() { self.event(event) } }
        number(10 << 3, ifSet: UInt64(span.droppedAttributes))
        attributes(9 << 3 | 2, span.attributes)
        if span.end != 0 { fixed64(8 << 3 | 1, span.end) }
        if span.start != 0 { fixed64(7 << 3 | 1, span.start) }
        number(6 << 3, ifSet: UInt64(span.kind.rawValue))
        text(5 << 3 | 2, ifSet: span.name)
        if span.parentID.isValid { id(4 << 3 | 2, span.parentID.bits) }
        text(3 << 3 | 2, ifSet: span.traceState)
        id(2 << 3 | 2, span.spanID.bits)
        id(1 << 3 | 2, span.traceID.high, span.traceID.low)
        finish(2 << 3 | 2, mark)
    }

    private mutating func status(_ status: SpanStatus) {
        let mark = count
        number(3 << 3, ifSet: UInt64(status.code.rawValue))
        text(2 << 3 | 2, ifSet: status.message)
        finish(15 << 3 | 2, mark)
    }

    private mutating func event(_ event: SpanEvent) {
        let mark = count
        number(4 << 3, ifSet: UInt64(event.droppedAttributes))
        attributes(3 << 3 | 2, event.attributes)
        text(2 << 3 | 2, ifSet: event.name)
        if event.time != 0 { fixed64(1 << 3 | 1, event.time) }
        finish(11 << 3 | 2, mark)
    }

    private mutating func link(_ link: SpanLink) {
        let mark = count
        if link.flags != 0 { fixed32(6 << 3 | 5, link.flags) }
        number(5 << 3, ifSet: UInt64(link.droppedAttributes))
        attributes(4 << 3 | 2, link.attributes)
        text(3 << 3 | 2, ifSet: link.traceState)
        id(2 << 3 | 2, link.spanID.bits)
        id(1 << 3 | 2, link.traceID.high, link.traceID.low)
        finish(13 << 3 | 2, mark)
    }
}
