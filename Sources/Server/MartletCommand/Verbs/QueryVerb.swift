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
            .init(
                name: "--step",
                value: "DURATION",
                help: "with --range: the resolution (default a 250th, at least 1s)"
            ),
        ],
        discussion: """
            Examples:
              martlet query 'sum by (mode) (rate(system_cpu_seconds_total[1m]))'
              martlet query --range 1h --step 15s -o csv up
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let client = try APIClient(arguments)
        let format = try OutputFormat.chosen(arguments)
        let answer = try await answer(arguments, client)
        for note in answer["warnings"].elements + answer["infos"].elements {
            Terminal.printError("martlet: \(note.text)")
        }
        let data = answer["data"]
        if format == .json {
            Terminal.print(try OutputFormat.json(data))
            return .success
        }
        let (header, rows) = table(data)
        if rows.isEmpty {
            Terminal.printError("martlet: no series match; \"martlet targets\" shows what is collected")
        } else {
            Terminal.print(format.text(header: header, rows: rows))
        }
        return .success
    }

    private static func answer(_ arguments: Arguments, _ client: APIClient) async throws -> JSONValue {
        var parameters = [("query", arguments.operands[0])]
        guard let range = try arguments.duration("--range") else {
            if arguments.has("--step") { throw UsageError("--step goes with --range", syntax: syntax) }
            if let time = arguments["--time"] { parameters.append(("time", time)) }
            return try await client.answer("/api/v1/query", parameters)
        }
        let step = try arguments.duration("--step") ?? max(1000, range / 250 / 1000 * 1000)
        let end = try time(arguments) ?? SystemWallClock().millisecondsSinceEpoch
        parameters += [
            ("start", seconds(end - range)), ("end", seconds(end)), ("step", seconds(step)),
        ]
        return try await client.answer("/api/v1/query_range", parameters)
    }

    private static func time(_ arguments: Arguments) throws(UsageError) -> Int64? {
        guard let text = arguments["--time"] else { return nil }
        if let seconds = Double(text), abs(seconds) < 9e15 { return Int64(seconds * 1000) }
        if let nanoseconds = RFC3339.nanosecondsSinceEpoch(text) { return nanoseconds / 1_000_000 }
        throw UsageError("--time needs RFC 3339 or Unix seconds; got \"\(text)\"")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        FloatText.shortest(Double(milliseconds) / 1000)
    }

    private static func table(_ data: JSONValue) -> (header: [String], rows: [[String]]) {
        switch data["resultType"].text {
        case "vector":
            return (
                ["series", "value"],
                data["result"].elements.map { [series($0), $0["value"].elements.last?.text ?? ""] }
            )
        case "matrix":
            let rows = data["result"].elements.flatMap { element in
                element["values"].elements.map {
                    [series(element), time($0.elements.first), $0.elements.last?.text ?? ""]
                }
            }
            return (["series", "time", "value"], rows)
        default:
            let pair = data["result"].elements
            return (["time", "value"], [[time(pair.first), pair.last?.text ?? ""]])
        }
    }

    private static func series(_ element: JSONValue) -> String {
        LabelSet(element["metric"].members.map { Label($0.key, $0.value.text) }).description
    }

    private static func time(_ value: JSONValue?) -> String {
        RFC3339.string(nanosecondsSinceEpoch: Int64((value?.number ?? 0) * 1000) * 1_000_000)
    }
}
