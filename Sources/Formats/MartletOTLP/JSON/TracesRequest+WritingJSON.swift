public import MartletCore

extension TracesRequest {
    /// The request as JSON on one line, as OTLP files have it too.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("resourceSpans", array: resourceSpans) { $0.resourceSpans($1) } }
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes `ResourceSpans` of OTLP, which Jaeger's interface answers with too.
    public mutating func resourceSpans(_ resource: ResourceSpans) {
        object {
            $0.resource(resource.resource)
            $0.member("scopeSpans", array: resource.scopeSpans) { $0.scopeSpans($1) }
            $0.member("schemaUrl", ifSet: resource.schemaURL)
        }
    }

    private mutating func scopeSpans(_ scope: ScopeSpans) {
        object {
            $0.scope(scope.scope)
            $0.member("spans", array: scope.spans) { $0.span($1) }
            $0.member("schemaUrl", ifSet: scope.schemaURL)
        }
    }

    private mutating func span(_ span: FinishedSpan) {
        object {
            $0.member("traceId", span.traceID.description)
            $0.member("spanId", span.spanID.description)
            $0.member("traceState", ifSet: span.traceState)
            if span.parentID.isValid { $0.member("parentSpanId", span.parentID.description) }
            $0.member("flags", ifSet: span.flags)
            $0.member("name", span.name)
            $0.member("kind", span.kind.rawValue)
            $0.member("startTimeUnixNano", text: span.start)
            $0.member("endTimeUnixNano", text: span.end)
            $0.member("attributes", ifSet: span.attributes)
            $0.member("droppedAttributesCount", ifSet: span.droppedAttributes)
            if !span.events.isEmpty { $0.member("events", array: span.events) { $0.event($1) } }
            $0.member("droppedEventsCount", ifSet: span.droppedEvents)
            if !span.links.isEmpty { $0.member("links", array: span.links) { $0.link($1) } }
            $0.member("droppedLinksCount", ifSet: span.droppedLinks)
            if span.status != .unset { $0.status(span.status) }
        }
    }

    private mutating func status(_ status: SpanStatus) {
        key("status")
        object {
            $0.member("message", ifSet: status.message)
            $0.member("code", ifSet: UInt32(status.code.rawValue))
        }
    }

    private mutating func event(_ event: SpanEvent) {
        object {
            $0.member("timeUnixNano", text: event.time)
            $0.member("name", event.name)
            $0.member("attributes", ifSet: event.attributes)
            $0.member("droppedAttributesCount", ifSet: event.droppedAttributes)
        }
    }

    private mutating func link(_ link: SpanLink) {
        object {
            $0.member("traceId", link.traceID.description)
            $0.member("spanId", link.spanID.description)
            $0.member("traceState", ifSet: link.traceState)
            $0.member("attributes", ifSet: link.attributes)
            $0.member("droppedAttributesCount", ifSet: link.droppedAttributes)
            $0.member("flags", ifSet: link.flags)
        }
    }
}
