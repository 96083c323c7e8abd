import MartletCore

extension PackDefinition {
    /// How the operations of a service fare, under the names of its sources and under those of the conventions.
    public static let operations = PackDefinition(
        "Operations pack",
        about: """
            What `PerformanceMetrics` records. Families whose names end in a base unit are the clean twins of those with \
            the names, units and percentages of older dashboards; the naming chosen decides which are exported.
            """,
        families: [
            PackFamily(.summary, "response_time", "Response time", unit: "milliseconds", labels: ["operation"]),
            PackFamily(
                .histogram,
                "response_time_seconds",
                "Response time",
                unit: "seconds",
                labels: ["operation"]
            ),
            PackFamily(.gauge, "avg_response_time", "Mean response time of the window", unit: "milliseconds"),
            PackFamily(.gauge, "error_rate", "Error rate of the window in percent", unit: "percent"),
            PackFamily(.gauge, "error_ratio", "Error rate of the window, 0 to 1", labels: ["operation"]),
            PackFamily(.gauge, "throughput", "Requests per second"),
            PackFamily(.gauge, "memory_usage", "Memory usage in megabytes", unit: "megabytes"),
            PackFamily(.gauge, "cpu_usage", "CPU usage in percent", unit: "percent"),
            PackFamily(.counter, "slow_operations", "Operations over the slow threshold", labels: ["operation"]),
            PackFamily(.counter, "slow_operations_total", "Operations over the slow threshold", labels: ["operation"]),
            PackFamily(.counter, "operations_total", "Operations", labels: ["operation", "result"]),
            PackFamily(
                .histogram,
                "operation_duration_seconds",
                "Operation time",
                unit: "seconds",
                labels: ["operation"]
            ),
            PackFamily(.gauge, "operation_active", "Operations running", labels: ["operation"]),
        ]
    )
}
