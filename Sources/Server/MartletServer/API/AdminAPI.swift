import MartletCore
import MartletHTTPServer
import MartletLogging
import MartletPromQL
import MartletSeries

/// What an operator may change: Prometheus' admin endpoints and the seal of the store, with `--enable-admin-api` only.
///
/// - SeeAlso: [TSDB admin APIs](https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-admin-apis)
struct AdminAPI: Sendable {
    let store: any SeriesAdministration

    /// Seals what is not in the store of samples: traces and logs.
    let sealEvents: @Sendable () throws -> Void

    /// Where snapshots go, under the data directory.
    let snapshotDirectory: String

    let engine: QueryEngine
    let clock: any WallClock
    let logger: Logger

    func addRoutes(to router: inout Router) {
        func change(
            _ methods: [String],
            _ path: String,
            _ work: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
        ) {
            for method in methods {
                router.add(method, path: path) { request, _ in answer(request, work) }
            }
        }
        change(["POST"], "/api/v1/admin/storage/seal", seal)
        change(["POST", "PUT"], "/api/v1/admin/tsdb/delete_series", deleteSeries)
        change(["POST", "PUT"], "/api/v1/admin/tsdb/clean_tombstones", cleanTombstones)
        change(["POST", "PUT"], "/api/v1/admin/tsdb/snapshot", snapshot)
    }

    /// What stands in place of the routes where they are not enabled.
    static func addRefusals(to router: inout Router) {
        let paths = [
            "/api/v1/admin/storage/seal", "/api/v1/admin/tsdb/delete_series", "/api/v1/admin/tsdb/clean_tombstones",
            "/api/v1/admin/tsdb/snapshot", LogFilterAPI.path,
        ]
        @Sendable func refusal(_: HTTPRequest, _: [String: String]) -> HTTPResponse {
            APIError(kind: .unavailable, message: "admin APIs disabled; start with --enable-admin-api").response
        }
        for path in paths { router.add("POST", "PUT", path: path, refusal) }
        router.add("GET", path: LogFilterAPI.path, refusal)
    }

    private func answer(_ request: HTTPRequest, _ work: (HTTPRequest) throws -> HTTPResponse) -> HTTPResponse {
        do {
            return try work(request)
        } catch let error as APIError {
            return error.response
        } catch let error as SeriesError {
            return APIError(error).response
        } catch {
            return APIError(kind: .internalError, message: String(describing: error)).response
        }
    }

    private func seal(_ request: HTTPRequest) throws -> HTTPResponse {
        try store.seal()
        do {
            try sealEvents()
        } catch {
            throw APIError(kind: .unavailable, message: "\(error)")
        }
        return HTTPResponse(status: 204)
    }

    private func deleteSeries(_ request: HTTPRequest) throws -> HTTPResponse {
        let parameters = Parameters(request)
        let texts = parameters.values(of: "match[]")
        guard !texts.isEmpty else { throw APIError.badParameter("match[]", "no match[] parameter provided") }
        let selectors = try texts.map { text in
            do {
                return try engine.parseSelector(text).matchers
            } catch {
                throw APIError.badParameter("match[]", String(describing: error))
            }
        }
        let start = try parameters.time("start") ?? .min
        let end = try parameters.time("end") ?? .max
        guard start <= end else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        let count = try store.deleteSeries(matching: selectors, in: start...end)
        logger.info(
            "series deleted",
            ["selectors": .string(texts.joined(separator: " or ")), "series": LogValue(count)]
        )
        return HTTPResponse(status: 204)
    }

    private func cleanTombstones(_ request: HTTPRequest) throws -> HTTPResponse {
        try store.cleanTombstones()
        return HTTPResponse(status: 204)
    }

    private func snapshot(_ request: HTTPRequest) throws -> HTTPResponse {
        let name = Self.name(at: clock.millisecondsSinceEpoch, random: .random(in: 0 ... .max))
        try store.snapshot(to: "\(snapshotDirectory)/\(name)")
        logger.info("snapshot made", ["directory": .string("\(snapshotDirectory)/\(name)")])
        var writer = JSONWriter()
        writer.object {
            $0.member("status", "success")
            $0.member("data") { $0.member("name", name) }
        }
        return .json(writer.bytes)
    }

    /// The name of a snapshot as Prometheus writes it: `20260131T093000Z-5f3759df2b1c4e6a`.
    static func name(at milliseconds: Int64, random: UInt64) -> String {
        let time = RFC3339.shortString(nanosecondsSinceEpoch: milliseconds / 1000 * 1_000_000_000)
        let digits = String(random, radix: 16)
        return time.filter { $0 != "-" && $0 != ":" } + "-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
