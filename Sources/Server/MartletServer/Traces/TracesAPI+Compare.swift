import MartletCore
import MartletHTTPServer
import MartletTraceStore

extension TracesAPI {
    /// Spans that one comparison of sets reads at most; traces beyond them are left out.
    private static let comparedSpansMax = 500_000

    /// Adds the comparisons of two traces and of two sets of them.
    func addComparisons(to router: inout Router) {
        add("/api/v1/traces/compare", to: &router) { request, _ in
            let parameters = Parameters(request)
            return try compare(parameters["a"], parameters["b"])
        }
        add("/api/v1/traces/compare-sets", to: &router) { request, _ in try compareSets(Parameters(request)) }
    }

    private func compare(_ first: String?, _ second: String?) throws -> HTTPResponse {
        guard let first, let second else {
            throw TraceProblem(status: 400, message: "parameters 'a' and 'b' are the ids of the traces to compare")
        }
        let sides = try [first, second].map { text in
            let id = try traceID(["id": text])
            let spans = try traces.storeToRead()?.spans(of: id) ?? []
            guard !spans.isEmpty else { throw TraceProblem.notFound(id) }
            return spans
        }
        let comparison = TraceComparison(sides[0], sides[1])
        var writer = JSONWriter()
        writer.object {
            $0.member("traces", array: sides) { Self.summary(TraceSummary($1), to: &$0) }
            $0.member("nodes", array: comparison.nodes) { writer, node in
                let sides = [node.first, node.second]
                writer.object {
                    $0.member("depth", node.depth)
                    $0.member("service", node.service)
                    $0.member("operation", node.operation)
                    $0.member("spans", array: sides) { $0.integer($1.spans) }
                    $0.member("errors", array: sides) { $0.integer($1.errors) }
                    $0.member("duration", array: sides) { $0.integer($1.duration) }
                    $0.member("critical", array: sides) { $0.integer($1.critical) }
                }
            }
            $0.member("spansLeftOut", comparison.spansLeftOut)
        }
        return .json(writer.bytes)
    }

    private func compareSets(_ parameters: Parameters) throws -> HTTPResponse {
        var query = try LegacyTraceQuery.query(parameters, patterns)
        // Comparing takes more traces than looking does.
        if parameters["limit"] == nil { query.limit = 1000 }
        let way = parameters["by"] ?? "duration"
        guard way == "duration" || way == "error" else {
            throw TraceProblem(status: 400, message: "'by' is duration or error; got \"\(way)\"")
        }
        let named = try LegacyTraceQuery.duration(parameters, "threshold")
        let store = try traces.storeToRead()
        let summaries = try store?.search(query) ?? []
        let border = named ?? TraceSets.border(of: summaries.map { $0.end &- $0.start }) ?? 0
        var sets = TraceSets()
        var (spans, leftOut) = (0, 0)
        for summary in summaries {
            spans += summary.spans
            guard spans <= Self.comparedSpansMax, let store else {
                leftOut += 1
                continue
            }
            let isFirst = way == "error" ? summary.errors > 0 : summary.end &- summary.start >= border
            var features = try store.features(of: summary.traceID)
            // That failed traces failed is no finding.
            if way == "error" { features.remove(TraceFeature("status", "error")) }
            sets.add(features, isFirst: isFirst)
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("by", way)
            $0.member("thresholdNanoseconds", border)
            $0.member("slow") { $0.member("traces", sets.first) }
            $0.member("fast") { $0.member("traces", sets.second) }
            $0.member("tracesLeftOut", leftOut)
            $0.member("valuesLeftOut", sets.featuresLeftOut)
            $0.member("values", array: sets.findings()) { writer, finding in
                writer.object {
                    $0.member("key", finding.feature.key)
                    $0.member("value", finding.feature.value)
                    $0.member("alike", array: finding.alike) { writer, feature in
                        writer.object {
                            $0.member("key", feature.key)
                            $0.member("value", feature.value)
                        }
                    }
                    $0.member("alikeCount", finding.alikeCount)
                    $0.member("slow", finding.first)
                    $0.member("fast", finding.second)
                    $0.key("lift")
                    if let lift = finding.lift { $0.number(lift) } else { $0.null() }
                    $0.member("score", finding.score)
                }
            }
        }
        return .json(writer.bytes)
    }
}
