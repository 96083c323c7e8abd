import MartletConfiguration
import MartletCore
import MartletServer

/// Times on the command line.
enum TimeArgument {
    /// The parameters `since` and `until` of the options of these names; a duration counts back from now.
    static func range(_ arguments: Arguments) throws(UsageError) -> [(String, String)] {
        var parameters: [(String, String)] = []
        for name in ["since", "until"] {
            guard let text = arguments["--\(name)"] else { continue }
            parameters.append((name, try milliseconds(text, "--\(name)")))
        }
        return parameters
    }

    /// A time as the API takes it.
    static func milliseconds(_ text: String, _ option: String) throws(UsageError) -> String {
        let now = SystemWallClock().millisecondsSinceEpoch
        if let back = DurationText.milliseconds(text) { return FloatText.shortest(Double(now - back) / 1000) }
        if RFC3339.nanosecondsSinceEpoch(text) != nil || Double(text) != nil { return text }
        throw UsageError("\(option) needs a duration such as 1h, RFC 3339 or Unix seconds; got \"\(text)\"")
    }

    static let options: [Syntax.Option] = [
        .init(name: "--since", value: "TIME", help: "from then on: a duration back from now, RFC 3339 or Unix seconds"),
        .init(name: "--until", value: "TIME", help: "up to then"),
    ]
}

/// `martlet alerts history [ALERT]`: what fired, and what became of it.
enum AlertsHistoryVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "history"],
        summary: "List alerts that fired, over restarts; with an id, everything that happened to it.",
        operands: "[ID]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option, .init(name: "--rule", value: "NAME", help: "of this rule only"),
            .init(name: "--limit", value: "N", help: "at most so many (default 100)"),
        ] + TimeArgument.options
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let client = try APIClient(arguments)
        if let name = arguments.operands.first { return try await show(name, client, format) }
        var parameters = [("limit", String(try arguments.integer("--limit", minimum: 1) ?? 100))]
        if let rule = arguments["--rule"] { parameters.append(("rule", rule)) }
        parameters += try TimeArgument.range(arguments)
        let episodes = try await client.data("/api/v1/alerting/history", parameters)["episodes"].elements
        if let text = format.structured(episodes) {
            Terminal.print(text)
            return .success
        }
        if episodes.isEmpty, format == .table { Terminal.printError("martlet: nothing fired") }
        let rows = episodes.map { episode in
            [
                episode["status"].text, episode["severity"].text, episode["triggered_at"].text,
                episode["resolved_at"].text, episode["acknowledged_by"].text, episode["id"].text,
            ]
        }
        let header = ["state", "severity", "fired", "resolved", "acknowledged by", "id"]
        if !rows.isEmpty { Terminal.print(format.text(header: header, rows: rows)) }
        return .success
    }

    private static func show(_ name: String, _ client: APIClient, _ format: OutputFormat) async throws -> ExitStatus {
        let data = try await client.data("/api/v1/alerting/history/\(PathText.escaped(name))")
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return .success
        }
        let rows = data["events"].elements.map { [$0["time"].text, $0["kind"].text, $0["detail"].text] }
        if format == .table { Terminal.print("\(data["episode"]["id"].text)\n") }
        Terminal.print(format.text(header: ["time", "event", "detail"], rows: rows))
        return .success
    }
}

/// Texts within paths.
enum PathText {
    /// A text as one segment of a path.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-._~".utf8.contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }
}

/// `martlet alerts explain LABEL=VALUE…`: how an alert finds its receivers.
enum AlertsExplainVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "explain"],
        summary: "Show which routes an alert takes, and why.",
        operands: "LABEL=VALUE… | ALERT",
        operandCount: 1...100,
        options: [APIClient.option, OutputFormat.option],
        discussion: "Exits with 4 when nobody would be told."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let words = arguments.operands
        let parameters =
            words.count == 1 && (!words[0].contains("=") || words[0].contains("{"))
            ? [("alert", words[0])] : words.map { ("label", $0) }
        let data = try await APIClient(arguments).data("/api/v1/alerting/explain", parameters)
        let receivers = data["receivers"].elements.map(\.text)
        if format == .json {
            Terminal.print(OutputFormat.json(data))
        } else if format == .table {
            for step in data["steps"].elements { Terminal.print(line(step)) }
            let silences = data["silenced_by"].elements.map(\.text)
            if !silences.isEmpty { Terminal.print("silenced by \(silences.joined(separator: ", "))\n") }
            if !data["escalation_policy"].text.isEmpty {
                Terminal.print("escalation policy \(data["escalation_policy"].text)\n")
            }
            Terminal.print("receivers: \(receivers.isEmpty ? "none" : receivers.joined(separator: ", "))\n")
        } else {
            let rows = data["steps"].elements.map {
                [$0["conditions"].text, $0["receiver"].text, $0["failure"].text, $0["group"].text]
            }
            Terminal.print(format.text(header: ["conditions", "receiver", "failure", "group"], rows: rows))
        }
        return receivers.isEmpty ? .nothingFound : .success
    }

    private static func line(_ step: Answer) -> String {
        let indent = String(repeating: "  ", count: Int(step["depth"].number))
        var text = "\(indent)\(step["conditions"].text) → \(step["receiver"].text)"
        if step["chosen"].isTrue {
            text += ": told here, group \(step["group"].text)"
        } else if step["matches"].isTrue {
            text += ": matches, a route below takes it"
        } else {
            text += ": no, \(step["failure"].text)"
        }
        let mutes = step["muted_by"].elements.map(\.text)
        if !mutes.isEmpty { text += ", muted now by \(mutes.joined(separator: ", "))" }
        return text + "\n"
    }
}

/// `martlet alerts test-channel NAME`: sends a test message and shows what the receiver answers.
enum AlertsTestChannelVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "test-channel"],
        summary: "Send a test message through a channel, and show the receiver's own answer.",
        operands: "NAME",
        operandCount: 1...1,
        options: [APIClient.option, OutputFormat.option],
        discussion: "Prints true or false and the answer; exits with 1 when the receiver did not take it."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let path = "/api/v1/alerting/channels/\(PathText.escaped(arguments.operands[0]))/test"
        let tests = try await APIClient(arguments).post(path, [])["tests"].elements
        var isGood = true
        let rows = tests.map { test in
            let isDelivered = test["delivered"].isTrue
            if !isDelivered { isGood = false }
            return [test["channel"].text, isDelivered ? "true" : "false", test["answer"].text]
        }
        if let text = format.structured(tests) {
            Terminal.print(text)
        } else {
            Terminal.print(format.text(header: ["channel", "delivered", "answer"], rows: rows))
        }
        return isGood ? .success : .failure
    }
}

/// `martlet alerts channels`: the channels, and how they do.
enum AlertsChannelsVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "channels"],
        summary: "List the channels with what they have delivered.",
        options: [APIClient.option, OutputFormat.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let channels = try await APIClient(arguments).data("/api/v1/alerting/channels")["channels"].elements
        if let text = format.structured(channels) {
            Terminal.print(text)
            return channels.isEmpty ? .nothingFound : .success
        }
        let names = ["delivered", "failed", "attempts", "waiting", "underway"]
        let rows = channels.map { channel in
            [channel["name"].text, channel["kind"].text] + names.map { FloatText.shortest(channel[$0].number) }
        }
        if rows.isEmpty { Terminal.printError("martlet: there are no channels; name receivers in martlet.yml") }
        if !rows.isEmpty { Terminal.print(format.text(header: ["channel", "kind"] + names, rows: rows)) }
        return rows.isEmpty ? .nothingFound : .success
    }
}

/// `martlet alerts outbox`: the messages that wait, and those that were given up.
enum AlertsOutboxVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "outbox"],
        summary: "List messages that wait for their receiver, and those that were given up.",
        options: [APIClient.option, OutputFormat.option],
        discussion: "Exits with 1 when a message was given up and its group was not told since."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let data = try await APIClient(arguments).data("/api/v1/alerting/outbox")
        let dead = data["dead"].elements
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return dead.isEmpty ? .success : .failure
        }
        let rows = [("waiting", data["waiting"].elements), ("given up", dead)].flatMap { state, letters in
            letters.map { letter in
                [
                    state, letter["channel"].text, letter["status"].text, letter["group"].text, letter["since"].text,
                    FloatText.shortest(letter["attempts"].number), letter["error"].text,
                ]
            }
        }
        let header = ["state", "channel", "status", "group", "since", "attempts", "error"]
        if rows.isEmpty { Terminal.printError("martlet: the outbox is empty") }
        if !rows.isEmpty { Terminal.print(format.text(header: header, rows: rows)) }
        return dead.isEmpty ? .success : .failure
    }
}

/// `martlet alerts backtest`: what rules would have done over stored data.
enum AlertsBacktestVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "backtest"],
        summary: "Evaluate rules over stored data, and list what would have fired.",
        operands: "[RULE | EXPR]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(
                name: "--rules",
                value: "FILE",
                help: "the rules of this rule file or configuration instead of those that run"
            ),
            .init(name: "--for", value: "DURATION", help: "with EXPR: how long it has to hold"),
            .init(name: "--step", value: "DURATION", help: "how often to evaluate (default: each group's interval)"),
        ] + TimeArgument.options,
        discussion: """
            Looks at the last hour unless --since says otherwise. Exits with 4 when nothing would have fired.

            Examples:
              martlet alerts backtest HighErrorRate --since 6h
              martlet alerts backtest 'rate(errors_total[5m]) > 1' --for 1m
              martlet alerts backtest --rules new-rules.yml --since 1d --step 1m
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters: [(String, String)] = []
        if let file = arguments["--rules"] {
            do {
                parameters.append(("rules", RuleFileText.json(try ConfigurationCheck.groups(file: file))))
            } catch {
                for problem in error.problems { Terminal.printError("\(problem)") }
                return .failure
            }
        }
        if let word = arguments.operands.first {
            let isName = word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == 0x5f || byte == 0x2d
            }
            parameters.append((isName ? "rule" : "expr", word))
        }
        for name in ["for", "step"] {
            if let text = arguments["--\(name)"] { parameters.append((name, text)) }
        }
        for (name, option) in [("start", "--since"), ("end", "--until")] {
            if let text = arguments[option] { parameters.append((name, try TimeArgument.milliseconds(text, option))) }
        }
        let data = try await APIClient(arguments).post("/api/v1/alerting/backtest", parameters)
        let firings = data["firings"].elements
        if format == .json {
            Terminal.print(OutputFormat.json(data))
            return firings.isEmpty ? .nothingFound : .success
        }
        let rows = firings.map { firing in
            [
                firing["fired_at"].text,
                firing["resolved_at"].text.isEmpty ? "still firing" : firing["resolved_at"].text,
                firing["key"].text, FloatText.shortest(firing["value"].number),
            ]
        }
        for problem in data["problems"].elements { Terminal.printError("martlet: \(problem.text)") }
        if rows.isEmpty {
            Terminal.printError("martlet: nothing would have fired from \(data["start"].text) to \(data["end"].text)")
        } else {
            Terminal.print(format.text(header: ["fired", "resolved", "alert", "value"], rows: rows))
        }
        return rows.isEmpty ? .nothingFound : .success
    }
}
