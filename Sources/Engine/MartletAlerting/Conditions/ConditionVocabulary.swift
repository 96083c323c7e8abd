import MartletCore

/// What the words of conditions mean: which metrics make up `error_rate`, which metrics are counters.
///
/// A rule that names a metric of its own needs none of it.
public struct ConditionVocabulary: Sendable {
    /// A word that stands for a measure over the packs' metrics.
    public enum Signal: String, Sendable, CaseIterable {
        /// The share of operations that failed.
        case errorRate = "error_rate"
        /// The share of memory in use.
        case memoryUsage = "memory_usage"
        /// The share of processor time in use.
        case cpuUsage = "cpu_usage"
        /// The share of disk space in use.
        case diskUsage = "disk_usage"
        /// The share of fuel used up.
        case fuelUsage = "fuel_usage"
        /// The mean time of an answer, in seconds.
        case averageResponseTime = "avg_response_time"
        /// The time within which 95 of 100 answers are given, in seconds.
        case p95ResponseTime = "p95_response_time"
        /// The share of validations that succeeded.
        case successRate = "success_rate"
        /// The share of look-ups that a cache answered.
        case cacheHitRate = "cache_hit_rate"
        /// The worst state: 0 healthy, 1 degraded, 2 unhealthy, 3 critical.
        case healthStatus = "health_status"

        /// Whether its values are shares from 0 through 1, which may be written in percent.
        public var isShare: Bool { !isTime && self != .healthStatus }

        /// Whether its values are seconds, and so need a unit in texts.
        public var isTime: Bool { self == .averageResponseTime || self == .p95ResponseTime }
    }

    static let healthFailures = "martlet_health_check_consecutive_failures"

    /// What the packs' metrics come to.
    public static let standard = ConditionVocabulary()

    /// Counters whose names don't say so with `_total`.
    public var counters: Set<String> = [
        "component_messages_processed", "messages_processed", "validation_success", "validation_failure",
        "validation_cache_hits", "validation_cache_misses", "sql_injection_attempts", "code_injection_attempts",
        "path_traversal_attempts", "credential_exposure_attempts", "blocked_connections", "slow_operations",
    ]

    /// Histograms and summaries, whose mean `avg` asks for.
    public var distributions: Set<String> = [
        "response_time", "query_duration", "validation_duration", "workflow_execution_time",
    ]

    /// Counters that `rate` compares as a share, with the counters that make up the whole.
    public var shares: [String: [String]] = [
        "validation_success": ["validation_total"], "validation_success_total": ["validation_total"],
        "validation_failure": ["validation_total"], "validation_failure_total": ["validation_total"],
        "validation_cache_hits": ["validation_cache_hits", "validation_cache_misses"],
        "validation_cache_hits_total": ["validation_cache_hits_total", "validation_cache_misses_total"],
        "wasm_executions_successful_total": ["wasm_executions_total"],
        "wasm_executions_failed_total": ["wasm_executions_total"],
    ]

    /// Measures of one's own for words, in place of those of the packs; the closure gets the window.
    public var signals: [Signal: @Sendable (Duration) -> Measure] = [:]

    /// Creates the vocabulary of the packs.
    public init() {}

    /// The measure that a word stands for.
    public func measure(_ signal: Signal, window: Duration) -> Measure {
        if let own = signals[signal] { return own(window) }
        func share(_ part: String, _ whole: String) -> Measure {
            .share(of: SeriesSelector(part), in: SeriesSelector(whole), window: window)
        }
        func usage(_ used: String, _ limit: String) -> Measure {
            .usage(SeriesSelector(used), of: SeriesSelector(limit))
        }
        func percent(_ gauge: String) -> Measure {
            .arithmetic(.latest(SeriesSelector(gauge)), .divided, .number(100))
        }
        func latest(_ gauge: String) -> Measure { .latest(SeriesSelector(gauge)) }
        switch signal {
        case .errorRate:
            return .first([
                share("wasm_executions_failed_total", "wasm_executions_total"),
                share("component_errors_total", "component_messages_processed_total"), latest("error_ratio"),
                percent("error_rate"),
            ])
        case .memoryUsage:
            return .first([
                usage("wasm_memory_usage_bytes", "wasm_memory_limit_bytes"),
                usage("component_memory_usage_bytes", "component_memory_limit_bytes"),
                latest("system_memory_utilization_ratio"),
            ])
        case .cpuUsage:
            let idle = Measure.latest(SeriesSelector("system_cpu_utilization_ratio", labels: ["mode": "idle"]))
            return .first([
                latest("process_cpu_utilization_ratio"), .arithmetic(.number(1), .minus, idle), percent("cpu_usage"),
            ])
        case .diskUsage: return .first([latest("system_filesystem_utilization_ratio"), percent("disk_usage")])
        case .fuelUsage:
            return .arithmetic(.number(1), .minus, usage("wasm_fuel_remaining", "wasm_fuel_limit"))
        case .averageResponseTime:
            return .first([
                .mean("http_server_request_duration_seconds", window: window),
                .mean("response_time_seconds", window: window),
                .mean("component_processing_latency_seconds", window: window),
                .arithmetic(latest("avg_response_time"), .divided, .number(1000)),
            ])
        case .p95ResponseTime:
            let summary = SeriesSelector("response_time", labels: ["quantile": "0.95"])
            return .first([
                .quantile(0.95, metric: "http_server_request_duration_seconds", window: window),
                .quantile(0.95, metric: "response_time_seconds", window: window),
                .arithmetic(.latest(summary), .divided, .number(1000)),
            ])
        case .successRate:
            return .first([
                share("validation_success_total", "validation_total"), share("validation_success", "validation_total"),
                share("wasm_executions_successful_total", "wasm_executions_total"),
            ])
        case .cacheHitRate: return cacheHitRate(window)
        case .healthStatus:
            return .first([latest("component_health_status"), latest("martlet_health_status")])
        }
    }

    private func cacheHitRate(_ window: Duration) -> Measure {
        .first(
            [
                ("validation_cache_hits_total", "validation_cache_misses_total"),
                ("validation_cache_hits", "validation_cache_misses"),
            ]
            .map { hits, misses in sharing(hits, [hits, misses], window) }
        )
    }

    func sharing(_ part: String, _ whole: [String], _ window: Duration) -> Measure {
        let parts = whole.map { Measure.growth(SeriesSelector($0), window: window) }
        let sum = parts.dropFirst().reduce(parts.first ?? .number(.nan)) { .arithmetic($0, .plus, $1) }
        return .arithmetic(.growth(SeriesSelector(part), window: window), .divided, sum)
    }

    /// The errors behind `error_rate` within so many seconds, for `error_rate > 10 per minute`.
    func errors(perSeconds seconds: Double, _ window: Duration) -> Measure {
        .first(
            ["component_errors_total", "wasm_executions_failed_total"].map {
                .arithmetic(.fold(.sum, .over(.rate, SeriesSelector($0), window: window)), .times, .number(seconds))
            }
        )
    }

    func isCounter(_ metric: String) -> Bool { metric.hasSuffix("_total") || counters.contains(metric) }

    func isDistribution(_ metric: String) -> Bool {
        distributions.contains(metric) || metric.hasSuffix("_duration_seconds") || metric.hasSuffix("_latency_seconds")
            || metric == "response_time_seconds"
    }
}
