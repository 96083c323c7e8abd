import MartletCore

/// `martlet health`: how a running server and what it checks are.
enum HealthVerb: Verb {
    static let syntax = Syntax(
        words: ["health"],
        summary: "Show the health of a running server, check by check.",
        operands: "[history]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--since", value: "DURATION", help: "with history: how far back (default 1h)"),
        ],
        discussion: "Exits with 1 when the state is unhealthy or critical."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let client = try APIClient(arguments)
        if let word = arguments.operands.first {
            guard word == "history" else {
                let hint = UsageError.hint(Suggestion.closest(to: word, among: ["history"]))
                throw UsageError("cannot health \"\(word)\"\(hint)", syntax: syntax)
            }
            return try await history(client, format, try arguments.duration("--since") ?? 3_600_000)
        }
        let report = try await client.plain("/health")
        let isGood = ["healthy", "degraded"].contains(report["status"].text)
        if format == .json {
            Terminal.print(try OutputFormat.json(report))
            return isGood ? .success : .failure
        }
        if format == .table { Terminal.print("\(mark(report["status"].text)) \(report["status"].text)\n\n") }
        let rows = report["checks"].elements.map { check in
            let isCritical = if case .bool(true) = check["critical"] { "critical" } else { "" }
            return [
                mark(check["status"].text) + " " + check["status"].text, check["name"].text, isCritical,
                check["message"].text,
            ]
        }
        Terminal.print(format.text(header: ["state", "check", "kind", "message"], rows: rows))
        return isGood ? .success : .failure
    }

    private static func history(_ client: APIClient, _ format: OutputFormat, _ back: Int64) async throws -> ExitStatus {
        let data = try await client.plain("/health/history?since=\(back / 1000)s")
        if format == .json {
            Terminal.print(try OutputFormat.json(data))
            return .success
        }
        let entries = data["history"].elements.isEmpty ? data["transitions"].elements : data["history"].elements
        let rows = entries.map { entry in
            let time = entry["timestamp"].number
            let text = RFC3339.string(nanosecondsSinceEpoch: Int64(time) * 1_000_000)
            return [text, entry["check"].text, entry["from"].text, entry["to"].text, entry["message"].text]
        }
        if rows.isEmpty { Terminal.printError("martlet: nothing has changed") }
        if !rows.isEmpty {
            Terminal.print(format.text(header: ["time", "check", "from", "to", "message"], rows: rows))
        }
        return .success
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
