import MartletCore
import MartletEvents
import MartletHTTPServer
import MartletLogStore
import MartletSearch

/// Reads the parameters that the paths about logs share.
enum LogParameters {
    static func query(
        _ parameters: Parameters,
        _ clock: any WallClock,
        limitMax: Int = LogsAPI.limitMax
    ) throws -> LogQuery {
        var query = LogQuery(try SearchExpression(parsing: parameters["query"] ?? ""))
        let now = clock.millisecondsSinceEpoch * 1_000_000
        var start = try time(parameters, "start")
        if let since = try parameters.duration("since") { start = now - since * 1_000_000 }
        let end = try time(parameters, "end")
        if start != nil || end != nil {
            let (low, high) = (start ?? .min, end ?? .max)
            guard low <= high else { throw APIError.badParameter("end", "end timestamp must not be before start time") }
            query.times = low...high
        }
        if let name = parameters["direction"] {
            guard let direction = LogQuery.Direction(rawValue: name.lowercased()) else {
                throw APIError.badParameter("direction", "there are backward and forward; got \"\(name.prefix(40))\"")
            }
            query.direction = direction
        }
        if let limit = try parameters.integer("limit") {
            guard (0...limitMax).contains(limit) else {
                throw APIError.badParameter("limit", "a number from 0 to \(limitMax)")
            }
            query.limit = limit
        }
        if let seconds = try parameters.duration("timeout") {
            query.timeLimit = .milliseconds(min(max(1, seconds), 60_000))
        }
        query.countsAll = parameters["count"] != "false"
        query.facets = parameters.values(of: "facets").flatMap { $0.split(separator: ",") }.prefix(20)
            .map { field(String($0)) }
        if let most = try parameters.integer("facet_limit") { query.facetLimit = min(max(1, most), 1000) }
        if let text = parameters["histogram"] {
            if text == "auto" {
                query.histogramStep = step(of: query)
            } else {
                guard let step = try parameters.duration("histogram"), step > 0 else {
                    throw APIError.badParameter("histogram", "a duration such as 1m, or auto")
                }
                query.histogramStep = step * 1_000_000
            }
            try checkBars(query)
        }
        return query
    }

    /// A field's name, with `@` for an attribute.
    static func field(_ name: String) -> SearchField {
        name.hasPrefix("@") ? SearchField(String(name.dropFirst()), isAttribute: true) : SearchField(name)
    }

    /// A step that gives some sixty bars.
    static func step(of query: LogQuery) -> Int64 {
        guard let times = query.times, times.lowerBound != .min, times.upperBound != .max else {
            return 60_000_000_000
        }
        let steps: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
        ]
        let wanted = (times.upperBound - times.lowerBound) / 60
        return (steps.map { $0 * 1_000_000_000 }.first { $0 >= wanted } ?? 86_400_000_000_000)
    }

    private static func checkBars(_ query: LogQuery) throws {
        guard let step = query.histogramStep, let times = query.times, times.lowerBound != .min,
            times.upperBound != .max
        else { return }
        guard (times.upperBound - times.lowerBound) / step <= 11_000 else {
            throw APIError.badParameter("histogram", "more than 11,000 bars; use a longer step")
        }
    }

    static func cursor(_ parameters: Parameters, _ name: String) throws -> LogCursor? {
        guard let text = parameters[name] else { return nil }
        guard let cursor = LogCursor(text) else {
            throw APIError.badParameter(name, "\"\(text.prefix(64))\" is none that this server gave")
        }
        return cursor
    }

    /// How many neighbours of each record are asked for.
    static func context(_ parameters: Parameters, records: Int) throws -> (before: Int, after: Int)? {
        let (before, after) = (try parameters.integer("before") ?? 0, try parameters.integer("after") ?? 0)
        guard before > 0 || after > 0 else { return nil }
        guard before >= 0, after >= 0, (before + after) * records <= LogsAPI.limitMax else {
            throw APIError.badParameter(
                "before",
                "neighbours of all records together may be \(LogsAPI.limitMax); ask for fewer records"
            )
        }
        return (before, after)
    }

    /// A time in nanoseconds since the epoch: RFC 3339, seconds with a fraction, or whole nanoseconds.
    static func time(_ parameters: Parameters, _ name: String) throws -> Int64? {
        guard let text = parameters[name] else { return nil }
        if let time = RFC3339.nanosecondsSinceEpoch(text) { return time }
        if text.utf8.count >= 16, let time = Int64(text) { return time }
        let (time, isOver) = try (parameters.time(name) ?? 0).multipliedReportingOverflow(by: 1_000_000)
        return isOver ? (text.hasPrefix("-") ? .min : .max) : time
    }
}
