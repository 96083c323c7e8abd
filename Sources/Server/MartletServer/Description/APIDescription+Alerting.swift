extension APIDescription {
    private static let filter = APIOperation.Parameter(
        name: "filter",
        help: "A matcher of labels, such as severity=\"critical\".",
        isRepeated: true
    )

    private static let alertNames = APIOperation.Parameter(
        name: "alert",
        help: "An alert's id, key or fingerprint.",
        isRequired: true,
        isRepeated: true
    )

    /// What the command line and the page ask of alerts.
    static let alerting: [APIOperation] = [
        ask(
            "alerts",
            "List alerts in every state, with who silences, inhibits or acknowledges them.",
            [.init(name: "state", help: "Only alerts in this state.", isRepeated: true), filter],
            ["alerts"]
        ),
        ask(
            "history",
            "List alerts that fired, the newest first, over restarts.",
            [
                .init(name: "rule", help: "Only those of this rule."),
                .init(name: "alert", help: "Only those of this alert: its key or fingerprint."),
                .init(name: "since", help: "From this time on; seven days back unless said otherwise."),
                .init(name: "until", help: "Until this time."),
                .init(name: "limit", help: "How many, 10,000 at most.", example: "10"),
            ],
            ["episodes"]
        ),
        ask(
            "history/{id}",
            "Tell everything that happened to an alert that fired.",
            [.init(name: "id", help: "The id that the history lists.", isInPath: true)],
            ["episode", "events"]
        ),
        ask(
            "explain",
            "Show which routes an alert takes, and why.",
            [
                .init(name: "alert", help: "An alert that fires: its id, key or fingerprint."),
                .init(
                    name: "label",
                    help: "A label of an alert that need not be there, such as severity=critical.",
                    isRequired: true,
                    isRepeated: true,
                    example: "alertname=Down"
                ),
            ],
            ["labels", "steps", "receivers", "silenced_by"]
        ),
        ask("preview", "List the alerts that a silence would silence.", [filter], ["count", "alerts"]),
        ask("channels", "List the channels with what they have delivered.", [], ["channels"]),
        ask("outbox", "List messages that wait for their receiver, and those given up.", [], ["waiting", "dead"]),
        ask(
            "deliveries",
            "List what was delivered, the newest first.",
            [.init(name: "limit", help: "How many.", example: "10")],
            ["deliveries"]
        ),
        ask("policies", "List the escalation policies.", [], ["policies"]),
        APIOperation(
            path: "/api/v1/alerting/backtest",
            methods: ["GET", "POST"],
            area: "alerting",
            summary: "Evaluate a condition or rules over stored data, and list what would have fired.",
            parameters: [
                .init(name: "expr", help: "A condition.", isRequired: true, example: "up == 0"),
                .init(name: "for", help: "How long it must hold."),
                .init(name: "alert", help: "The name of the alert."),
                .init(name: "rules", help: "A file of rules, in place of a condition."),
                .init(name: "rule", help: "Only this rule of the file."),
                .init(name: "start", help: "The beginning; an hour before the end unless said otherwise."),
                .init(name: "end", help: "The end; now unless said otherwise."),
                .init(name: "step", help: "The time between evaluations."),
            ],
            content: .data(["start", "end", "evaluations", "problems", "firings"])
        ),
        act(
            "acknowledge",
            "Acknowledge alerts: no repeats and no escalation until they end.",
            [
                alertNames, .init(name: "by", help: "Who acknowledges.", isRequired: true),
                .init(name: "comment", help: "Why."),
            ],
            ["alerts"]
        ),
        act(
            "unacknowledge",
            "Take acknowledgements back.",
            [alertNames, .init(name: "by", help: "Who takes them back.")],
            ["alerts"]
        ),
        act(
            "send",
            "Send an alert by hand.",
            [
                .init(name: "rule", help: "The alert's name; a rule of that name gives labels.", isRequired: true),
                .init(name: "message", help: "What happened.", isRequired: true),
                .init(name: "label", help: "A label, such as team=db.", isRepeated: true),
                .init(name: "severity", help: "The severity."),
                .init(name: "for", help: "How long it fires, five minutes unless said otherwise."),
                .init(name: "channel", help: "A channel, in place of the routes.", isRepeated: true),
            ],
            ["id"]
        ),
        act(
            "channels/{name}/test",
            "Send a test message through a channel, and show the receiver's own answer.",
            [.init(name: "name", help: "The channel's name.", isInPath: true)],
            []
        ),
    ]

    /// Alertmanager's API, which `amtool` and Grafana know; its answers have no envelope.
    static let alertmanager: [APIOperation] = [
        manage("status", "Tell version, configuration and the start, as Alertmanager does."),
        manage("receivers", "List the receivers."),
        manage("alerts", "List the alerts that came in.", [filter]),
        APIOperation(
            path: "/api/v2/alerts",
            methods: ["POST"],
            area: "alertmanager",
            summary: "Take alerts of other servers.",
            content: .other("application/json"),
            body: "application/json"
        ),
        manage("alerts/groups", "List the alerts in the groups in which receivers are told.", [filter]),
        manage("silences", "List the silences.", [filter]),
        APIOperation(
            path: "/api/v2/silences",
            methods: ["POST"],
            area: "alertmanager",
            summary: "Make a silence or change one, and give its id.",
            content: .other("application/json"),
            body: "application/json"
        ),
        APIOperation(
            path: "/api/v2/silence/{id}",
            methods: ["GET", "DELETE"],
            area: "alertmanager",
            summary: "Show a silence, or end it now.",
            parameters: [.init(name: "id", help: "The silence's id.", isInPath: true)],
            content: .other("application/json")
        ),
        APIOperation(
            path: "/api/v2/healthy",
            methods: ["GET"],
            area: "alertmanager",
            summary: "Tell that the server is there.",
            content: .other("text/plain")
        ),
    ]

    private static func ask(
        _ name: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter],
        _ members: [String],
        method: String = "GET"
    ) -> APIOperation {
        APIOperation(
            path: "/api/v1/alerting/\(name)",
            methods: [method],
            area: "alerting",
            summary: summary,
            parameters: parameters,
            content: .data(members)
        )
    }

    private static func act(
        _ name: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter],
        _ members: [String]
    ) -> APIOperation {
        ask(name, summary, parameters, members, method: "POST")
    }

    private static func manage(
        _ name: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter] = []
    ) -> APIOperation {
        APIOperation(
            path: "/api/v2/\(name)",
            methods: ["GET"],
            area: "alertmanager",
            summary: summary,
            parameters: parameters,
            content: .other("application/json")
        )
    }
}
