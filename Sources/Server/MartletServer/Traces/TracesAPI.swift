import MartletCore
import MartletEvents
import MartletHTTPServer
import MartletOTLP
import MartletSeries
import MartletTraceStore

/// Answers questions about traces: Jaeger's query interface, legacy and v3, and what is our own.
struct TracesAPI: Sendable {
    /// How many traces one answer may have.
    static let limitMax = 1500

    let traces: TraceService
    let patterns: any PatternCompiler
    let clock: any WallClock

    func addRoutes(to router: inout Router) {
        add("/api/traces/{id}", to: &router) { _, values in try legacyTrace(try traceID(values)) }
        add("/api/traces", to: &router) { request, _ in try legacySearch(Parameters(request)) }
        add("/api/services", to: &router) { _, _ in legacyList(try services()) }
        add("/api/services/{service}/operations", to: &router) { _, values in
            legacyList(Set(try operations(of: values["service"]).map(\.name)).sorted())
        }
        add("/api/operations", to: &router) { request, _ in try legacyOperations(Parameters(request)) }
        add("/api/dependencies", to: &router) { request, _ in try dependencies(Parameters(request)) }
        addV3(to: &router)
        add("/api/v1/traces", to: &router) { request, _ in
            let query = try LegacyTraceQuery.query(Parameters(request), patterns)
            return Self.summaries(try traces.storeToRead()?.search(query) ?? [])
        }
        addComparisons(to: &router)
        add("/api/v1/traces/{id}/critical-path", to: &router) { _, values in
            try criticalPath(try traceID(values))
        }
        add("/api/v1/traces/critical-path", to: &router) { request, _ in try criticalTimes(Parameters(request)) }
    }

    /// Adds a route whose failures are told in the way of Jaeger's interface.
    func add(
        _ path: String,
        to router: inout Router,
        _ handler: @escaping @Sendable (HTTPRequest, [String: String]) throws -> HTTPResponse
    ) {
        router.add("GET", path: path) { request, values in
            do {
                return try handler(request, values)
            } catch let problem as TraceProblem {
                return problem.response
            } catch let problem as APIError {
                return TraceProblem(status: problem.kind.status, message: problem.message).response
            } catch {
                return TraceProblem(status: 503, message: "\(error)").response
            }
        }
    }

    func traceID(_ values: [String: String]) throws -> TraceID {
        let text = values["id"] ?? ""
        // Jaeger's clients leave out zeros in front.
        let padded = text.utf8.count < 32 ? String(repeating: "0", count: 32 - text.utf8.count) + text : text
        guard let id = TraceID(padded), id.isValid else {
            throw TraceProblem(status: 400, message: "a trace id has 32 hexadecimal digits; got \"\(text.prefix(64))\"")
        }
        return id
    }

    /// A trace as it came.
    func trace(_ id: TraceID) throws -> TracesRequest {
        guard let message = try traces.storeToRead()?.trace(id) else {
            throw TraceProblem.notFound(id)
        }
        return try TracesRequest(decoding: message)
    }

    func services() throws -> [String] {
        try (traces.storeToRead()?.operations() ?? [:]).keys.sorted()
    }

    func operations(of service: String?) throws -> [TraceStore.Operation] {
        let found = try traces.storeToRead()?.operations(of: service) ?? [:]
        return Set(found.values.joined()).sorted { ($0.name, $0.kind.rawValue) < ($1.name, $1.kind.rawValue) }
    }

    // MARK: Legacy

    private func legacyTrace(_ id: TraceID) throws -> HTTPResponse { legacy([try trace(id)]) }

    private func legacySearch(_ parameters: Parameters) throws -> HTTPResponse {
        let ids = parameters.values(of: "traceID")
        if !ids.isEmpty {
            return legacy(try ids.prefix(Self.limitMax).map { try trace(try traceID(["id": $0])) })
        }
        let query = try LegacyTraceQuery.query(parameters, patterns)
        let summaries = try traces.storeToRead()?.search(query) ?? []
        return legacy(try summaries.map { try trace($0.traceID) })
    }

    private func legacy(_ requests: [TracesRequest]) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("data", array: requests) { JaegerJSON.append($1, to: &$0) }
            Self.finishLegacy(&$0, total: requests.count)
        }
        return .json(writer.bytes)
    }

    private func legacyList(_ names: [String]) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("data", strings: names)
            Self.finishLegacy(&$0, total: names.count)
        }
        return .json(writer.bytes)
    }

    private func legacyOperations(_ parameters: Parameters) throws -> HTTPResponse {
        guard let service = parameters["service"] else {
            throw TraceProblem(status: 400, message: "parameter 'service' is required")
        }
        let kind = parameters["spanKind"]
        let operations = try operations(of: service).filter { kind == nil || $0.kind.name == kind }
        var writer = JSONWriter()
        writer.object {
            $0.member("data", array: operations) { writer, operation in
                writer.object {
                    $0.member("name", operation.name)
                    $0.member("spanKind", operation.kind == .unspecified ? "" : operation.kind.name)
                }
            }
            Self.finishLegacy(&$0, total: operations.count)
        }
        return .json(writer.bytes)
    }

    private static func finishLegacy(_ writer: inout JSONWriter, total: Int) {
        writer.member("total", total)
        writer.member("limit", 0)
        writer.member("offset", 0)
        writer.key("errors")
        writer.null()
    }

    private func dependencies(_ parameters: Parameters) throws -> HTTPResponse {
        let end = try parameters.integer("endTs").map { Int64($0) } ?? clock.millisecondsSinceEpoch
        let lookback = try parameters.integer("lookback").map { Int64($0) } ?? 86_400_000
        var query = TraceQuery()
        let (low, isLow) = (end &- lookback).multipliedReportingOverflow(by: 1_000_000)
        let (high, isHigh) = end.multipliedReportingOverflow(by: 1_000_000)
        guard !isLow, !isHigh, low <= high else {
            throw TraceProblem(status: 400, message: "endTs and lookback are in milliseconds")
        }
        query.times = low...high
        query.limit = Self.limitMax
        var graph = ServiceGraph()
        if let store = try traces.storeToRead() {
            for summary in try store.search(query) { graph.add(try store.spans(of: summary.traceID)) }
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("data", array: graph.edges) { writer, edge in
                writer.object {
                    $0.member("parent", edge.parent)
                    $0.member("child", edge.child)
                    $0.member("callCount", edge.calls)
                    $0.member("errorCount", edge.errors)
                }
            }
            Self.finishLegacy(&$0, total: graph.edges.count)
        }
        return .json(writer.bytes)
    }

    // MARK: Critical path

    private func criticalPath(_ id: TraceID) throws -> HTTPResponse {
        let spans = try traces.storeToRead()?.spans(of: id) ?? []
        guard !spans.isEmpty else { throw TraceProblem.notFound(id) }
        let path = CriticalPath(spans)
        var writer = JSONWriter()
        writer.object {
            $0.member("traceId", id.description)
            $0.member("ways", array: path.ways) { writer, way in
                writer.object {
                    $0.member("root", spans[way.root].spanID.description)
                    $0.member("sections", array: way.sections) { writer, section in
                        writer.object {
                            $0.member("span", spans[section.span].spanID.description)
                            $0.member("service", spans[section.span].service)
                            $0.member("operation", spans[section.span].operation)
                            $0.member("start", String(section.start))
                            $0.member("end", String(section.end))
                        }
                    }
                }
            }
        }
        return .json(writer.bytes)
    }

    private func criticalTimes(_ parameters: Parameters) throws -> HTTPResponse {
        let query = try LegacyTraceQuery.query(parameters, patterns)
        var times = CriticalTimes()
        if let store = try traces.storeToRead() {
            for summary in try store.search(query) { times.add(try store.spans(of: summary.traceID)) }
        }
        if parameters["format"] == "folded" { return .text(times.folded) }
        var writer = JSONWriter()
        writer.object {
            $0.member("traces", times.traces)
            $0.member("totalNanoseconds", times.total)
            $0.member("entries", array: times.entries) { writer, entry in
                writer.object {
                    $0.member("service", entry.service)
                    $0.member("operation", entry.operation)
                    $0.member("traces", entry.traces)
                    $0.member("totalNanoseconds", entry.total)
                    $0.member("share", entry.share)
                    $0.member("p50Nanoseconds", entry.median)
                    $0.member("p95Nanoseconds", entry.percentile95)
                    $0.member("p99Nanoseconds", entry.percentile99)
                }
            }
        }
        return .json(writer.bytes)
    }
}

/// Why a question about traces has no answer, in the form of Jaeger's interface.
struct TraceProblem: Error {
    var status: Int
    var message: String

    /// There is no such trace, or none any more; what was given may be a part of an id, which reads as one of 64 bits.
    static func notFound(_ id: TraceID) -> TraceProblem {
        let text = id.description
        let hint = text.hasPrefix("0000000000000000") ? "; an id is looked for whole, give all of its digits" : ""
        return TraceProblem(status: 404, message: "trace not found: \(text)\(hint)")
    }

    var response: HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.key("data")
            $0.null()
            $0.member("total", 0)
            $0.member("limit", 0)
            $0.member("offset", 0)
            $0.member("errors", array: [message]) { writer, message in
                writer.object {
                    $0.member("code", status)
                    $0.member("msg", message)
                }
            }
        }
        return .json(writer.bytes, status: status)
    }
}
