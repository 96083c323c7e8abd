import MartletCore

/// `martlet query EXPR`: asks a running server in PromQL.
enum QueryVerb: Verb {
    static let syntax = Syntax(
        words: ["query"],
        summary: "Evaluate a PromQL expression on a running server.",
        operands: "EXPR",
        operandCount: 1...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--time", value: "TIME", help: "evaluate at this time, RFC 3339 or Unix seconds (default now)"),
            .init(name: "--range", value: "DURATION", help: "evaluate over this long, up to --time, such as 1h"),
            .init(name: "--start", value: "TIME", help: "instead of --range: from this time"),
            .init(name: "--end", value: "TIME", help: "with --start: up to this time (default now)"),
            .init(
                name: "--step",
                value: "DURATION",
                help: "with a range: the resolution (default a 250th, at least 1s)"
            ),
            .init(name: "--limit", value: "N", help: "at most so many series"),
            .init(name: "--timeout", value: "DURATION", help: "give up after this long"),
            .init(
                name: "--explain",
                help: "print how the query was evaluated: each node's series, samples and time"
            ),
        ],
        discussion: """
            On a terminal a range is one line a series, with a sparkline; elsewhere, and with -o, it is one line a
            sample. Warnings go to standard error. Exits with 1 when the query fails, 3 when no server answers.

            Examples:
              martlet query 'sum by (mode) (rate(system_cpu_seconds_total[1m]))'
              martlet query --range 1h --step 15s -o csv up
              martlet query --explain 'histogram_quantile(0.99, sum by (le) (rate(http_seconds_bucket[5m])))'
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let client = try APIClient(arguments)
        let format = try OutputFormat.chosen(arguments)
        let (path, parameters) = try request(arguments)
        let answer = try await client.answer(path, parameters)
        for note in answer["warnings"].elements + answer["infos"].elements {
            Terminal.printError("martlet: \(note.text)")
        }
        let data = answer["data"]
        if arguments.has("--explain") {
            let plan = data["explanation"]
            guard !plan.members.isEmpty else {
                throw Failure("the server did not explain the query; is it Martlet?")
            }
            Terminal.print(
                format == .json ? OutputFormat.json(plan) : format.text(header: Plan.header, rows: Plan.rows(plan))
            )
            return .success
        }
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return .success
        }
        let isGlance = format == .table && data["resultType"].text == "matrix" && Terminal.isTerminal
        let (header, rows) = isGlance ? QueryTable.glance(data) : QueryTable.rows(data)
        if rows.isEmpty {
            Terminal.printError("martlet: no series match; \"martlet targets\" shows what is collected")
        } else {
            Terminal.print(format.text(header: header, rows: rows))
        }
        return .success
    }

    private static func request(_ arguments: Arguments) throws(UsageError) -> (String, [(String, String)]) {
        var parameters = [("query", arguments.operands[0])]
        if let limit = try arguments.integer("--limit", minimum: 1) { parameters.append(("limit", String(limit))) }
        if let timeout = try arguments.duration("--timeout") { parameters.append(("timeout", seconds(timeout))) }
        if arguments.has("--explain") { parameters.append(("explain", "true")) }
        guard let (start, end) = try range(arguments) else {
            if arguments.has("--step") { throw UsageError("--step goes with --range or --start", syntax: syntax) }
            if let time = arguments["--time"] { parameters.append(("time", time)) }
            return ("/api/v1/query", parameters)
        }
        guard start <= end else { throw UsageError("the range ends before it starts", syntax: syntax) }
        let step = try arguments.duration("--step") ?? max(1000, (end - start) / 250 / 1000 * 1000)
        parameters += [("start", seconds(start)), ("end", seconds(end)), ("step", seconds(step))]
        return ("/api/v1/query_range", parameters)
    }

    /// The first and the last time of a range in milliseconds, or `nil` for an instant.
    private static func range(_ arguments: Arguments) throws(UsageError) -> (Int64, Int64)? {
        let now = SystemWallClock().millisecondsSinceEpoch
        if let start = try time("--start", arguments) {
            if arguments.has("--range") { throw UsageError("give --range or --start, not both", syntax: syntax) }
            return (start, try time("--end", arguments) ?? now)
        }
        if arguments.has("--end") { throw UsageError("--end goes with --start", syntax: syntax) }
        guard let range = try arguments.duration("--range") else { return nil }
        let end = try time("--time", arguments) ?? now
        return (end - range, end)
    }

    private static func time(_ name: String, _ arguments: Arguments) throws(UsageError) -> Int64? {
        guard let text = arguments[name] else { return nil }
        if let seconds = Double(text), abs(seconds) < 9e15 { return Int64(seconds * 1000) }
        if let nanoseconds = RFC3339.nanosecondsSinceEpoch(text) { return nanoseconds / 1_000_000 }
        throw UsageError("\(name) needs RFC 3339 or Unix seconds; got \"\(text)\"")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        FloatText.shortest(Double(milliseconds) / 1000)
    }

    /// A plan as rows, each node under the one it is part of.
    private enum Plan {
        static let header = ["node", "method", "series", "samples", "values", "time"]

        static func rows(_ plan: Answer, depth: Int = 0) -> [[String]] {
            let indent = String(repeating: "  ", count: depth)
            let milliseconds = (plan["seconds"].number * 1_000_000).rounded() / 1000
            let row = [
                indent + plan["operation"].text, plan["method"].text, count(plan["series"]),
                count(plan["samplesRead"]), count(plan["values"]), "\(FloatText.shortest(milliseconds)) ms",
            ]
            return [row] + plan["children"].elements.flatMap { rows($0, depth: depth + 1) }
        }

        private static func count(_ value: Answer) -> String { FloatText.shortest(value.number) }
    }
}
