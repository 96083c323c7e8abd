import MartletCore
import MartletOTLP

/// Traces in the JSON of Jaeger's interface, which Grafana and older tools read.
///
/// - SeeAlso: [Jaeger's model](https://github.com/jaegertracing/jaeger-ui/blob/v1.60.0/packages/jaeger-ui/src/types/trace.tsx)
enum JaegerJSON {
    /// Writes one trace: its spans, and the processes they ran in.
    static func append(_ request: TracesRequest, to writer: inout JSONWriter) {
        let spans = request.resourceSpans.flatMap { resource in resource.scopeSpans.flatMap(\.spans) }
        writer.object {
            $0.member("traceID", spans.first?.traceID.description ?? "")
            $0.key("spans")
            $0.array {
                for (index, resource) in request.resourceSpans.enumerated() {
                    for scope in resource.scopeSpans {
                        for span in scope.spans { append(span, scope.scope, process: "p\(index + 1)", to: &$0) }
                    }
                }
            }
            $0.key("processes")
            $0.object {
                for (index, resource) in request.resourceSpans.enumerated() {
                    $0.key("p\(index + 1)")
                    $0.object {
                        $0.member("serviceName", serviceName(resource.resource))
                        let rest = resource.resource.attributes.filter { $0.key != "service.name" }
                        $0.member("tags", array: rest) { append($1, to: &$0) }
                    }
                }
            }
            $0.key("warnings")
            $0.null()
        }
    }

    static func serviceName(_ resource: Resource) -> String {
        resource.attributes.first { $0.key == "service.name" }?.value.text ?? ""
    }

    private static func append(
        _ span: FinishedSpan,
        _ scope: InstrumentationScope,
        process: String,
        to writer: inout JSONWriter
    ) {
        writer.object {
            $0.member("traceID", span.traceID.description)
            $0.member("spanID", span.spanID.description)
            if span.flags != 0 { $0.member("flags", span.flags & 0xff) }
            $0.member("operationName", span.name)
            $0.key("references")
            $0.array {
                if span.parentID.isValid { reference("CHILD_OF", span.traceID, span.parentID, to: &$0) }
                for link in span.links { reference("FOLLOWS_FROM", link.traceID, link.spanID, to: &$0) }
            }
            $0.member("startTime", span.start / 1000)
            $0.member("duration", span.end > span.start ? (span.end - span.start) / 1000 : 0)
            $0.member("tags", array: span.attributes + implied(span, scope)) { append($1, to: &$0) }
            $0.member("logs", array: span.events) { writer, event in
                writer.object {
                    $0.member("timestamp", event.time / 1000)
                    let fields = (event.name.isEmpty ? [] : [Attribute("event", event.name)]) + event.attributes
                    $0.member("fields", array: fields) { append($1, to: &$0) }
                }
            }
            $0.member("processID", process)
            $0.key("warnings")
            span.end < span.start
                ? $0.array { $0.string("the span ended before it began; is a clock wrong?") } : $0.null()
        }
    }

    private static func reference(_ type: String, _ trace: TraceID, _ span: SpanID, to writer: inout JSONWriter) {
        writer.object {
            $0.member("refType", type)
            $0.member("traceID", trace.description)
            $0.member("spanID", span.description)
        }
    }

    /// What Jaeger writes as tags and OTLP as fields of their own.
    private static func implied(_ span: FinishedSpan, _ scope: InstrumentationScope) -> [Attribute] {
        var tags: [Attribute] = []
        if span.kind != .unspecified { tags.append(Attribute("span.kind", span.kind.name)) }
        switch span.status.code {
        case .unset: break
        case .ok: tags.append(Attribute("otel.status_code", "OK"))
        case .error:
            tags.append(Attribute("error", .bool(true)))
            tags.append(Attribute("otel.status_code", "ERROR"))
        }
        if !span.status.message.isEmpty { tags.append(Attribute("otel.status_description", span.status.message)) }
        if !scope.name.isEmpty { tags.append(Attribute("otel.scope.name", scope.name)) }
        if !scope.version.isEmpty { tags.append(Attribute("otel.scope.version", scope.version)) }
        if !span.traceState.isEmpty { tags.append(Attribute("w3c.tracestate", span.traceState)) }
        return tags
    }

    private static func append(_ attribute: Attribute, to writer: inout JSONWriter) {
        writer.object {
            $0.member("key", attribute.key)
            switch attribute.value {
            case .bool(let flag):
                $0.member("type", "bool")
                $0.member("value", flag)
            case .int(let number):
                $0.member("type", "int64")
                $0.member("value", number)
            case .double(let number):
                $0.member("type", "float64")
                $0.member("value", number)
            case .bytes:
                $0.member("type", "binary")
                $0.member("value", attribute.value.text)
            case .string, .array, .map, .empty:
                $0.member("type", "string")
                $0.member("value", attribute.value.text)
            }
        }
    }
}
