import MartletCore
import MartletTerminal
import MartletTraceStore

/// What all verbs about traces share: the conditions of a search.
enum TraceSearch {
    static let options: [Syntax.Option] = [
        .init(name: "--query", value: "QUERY", help: "a search, as traces takes it"),
        .init(name: "--service", value: "NAME", help: "a service"),
        .init(name: "--operation", value: "NAME", help: "the name of a span"),
        .init(name: "--tag", value: "KEY=VALUE", help: "an attribute; may come more than once"),
        .init(name: "--text", value: "TEXT", help: "a text in names or attributes"),
        .init(name: "--status", value: "STATUS", help: "unset, ok or error"),
        .init(name: "--min-duration", value: "DURATION", help: "the shortest duration of the span, such as 100ms"),
        .init(name: "--max-duration", value: "DURATION", help: "the longest duration of the span"),
        .init(name: "--since", value: "DURATION", help: "how far back, such as 1h (default all)"),
        .init(name: "--limit", value: "COUNT", help: "how many traces, newest first (default 20)"),
    ]

    /// What a call asks for; the words of a search are those behind the verb, where these are nothing else.
    static func parameters(
        _ arguments: Arguments,
        query: [String] = [],
        limit: Int = 20
    ) throws -> [(String, String)] {
        var result: [(String, String)] = []
        guard query.isEmpty || arguments["--query"] == nil else {
            throw UsageError("the search stands behind traces or behind --query, not both")
        }
        let search = arguments["--query"] ?? query.joined(separator: " ")
        if !search.isEmpty { result.append(("query", search)) }
        for (option, name) in [
            ("--service", "service"), ("--operation", "operation"), ("--text", "text"), ("--status", "status"),
            ("--min-duration", "minDuration"), ("--max-duration", "maxDuration"),
        ] {
            if let value = arguments[option] { result.append((name, value)) }
        }
        for tag in arguments.all("--tag") { result.append(("tag", tag)) }
        if let since = try arguments.duration("--since") {
            let now = SystemWallClock().millisecondsSinceEpoch
            result.append(("start", String((now - since) * 1000)))
        }
        result.append(("limit", String(try arguments.integer("--limit", minimum: 1) ?? limit)))
        return result
    }

    /// The summaries a server finds.
    static func find(_ parameters: [(String, String)], _ client: APIClient) async throws -> [FoundTrace] {
        let (status, body) = try await client.bytes("/api/v1/traces", parameters)
        guard let answer = try? JSONParser.parse(body) else {
            throw Failure("the server answered \(status) without JSON; is it Martlet?")
        }
        guard status == 200 else {
            throw Failure(answer["errors"]?.elements?.first?["msg"]?.text ?? "the server answered \(status)")
        }
        return (answer["summaries"]?.elements ?? []).map(FoundTrace.init)
    }

    /// Says that no trace fits.
    static func nothingFound() -> ExitStatus {
        Terminal.printError("martlet: no trace found")
        return .nothingFound
    }

    /// A summary as the server tells it.
    struct FoundTrace {
        let id: String
        let cells: [String]
        let start: Int64

        init(_ value: MartletCore.JSONValue) {
            func text(_ name: String) -> String { VisibleText.harmless(value[name]?.text ?? "") }
            id = text("traceId")
            start = Int64(text("minStartTimeUnixNano")) ?? 0
            let end = Int64(text("maxEndTimeUnixNano")) ?? start
            cells = [
                RFC3339.string(nanosecondsSinceEpoch: start), id, text("rootServiceName"), text("rootOperationName"),
                String(value["spanCount"]?.integer(Int.self) ?? 0),
                String(value["errorSpanCount"]?.integer(Int.self) ?? 0), DurationWords.text(max(0, end - start)),
            ]
        }

        static let header = ["time", "trace", "service", "operation", "spans", "errors", "duration"]
    }
}

/// `martlet traces`: finds traces.
enum TracesVerb: Verb {
    static let syntax = Syntax(
        words: ["traces"],
        summary: "Find traces, the newest first.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: TraceSearch.options + [APIClient.option, OutputFormat.option],
        discussion: """
            A query is words, "phrases", prefix*, /regex/, field:value, duration:>200ms, status:error, -not, AND, OR and
            parentheses; fields are service, operation, status, duration, kind, host, component, time, trace and span, any
            other is an attribute, @key one by that very name. All conditions have to hold for one span of the trace.
            Exits with 4 when nothing is found. Example: martlet traces 'service:shop duration:>200ms -status:error'
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let found = try await TraceSearch.find(
            try TraceSearch.parameters(arguments, query: arguments.operands),
            try APIClient(arguments)
        )
        guard !found.isEmpty else { return TraceSearch.nothingFound() }
        Terminal.print(format.text(header: TraceSearch.FoundTrace.header, rows: found.map(\.cells)))
        return .success
    }
}

/// `martlet traces show`: draws one trace.
enum TracesShowVerb: Verb {
    static let syntax = Syntax(
        words: ["traces", "show"],
        summary: "Draw a trace with its critical path, or write it to standard output in another form.",
        operands: "ID",
        operandCount: 1...1,
        options: [
            .init(name: "--export", value: "FORM", help: "otlp, json, chrome or folded instead of the drawing"),
            .init(name: "--logs", help: "the log records of each span beneath it, in the order of time"),
            .init(name: "--width", value: "COLUMNS", help: "how wide to draw (default: the terminal, or 80)"),
            APIClient.option,
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let form = try arguments.choice("--export", of: TraceExport.self)
        let width = try arguments.integer("--width", minimum: 40) ?? Terminal.width
        guard form == nil || !arguments.has("--logs") else {
            throw UsageError("--logs belongs to the drawing; martlet logs trace:ID -o jsonl exports the records")
        }
        let client = try APIClient(arguments)
        let trace = try await ShownTrace.fetch(arguments.operands[0], client)
        if let form {
            Terminal.print(form.text(trace))
            return .success
        }
        var chart = TraceChart(trace: trace, width: min(width, 400))
        if arguments.has("--logs"), let id = trace.basics.first?.traceID {
            chart.logs = try await SpanLogs.fetch(id, client)
        }
        Terminal.print(chart.text)
        return .success
    }
}

/// `martlet traces critical-path`: what decided how long many traces took.
enum TracesCriticalPathVerb: Verb {
    static let syntax = Syntax(
        words: ["traces", "critical-path"],
        summary: "Tell which operations decided how long the traces found took.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: TraceSearch.options + [
            .init(name: "--folded", help: "folded stacks for flame graph tools instead of the table"),
            APIClient.option, OutputFormat.option,
        ],
        discussion: "Looks at 100 traces unless --limit says otherwise. Exits with 4 when nothing is found."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try TraceSearch.parameters(arguments, query: arguments.operands, limit: 100)
        if arguments.has("--folded") { parameters.append(("format", "folded")) }
        let (status, body) = try await APIClient(arguments).bytes("/api/v1/traces/critical-path", parameters)
        if status == 200, arguments.has("--folded") {
            guard !body.isEmpty else { return TraceSearch.nothingFound() }
            Terminal.print(String(decoding: body, as: UTF8.self))
            return .success
        }
        guard status == 200, let answer = try? JSONParser.parse(body) else {
            let message = (try? JSONParser.parse(body))?["errors"]?.elements?.first?["msg"]?.text
            throw Failure(message ?? "the server answered \(status)")
        }
        let rows = (answer["entries"]?.elements ?? []).map { entry in
            func time(_ name: String) -> String { DurationWords.text(entry[name]?.integer(Int64.self) ?? 0) }
            let share = ((entry["share"]?.double ?? 0) * 1000).rounded() / 10
            return [
                entry["service"]?.text ?? "", entry["operation"]?.text ?? "",
                String(entry["traces"]?.integer(Int.self) ?? 0), FloatText.shortest(share) + "%",
                time("totalNanoseconds"), time("p50Nanoseconds"), time("p95Nanoseconds"), time("p99Nanoseconds"),
            ]
        }
        guard !rows.isEmpty || format == .json else { return TraceSearch.nothingFound() }
        let header = ["service", "operation", "traces", "share", "total", "p50", "p95", "p99"]
        Terminal.print(format.text(header: header, rows: rows))
        return rows.isEmpty ? .nothingFound : .success
    }
}

/// `martlet traces tail`: prints traces as they come.
enum TracesTailVerb: Verb {
    static let syntax = Syntax(
        words: ["traces", "tail"],
        summary: "Print traces as they come, until interrupted.",
        operands: "[QUERY...]",
        operandCount: 0...256,
        options: TraceSearch.options + [APIClient.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let client = try APIClient(arguments)
        var seen: [String: Int64] = [:]
        var isFirst = true
        while true {
            let found = try await TraceSearch.find(
                try TraceSearch.parameters(arguments, query: arguments.operands, limit: 200),
                client
            )
            for summary in found.reversed() where seen[summary.id] == nil {
                seen[summary.id] = summary.start
                if !isFirst { Terminal.print(summary.cells.joined(separator: "  ") + "\n") }
            }
            // A trace that fell out of what the server shows does not come back.
            if seen.count > 5000, let oldest = found.last?.start { seen = seen.filter { $0.value >= oldest } }
            isFirst = false
            try await Task.sleep(for: .seconds(1))
        }
    }
}
