import MartletCore

/// `martlet rules`: the rules that a running server evaluates, and how that goes.
enum RulesVerb: Verb {
    static let syntax = Syntax(
        words: ["rules"],
        summary: "List the rules of a running server, with state, last evaluation and error.",
        operands: "[list]",
        operandCount: 0...1,
        options: [
            APIClient.option, OutputFormat.option,
            .init(name: "--rule", value: "NAME", help: "only rules of this name; may be repeated"),
            .init(name: "--type", value: "TYPE", help: "only alert or record rules"),
        ],
        discussion: """
            Exits with 1 when a rule fails, and with 4 when there is none.

            martlet rules explain FILE|CONDITION   shows rules in words as PromQL
            martlet rules backtest [RULE | EXPR]   what would have fired over stored data
            martlet rules test --rules FILE --series FILE   rules against series that you write
            martlet check rules FILE, martlet test rules FILE   without a server
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        if let word = arguments.operands.first, word != "list" {
            let hint = UsageError.hint(Suggestion.closest(to: word, among: ["list", "explain", "backtest", "test"]))
            throw UsageError("cannot rules \"\(word)\"\(hint)", syntax: syntax)
        }
        var parameters = [("exclude_alerts", "true")] + arguments.all("--rule").map { ("rule_name[]", $0) }
        if let type = arguments["--type"] {
            guard ["alert", "record"].contains(type) else {
                throw UsageError("--type takes alert or record; got \"\(type)\"", syntax: syntax)
            }
            parameters.append(("type", type))
        }
        let groups = try await APIClient(arguments).data("/api/v1/rules", parameters)["groups"].elements
        let rules = groups.flatMap { group in group["rules"].elements.map { (group: group, rule: $0) } }
        if let text = format.structured(groups) {
            Terminal.print(text)
        } else {
            let rows = rules.map { group, rule in
                [
                    rule["state"].text.isEmpty ? "-" : rule["state"].text, rule["health"].text, group["name"].text,
                    rule["name"].text, rule["lastEvaluation"].text,
                    FloatText.shortest((rule["evaluationTime"].number * 1e6).rounded() / 1e6), rule["query"].text,
                    rule["lastError"].text,
                ]
            }
            let header = ["state", "health", "group", "rule", "last evaluation", "seconds", "expression", "error"]
            if !rows.isEmpty || format != .table { Terminal.print(format.text(header: header, rows: rows)) }
        }
        if rules.isEmpty {
            if format == .table { Terminal.printError("martlet: no rule is evaluated; name files under rule_files") }
            return .nothingFound
        }
        return rules.contains { $0.rule["health"].text == "err" } ? .failure : .success
    }
}

/// `martlet rules backtest`: the same as `martlet alerts backtest`.
enum RulesBacktestVerb: Verb {
    static let syntax = AlertsBacktestVerb.syntax.named(["rules", "backtest"])

    static func run(_ arguments: Arguments) async throws -> ExitStatus { try await AlertsBacktestVerb.run(arguments) }
}

/// `martlet rules test`: the same as `martlet alerts test`.
enum RulesTestVerb: Verb {
    static let syntax = AlertsTestVerb.syntax.named(["rules", "test"])

    static func run(_ arguments: Arguments) async throws -> ExitStatus { try await AlertsTestVerb.run(arguments) }
}
