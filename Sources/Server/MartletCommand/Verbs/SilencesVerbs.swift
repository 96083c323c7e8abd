import MartletCore
import MartletTerminal

/// `martlet silences`: the silences of a running server.
enum SilencesVerb: Verb {
    static let syntax = Syntax(
        words: ["silences"],
        summary: "List the silences of a running server.",
        operands: "[list]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option, .init(name: "--expired", help: "those that are over as well"),
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        if let word = arguments.operands.first, word != "list" {
            let hint = UsageError.hint(Suggestion.closest(to: word, among: ["list", "add", "expire"]))
            throw UsageError("cannot silences \"\(word)\"\(hint)", syntax: syntax)
        }
        let format = try OutputFormat.chosen(arguments)
        let expired = arguments.has("--expired") ? "true" : "false"
        let silences = try await APIClient(arguments).alertmanager("GET", "silences?expired=\(expired)").elements
        if let text = format.structured(silences) {
            Terminal.print(text)
            return .success
        }
        let rows = silences.map { silence in
            [
                silence["status"]["state"].text, silence["id"].text, matchers(silence), silence["endsAt"].text,
                silence["createdBy"].text, silence["comment"].text,
            ]
        }
        if rows.isEmpty { Terminal.printError("martlet: there are no silences") }
        if !rows.isEmpty {
            Terminal.print(format.text(header: ["state", "id", "matchers", "ends", "by", "comment"], rows: rows))
        }
        return .success
    }

    private static func matchers(_ silence: Answer) -> String {
        silence["matchers"].elements.map { matcher in
            let isRegex = matcher["isRegex"].isTrue
            let isEqual = !matcher["isEqual"].isFalse
            let operation = isRegex ? (isEqual ? "=~" : "!~") : (isEqual ? "=" : "!=")
            return "\(matcher["name"].text)\(operation)\(LabelSyntax.quoted(matcher["value"].text))"
        }.joined(separator: " ")
    }
}

/// Makes silences.
enum SilenceMaking {
    static let options: [Syntax.Option] = [
        APIClient.option, Caller.option,
        .init(name: "--comment", short: "-c", value: "TEXT", help: "why; required"),
        .init(name: "--duration", short: "-d", value: "DURATION", help: "for how long (default 1h)"),
        .init(name: "--dry-run", help: "only say how many alerts it would cover"),
    ]

    static func run(_ conditions: [String], _ arguments: Arguments, _ syntax: Syntax) async throws -> ExitStatus {
        let client = try APIClient(arguments)
        let preview = try await client.data("/api/v1/alerting/preview", conditions.map { ("filter", $0) })
        let count = FloatText.shortest(preview["count"].number)
        if arguments.has("--dry-run") {
            Terminal.print("matches \(count)\n")
            for alert in preview["alerts"].elements { Terminal.print("  \(VisibleText.harmless(alert.text))\n") }
            return .success
        }
        guard let comment = arguments["--comment"], !comment.isEmpty else {
            throw UsageError("a silence needs a comment: --comment TEXT", syntax: syntax)
        }
        let milliseconds = try arguments.duration("--duration") ?? 3_600_000
        let now = SystemWallClock().millisecondsSinceEpoch
        var json = JSONWriter()
        json.object { json in
            json.member("matchers", array: conditions.compactMap(matcher)) { json, matcher in
                json.object {
                    $0.member("name", matcher.name)
                    $0.member("value", matcher.value)
                    $0.member("isRegex", matcher.isRegex)
                    $0.member("isEqual", matcher.isEqual)
                }
            }
            json.member("startsAt", RFC3339.string(nanosecondsSinceEpoch: now * 1_000_000))
            json.member("endsAt", RFC3339.string(nanosecondsSinceEpoch: (now + milliseconds) * 1_000_000))
            json.member("createdBy", Caller.name(arguments))
            json.member("comment", comment)
        }
        let body = String(decoding: json.bytes, as: UTF8.self)
        let answer = try await client.alertmanager("POST", "silences", body: body)
        Terminal.print("\(answer["silenceID"].text)\n")
        Terminal.printError("martlet: matches \(count)")
        return .success
    }

    /// One condition, as the server has already accepted it for the preview.
    static func matcher(_ text: String) -> (name: String, value: String, isRegex: Bool, isEqual: Bool)? {
        for (operation, isRegex, isEqual) in [
            ("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true),
        ] {
            guard let range = text.firstRange(of: operation) else { continue }
            // The first operator of the text counts: a value may hold another.
            let name = text[..<range.lowerBound]
            guard !name.contains("="), !name.contains("!"), !name.contains("~") else { continue }
            var value = text[range.upperBound...]
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
            return (String(name), String(value), isRegex, isEqual)
        }
        return nil
    }
}

/// `martlet silences add MATCHER…`: makes a silence.
enum SilencesAddVerb: Verb {
    static let syntax = Syntax(
        words: ["silences", "add"],
        summary: "Make a silence, and print its id.",
        operands: "MATCHER…",
        operandCount: 1...100,
        options: SilenceMaking.options,
        discussion: "MATCHER looks like severity=warning, team!=db, instance=~\"web.*\"; all have to hold."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        for word in arguments.operands where SilenceMaking.matcher(word) == nil {
            throw UsageError("\"\(word)\" is no matcher such as severity=warning", syntax: syntax)
        }
        return try await SilenceMaking.run(arguments.operands, arguments, syntax)
    }
}

/// `martlet silences expire ID…`: ends silences.
enum SilencesExpireVerb: Verb {
    static let syntax = Syntax(
        words: ["silences", "expire"],
        summary: "End silences now.",
        operands: "ID…",
        operandCount: 1...1000,
        options: [APIClient.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let client = try APIClient(arguments)
        for id in arguments.operands {
            _ = try await client.alertmanager("DELETE", "silence/\(PathText.escaped(id))")
            Terminal.print("expired \(id)\n")
        }
        return .success
    }
}

/// `martlet alerts silence ALERT`: a silence for exactly one alert.
enum AlertsSilenceVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "silence"],
        summary: "Silence one alert, by a silence of all its labels; prints the silence's id.",
        operands: "ALERT",
        operandCount: 1...1,
        options: SilenceMaking.options,
        discussion: "ALERT is an id, a key or a fingerprint; \"martlet silences add\" takes matchers."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let name = arguments.operands[0]
        let alerts = try await APIClient(arguments).data("/api/v1/alerting/alerts")["alerts"].elements
        let found = alerts.first { alert in
            ["id", "key", "fingerprint"].contains { alert[$0].text == name }
        }
        guard let found else { throw Failure("no live alert is named \"\(name)\"", status: .nothingFound) }
        let conditions = found["labels"].members.sorted { $0.key < $1.key }.map {
            "\($0.key)=\(LabelSyntax.quoted($0.value.text))"
        }
        return try await SilenceMaking.run(conditions, arguments, syntax)
    }
}
