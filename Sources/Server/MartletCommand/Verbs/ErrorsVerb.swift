import MartletCore
import MartletHTTPServer
import MartletTerminal

/// `martlet errors`: the errors of all services in groups, from logs and failed spans.
enum ErrorsVerb: Verb {
    static let syntax = Syntax(
        words: ["errors"],
        summary: "List the errors of services in groups: how often, since when, in which release and trace.",
        operands: "[FINGERPRINT]",
        operandCount: 0...1,
        options: [
            .init(name: "--service", value: "NAME", help: "a service"),
            .init(name: "--type", value: "NAME", help: "a type of error"),
            .init(name: "--since", value: "DURATION", help: "only what was seen since, such as 1h"),
            .init(name: "--sort", value: "ORDER", help: "last_seen (default), first_seen or count"),
            .init(name: "--limit", value: "COUNT", help: "how many groups (default 100)"),
            APIClient.option, OutputFormat.option,
        ],
        discussion: """
            Errors are one group when they differ only in numbers, ids, quoted texts and paths. With a fingerprint, shows that
            group and its latest errors. Exits with 4 when there is none.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let client = try APIClient(arguments)
        if let fingerprint = arguments.operands.first { return try await show(fingerprint, client, format) }
        var parameters = [("limit", String(try arguments.integer("--limit", minimum: 1) ?? 100))]
        for name in ["service", "type", "sort"] {
            if let value = arguments["--" + name] { parameters.append((name, value)) }
        }
        if let since = try arguments.duration("--since") {
            let start = SystemWallClock().millisecondsSinceEpoch - since
            parameters.append(("start", FloatText.shortest(Double(start) / 1000)))
        }
        let data = try await client.data("/api/v1/errors", parameters)
        let groups = data["groups"].elements
        if let text = format.structured(groups) {
            Terminal.print(text)
        } else if groups.isEmpty {
            Terminal.printError("martlet: no error found")
        } else {
            let header = ["count", "last seen", "first seen", "service", "type", "release", "fingerprint", "message"]
            Terminal.print(format.text(header: header, rows: groups.map(row)))
        }
        return groups.isEmpty ? .nothingFound : .success
    }

    private static func show(
        _ fingerprint: String,
        _ client: APIClient,
        _ format: OutputFormat
    ) async throws -> ExitStatus {
        let data = try await client.data("/api/v1/errors/" + FormEncoding.percentEncoded(fingerprint))
        guard format == .table else {
            Terminal.print(OutputFormat.json(data))
            return .success
        }
        let group = data["group"]
        var text = "count       \(Int(group["count"].number))\n"
        for (name, key) in [
            ("type", "type"), ("service", "service"), ("component", "component"), ("message", "message"),
            ("first seen", "firstSeen"), ("in release", "firstRelease"),
            ("last seen", "lastSeen"), ("in release", "lastRelease"), ("trace", "traceId"),
        ] {
            let value = VisibleText.harmless(group[key].text)
            if !value.isEmpty { text += name + String(repeating: " ", count: 12 - name.count) + value + "\n" }
        }
        let rows = data["latest"].elements.map { entry in
            [
                entry["time"].text, entry["release"].text, entry["traceId"].text, entry["message"].text,
            ]
        }
        if !rows.isEmpty { text += "\n" + format.text(header: ["time", "release", "trace", "message"], rows: rows) }
        Terminal.print(text)
        return .success
    }

    private static func row(_ group: Answer) -> [String] {
        let (first, last) = (group["firstRelease"].text, group["lastRelease"].text)
        return [
            String(Int(group["count"].number)), group["lastSeen"].text, group["firstSeen"].text,
            group["service"].text, group["type"].text, first == last ? last : "\(first) … \(last)",
            group["fingerprint"].text, group["message"].text,
        ]
    }
}
