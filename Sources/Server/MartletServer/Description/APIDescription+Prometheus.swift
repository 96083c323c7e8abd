extension APIDescription {
    private static let expression = APIOperation.Parameter(
        name: "query",
        help: "An expression in PromQL.",
        isRequired: true,
        example: "up"
    )
    private static let start = APIOperation.Parameter(name: "start", help: "The first time: RFC 3339 or Unix seconds.")
    private static let end = APIOperation.Parameter(name: "end", help: "The last time: RFC 3339 or Unix seconds.")
    private static let limit = APIOperation.Parameter(name: "limit", help: "How many results at most; 0 for all.")
    private static let match = APIOperation.Parameter(
        name: "match[]",
        help: "A series selector; a series counts that meets any of them.",
        isRepeated: true
    )
    private static let evaluation: [APIOperation.Parameter] = [
        limit, .init(name: "timeout", help: "How long the evaluation may take, such as 30s."),
        .init(name: "lookback_delta", help: "How old the newest sample of a series may be, such as 5m."),
        .init(
            name: "stats",
            help: "\"all\" adds timings and samples, for each step too; anything else leaves out steps."
        ),
        .init(name: "explain", help: "\"true\" adds the plan with series, samples and time of each node."),
    ]

    static let prometheusQueries: [APIOperation] = [
        APIOperation(
            path: "/api/v1/query",
            methods: ["GET", "POST"],
            area: "query",
            summary: "Evaluate an expression at one time.",
            parameters: [expression, .init(name: "time", help: "When: RFC 3339 or Unix seconds; now by default.")]
                + evaluation,
            content: .data(["resultType", "result"])
        ),
        APIOperation(
            path: "/api/v1/query_range",
            methods: ["GET", "POST"],
            area: "query",
            summary: "Evaluate an expression at many times, evenly apart; at most 11,000.",
            parameters: [
                expression,
                .init(name: "start", help: "The first time.", isRequired: true, example: "2026-01-01T00:00:00Z"),
                .init(name: "end", help: "The last time.", isRequired: true, example: "2026-01-01T01:00:00Z"),
                .init(
                    name: "step",
                    help: "The time between two steps: seconds or 15s.",
                    isRequired: true,
                    example: "15s"
                ),
            ] + evaluation,
            content: .data(["resultType", "result"])
        ),
        APIOperation(
            path: "/api/v1/query_exemplars",
            methods: ["GET", "POST"],
            area: "query",
            summary: "List the exemplars of the series that an expression reads.",
            parameters: [expression, start, end],
            content: .list
        ),
        APIOperation(
            path: "/api/v1/format_query",
            methods: ["GET", "POST"],
            area: "query",
            summary: "Lay an expression out.",
            parameters: [expression],
            content: .text
        ),
        APIOperation(
            path: "/api/v1/parse_query",
            methods: ["GET", "POST"],
            area: "query",
            summary: "Show an expression as a tree.",
            parameters: [expression],
            content: .data(["type"])
        ),
    ]

    static let prometheusMetadata: [APIOperation] = [
        APIOperation(
            path: "/api/v1/series",
            methods: ["GET", "POST"],
            area: "metadata",
            summary: "List series.",
            parameters: [
                .init(
                    name: "match[]",
                    help: "A series selector; a series counts that meets any of them.",
                    isRequired: true,
                    isRepeated: true,
                    example: "up"
                ), start, end, limit,
            ],
            content: .list
        ),
        APIOperation(
            path: "/api/v1/labels",
            methods: ["GET", "POST"],
            area: "metadata",
            summary: "List names of labels.",
            parameters: [match, start, end, limit],
            content: .list
        ),
        APIOperation(
            path: "/api/v1/label/{name}/values",
            methods: ["GET"],
            area: "metadata",
            summary: "List values of a label.",
            parameters: [
                .init(
                    name: "name",
                    help: "The label; names in UTF-8 are escaped as values are: U__http_2e_status.",
                    isRequired: true,
                    isInPath: true,
                    example: "job"
                ), match, start, end, limit,
            ],
            content: .list
        ),
        APIOperation(
            path: "/api/v1/metadata",
            methods: ["GET"],
            area: "metadata",
            summary: "Tell types, units and help texts of metrics.",
            parameters: [
                .init(name: "limit", help: "How many metrics at most."),
                .init(name: "limit_per_metric", help: "How many descriptions of each at most."),
                .init(name: "metric", help: "The metric; all by default."),
            ],
            content: .data([])
        ),
    ]

    static let prometheusTargets: [APIOperation] = [
        APIOperation(
            path: "/api/v1/targets",
            methods: ["GET"],
            area: "targets",
            summary: "List targets and how their last scrape went.",
            parameters: [
                .init(name: "state", help: "active, dropped or any."),
                .init(name: "scrapePool", help: "Only those of this job."),
            ],
            content: .data(["activeTargets", "droppedTargets", "droppedTargetCounts"])
        ),
        APIOperation(
            path: "/api/v1/targets/metadata",
            methods: ["GET"],
            area: "targets",
            summary: "Tell what targets say of their metrics.",
            parameters: [
                .init(name: "match_target", help: "A selector of targets by their labels."),
                .init(name: "metric", help: "The metric; all by default."),
                .init(name: "limit", help: "How many entries at most."),
            ],
            content: .list
        ),
        APIOperation(
            path: "/api/v1/targets/relabel_steps",
            methods: ["GET"],
            area: "targets",
            summary: "Show what each relabelling rule of a job makes of some labels.",
            parameters: [
                .init(name: "scrapePool", help: "The job.", isRequired: true),
                .init(name: "labels", help: "The labels, a JSON object of texts.", isRequired: true),
            ],
            content: .data(["steps"])
        ),
        APIOperation(
            path: "/api/v1/scrape_pools",
            methods: ["GET"],
            area: "targets",
            summary: "List jobs.",
            content: .data(["scrapePools"])
        ),
        APIOperation(
            path: "/api/v1/scrape_pools/config",
            methods: ["GET"],
            area: "targets",
            summary: "Show a job's configuration without its secrets.",
            parameters: [.init(name: "scrapePool", help: "The job.", isRequired: true)],
            content: .data(["yaml"])
        ),
    ]

    static let prometheusRules: [APIOperation] = [
        APIOperation(
            path: "/api/v1/rules",
            methods: ["GET"],
            area: "rules",
            summary: "List rules with their alerts.",
            parameters: [
                .init(name: "type", help: "alert or record; both by default."),
                .init(name: "rule_name[]", help: "Only rules of this name.", isRepeated: true),
                .init(name: "rule_group[]", help: "Only groups of this name.", isRepeated: true),
                .init(name: "file[]", help: "Only groups of this file.", isRepeated: true),
                .init(name: "match[]", help: "Only rules whose labels meet this selector.", isRepeated: true),
                .init(name: "exclude_alerts", help: "true leaves the alerts out."),
                .init(name: "group_limit", help: "How many groups a page has."),
                .init(name: "group_next_token", help: "Where the next page begins, from the page before."),
            ],
            content: .data(["groups"])
        ),
        APIOperation(
            path: "/api/v1/alerts",
            methods: ["GET"],
            area: "rules",
            summary: "List pending and firing alerts.",
            content: .data(["alerts"])
        ),
        APIOperation(
            path: "/api/v1/alertmanagers",
            methods: ["GET"],
            area: "rules",
            summary: "List Alertmanagers that are told of alerts.",
            content: .data(["activeAlertmanagers", "droppedAlertmanagers"])
        ),
    ]

    static let prometheusStatus: [APIOperation] = [
        status("config", "Show the configuration with its defaults and without its secrets.", .data(["yaml"])),
        status("flags", "Show what the command line came to.", .data(["storage.tsdb.path"])),
        status("buildinfo", "Tell which server this is.", .data(["version", "application"])),
        status("runtimeinfo", "Tell how the server runs.", .data(["startTime", "storageRetention"])),
        status("walreplay", "Tell how far the write-ahead log was read.", .data(["min", "max", "current"])),
        status(
            "tsdb",
            "Tell what the store holds and which names and labels it has most of.",
            .data(["headStats", "seriesCountByMetricName"])
        ),
        status(
            "queries",
            "List queries that run, and those that took the most time.",
            .data(["active", "waiting", "concurrency", "top"])
        ),
        APIOperation(
            path: "/api/v1/notifications",
            methods: ["GET"],
            area: "status",
            summary: "List what an operator should know of.",
            content: .list
        ),
        APIOperation(
            path: "/api/v1/features",
            methods: ["GET"],
            area: "status",
            summary: "Tell what this server can do.",
            content: .data(["api", "promql"])
        ),
    ]

    private static func status(_ name: String, _ summary: String, _ content: APIOperation.Content) -> APIOperation {
        APIOperation(
            path: "/api/v1/status/\(name)",
            methods: ["GET"],
            area: "status",
            summary: summary,
            parameters: name == "tsdb" || name == "queries" ? [limit] : [],
            content: content
        )
    }

    static let exchange: [APIOperation] = [
        APIOperation(
            path: "/api/v1/read",
            methods: ["POST"],
            area: "exchange",
            summary: "Read series as samples or as a stream of chunks: Prometheus' remote read.",
            content: .other("application/x-protobuf"),
            body: "application/x-protobuf"
        ),
        APIOperation(
            path: "/api/v1/write",
            methods: ["POST"],
            area: "exchange",
            summary: "Write samples: Prometheus' remote write.",
            content: .none,
            body: "application/x-protobuf"
        ),
        APIOperation(
            path: "/federate",
            methods: ["GET", "POST"],
            area: "exchange",
            summary: "Show the newest samples of chosen series in the text format.",
            parameters: [match],
            content: .other("text/plain")
        ),
    ]

    static let service: [APIOperation] = [
        APIOperation(
            path: "/metrics",
            methods: ["GET"],
            area: "service",
            summary: "Show the server's own metrics.",
            content: .other("text/plain")
        ),
        APIOperation(
            path: "/metrics/json",
            methods: ["GET"],
            area: "service",
            summary: "Show the server's own metrics as JSON.",
            content: .other("application/json")
        ),
        APIOperation(
            path: "/-/healthy",
            methods: ["GET"],
            area: "service",
            summary: "Tell that the server is there.",
            content: .other("text/plain")
        ),
        APIOperation(
            path: "/-/ready",
            methods: ["GET"],
            area: "service",
            summary: "Tell that the server is ready.",
            content: .other("text/plain")
        ),
        APIOperation(
            path: "/health",
            methods: ["GET"],
            area: "service",
            summary: "Tell the server's health, part by part.",
            content: .other("application/json")
        ),
        APIOperation(
            path: "/openapi.json",
            methods: ["GET"],
            area: "service",
            summary: "Show this description.",
            content: .other("application/json")
        ),
    ]
}
