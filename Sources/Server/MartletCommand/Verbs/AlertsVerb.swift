import MartletCore

/// `martlet alerts`: the pending and firing alerts of a running server.
enum AlertsVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts"],
        summary: "List the pending and firing alerts of a running server.",
        options: [APIClient.option, OutputFormat.option]
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let alerts = try await APIClient(arguments).data("/api/v1/alerts")["alerts"].elements
        if format == .json {
            Terminal.print(try OutputFormat.json(.array(alerts)))
            return .success
        }
        let rows = alerts.map { alert in
            var labels = alert["labels"].members
            let name = labels.removeValue(forKey: "alertname")?.text ?? ""
            let rest = LabelSet(labels.map { Label($0.key, $0.value.text) })
            return [alert["state"].text, name, alert["activeAt"].text, alert["value"].text, rest.description]
        }
        if rows.isEmpty { Terminal.printError("martlet: no alert is pending or firing") }
        if !rows.isEmpty {
            Terminal.print(format.text(header: ["state", "alert", "since", "value", "labels"], rows: rows))
        }
        return .success
    }
}
