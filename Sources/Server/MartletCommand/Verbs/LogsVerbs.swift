import MartletCore

/// `martlet logs`: finds log records.
enum LogsVerb: Verb {
    private static let ownOptions: [Syntax.Option] = [
        .init(name: "--browse", short: "-b", help: "search and follow on the whole terminal; ? tells the keys"),
        .init(name: "--follow", short: "-f", help: "print what arrives until interrupted, the oldest first"),
        .init(name: "--forward", help: "the oldest first"),
        .init(name: "--before", value: "COUNT", help: "records of the same service before each, as context"),
        .init(name: "--after", value: "COUNT", help: "records of the same service after each"),
    ]

    static let syntax = Syntax(
        words: ["logs"],
        summary: "Find log records, the newest first, or follow them as they come.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: LogsSearch.options + ownOptions + LogsSearch.widthOptions + [APIClient.option, OutputFormat.option],
        discussion: """
            A query is words, "phrases", prefix*, /regex/, field:value, field:>5, -not, AND, OR and parentheses, and may
            end in a step: | count by (a, b), | top 10 user, | histogram 1m, | patterns. Exits with 4 when nothing is
            found. Example: martlet logs 'level:>=warn service:shop "connection refused"'
            A record that belongs to a trace ends in trace=ID; martlet traces show ID --logs opens it.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        if arguments.has("--browse") { return try await LogsBrowse(arguments).run() }
        let format = try OutputFormat.chosen(arguments)
        let client = try APIClient(arguments)
        if arguments.has("--follow") { return try await follow(arguments, client, format) }
        var parameters = try LogsSearch.parameters(arguments, limit: 100)
        if arguments.has("--forward") { parameters.append(("direction", "forward")) }
        for option in ["--before", "--after"] {
            if let count = try arguments.integer(option) {
                parameters.append((String(option.dropFirst(2)), String(count)))
            }
        }
        let data = try await client.data("/api/v1/logs/query", parameters)
        LogsSearch.printNotes(data)
        if !data["table"].isNull {
            if format == .json {
                Terminal.print(OutputFormat.json(data))
            } else {
                LogsSearch.print(data["table"], format)
            }
            return data["table"]["rows"].elements.isEmpty ? .nothingFound : .success
        }
        let records = data["records"].elements
        try print(records, arguments, format, whole: data)
        guard !records.isEmpty else {
            if format == .table { Terminal.printError("martlet: no record found") }
            return .nothingFound
        }
        let rest = Int(data["matched"].number) - records.count
        if format == .table, rest > 0, Terminal.isTerminal {
            Terminal.printError("martlet: \(rest) more; --limit shows more, a time or more words narrow it")
        }
        if format == .table, Terminal.isTerminal, let trace = records.last(where: { !$0["traceId"].isNull })?["traceId"]
        {
            Terminal.printError("martlet: a record's trace opens with: martlet traces show \(trace.text) --logs")
        }
        return .success
    }

    private static func print(
        _ records: [Answer],
        _ arguments: Arguments,
        _ format: OutputFormat,
        whole: Answer
    ) throws {
        switch format {
        case .json: Terminal.print(OutputFormat.json(whole))
        case .jsonl: Terminal.print(records.map(OutputFormat.json).joined())
        case .csv:
            let rows = records.map { record in
                ["timestamp", "level", "service", "body", "traceId", "spanId"].map { LogText.value(record.json[$0]) }
            }
            Terminal.print(
                format.text(header: ["time", "level", "service", "body", "trace_id", "span_id"], rows: rows)
            )
        case .table:
            let width = try LogsSearch.width(arguments)
            var text = ""
            for record in records {
                for neighbour in record["before"].elements {
                    text += LogText.fitted("  " + LogText.line(neighbour.json, width: nil), width) + "\n"
                }
                text += LogText.line(record.json, width: width) + "\n"
                for neighbour in record["after"].elements {
                    text += LogText.fitted("  " + LogText.line(neighbour.json, width: nil), width) + "\n"
                }
            }
            Terminal.print(text)
        }
    }

    /// Asks five times in two seconds for what arrived.
    private static func follow(
        _ arguments: Arguments,
        _ client: APIClient,
        _ format: OutputFormat
    ) async throws -> ExitStatus {
        guard format == .table || format == .jsonl else { throw UsageError("--follow prints a table or jsonl") }
        let query = arguments.operands.joined(separator: " ")
        let first = try await client.data("/api/v1/logs/query", [("query", query), ("limit", "0"), ("count", "false")])
        var next = first["nextSequence"].text
        while true {
            let data = try await client.data(
                "/api/v1/logs/query",
                [("query", query), ("from", next), ("limit", "1000"), ("count", "false")]
            )
            LogsSearch.printNotes(data)
            let records = data["records"].elements
            if !records.isEmpty { try print(records, arguments, format, whole: data) }
            let isCut = !data["cursor"].isNull
            next = isCut ? String((UInt64(records.last?["sequence"].text ?? "") ?? 0) + 1) : data["nextSequence"].text
            if !isCut { try await Task.sleep(for: .milliseconds(400)) }
        }
    }
}

/// `martlet logs fields`: what keys records have, or the values of some.
enum LogsFieldsVerb: Verb {
    static let syntax = Syntax(
        words: ["logs", "fields"],
        summary: "List the keys that records have, or count the values of those named.",
        operands: "[FIELD...]",
        operandCount: 0...20,
        options: [
            .init(name: "--query", value: "QUERY", help: "only records that meet it"),
            .init(name: "--since", value: "DURATION", help: "how far back, such as 1h (default all)"),
            .init(name: "--limit", value: "COUNT", help: "how many values of each (default 20)"),
            APIClient.option, OutputFormat.option,
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = arguments.operands.map { ("field", $0) }
        if let query = arguments["--query"] { parameters.append(("query", query)) }
        if let since = try arguments.duration("--since") {
            parameters.append(("since", DurationText.string(milliseconds: since)))
        }
        if let limit = try arguments.integer("--limit", minimum: 1) { parameters.append(("limit", String(limit))) }
        let data = try await APIClient(arguments).data("/api/v1/logs/fields", parameters)
        var rows: [[String]] = []
        if arguments.operands.isEmpty {
            rows = data.elements.map { field in
                [
                    field["name"].text, field["resource"].isTrue ? "resource" : "record",
                    field["types"].elements.map(\.text).joined(separator: ","),
                ]
            }
        } else {
            for facet in data["facets"].elements {
                rows += facet["values"].elements.map { value in
                    [
                        facet["field"].text, value["value"].text,
                        String(Int(value["count"].number)),
                    ]
                }
            }
        }
        let header = arguments.operands.isEmpty ? ["field", "of", "types"] : ["field", "value", "count"]
        Terminal.print(format.text(header: header, rows: rows))
        return rows.isEmpty ? .nothingFound : .success
    }
}

/// `martlet logs patterns`: what the texts of records have in common.
enum LogsPatternsVerb: Verb {
    static let syntax = Syntax(
        words: ["logs", "patterns"],
        summary: "Count what the texts of records have in common; numbers and ids become <*>.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: LogsSearch.options + [APIClient.option, OutputFormat.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try LogsSearch.parameters(arguments)
        if let limit = try arguments.integer("--limit", minimum: 1) { parameters.append(("patterns", String(limit))) }
        let data = try await APIClient(arguments).data("/api/v1/logs/patterns", parameters)
        LogsSearch.printNotes(data)
        LogsSearch.print(data["table"], format)
        return data["table"]["rows"].elements.isEmpty ? .nothingFound : .success
    }
}

/// `martlet logs export`: everything that is found, as JSON lines or CSV.
enum LogsExportVerb: Verb {
    enum Form: String, CaseIterable {
        case jsonl
        case csv
    }

    static let syntax = Syntax(
        words: ["logs", "export"],
        summary: "Write all records that are found to standard output, the oldest first.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: LogsSearch.options + [
            .init(name: "--format", value: "FORM", help: "jsonl (default) or csv"),
            .init(name: "--fields", value: "NAMES", help: "the columns of csv, separated by commas"),
            APIClient.option,
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let form = try arguments.choice("--format", of: Form.self) ?? .jsonl
        let client = try APIClient(arguments)
        var parameters = try LogsSearch.parameters(arguments)
        parameters += [("format", form.rawValue)]
        if let fields = arguments["--fields"] { parameters.append(("fields", fields)) }
        // JSON lines come page by page, so that memory stays small however much there is; a table comes whole.
        var (cursor, rest) = ("", try arguments.integer("--limit", minimum: 1) ?? .max)
        parameters.removeAll { $0.0 == "limit" }
        while rest > 0 {
            var page = parameters
            if !cursor.isEmpty { page.append(("cursor", cursor)) }
            let size = form == .csv ? rest : min(rest, 5000)
            if size != .max { page.append(("limit", String(size))) }
            let (status, body) = try await client.bytes("/api/v1/logs/export", page)
            guard status == 200 else {
                let message = (try? JSONParser.parse(body))?["error"]?.text
                throw Failure(message ?? "the server answered \(status)")
            }
            let text = String(decoding: body, as: UTF8.self)
            Terminal.print(text)
            let (count, last) = try records(text, form)
            guard count == size, let last else { break }
            rest -= count
            cursor = last
        }
        return .success
    }

    /// How many records a page of JSON lines has, and the place of the last one.
    private static func records(_ text: String, _ form: Form) throws -> (count: Int, last: String?) {
        guard form == .jsonl else { return (0, nil) }
        let lines = text.split(separator: "\n")
        let last = try lines.last.map { try JSONParser.parse(Array($0.utf8)) }
        return (lines.count, last?["id"]?.text)
    }
}
