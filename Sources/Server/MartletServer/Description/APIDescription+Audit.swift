extension APIDescription {
    private static let auditFilters: [APIOperation.Parameter] = [
        .init(name: "actor", help: "Who did it; a value that ends in * matches what begins so.", isRepeated: true),
        .init(name: "operation", help: "What was done.", isRepeated: true),
        .init(name: "resource", help: "What it was done to.", isRepeated: true),
        .init(name: "outcome", help: "success, failure or denied.", isRepeated: true),
        .init(name: "component", help: "The part of the program that did it.", isRepeated: true),
        .init(name: "text", help: "A text anywhere in the event."),
        .init(name: "start", help: "Only events taken since."),
        .init(name: "end", help: "Only events taken until."),
    ]

    static let audit: [APIOperation] = [
        APIOperation(
            path: "/api/v1/audit",
            methods: ["POST"],
            area: "audit",
            summary: "Write audit events, one JSON object a line, all or none.",
            content: .data(["first", "last"]),
            body: "application/x-ndjson"
        ),
        APIOperation(
            path: "/api/v1/audit/records",
            methods: ["GET"],
            area: "audit",
            summary: "List audit events in the order of their numbers.",
            parameters: auditFilters + [
                .init(name: "limit", help: "How many, 100 unless said otherwise, 10,000 at most.", example: "10"),
                .init(name: "after", help: "Only events behind this number: the next page."),
            ],
            content: .data(["records", "next"])
        ),
        APIOperation(
            path: "/api/v1/audit/export",
            methods: ["GET"],
            area: "audit",
            summary: "Write audit events out as JSON Lines or CSV.",
            parameters: auditFilters + [.init(name: "format", help: "jsonl or csv.", example: "jsonl")],
            content: .other("application/x-ndjson")
        ),
        APIOperation(
            path: "/api/v1/audit/report",
            methods: ["GET"],
            area: "audit",
            summary: "Count audit events by who did what and how it ended.",
            parameters: auditFilters + [
                .init(name: "by", help: "Keys with commas between.", example: "actor,operation,outcome")
            ],
            content: .data(["total", "others", "by", "groups"])
        ),
        APIOperation(
            path: "/api/v1/audit/head",
            methods: ["GET"],
            area: "audit",
            summary: "Write a checkpoint and give its head, to be kept elsewhere; 404 while there is no event.",
            content: .data(["ledger", "epoch", "time", "block", "block_hash", "commit", "commit_hash", "events", "mac"])
        ),
        APIOperation(
            path: "/api/v1/audit/verify",
            methods: ["GET", "POST"],
            area: "audit",
            summary: "Verify the ledger of audit events; 404 while there is none.",
            parameters: [
                .init(name: "head", help: "A head that was kept elsewhere, its line of JSON."),
                .init(name: "key", help: "A key that was kept elsewhere."),
            ],
            content: .data(["good", "findings"])
        ),
        APIOperation(
            path: "/api/v1/audit/proof/{number}",
            methods: ["GET"],
            area: "audit",
            summary: "Prove that an event is in the ledger.",
            parameters: [.init(name: "number", help: "The event's number.", isInPath: true, example: "1")],
            content: .data(["number", "event", "path", "block", "following"])
        ),
        APIOperation(
            path: "/api/v1/audit/holds",
            methods: ["GET"],
            area: "audit",
            summary: "List the periods whose events are held against deletion.",
            content: .list
        ),
        APIOperation(
            path: "/api/v1/audit/holds",
            methods: ["POST"],
            area: "audit",
            summary: "Hold the events of a period against deletion.",
            parameters: [
                .init(name: "reason", help: "Why.", isRequired: true),
                .init(name: "actor", help: "Who orders it.", isRequired: true),
                .init(name: "id", help: "A name for it."),
                .init(name: "start", help: "Events taken since; all unless said otherwise."),
                .init(name: "end", help: "Events taken until; now unless said otherwise."),
            ],
            content: .data(["id"])
        ),
        APIOperation(
            path: "/api/v1/audit/holds/{id}",
            methods: ["DELETE"],
            area: "audit",
            summary: "Lift a hold.",
            parameters: [
                .init(name: "id", help: "Its name.", isInPath: true), .init(name: "actor", help: "Who lifts it."),
                .init(name: "reason", help: "Why."),
            ],
            content: .none
        ),
    ]

    /// The search of logs over a copy of the events.
    static let auditSearch: [APIOperation] = logOperations(
        under: "/api/v1/audit/search",
        area: "audit",
        of: "audit events"
    )

    static let logInputs: [APIOperation] = [
        APIOperation(
            path: "/api/v1/logs/ingest",
            methods: ["POST"],
            area: "logs",
            summary: "Write logs line by line.",
            parameters: [
                .init(name: "service", help: "The service, where a line does not tell it."),
                .init(name: "host", help: "The host, where a line does not tell it."),
            ],
            content: .data(["records", "unparsed", "cut", "repaired", "retimed"]),
            body: "application/x-ndjson"
        ),
        APIOperation(
            path: "/loki/api/v1/push",
            methods: ["POST"],
            area: "logs",
            summary: "Write logs as Loki's clients push them.",
            content: .none,
            body: "application/json"
        ),
        APIOperation(
            path: "/loki/api/v1/status/buildinfo",
            methods: ["GET"],
            area: "logs",
            summary: "Tell Loki's clients a version that they know.",
            content: .other("application/json")
        ),
        APIOperation(
            path: "/upload",
            methods: ["POST"],
            area: "logs",
            summary: "Write a journal's entries, as systemd-journal-upload sends them.",
            content: .none,
            body: "application/vnd.fdo.journal"
        ),
    ]
}
