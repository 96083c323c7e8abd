import MartletCore
import MartletHTTPServer
import MartletOTLP
import MartletTraceStore

extension TracesAPI {
    /// Adds Jaeger's third interface, which has OTLP inside.
    func addV3(to router: inout Router) {
        add("/api/v3/services", to: &router) { _, _ in
            let services = try services()
            var writer = JSONWriter()
            writer.object { $0.member("services", strings: services) }
            return .json(writer.bytes)
        }
        add("/api/v3/operations", to: &router) { request, _ in
            let parameters = Parameters(request)
            guard let service = parameters["service"] else {
                throw TraceProblem(status: 400, message: "parameter 'service' is required")
            }
            let kind = parameters["spanKind"] ?? parameters["span_kind"]
            let operations = try operations(of: service).filter { kind == nil || $0.kind.name == kind }
            var writer = JSONWriter()
            writer.object {
                $0.member("operations", array: operations) { writer, operation in
                    writer.object {
                        $0.member("name", operation.name)
                        $0.member("spanKind", operation.kind == .unspecified ? "" : operation.kind.name)
                    }
                }
            }
            return .json(writer.bytes)
        }
        add("/api/v3/traces/{id}", to: &router) { _, values in Self.otlp([try trace(try traceID(values))]) }
        add("/api/v3/traces", to: &router) { request, _ in
            let summaries = try traces.storeToRead()?.search(try v3Query(Parameters(request))) ?? []
            return Self.otlp(try summaries.map { try trace($0.traceID) })
        }
        add("/api/v3/trace-summaries", to: &router) { request, _ in
            Self.summaries(try traces.storeToRead()?.search(try v3Query(Parameters(request))) ?? [])
        }
    }

    private static func otlp(_ requests: [TracesRequest]) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("result") {
                $0.member("resourceSpans", array: requests.flatMap(\.resourceSpans)) { $0.resourceSpans($1) }
            }
        }
        return .json(writer.bytes)
    }

    static func summaries(_ summaries: [TraceSummary]) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("summaries", array: summaries) { summary($1, to: &$0) }
        }
        return .json(writer.bytes)
    }

    static func summary(_ summary: TraceSummary, to writer: inout JSONWriter) {
        writer.object {
            $0.member("traceId", summary.traceID.description)
            $0.member("rootServiceName", summary.rootService)
            $0.member("rootOperationName", summary.rootOperation)
            $0.member("minStartTimeUnixNano", String(summary.start))
            $0.member("maxEndTimeUnixNano", String(summary.end))
            $0.member("spanCount", summary.spans)
            $0.member("errorSpanCount", summary.errors)
            $0.member("services", array: summary.services) { writer, service in
                writer.object {
                    $0.member("name", service.name)
                    $0.member("spanCount", service.spans)
                    $0.member("errorSpanCount", service.errors)
                }
            }
        }
    }

    /// Reads the parameters of a search, under their names in lower camel case and with underscores.
    private func v3Query(_ parameters: Parameters) throws -> TraceQuery {
        func value(_ camel: String, _ snake: String) -> String? {
            parameters["query.\(camel)"] ?? parameters["query.\(snake)"]
        }
        var query = TraceQuery()
        query.service = value("serviceName", "service_name")
        query.operation = value("operationName", "operation_name")
        query.texts = value("text", "text").map { [$0] } ?? []
        if let attributes = value("attributes", "attributes") {
            try LegacyTraceQuery.add(json: attributes, to: &query)
        }
        guard let from = value("startTimeMin", "start_time_min"), let to = value("startTimeMax", "start_time_max")
        else {
            throw TraceProblem(
                status: 400,
                message: "query.startTimeMin and query.startTimeMax are required, as RFC 3339 times"
            )
        }
        guard let low = RFC3339.nanosecondsSinceEpoch(from), let high = RFC3339.nanosecondsSinceEpoch(to) else {
            throw TraceProblem(status: 400, message: "query.startTimeMin and query.startTimeMax are RFC 3339 times")
        }
        guard low <= high else { throw TraceProblem(status: 400, message: "query.startTimeMin is after startTimeMax") }
        query.times = low...high
        let shortest = try duration(value("durationMin", "duration_min"), "query.durationMin") ?? 0
        let longest = try duration(value("durationMax", "duration_max"), "query.durationMax") ?? .max
        guard shortest <= longest else {
            throw TraceProblem(status: 400, message: "query.durationMin is over query.durationMax")
        }
        if shortest > 0 || longest < .max { query.durations = shortest...longest }
        let depth = value("searchDepth", "search_depth") ?? value("numTraces", "num_traces") ?? "100"
        guard let limit = Int(depth), limit > 0 else {
            throw TraceProblem(status: 400, message: "query.searchDepth is a number over 0; got \"\(depth)\"")
        }
        query.limit = min(limit, Self.limitMax)
        return query
    }

    private func duration(_ text: String?, _ name: String) throws -> Int64? {
        guard let text else { return nil }
        if let duration = GoDuration.nanoseconds(text) { return duration }
        throw TraceProblem(status: 400, message: "\(name) is a duration such as 1.5s or 100ms; got \"\(text)\"")
    }
}
