import MartletCore
import MartletOTLP
import MartletTraceStore

/// A trace that a server gave, ready to be drawn and exported.
struct ShownTrace {
    let request: TracesRequest
    let spans: [FinishedSpan]
    let basics: [SpanBasics]
    let path: CriticalPath

    init(_ request: TracesRequest) {
        self.request = request
        var (spans, basics): ([FinishedSpan], [SpanBasics]) = ([], [])
        for resource in request.resourceSpans {
            let service = resource.resource.attributes.first { $0.key == "service.name" }?.value.text ?? ""
            for span in resource.scopeSpans.flatMap(\.spans) {
                spans.append(span)
                basics.append(
                    SpanBasics(
                        traceID: span.traceID,
                        spanID: span.spanID,
                        parentID: span.parentID,
                        start: Int64(clamping: span.start),
                        end: Int64(clamping: span.end),
                        kind: span.kind,
                        status: span.status.code,
                        service: service,
                        operation: span.name
                    )
                )
            }
        }
        self.spans = spans
        self.basics = basics
        path = CriticalPath(basics)
    }

    /// Asks a server for a trace.
    ///
    /// - Throws: ``Failure`` with status 4 when it is not there.
    static func fetch(_ id: String, _ client: APIClient) async throws -> ShownTrace {
        let (status, body) = try await client.bytes("/api/v3/traces/\(id)")
        guard status == 200 else {
            let problem = try? JSONParser.parse(body)
            let message = problem?["errors"]?.elements?.first?["msg"]?.text ?? "the server answered \(status)"
            throw Failure(message, status: status == 404 ? .nothingFound : .failure)
        }
        // What stands inside of {"result": … } is the message.
        guard let start = body.dropFirst().firstIndex(of: UInt8(ascii: "{")), body.count > 2 else {
            throw Failure("the server answered without a trace; is it Martlet?")
        }
        return ShownTrace(try TracesRequest(json: Array(body[start..<(body.count - 1)])))
    }

    /// The places of the spans from the roots down, each with its depth.
    var order: [(span: Int, depth: Int)] {
        var children: [Int: [Int]] = [:]
        for (place, parent) in path.parents.enumerated() {
            if let parent { children[parent, default: []].append(place) }
        }
        var result: [(span: Int, depth: Int)] = []
        var pending = path.ways.reversed().map { (span: $0.root, depth: 0) }
        while let next = pending.popLast() {
            result.append(next)
            let below = (children[next.span] ?? []).sorted { (basics[$0].start, $0) > (basics[$1].start, $1) }
            pending += below.map { ($0, next.depth + 1) }
        }
        return result
    }
}
