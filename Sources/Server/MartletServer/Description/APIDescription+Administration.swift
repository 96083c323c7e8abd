extension APIDescription {
    /// The server's health in more ways than one.
    static let health: [APIOperation] = [
        look("/health/live", "Tell that the process is alive."),
        look("/health/ready", "Tell whether the server takes requests: 200, or 503 while it starts and stops."),
        look(
            "/health/history",
            "List how health changed.",
            [
                .init(name: "since", help: "Since this time, or this long ago, such as 1h."),
                .init(name: "check", help: "Only changes of this check."),
                .init(name: "limit", help: "How many at most, the latest."),
            ]
        ),
        look(
            "/health/checks/{name}",
            "Show one check with its last runs.",
            [.init(name: "name", help: "The check's name.", isInPath: true, example: "storage")]
        ),
    ]

    /// What is answered with 503 unless the server was started with `--enable-admin-api`.
    static let administration: [APIOperation] = [
        order("POST", path: "storage/seal", "Write what is in memory to blocks.", []),
        order(
            "POST",
            "PUT",
            path: "tsdb/delete_series",
            "Delete samples of series.",
            [
                .init(name: "match[]", help: "A selector.", isRequired: true, isRepeated: true),
                .init(name: "start", help: "Samples since."), .init(name: "end", help: "Samples until."),
            ]
        ),
        order("POST", "PUT", path: "tsdb/clean_tombstones", "Give back the space of deleted samples.", []),
        order(
            "POST",
            "PUT",
            path: "tsdb/snapshot",
            "Make a copy of the data, by hard links.",
            [
                .init(name: "skip_head", help: "true leaves out what is not sealed.")
            ]
        ),
        APIOperation(
            path: LogFilterAPI.path,
            methods: ["POST", "PUT"],
            area: "administration",
            summary: "Change which levels the server itself logs.",
            parameters: [.init(name: "filter", help: "A filter such as info,scrape=debug.", isRequired: true)],
            content: .data(["filter"])
        ),
        APIOperation(
            path: LogFilterAPI.path,
            methods: ["GET"],
            area: "administration",
            summary: "Tell which levels the server itself logs.",
            content: .data(["filter"])
        ),
    ]

    private static func look(
        _ path: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter] = []
    ) -> APIOperation {
        APIOperation(
            path: path,
            methods: ["GET"],
            area: "service",
            summary: summary,
            parameters: parameters,
            content: .other("application/json")
        )
    }

    private static func order(
        _ methods: String...,
        path: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter]
    ) -> APIOperation {
        APIOperation(
            path: "/api/v1/admin/\(path)",
            methods: methods,
            area: "administration",
            summary: summary,
            parameters: parameters,
            content: .data([])
        )
    }
}
