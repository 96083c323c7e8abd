import MartletConfiguration
import MartletCore
import MartletServer
import MartletTerminal

/// What several verbs about audit events share.
enum AuditVerbs {
    static let filters: [Syntax.Option] = [
        .init(name: "--actor", value: "NAME", help: "who did it; may come more than once, and end in *"),
        .init(name: "--operation", value: "NAME", help: "what was done"),
        .init(name: "--resource", value: "NAME", help: "what it was done to"),
        .init(name: "--outcome", value: "OUTCOME", help: "success, failure or denied"),
        .init(name: "--component", value: "NAME", help: "the part of the program that did it"),
        .init(name: "--text", value: "TEXT", help: "a text anywhere in the event"),
        .init(name: "--since", value: "TIME", help: "a duration such as 7d, or a time"),
        .init(name: "--until", value: "TIME", help: "a duration before now, or a time"),
    ]

    static func parameters(_ arguments: Arguments) throws -> [(String, String)] {
        var parameters: [(String, String)] = []
        for name in ["actor", "operation", "resource", "outcome", "component", "text"] {
            for value in arguments.all("--\(name)") { parameters.append((name, value)) }
        }
        for (option, name) in [("--since", "start"), ("--until", "end")] {
            guard let text = arguments[option] else { continue }
            if let milliseconds = DurationText.milliseconds(text) {
                let now = SystemWallClock().nanosecondsSinceEpoch
                parameters.append(
                    (name, RFC3339.string(nanosecondsSinceEpoch: now - milliseconds * 1_000_000, fractionDigits: 9))
                )
            } else {
                parameters.append((name, text))
            }
        }
        return parameters
    }

    /// The text of an option that may name a file, `-` for standard input, or be the text itself.
    static func text(_ value: String) throws -> String {
        let isText = value.hasPrefix("{") || value.contains(" ")
        let path = value == "-" ? "/dev/stdin" : value
        let bytes = isText ? Array(value.utf8) : try FileContent.bytes(of: path, bytesMax: 64 << 20)
        // Of a file of heads the last line counts.
        let lines = bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
        guard let last = lines.last(where: { !$0.isEmpty }) else { throw Failure("\(value) is empty") }
        return last
    }
}

/// `martlet audit`: what was done by whom.
enum AuditVerb: Verb {
    static let syntax = Syntax(
        words: ["audit"],
        summary: "Search the audit events of a running server.",
        operands: "[TEXT]",
        operandCount: 0...1,
        options: [APIClient.option, OutputFormat.option]
            + AuditVerbs.filters + [
                .init(name: "--limit", value: "N", help: "how many events (default 100)"),
                .init(name: "--after", value: "NUMBER", help: "go on behind an event"),
            ],
        discussion: "Events stand in the order of their numbers. Words and operators: martlet audit search."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try AuditVerbs.parameters(arguments)
        if let text = arguments.operands.first { parameters.append(("text", text)) }
        for name in ["limit", "after"] {
            if let value = arguments["--\(name)"] { parameters.append((name, value)) }
        }
        let data = try await APIClient(arguments).data("/api/v1/audit/records", parameters)
        let records = data["records"].elements
        if let text = format.structured(records) {
            Terminal.print(text)
            return .success
        }
        guard !records.isEmpty else {
            Terminal.printError("martlet: no audit event matches")
            return .nothingFound
        }
        let header = ["number", "taken", "actor", "operation", "resource", "outcome", "reason"]
        let rows = records.map { record in
            [FloatText.shortest(record["number"].number)] + header.dropFirst().map { record[$0].text }
        }
        Terminal.print(format.text(header: header, rows: rows))
        if !data["next"].isNull {
            Terminal.printError(
                "martlet: there are more; go on with --after \(FloatText.shortest(data["next"].number))"
            )
        }
        return .success
    }
}

/// `martlet audit search`: audit events by the search language.
enum AuditSearchVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "search"],
        summary: "Search audit events with the language of logs, the newest first.",
        operands: "[QUERY]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--since", value: "TIME", help: "a duration such as 7d, or a time"),
            .init(name: "--until", value: "TIME", help: "a duration before now, or a time"),
            .init(name: "--limit", value: "N", help: "how many events (default 100)"),
        ],
        discussion: "Example: martlet audit search 'operation:secret.read -outcome:success'"
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try AuditVerbs.parameters(arguments)
        parameters.append(("query", arguments.operands.first ?? ""))
        parameters.append(("limit", arguments["--limit"] ?? "100"))
        let data = try await APIClient(arguments).data("/api/v1/audit/search/query", parameters)
        let records = data["records"].elements
        if let text = format.structured(records) {
            Terminal.print(text)
            return .success
        }
        guard !records.isEmpty else {
            Terminal.printError("martlet: no audit event matches")
            return .nothingFound
        }
        let header = ["actor", "operation", "resource", "outcome", "reason"]
        let rows = records.map { record in
            [FloatText.shortest(record["attributes"]["number"].number), record["timestamp"].text]
                + header.map { record["attributes"][$0].text }
        }
        Terminal.print(format.text(header: ["number", "taken"] + header, rows: rows))
        return .success
    }
}

/// `martlet audit verify`: whether anything was changed.
enum AuditVerifyVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "verify"],
        summary: "Verify that no audit event was altered, deleted, moved or cut off.",
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--data-dir", value: "DIR", help: "read the files of this data directory, without a server"),
            .init(
                name: "--from",
                value: "HEAD",
                help: "a head that was published: its line, a file of such lines, or -"
            ),
            .init(name: "--key", value: "KEY", help: "the key that \"martlet audit key\" gave: its line or a file"),
        ],
        discussion: "Exits 0 if nothing is wrong, 1 if anything is; every finding names its events or block."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let head = try arguments["--from"].map { try AuditVerbs.text($0) }
        let key = try arguments["--key"].map { try AuditVerbs.text($0) }
        let report: Answer
        if let directory = arguments["--data-dir"] {
            report = Answer(try AuditFiles(dataDirectory: directory).verify(head: head, key: key)) ?? Answer(nil)
        } else {
            let parameters = [("head", head), ("key", key)].compactMap { name, value in value.map { (name, $0) } }
            report = try await APIClient(arguments).post("/api/v1/audit/verify", parameters)
        }
        let isGood = report["good"].isTrue
        if let text = try OutputFormat.chosen(arguments).structured([report]) {
            Terminal.print(text)
            return isGood ? .success : .failure
        }
        for finding in report["findings"].elements {
            Terminal.print("\(finding["kind"].text): \(VisibleText.harmless(finding["text"].text))\n")
        }
        let more = report["more_findings"].number
        if more > 0 { Terminal.print("and \(FloatText.shortest(more)) findings more\n") }
        for note in report["notes"].elements { Terminal.print("note: \(VisibleText.harmless(note.text))\n") }
        let count = { (name: String) in FloatText.shortest(report[name].number) }
        Terminal.print(
            "\(isGood ? "good" : "NOT GOOD"): \(count("events")) events in \(count("blocks")) blocks, "
                + "\(count("deleted_events")) deleted by retention in \(count("tombstones")) blocks, "
                + "\(count("checkpoints")) checkpoints, \(count("authenticated_checkpoints")) of them authenticated\n"
        )
        return isGood ? .success : .failure
    }
}

/// `martlet audit proof`: that one event is in the ledger.
enum AuditProofVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "proof"],
        summary: "Print the proof, as JSON, that one audit event is in the ledger.",
        operands: "NUMBER",
        operandCount: 1...1,
        options: [APIClient.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let proof = try await APIClient(arguments).data("/api/v1/audit/proof/\(arguments.operands[0])")
        Terminal.print("\(proof.json)\n")
        return .success
    }
}

/// `martlet audit report`: counts by actor, operation and outcome.
enum AuditReportVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "report"],
        summary: "Count audit events of a period by actor, operation and outcome.",
        options: [APIClient.option, OutputFormat.option]
            + AuditVerbs.filters + [
                .init(
                    name: "--by",
                    value: "KEYS",
                    help: "actor,operation,resource,outcome,component (default actor,operation,outcome)"
                )
            ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try AuditVerbs.parameters(arguments)
        if let keys = arguments["--by"] { parameters.append(("by", keys)) }
        let data = try await APIClient(arguments).data("/api/v1/audit/report", parameters)
        let groups = data["groups"].elements
        if let text = format.structured(groups) {
            Terminal.print(text)
            return .success
        }
        let keys = data["by"].elements.map(\.text)
        let rows = groups.map { group in
            keys.map { group[$0].text } + [
                FloatText.shortest(group["count"].number), group["first"].text, group["last"].text,
            ]
        }
        Terminal.print(format.text(header: keys + ["count", "first", "last"], rows: rows))
        return .success
    }
}

/// `martlet audit export`: events as JSON Lines or CSV.
enum AuditExportVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "export"],
        summary: "Write audit events out as JSON Lines, or as CSV with -o csv.",
        options: [APIClient.option, OutputFormat.option] + AuditVerbs.filters
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let isCSV = arguments["--output"] == "csv"
        let parameters = try AuditVerbs.parameters(arguments) + [("format", isCSV ? "csv" : "jsonl")]
        let (status, body) = try await APIClient(arguments).bytes("/api/v1/audit/export", parameters)
        guard status == 200 else { throw Failure(Answer(body)?["error"].text ?? "the server answered \(status)") }
        Terminal.print(String(decoding: body, as: UTF8.self))
        return .success
    }
}

/// `martlet audit head`: how far the ledger has come, to be kept elsewhere.
enum AuditHeadVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "head"],
        summary: "Write a checkpoint and print it, to be kept elsewhere for \"audit verify --from\".",
        options: [APIClient.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let (status, body) = try await APIClient(arguments).bytes("/api/v1/audit/head")
        // The line is printed as it came: its order of members is what its code authenticates.
        guard status == 200, let text = Self.line(body) else {
            throw Failure(
                Answer(body)?["error"].text ?? "the server answered \(status)",
                status: status == 404 ? .nothingFound : .failure
            )
        }
        Terminal.print(text + "\n")
        return .success
    }

    private static func line(_ body: [UInt8]) -> String? {
        let text = String(decoding: body, as: UTF8.self)
        let mark = "\"data\":"
        guard let place = text.utf8.indices.first(where: { text[$0...].hasPrefix(mark) }) else { return nil }
        let rest = text[text.index(place, offsetBy: mark.count)...]
        return rest.lastIndex(of: "}").map { String(rest[..<$0]) }
    }
}

/// `martlet audit key`: the key that later verifies checkpoints.
enum AuditKeyVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "key"],
        summary: "Print the ledger's key in force, to be kept away from this machine for \"audit verify --key\".",
        options: [.init(name: "--data-dir", value: "DIR", help: "the data directory (default ./martlet-data)")],
        discussion:
            "A key authenticates the checkpoints from its epoch on. The ledger forgets it at the next checkpoint."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let directory = arguments["--data-dir"] ?? "./martlet-data"
        guard let line = AuditFiles(dataDirectory: directory).keyLine() else {
            throw Failure(
                "there is no audit ledger in \(directory); --data-dir names the server's, which makes it with the first event",
                status: .nothingFound
            )
        }
        Terminal.print(line + "\n")
        return .success
    }
}

/// `martlet audit holds`: periods whose events are kept.
enum AuditHoldsVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "holds"],
        summary: "List the periods whose audit events are held against deletion.",
        options: [APIClient.option, OutputFormat.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let holds = try await APIClient(arguments).data("/api/v1/audit/holds").elements
        if let text = format.structured(holds) {
            Terminal.print(text)
            return .success
        }
        let header = ["id", "start", "end", "actor", "reason"]
        Terminal.print(format.text(header: header, rows: holds.map { hold in header.map { hold[$0].text } }))
        return .success
    }
}

/// `martlet audit hold`: keeps the events of a period.
enum AuditHoldVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "hold"],
        summary: "Hold the audit events of a period against deletion.",
        operands: "[ID]",
        operandCount: 0...1,
        options: [
            APIClient.option, Caller.option,
            .init(name: "--reason", value: "TEXT", help: "why; required"),
            .init(name: "--since", value: "TIME", help: "the beginning (default: all there is)"),
            .init(name: "--until", value: "TIME", help: "the end (default now)"),
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        guard let reason = arguments["--reason"], !reason.isEmpty else {
            throw UsageError("a hold needs a reason: --reason TEXT", syntax: syntax)
        }
        var parameters = try AuditVerbs.parameters(arguments)
        parameters += [("reason", reason), ("actor", Caller.name(arguments))]
        if let id = arguments.operands.first { parameters.append(("id", id)) }
        let hold = try await APIClient(arguments).post("/api/v1/audit/holds", parameters)
        Terminal.print("\(hold["id"].text)\n")
        return .success
    }
}

/// `martlet audit unhold`: lifts a hold.
enum AuditUnholdVerb: Verb {
    static let syntax = Syntax(
        words: ["audit", "unhold"],
        summary: "Lift a hold, so that the retention applies again.",
        operands: "ID",
        operandCount: 1...1,
        options: [
            APIClient.option, Caller.option, .init(name: "--reason", value: "TEXT", help: "why"),
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let parameters = [("actor", Caller.name(arguments)), ("reason", arguments["--reason"] ?? "")]
        try await APIClient(arguments).delete("/api/v1/audit/holds/\(arguments.operands[0])", parameters)
        return .success
    }
}
