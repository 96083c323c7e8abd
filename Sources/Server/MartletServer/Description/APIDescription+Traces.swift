extension APIDescription {
    private static let traceID = APIOperation.Parameter(
        name: "id",
        help: "The trace's id: up to 32 hexadecimal digits.",
        isRequired: true,
        isInPath: true,
        example: "4bf92f3577b34da6a3ce929d0e0e4736"
    )

    /// The conditions of a search, all of which one span of the trace must meet.
    private static let search: [APIOperation.Parameter] = [
        .init(
            name: "query",
            help: "A search, such as service:shop duration:>200ms -status:error; the guide has the language.",
            example: "status:error"
        ),
        .init(name: "service", help: "The service; any by default."),
        .init(name: "operation", help: "The name of a span."),
        .init(
            name: "tag",
            help: "key=value: an attribute of the span or of its resource; error=true and span.kind=server work too.",
            isRepeated: true
        ),
        .init(name: "tags", help: "Attributes as a JSON object of texts."),
        .init(
            name: "text",
            help: "A text in names, services or attributes, without regard to case in ASCII.",
            isRepeated: true
        ),
        .init(name: "status", help: "unset, ok or error."),
        .init(name: "start", help: "When the span began at the earliest, in microseconds since 1970."),
        .init(name: "end", help: "When the span began at the latest, in microseconds since 1970."),
        .init(name: "minDuration", help: "The shortest duration of the span, such as 100ms."),
        .init(name: "maxDuration", help: "The longest duration of the span."),
        .init(name: "limit", help: "How many traces at most, the newest first: 100 by default, 1,500 at most."),
    ]

    private static let thirdSearch: [APIOperation.Parameter] = [
        .init(
            name: "query.startTimeMin",
            help: "When the span began at the earliest, as RFC 3339.",
            isRequired: true,
            example: "2026-01-01T00:00:00Z"
        ),
        .init(
            name: "query.startTimeMax",
            help: "When the span began at the latest, as RFC 3339.",
            isRequired: true,
            example: "2026-01-01T01:00:00Z"
        ),
        .init(name: "query.serviceName", help: "The service; any by default."),
        .init(name: "query.operationName", help: "The name of a span."),
        .init(name: "query.attributes", help: "Attributes as a JSON object of texts."),
        .init(name: "query.durationMin", help: "The shortest duration of the span, such as 100ms."),
        .init(name: "query.durationMax", help: "The longest duration of the span."),
        .init(name: "query.searchDepth", help: "How many traces at most: 100 by default, 1,500 at most."),
    ]

    private static let operationsOfService: [APIOperation.Parameter] = [
        .init(name: "service", help: "The service.", isRequired: true, example: "shop"),
        .init(name: "spanKind", help: "Only those of this kind: client, server, producer, consumer or internal."),
    ]

    /// Searching, showing and comparing traces, in our own form.
    static let traces: [APIOperation] = [
        trace("/api/v1/traces", "Find traces, as summaries.", search),
        trace(
            "/api/v1/traces/{id}/critical-path",
            "Tell which sections of which spans decided how long a trace took.",
            [traceID]
        ),
        trace(
            "/api/v1/traces/critical-path",
            "Sum critical time up by operation over many traces.",
            search + [.init(name: "format", help: "\"folded\" gives folded stacks for flame graphs instead of JSON.")]
        ),
        trace(
            "/api/v1/traces/compare",
            "Compare two traces call by call.",
            [
                .init(name: "a", help: "The one trace's id.", isRequired: true, example: traceID.example),
                .init(name: "b", help: "The other trace's id.", isRequired: true, example: traceID.example),
            ]
        ),
        trace(
            "/api/v1/traces/compare-sets",
            "Tell which attribute values slow or failed traces have more often than the others.",
            search + [
                .init(name: "by", help: "duration, the default, or error."),
                .init(name: "threshold", help: "From what duration on a trace is slow; the slowest tenth by default."),
            ]
        ),
    ]

    /// Jaeger's query interface, legacy and third.
    static let jaeger: [APIOperation] = [
        trace("/api/services", "List services that sent spans (Jaeger).", area: "jaeger"),
        trace(
            "/api/services/{service}/operations",
            "List what a service does (Jaeger).",
            [.init(name: "service", help: "The service.", isRequired: true, isInPath: true, example: "shop")],
            area: "jaeger"
        ),
        trace("/api/operations", "List what a service does, with kinds (Jaeger).", operationsOfService, area: "jaeger"),
        trace(
            "/api/traces",
            "Find traces, with all their spans (Jaeger).",
            search + [.init(name: "traceID", help: "These traces instead of a search.", isRepeated: true)],
            area: "jaeger"
        ),
        trace("/api/traces/{id}", "Show a trace (Jaeger).", [traceID], area: "jaeger"),
        trace(
            "/api/dependencies",
            "Tell which services call which (Jaeger).",
            [
                .init(name: "endTs", help: "The last time, in milliseconds since 1970; now by default."),
                .init(name: "lookback", help: "How far back, in milliseconds; a day by default."),
            ],
            area: "jaeger"
        ),
        trace("/api/v3/services", "List services that sent spans (Jaeger 3).", area: "jaeger"),
        trace("/api/v3/operations", "List what a service does (Jaeger 3).", operationsOfService, area: "jaeger"),
        trace("/api/v3/traces", "Find traces, as OTLP (Jaeger 3).", thirdSearch, area: "jaeger"),
        trace("/api/v3/traces/{id}", "Show a trace as OTLP (Jaeger 3).", [traceID], area: "jaeger"),
        trace("/api/v3/trace-summaries", "Find traces, as summaries (Jaeger 3).", thirdSearch, area: "jaeger"),
    ]

    /// Where signals come in, beside remote write and lines of logs.
    static let intake: [APIOperation] =
        ["metrics", "traces", "logs"].flatMap { signal in
            ["/v1/\(signal)", "/api/v1/otlp/v1/\(signal)"].map { path in
                taking(
                    path,
                    "Take \(signal): OTLP, as protobuf or JSON, with or without gzip.",
                    "application/x-protobuf"
                )
            }
        } + [
            taking("/api/v2/spans", "Take spans in Zipkin's second JSON form.", "application/json"),
            taking("/api/traces", "Take spans of Jaeger's clients, a batch in Thrift.", "application/x-thrift"),
        ]

    private static func trace(
        _ path: String,
        _ summary: String,
        _ parameters: [APIOperation.Parameter] = [],
        area: String = "traces"
    ) -> APIOperation {
        APIOperation(
            path: path,
            methods: ["GET"],
            area: area,
            summary: summary,
            parameters: parameters,
            content: .other("application/json")
        )
    }

    private static func taking(_ path: String, _ summary: String, _ body: String) -> APIOperation {
        APIOperation(path: path, methods: ["POST"], area: "intake", summary: summary, content: .other(body), body: body)
    }
}
