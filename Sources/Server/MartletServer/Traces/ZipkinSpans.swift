import MartletCore
import MartletOTLP

/// Spans in Zipkin's second JSON form as an OTLP request.
///
/// - SeeAlso: [Zipkin API v2](https://github.com/openzipkin/zipkin-api/blob/1.0.0/zipkin2-api.yaml)
struct ZipkinSpans {
    /// Why bytes are no list of spans.
    struct Problem: Error {
        let message: String
    }

    private(set) var request = TracesRequest()

    /// Spans that cannot be taken, and why the first cannot.
    private(set) var refused = 0
    private(set) var firstRefusal: String?

    /// Reads a list of spans.
    init(_ bytes: [UInt8], spansMax: Int = 100_000) throws(Problem) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw Problem(message: "cannot read Zipkin's JSON: \(error)")
        }
        guard let list = value.elements else { throw Problem(message: "Zipkin's spans come as a JSON list") }
        guard list.count <= spansMax else { throw Problem(message: "send at most \(spansMax) spans at a time") }
        var byService: [(resource: Resource, spans: [FinishedSpan])] = []
        var placeOf: [Resource: Int] = [:]
        for element in list {
            do throws(Problem) {
                let span = try Self.span(element)
                let resource = Self.resource(element["localEndpoint"])
                if let place = placeOf[resource] {
                    byService[place].spans.append(span)
                } else {
                    placeOf[resource] = byService.count
                    byService.append((resource, [span]))
                }
            } catch {
                refused += 1
                if firstRefusal == nil { firstRefusal = error.message }
            }
        }
        request.resourceSpans = byService.map { resource, spans in
            ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(spans: spans)])
        }
    }

    private static func resource(_ endpoint: JSONValue?) -> Resource {
        var attributes = [Attribute("service.name", endpoint?["serviceName"]?.text ?? "")]
        for (member, key) in [("ipv4", "host.ip"), ("ipv6", "host.ip")] {
            if let address = endpoint?[member]?.text { attributes.append(Attribute(key, address)) }
        }
        return Resource(attributes: attributes)
    }

    private static func span(_ value: JSONValue) throws(Problem) -> FinishedSpan {
        let traceText = value["traceId"]?.text ?? ""
        let padded = String(repeating: "0", count: max(0, 32 - traceText.utf8.count)) + traceText
        guard let trace = TraceID(padded), trace.isValid else {
            throw Problem(message: "traceId has 16 or 32 hexadecimal digits; got \"\(traceText.prefix(64))\"")
        }
        let idText = value["id"]?.text ?? ""
        guard let id = SpanID(idText), id.isValid else {
            throw Problem(message: "id has 16 hexadecimal digits; got \"\(idText.prefix(64))\"")
        }
        let start = (value["timestamp"]?.integer(UInt64.self) ?? 0).multipliedReportingOverflow(by: 1000)
        let duration = (value["duration"]?.integer(UInt64.self) ?? 0).multipliedReportingOverflow(by: 1000)
        let end = start.partialValue.addingReportingOverflow(duration.partialValue)
        guard !start.overflow, !duration.overflow, !end.overflow else {
            throw Problem(message: "timestamp and duration are in microseconds")
        }
        var span = FinishedSpan(
            traceID: trace,
            spanID: id,
            parentID: (value["parentId"]?.text).flatMap { SpanID($0) } ?? .none,
            name: value["name"]?.text ?? "",
            kind: kind(value["kind"]?.text),
            start: start.partialValue,
            end: end.partialValue
        )
        for (key, tag) in (value["tags"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            if key == "error" { span.status = .error(tag.text ?? "") }
            span.attributes.append(Attribute(key, tag.text ?? ""))
        }
        let remote = value["remoteEndpoint"]
        for (member, key) in [("serviceName", "peer.service"), ("ipv4", "network.peer.address")] {
            if let text = remote?[member]?.text { span.attributes.append(Attribute(key, text)) }
        }
        if let port = remote?["port"]?.integer(Int64.self) {
            span.attributes.append(Attribute("network.peer.port", .int(port)))
        }
        span.events = (value["annotations"]?.elements ?? []).map { annotation in
            let time = annotation["timestamp"]?.integer(UInt64.self) ?? 0
            return SpanEvent(
                time: time.multipliedReportingOverflow(by: 1000).partialValue,
                name: annotation["value"]?.text ?? ""
            )
        }
        return span
    }

    private static func kind(_ text: String?) -> SpanKind {
        switch text {
        case "CLIENT": .client
        case "SERVER": .server
        case "PRODUCER": .producer
        case "CONSUMER": .consumer
        default: .internal
        }
    }
}
