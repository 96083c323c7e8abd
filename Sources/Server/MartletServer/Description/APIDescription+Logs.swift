extension APIDescription {
    static let logs: [APIOperation] = logOperations(under: "/api/v1/logs", area: "logs", of: "log records")

    /// The search of a store of records, at a place of its own.
    static func logOperations(under place: String, area: String, of records: String) -> [APIOperation] {
        let query = APIOperation.Parameter(
            name: "query",
            help: "What is looked for, in the search language.",
            example: "level:>=warn"
        )
        func operation(
            _ name: String,
            _ summary: String,
            _ parameters: [APIOperation.Parameter] = [],
            _ content: APIOperation.Content = .other("application/json")
        ) -> APIOperation {
            APIOperation(
                path: "\(place)/\(name)",
                methods: ["GET", "POST"],
                area: area,
                summary: summary,
                parameters: name == "context" ? parameters : [query] + parameters,
                content: content
            )
        }
        return [
            operation("query", "Find \(records), newest first, with histogram and facets where asked for."),
            operation("histogram", "Count the \(records) found in stretches of time."),
            operation("fields", "List the keys of \(records), or count the values of those named."),
            operation("patterns", "Count what the texts of \(records) have in common."),
            operation(
                "context",
                "Show what stands before and after one of the \(records).",
                [.init(name: "id", help: "The record's id.", isRequired: true, example: "0-0")]
            ),
            operation(
                "export",
                "Write all \(records) that are found, the oldest first, as JSON Lines or CSV.",
                [
                    .init(name: "format", help: "jsonl or csv.", example: "jsonl"),
                    .init(name: "fields", help: "The columns of CSV, with commas between."),
                ],
                .other("application/x-ndjson")
            ),
            operation(
                "tail",
                "Send \(records) as they come, as server-sent events; Last-Event-ID goes on behind a record.",
                [
                    .init(
                        name: "last_event_id",
                        help: "The number of the last record seen, where no header can be sent."
                    )
                ],
                .stream
            ),
        ]
    }

    static let errors: [APIOperation] = [
        APIOperation(
            path: "/api/v1/errors",
            methods: ["GET"],
            area: "errors",
            summary: "List the errors of services in groups, the latest seen first.",
            parameters: [
                .init(name: "service", help: "A service."),
                .init(name: "type", help: "A type of error."),
                .init(name: "start", help: "Only groups seen since."),
                .init(name: "sort", help: "last_seen, first_seen or count.", example: "count"),
                .init(name: "limit", help: "How many, 100 unless said otherwise, 1,000 at most.", example: "10"),
            ],
            content: .data(["groups", "matched", "forgotten", "passedOver"])
        ),
        APIOperation(
            path: "/api/v1/errors/{fingerprint}",
            methods: ["GET"],
            area: "errors",
            summary: "Show a group of errors with the latest of them.",
            parameters: [.init(name: "fingerprint", help: "The group's fingerprint.", isInPath: true)],
            content: .data(["group", "latest"])
        ),
    ]
}
