import MartletCore

/// What of a span was read, to be told in the words of OpenTelemetry.
struct JaegerSpanDraft {
    struct Reference {
        var isChildOf: Bool
        var trace: TraceID
        var span: SpanID
    }

    var traceLow: UInt64 = 0
    var traceHigh: UInt64 = 0
    var id: UInt64 = 0
    var parent: UInt64 = 0
    var name = ""
    var references: [Reference] = []
    var flags: UInt32 = 0
    var start: Int64 = 0
    var duration: Int64 = 0
    var tags: [Attribute] = []
    var logs: [SpanEvent] = []

    /// Microseconds as nanoseconds, as far as these go; none before 1970.
    static func nanoseconds(_ microseconds: Int64) -> UInt64 {
        let (value, isOver) = UInt64(max(0, microseconds)).multipliedReportingOverflow(by: 1000)
        return isOver ? UInt64.max : value
    }

    /// The span, and the library that made it.
    func span() -> (InstrumentationScope, FinishedSpan) {
        let trace = TraceID(high: traceHigh, low: traceLow)
        var parent = SpanID(self.parent)
        if !parent.isValid, let reference = references.first(where: { $0.isChildOf && $0.trace == trace }) {
            parent = reference.span
        }
        let start = Self.nanoseconds(start)
        let end = start.addingReportingOverflow(Self.nanoseconds(duration))
        var span = FinishedSpan(
            traceID: trace,
            spanID: SpanID(id),
            parentID: parent,
            flags: flags & 1,
            name: name,
            kind: .internal,
            start: start,
            end: end.overflow ? .max : end.partialValue,
            events: logs
        )
        for reference in references where !(reference.isChildOf && reference.span == parent && reference.trace == trace)
        {
            span.links.append(SpanLink(traceID: reference.trace, spanID: reference.span))
        }
        var scope = InstrumentationScope(name: "")
        var (isError, description): (Bool, String) = (false, "")
        for tag in tags {
            switch (tag.key, tag.value) {
            case ("span.kind", .string(let kind)): span.kind = Self.kind(kind)
            case ("otel.status_code", .string("OK")): span.status = .ok
            case ("otel.status_code", .string("ERROR")): isError = true
            case ("otel.status_description", .string(let text)): description = text
            case ("error", .bool(let flag)): isError = isError || flag
            case ("error", .string(let text)): isError = isError || text == "true"
            case ("otel.scope.name", .string(let text)): scope.name = text
            case ("otel.scope.version", .string(let text)): scope.version = text
            case ("w3c.tracestate", .string(let text)): span.traceState = text
            case ("otel.dropped_attributes_count", .int(let count)): span.droppedAttributes = UInt32(clamping: count)
            case ("otel.dropped_events_count", .int(let count)): span.droppedEvents = UInt32(clamping: count)
            case ("otel.dropped_links_count", .int(let count)): span.droppedLinks = UInt32(clamping: count)
            default: span.attributes.append(tag)
            }
        }
        if isError { span.status = .error(description) }
        return (scope, span)
    }

    private static func kind(_ text: String) -> SpanKind {
        switch text {
        case "client": .client
        case "server": .server
        case "producer": .producer
        case "consumer": .consumer
        default: .internal
        }
    }
}
