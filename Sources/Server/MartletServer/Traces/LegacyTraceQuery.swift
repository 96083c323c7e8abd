import MartletCore
import MartletSearch
import MartletSeries
import MartletTraceStore

/// Reads the parameters of Jaeger's legacy search, and ours beside them.
enum LegacyTraceQuery {
    static func query(_ parameters: Parameters, _ patterns: any PatternCompiler) throws -> TraceQuery {
        var query = TraceQuery()
        query.service = parameters["service"]
        query.operation = parameters["operation"]
        query.texts = parameters.values(of: "text")
        for tag in parameters.values(of: "tag") {
            guard let colon = tag.firstIndex(where: { $0 == ":" || $0 == "=" }) else {
                throw TraceProblem(status: 400, message: "malformed 'tag' parameter, expecting key:value, got \(tag)")
            }
            query.attributes.append(.init(String(tag[..<colon]), String(tag[tag.index(after: colon)...])))
        }
        if let tags = parameters["tags"] { try add(json: tags, to: &query) }
        if let status = parameters["status"] {
            guard
                let code = [("unset", SpanStatus.Code.unset), ("ok", .ok), ("error", .error)]
                    .first(where: { $0.0 == status })?.1
            else { throw TraceProblem(status: 400, message: "status is unset, ok or error; got \"\(status)\"") }
            query.status = code
        }
        let start = try microseconds(parameters, "start") ?? .min
        let end = try microseconds(parameters, "end") ?? .max
        guard start <= end else { throw TraceProblem(status: 400, message: "'start' is after 'end'") }
        if start != .min || end != .max { query.times = start...end }
        let shortest = try duration(parameters, "minDuration") ?? 0
        let longest = try duration(parameters, "maxDuration") ?? .max
        guard shortest <= longest else {
            throw TraceProblem(status: 400, message: "'maxDuration' should be greater than 'minDuration'")
        }
        if shortest > 0 || longest < .max { query.durations = shortest...longest }
        query.limit = min(try number(parameters, "limit") ?? 100, TracesAPI.limitMax)
        if let text = parameters["query"] { try add(search: text, to: &query, patterns) }
        return query
    }

    /// Adds what a text in the language of searches asks.
    private static func add(search text: String, to query: inout TraceQuery, _ patterns: any PatternCompiler) throws {
        do {
            let search = try SearchExpression(parsing: text, dialect: .spans(patterns))
            if search.condition != .all { query.filter = try SpanFilter(search.condition, patterns: patterns) }
            if let limit = search.limit { query.limit = min(query.limit, limit) }
        } catch let error as SearchError {
            throw TraceProblem(status: 400, message: error.description)
        } catch let error as PatternError {
            throw TraceProblem(status: 400, message: error.description)
        }
    }

    /// Adds conditions from a JSON object of texts.
    static func add(json: String, to query: inout TraceQuery) throws {
        guard let members = (try? JSONParser.parse(Array(json.utf8)))?.members else {
            throw TraceProblem(status: 400, message: "tags are a JSON object of texts; got \(json.prefix(100))")
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .string(let text), .number(let text): query.attributes.append(.init(name, text))
            case .bool(let flag): query.attributes.append(.init(name, flag ? "true" : "false"))
            case .null, .array, .object:
                throw TraceProblem(status: 400, message: "tag \"\(name)\" needs a text, a number or a boolean")
            }
        }
    }

    private static func microseconds(_ parameters: Parameters, _ name: String) throws -> Int64? {
        guard let text = parameters[name] else { return nil }
        guard let number = Int64(text), number.magnitude < UInt64(Int64.max) / 1000 else {
            throw TraceProblem(status: 400, message: "'\(name)' is a time in microseconds since 1970; got \"\(text)\"")
        }
        return number * 1000
    }

    private static func number(_ parameters: Parameters, _ name: String) throws -> Int? {
        guard let text = parameters[name] else { return nil }
        guard let number = Int(text), number > 0 else {
            throw TraceProblem(status: 400, message: "'\(name)' is a number over 0; got \"\(text)\"")
        }
        return number
    }

    static func duration(_ parameters: Parameters, _ name: String) throws -> Int64? {
        guard let text = parameters[name] else { return nil }
        guard let duration = GoDuration.nanoseconds(text) else {
            throw TraceProblem(
                status: 400,
                message: "'\(name)' is a duration such as 1.5s, 100ms or 10us; got \"\(text)\""
            )
        }
        return duration
    }
}

/// Durations as Go writes them: numbers with units, such as `1m30s` or `1.5ms`.
enum GoDuration {
    private static let units: [(String, Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
    ]

    /// Nanoseconds, or `nil` where a text is no duration that is 0 or more.
    static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(digits.count).prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            guard let number = Double(digits), let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
            total += number * factor
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return total < 9.2e18 ? Int64(total.rounded()) : nil
    }
}
