import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

/// The HTTP API of Prometheus under `/api/v1`: same paths, parameters and JSON, so that its clients need no change.
///
/// - SeeAlso: [HTTP API](https://prometheus.io/docs/prometheus/latest/querying/api/)
struct PrometheusAPI: Sendable {
    /// How many steps one range query may take at most.
    static let stepsMax = 11_000

    let engine: QueryEngine
    let patterns: any PatternCompiler
    let source: any SeriesSource
    let clock: any WallClock
    let server: Server

    /// Adds the API's routes.
    func addRoutes(to router: inout Router) {
        func read(_ path: String, _ answer: @escaping @Sendable (Call) throws -> Answer) {
            router.add("GET", "POST", path: "/api/v1/\(path)") {
                respond(to: $0, values: $1) { try answer($0).response }
            }
        }
        func get(_ path: String, _ answer: @escaping @Sendable (Call) throws -> Answer) {
            router.add("GET", path: "/api/v1/\(path)") { respond(to: $0, values: $1) { try answer($0).response } }
        }
        func stream(_ path: String, _ answer: @escaping @Sendable (Call) throws -> HTTPResponse) {
            router.add("GET", "POST", path: "/api/v1/\(path)") { respond(to: $0, values: $1, with: answer) }
        }
        stream("query", instantQuery)
        stream("query_range", rangeQuery)
        read("query_exemplars", queryExemplars)
        read("format_query", formatQuery)
        read("parse_query", parseQuery)
        read("series", series)
        read("labels", labelNames)
        get("label/{name}/values", labelValues)
        get("metadata", metadata)
        get("targets", targets)
        get("targets/metadata", targetMetadata)
        get("targets/relabel_steps", relabelSteps)
        get("scrape_pools", scrapePools)
        get("scrape_pools/config", scrapePoolConfiguration)
        get("rules", rules)
        get("alerts", alerts)
        get("alertmanagers", alertmanagers)
        get("status/config", configuration)
        get("status/flags", flags)
        get("status/buildinfo", buildInformation)
        get("status/runtimeinfo", runtimeInformation)
        get("status/walreplay", replayStatus)
        get("status/queries", queries)
        get("status/tsdb", storeStatistics)
        get("notifications", notifications)
        get("features", features)
    }

    /// One request, with what its path and parameters say.
    struct Call {
        let request: HTTPRequest
        let values: [String: String]
        let parameters: Parameters
    }

    /// What a call answers: the `data`, written into the envelope, and notes beside it.
    struct Answer {
        var warnings: [String] = []
        var infos: [String] = []
        let data: (inout JSONWriter) -> Void

        init(warnings: [String] = [], infos: [String] = [], data: @escaping (inout JSONWriter) -> Void) {
            self.warnings = warnings
            self.infos = infos
            self.data = data
        }

        var response: HTTPResponse {
            var writer = JSONWriter()
            writer.object {
                $0.member("status", "success")
                $0.key("data")
                data(&$0)
                if !warnings.isEmpty { $0.member("warnings", strings: warnings) }
                if !infos.isEmpty { $0.member("infos", strings: infos) }
            }
            return .json(writer.bytes)
        }
    }

    private func respond(
        to request: HTTPRequest,
        values: [String: String],
        with answer: (Call) throws -> HTTPResponse
    ) -> HTTPResponse {
        do {
            return try answer(Call(request: request, values: values, parameters: Parameters(request)))
        } catch let error as APIError {
            return error.response
        } catch let error as PromQLError {
            return APIError(error).response
        } catch let error as SeriesError {
            return APIError(error).response
        } catch let error as QueryTracker.Refusal {
            return APIError(error).response
        } catch {
            return APIError(kind: .internalError, message: String(describing: error)).response
        }
    }

    /// The time range of a metadata query; all of time where nothing is said, and `nil` where it ends before it starts.
    func range(_ parameters: Parameters) throws(APIError) -> ClosedRange<Int64>? {
        let start = try parameters.time("start") ?? Self.firstTime
        let end = try parameters.time("end") ?? Self.lastTime
        return start <= end ? start...end : nil
    }

    private static let firstTime: Int64 = 0
    private static let lastTime: Int64 = .max

    /// The selectors in `match[]`; each must demand something of a series.
    func selectors(_ parameters: Parameters) throws(APIError) -> [[LabelMatcher]] {
        var selectors: [[LabelMatcher]] = []
        for text in parameters.values(of: "match[]") {
            do {
                selectors.append(try engine.parseSelector(text).matchers)
            } catch {
                throw APIError(kind: .badData, message: error.description)
            }
        }
        for matchers in selectors where matchers.allSatisfy({ $0.matches("") }) {
            throw APIError(kind: .badData, message: "match[] must contain at least one non-empty matcher")
        }
        return selectors
    }
}
