import MartletCore

/// Spans as a Jaeger agent takes them: `emitBatch` in Thrift's compact protocol, one datagram a batch.
///
/// - SeeAlso: [jaeger.thrift](https://github.com/jaegertracing/jaeger-idl/blob/v0.5.0/thrift/jaeger.thrift)
enum JaegerBatch {
    /// What a datagram holds at most, as the agents take it.
    static let datagramMax = 65_000

    /// The datagrams of a batch, and how many spans are too large for any.
    static func datagrams(_ resource: Resource, _ spans: [(FinishedSpan, InstrumentationScope)]) -> (
        datagrams: [(bytes: [UInt8], spans: Int)], tooLarge: Int
    ) {
        let whole = datagram(resource, spans)
        if whole.count <= datagramMax { return ([(whole, spans.count)], 0) }
        guard spans.count > 1 else { return ([], spans.count) }
        let half = spans.count / 2
        let first = datagrams(resource, Array(spans[..<half]))
        let second = datagrams(resource, Array(spans[half...]))
        return (first.datagrams + second.datagrams, first.tooLarge + second.tooLarge)
    }

    static func datagram(_ resource: Resource, _ spans: [(FinishedSpan, InstrumentationScope)]) -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.oneway("emitBatch")
        writer.structure { writer in
            writer.structure(1) { writer in
                writer.structure(1) { process(&$0, resource) }
                writer.structures(2, spans) { span(&$0, $1.0, $1.1) }
            }
        }
        return writer.bytes
    }

    private static func process(_ writer: inout ThriftCompactWriter, _ resource: Resource) {
        let name = resource.attributes.first { $0.key == "service.name" }?.value.text ?? "unknown_service"
        writer.text(1, name)
        let tags = resource.attributes.filter { $0.key != "service.name" }
        if !tags.isEmpty { writer.structures(2, tags) { tag(&$0, $1) } }
    }

    private static func span(_ writer: inout ThriftCompactWriter, _ span: FinishedSpan, _ scope: InstrumentationScope) {
        writer.int64(1, Int64(bitPattern: span.traceID.low))
        writer.int64(2, Int64(bitPattern: span.traceID.high))
        writer.int64(3, Int64(bitPattern: span.spanID.bits))
        writer.int64(4, Int64(bitPattern: span.parentID.bits))
        writer.text(5, span.name)
        if !span.links.isEmpty {
            writer.structures(6, span.links) { writer, link in
                writer.int32(1, 1)  // FOLLOWS_FROM
                writer.int64(2, Int64(bitPattern: link.traceID.low))
                writer.int64(3, Int64(bitPattern: link.traceID.high))
                writer.int64(4, Int64(bitPattern: link.spanID.bits))
            }
        }
        writer.int32(7, Int32(bitPattern: span.flags & 1))
        writer.int64(8, Int64(clamping: span.start / 1000))
        writer.int64(9, Int64(clamping: span.durationNanoseconds / 1000))
        let tags = span.attributes + more(span, scope)
        if !tags.isEmpty { writer.structures(10, tags) { tag(&$0, $1) } }
        if !span.events.isEmpty {
            writer.structures(11, span.events) { writer, event in
                writer.int64(1, Int64(clamping: event.time / 1000))
                writer.structures(2, [Attribute("event", event.name)] + event.attributes) { tag(&$0, $1) }
            }
        }
    }

    /// What Jaeger has no fields for, as OpenTelemetry maps it to tags.
    private static func more(_ span: FinishedSpan, _ scope: InstrumentationScope) -> [Attribute] {
        var tags: [Attribute] = []
        if span.kind != .internal && span.kind != .unspecified { tags.append(Attribute("span.kind", span.kind.name)) }
        switch span.status.code {
        case .unset: break
        case .ok: tags.append(Attribute("otel.status_code", "OK"))
        case .error:
            tags.append(Attribute("otel.status_code", "ERROR"))
            tags.append(Attribute("error", .bool(true)))
            if !span.status.message.isEmpty {
                tags.append(Attribute("otel.status_description", span.status.message))
            }
        }
        if !scope.name.isEmpty { tags.append(Attribute("otel.scope.name", scope.name)) }
        if !scope.version.isEmpty { tags.append(Attribute("otel.scope.version", scope.version)) }
        if !span.traceState.isEmpty { tags.append(Attribute("w3c.tracestate", span.traceState)) }
        for (name, count) in [
            ("otel.dropped_attributes_count", span.droppedAttributes),
            ("otel.dropped_events_count", span.droppedEvents),
            ("otel.dropped_links_count", span.droppedLinks),
        ] where count > 0 {
            tags.append(Attribute(name, .int(Int64(count))))
        }
        return tags
    }

    private static func tag(_ writer: inout ThriftCompactWriter, _ attribute: Attribute) {
        writer.text(1, attribute.key)
        switch attribute.value {
        case .double(let number):
            writer.int32(2, 1)
            writer.double(4, number)
        case .bool(let flag):
            writer.int32(2, 2)
            writer.bool(5, flag)
        case .int(let number):
            writer.int32(2, 3)
            writer.int64(6, number)
        case .bytes(let bytes):
            writer.int32(2, 4)
            writer.binary(7, bytes)
        case .string, .array, .map, .empty:
            writer.int32(2, 0)
            writer.text(3, attribute.value.text)
        }
    }
}
