import MartletCore

/// `martlet health`: how a running server and what it checks are.
enum HealthVerb: Verb {
    static let syntax = Syntax(
        words: ["health"],
        summary: "Show the health of a running server, check by check.",
        operands: "[history | CHECK]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--since", value: "TIME", help: "with history: from then on: a duration back or a time (1h)"),
        ],
        discussion: """
            "history" lists changes of state; a check's name shows its last runs with times and messages.
            Exits with 1 when the state is unhealthy or critical.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let client = try APIClient(arguments)
        if let word = arguments.operands.first {
            guard word == "history" else { return try await runs(of: word, client, format) }
            let since = try TimeArgument.milliseconds(arguments["--since"] ?? "1h", "--since")
            return try await history(client, format, since: since)
        }
        let report = try await client.plain("/health")
        let isGood = ["healthy", "degraded"].contains(report["status"].text)
        if format == .json {
            Terminal.print(OutputFormat.json(report))
            return isGood ? .success : .failure
        }
        if format == .table { Terminal.print("\(mark(report["status"].text)) \(report["status"].text)\n\n") }
        let rows = report["checks"].elements.map { check in
            let isCritical = check["critical"].isTrue ? "critical" : ""
            return [
                mark(check["status"].text) + " " + check["status"].text, check["name"].text, isCritical,
                check["message"].text,
            ]
        }
        Terminal.print(format.text(header: ["state", "check", "kind", "message"], rows: rows))
        return isGood ? .success : .failure
    }

    private static func history(
        _ client: APIClient,
        _ format: OutputFormat,
        since: String
    ) async throws -> ExitStatus {
        let data = try await client.plain("/health/history", [("since", since)])
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return .success
        }
        let rows = data["history"].elements.map { entry in
            [
                time(entry["time"]), entry["check"].text.isEmpty ? "(all)" : entry["check"].text, entry["from"].text,
                entry["to"].text, entry["message"].text,
            ]
        }
        if rows.isEmpty, format == .table {
            Terminal.printError("martlet: no state has changed in this time")
        } else {
            Terminal.print(format.text(header: ["time", "check", "from", "to", "message"], rows: rows))
        }
        return .success
    }

    /// The last runs of one check.
    private static func runs(of name: String, _ client: APIClient, _ format: OutputFormat) async throws -> ExitStatus {
        let data = try await client.plain("/health/checks/\(PathText.escaped(name))")
        let check = data["check"]
        let isGood = ["healthy", "degraded"].contains(check["status"].text)
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return isGood ? .success : .failure
        }
        if format == .table {
            let since = time(check["since"])
            Terminal.print("\(mark(check["status"].text)) \(name) is \(check["status"].text) since \(since)\n\n")
        }
        let rows = data["runs"].elements.map { run in
            [
                time(run["time"]), mark(run["status"].text) + " " + run["status"].text,
                FloatText.shortest((run["duration_ms"].number * 1000).rounded() / 1000), run["message"].text,
            ]
        }
        Terminal.print(format.text(header: ["time", "state", "ms", "message"], rows: rows))
        return isGood ? .success : .failure
    }

    private static func time(_ milliseconds: Answer) -> String {
        RFC3339.string(nanosecondsSinceEpoch: Int64(milliseconds.number) * 1_000_000)
    }

    /// A glyph beside the word, so that neither colour nor reading is needed alone.
    private static func mark(_ status: String) -> String {
        switch status {
        case "healthy": "●"
        case "degraded": "◐"
        case "unhealthy": "○"
        case "critical": "✕"
        default: "?"
        }
    }
}
