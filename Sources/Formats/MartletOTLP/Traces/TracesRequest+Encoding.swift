import MartletCore

// Safety: spans are looked at where they stand in the array that lends them, as `WireWriter+Common.swift` says.

extension TracesRequest {
    /// The request as protobuf bytes, to be compressed and sent.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func encoded() -> [UInt8] {
        var guess = 256
        for scope in resourceSpans.lazy.flatMap(\.scopeSpans) {
            // The spans of a library are much alike.
            guess += 256 + scope.spans.count * (100 + 40 * (scope.spans.first?.attributes.count ?? 0))
        }
        return WireWriter.bytes(about: guess) { writer in
            for resource in resourceSpans.reversed() { writer.resourceSpans(resource) }
        }
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

    private mutating func scopeSpans(_ scope: ScopeSpans) {
        let mark = count
        text(3 << 3 | 2, ifSet: scope.schemaURL)
        unsafe scope.spans.withUnsafeBufferPointer { spans in
            var place = spans.count
            while place > 0 {
                place &-= 1
                unsafe span(spans, place)
            }
        }
        self.scope(scope.scope)
        finish(2 << 3 | 2, mark)
    }

    @inline(__always)
    private mutating func span(_ spans: UnsafeBufferPointer<FinishedSpan>, _ place: Int) {
        let mark = count
        let flags = unsafe spans[place].flags
        if flags != 0 {
            var pen = unsafe pen(for: WireWriter.fieldMax)
            unsafe pen.fixed32(longTag: 0x0185, flags)
            unsafe take(pen)
        }
        let dropped =
            unsafe spans[place].droppedAttributes | spans[place].droppedEvents | spans[place].droppedLinks
        let isPlain =
            unsafe dropped == 0 && spans[place].events.isEmpty && spans[place].links.isEmpty
            && spans[place].status.code == .unset && spans[place].status.message.utf8.isEmpty
        if !isPlain { unsafe rare(spans[place]) }
        let attributes = unsafe spans[place].attributes.withUnsafeBufferPointer { unsafe $0 }
        // Spans are written last to first.
        let isFirst = place &+ 1 == spans.count
        let previous =
            isFirst ? nil : unsafe spans[place &+ 1].attributes.withUnsafeBufferPointer { unsafe $0 }
        unsafe self.attributes(
            9 << 3 | 2,
            attributes,
            after: previous ?? UnsafeBufferPointer(start: nil, count: 0)
        )
        let (name, traceState) = unsafe (TextWords(spans[place].name), TextWords(spans[place].traceState))
        guard name.count >= 0, traceState.count >= 0 else { return unsafe scattered(spans[place], mark) }
        let (start, end, kind) = unsafe (spans[place].start, spans[place].end, spans[place].kind.rawValue)
        let (traceID, spanID, parentID) = unsafe (spans[place].traceID, spans[place].spanID, spans[place].parentID)
        var pen = unsafe pen(for: name.count &+ traceState.count &+ 4 * WireWriter.fieldMax)
        if end != 0 { unsafe pen.fixed64(8 << 3 | 1, end) }
        if start != 0 { unsafe pen.fixed64(7 << 3 | 1, start) }
        unsafe pen.number(6 << 3, ifSet: UInt64(kind))
        if name.count != 0 { unsafe pen.text(5 << 3 | 2, name) }
        if parentID.isValid { unsafe pen.id(4 << 3 | 2, parentID.bits) }
        if traceState.count != 0 { unsafe pen.text(3 << 3 | 2, traceState) }
        unsafe pen.id(2 << 3 | 2, spanID.bits)
        unsafe pen.id(1 << 3 | 2, traceID.high, traceID.low)
        unsafe pen.number(2 << 3 | 2, UInt64(truncatingIfNeeded: count(upTo: pen) &- mark))
        unsafe take(pen)
    }

    /// What stands before the attributes, of a span whose texts have not their bytes beside each other.
    @inline(never)
    private mutating func scattered(_ span: FinishedSpan, _ mark: Int) {
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

    /// What stands between the attributes and the flags of few spans.
    @inline(never)
    private mutating func rare(_ span: FinishedSpan) {
        if span.status.code != .unset || !span.status.message.isEmpty { status(span.status) }
        number(14 << 3, ifSet: UInt64(span.droppedLinks))
        links(span.links)
        number(12 << 3, ifSet: UInt64(span.droppedEvents))
        events(span.events)
        number(10 << 3, ifSet: UInt64(span.droppedAttributes))
    }

    private mutating func status(_ status: SpanStatus) {
        let mark = count
        number(3 << 3, ifSet: UInt64(status.code.rawValue))
        text(2 << 3 | 2, ifSet: status.message)
        finish(15 << 3 | 2, mark)
    }

    private mutating func events(_ events: [SpanEvent]) {
        for event in events.reversed() {
            let mark = count
            number(4 << 3, ifSet: UInt64(event.droppedAttributes))
            attributes(3 << 3 | 2, event.attributes)
            text(2 << 3 | 2, ifSet: event.name)
            if event.time != 0 { fixed64(1 << 3 | 1, event.time) }
            finish(11 << 3 | 2, mark)
        }
    }

    private mutating func links(_ links: [SpanLink]) {
        for link in links.reversed() {
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
}
