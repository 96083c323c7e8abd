import MartletCore
import MartletTerminal

/// `martlet alerts`: what is pending, firing, acknowledged, silenced and inhibited on a running server.
enum AlertsVerb: Verb {
    private static let states = ["pending", "firing", "acknowledged", "silenced", "inhibited"]

    static let syntax = Syntax(
        words: ["alerts"],
        summary: "List the alerts of a running server.",
        operands: "[list] [MATCHER…]",
        operandCount: 0...100,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--state", value: "STATE", help: "only \(states.joined(separator: ", ")); may be repeated"),
        ],
        discussion: """
            Examples:
              martlet alerts --state firing severity=critical
              martlet alerts ack high_error_rate_api --comment "looking at it"
              martlet alerts explain alertname=Down severity=page
              martlet help alerts    shows what else there is
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var matchers = arguments.operands
        if matchers.first == "list" { matchers.removeFirst() }
        if let word = matchers.first(where: { !$0.contains("=") && !$0.contains("~") }) {
            let known = [
                "list", "ack", "unack", "silence", "history", "explain", "send", "test-channel", "channels", "outbox",
                "backtest", "test",
            ]
            let hint = UsageError.hint(Suggestion.closest(to: word, among: known))
            throw UsageError("cannot alerts \"\(word)\"\(hint); a matcher looks like severity=critical", syntax: syntax)
        }
        for state in arguments.all("--state") where !states.contains(state) {
            let hint = UsageError.hint(Suggestion.closest(to: state, among: states))
            throw UsageError("--state takes \(states.joined(separator: ", ")); got \"\(state)\"\(hint)", syntax: syntax)
        }
        let parameters = matchers.map { ("filter", $0) } + arguments.all("--state").map { ("state", $0) }
        let data = try await APIClient(arguments).data("/api/v1/alerting/alerts", parameters)
        let alerts = data["alerts"].elements
        if let text = format.structured(alerts) {
            Terminal.print(text)
            return .success
        }
        if alerts.isEmpty, format == .table {
            Terminal.printError("martlet: no alert is active")
            return .success
        }
        let rows = alerts.map { alert in
            [
                alert["status"].text, alert["severity"].text, alert["key"].text, alert["triggered_at"].text,
                alert["value"].isNull ? "" : FloatText.shortest(alert["value"].number), note(alert),
                alert["message"].text,
            ]
        }
        Terminal.print(
            format.text(header: ["state", "severity", "alert", "since", "value", "note", "message"], rows: rows)
        )
        return .success
    }

    private static func note(_ alert: Answer) -> String {
        var notes: [String] = []
        if !alert["acknowledged_by"].text.isEmpty { notes.append("by \(alert["acknowledged_by"].text)") }
        if alert["escalated"].isTrue {
            notes.append("level \(FloatText.shortest(alert["escalation_level"].number))")
        }
        notes += alert["muted_by"].elements.map { "muted by \($0.text)" }
        return notes.joined(separator: ", ")
    }
}

/// Who calls.
enum Caller {
    static let option = Syntax.Option(name: "--by", value: "NAME", help: "who does it (default: the user's name)")

    static func name(_ arguments: Arguments) -> String {
        arguments["--by"] ?? Environment["USER"] ?? Environment["LOGNAME"] ?? "martlet"
    }
}

/// `martlet alerts ack ALERT…`: says that somebody deals with alerts.
enum AlertsAckVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "ack"],
        summary: "Acknowledge alerts: no repeats and no escalation until they end.",
        operands: "ALERT…",
        operandCount: 1...1000,
        options: [
            APIClient.option, Caller.option,
            .init(name: "--comment", short: "-c", value: "TEXT", help: "what to tell others"),
        ],
        discussion: "ALERT is an id, a key or a fingerprint, as \"martlet alerts\" shows them."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let parameters =
            arguments.operands.map { ("alert", $0) } + [
                ("by", Caller.name(arguments)), ("comment", arguments["--comment"] ?? ""),
            ]
        let data = try await APIClient(arguments).post("/api/v1/alerting/acknowledge", parameters)
        for alert in data["alerts"].elements { Terminal.print("acknowledged \(VisibleText.harmless(alert.text))\n") }
        return .success
    }
}

/// `martlet alerts unack ALERT…`: takes acknowledgements back.
enum AlertsUnackVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "unack"],
        summary: "Take acknowledgements back.",
        operands: "ALERT…",
        operandCount: 1...1000,
        options: [APIClient.option, Caller.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let parameters = arguments.operands.map { ("alert", $0) } + [("by", Caller.name(arguments))]
        let data = try await APIClient(arguments).post("/api/v1/alerting/unacknowledge", parameters)
        for alert in data["alerts"].elements {
            Terminal.print("no longer acknowledged: \(VisibleText.harmless(alert.text))\n")
        }
        return .success
    }
}

/// `martlet alerts send RULE MESSAGE`: sends an alert that no rule has found.
enum AlertsSendVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "send"],
        summary: "Send an alert by hand, to the channels of its rule or where the routes lead.",
        operands: "RULE MESSAGE",
        operandCount: 2...2,
        options: [
            APIClient.option,
            .init(name: "--severity", value: "SEVERITY", help: "info, warning, error, critical or emergency"),
            .init(name: "--label", short: "-l", value: "NAME=VALUE", help: "a label; may be repeated"),
            .init(name: "--channel", value: "NAME", help: "straight to this channel; may be repeated"),
            .init(name: "--for", value: "DURATION", help: "when it ends (default 5m)"),
        ]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        var parameters = [("rule", arguments.operands[0]), ("message", arguments.operands[1])]
        if let severity = arguments["--severity"] { parameters.append(("severity", severity)) }
        parameters += arguments.all("--label").map { ("label", $0) }
        parameters += arguments.all("--channel").map { ("channel", $0) }
        if arguments.has("--for"), let duration = arguments["--for"] { parameters.append(("for", duration)) }
        let data = try await APIClient(arguments).post("/api/v1/alerting/send", parameters)
        Terminal.print("\(data["id"].text)\n")
        return .success
    }
}
