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
            router.add("GET", "POST", path: "/api/v1/\(path)") { respond(to: $0, values: $1, with: answer) }
        }
        func get(_ path: String, _ answer: @escaping @Sendable (Call) throws -> Answer) {
            router.add("GET", path: "/api/v1/\(path)") { respond(to: $0, values: $1, with: answer) }
        }
        read("query", instantQuery)
        read("query_range", rangeQuery)
        read("series", series)
        read("labels", labelNames)
        get("label/{name}/values", labelValues)
        get("metadata", metadata)
        get("targets", targets)
        get("targets/metadata", targetMetadata)
        get("scrape_pools", scrapePools)
        get("rules", rules)
        get("alerts", alerts)
        get("alertmanagers", alertmanagers)
        get("status/config", configuration)
        get("status/flags", flags)
        get("status/buildinfo", buildInformation)
        get("status/runtimeinfo", runtimeInformation)
        get("status/tsdb", storeStatistics)
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
        with answer: (Call) throws -> Answer
    ) -> HTTPResponse {
        do {
            return try answer(Call(request: request, values: values, parameters: Parameters(request))).response
        } catch let error as APIError {
            return error.response
        } catch let error as PromQLError {
            return APIError(error).response
        } catch let error as SeriesError {
            return APIError(error).response
        } catch {
            return APIError(kind: .internalError, message: String(describing: error)).response
        }
    }

    /// The time range of a metadata query; all of time where nothing is said.
    func range(_ parameters: Parameters) throws(APIError) -> ClosedRange<Int64> {
        let start = try parameters.time("start") ?? 0
        let end = try parameters.time("end") ?? .max
        guard start <= end else { throw .badParameter("end", "end timestamp must not be before start time") }
        return start...end
    }

    /// The selectors in `match[]`.
    func selectors(_ parameters: Parameters) throws -> [[LabelMatcher]] {
        try parameters.values(of: "match[]").map { text in
            do {
                return try engine.parseSelector(text).matchers
            } catch {
                throw APIError.badParameter("match[]", String(describing: error))
            }
        }
    }
}
