import MartletCore

extension PackDefinition {
    /// What a service measures of each of its components.
    public static let component = PackDefinition(
        "Component pack",
        labels: ["component"],
        about: """
            What a component of a service does and uses. Every series carries the label `component`. Counters and histograms that have no other label show 0 from the start; gauges and series by further labels appear with their first value, so that nothing is shown that was never measured.
            """,
        families: [
            PackFamily(.counter, "component_messages_processed", "Total messages processed by component"),
            PackFamily(.counter, "component_messages_processed_total", "Total messages processed by component"),
            PackFamily(
                .histogram,
                "component_processing_latency_seconds",
                "Message processing latency",
                unit: "seconds",
                semanticName: "messaging.process.duration"
            ),
            PackFamily(
                .counter,
                "component_messages_received_total",
                "Messages accepted for the component",
                semanticName: "messaging.client.consumed.messages"
            ),
            PackFamily(
                .counter,
                "component_messages_sent_total",
                "Messages sent by the component",
                labels: ["target"],
                semanticName: "messaging.client.sent.messages"
            ),
            PackFamily(
                .counter,
                "component_messages_failed_total",
                "Messages whose handler failed",
                labels: ["error_type"]
            ),
            PackFamily(
                .counter,
                "component_messages_dropped_total",
                "Messages dropped before handling",
                labels: ["reason"]
            ),
            PackFamily(.counter, "component_messages_retried_total", "Messages handled again after a failure"),
            PackFamily(.gauge, "component_messages_in_flight", "Messages being handled now"),
            PackFamily(
                .histogram,
                "component_message_size_bytes",
                "Message payload size",
                unit: "bytes",
                labels: ["direction"]
            ),
            PackFamily(.gauge, "component_queue_depth", "Messages waiting for the component"),
            PackFamily(.gauge, "component_queue_capacity", "Bound of the queue"),
            PackFamily(
                .histogram,
                "component_queue_wait_seconds",
                "Time a message waited before handling",
                unit: "seconds"
            ),
            PackFamily(.counter, "component_errors_total", "Errors by type", labels: ["error_type"]),
            PackFamily(.counter, "component_crashes_total", "Traps, faults and fatal errors", labels: ["reason"]),
            PackFamily(.counter, "component_timeouts_total", "Operations that ran out of time", labels: ["operation"]),
            PackFamily(.counter, "component_restarts_total", "Restarts by the supervisor", labels: ["reason"]),
            PackFamily(
                .gauge,
                "component_last_error_timestamp_seconds",
                "Unix time of the newest error",
                unit: "seconds"
            ),
            PackFamily(.gauge, "component_memory_usage_bytes", "Memory held by the component", unit: "bytes"),
            PackFamily(.gauge, "component_memory_peak_bytes", "Highest memory since start", unit: "bytes"),
            PackFamily(.gauge, "component_memory_limit_bytes", "Memory limit", unit: "bytes"),
            PackFamily(.counter, "component_memory_growths_total", "Memory growth requests", labels: ["result"]),
            PackFamily(.counter, "component_cpu_seconds_total", "CPU time estimate", unit: "seconds"),
            PackFamily(.gauge, "component_cpu_usage_ratio", "CPU share of one core in the last interval"),
            PackFamily(
                .counter,
                "component_cpu_throttled_seconds_total",
                "Time held back by CPU limits",
                unit: "seconds"
            ),
            PackFamily(.counter, "component_fuel_consumed_total", "Fuel units used"),
            PackFamily(.gauge, "component_open_handles", "Open handles and resources", labels: ["kind"]),
            PackFamily(.gauge, "component_tasks_active", "Concurrent tasks running"),
            PackFamily(.counter, "component_filesystem_operations_total", "File operations", labels: ["operation"]),
            PackFamily(
                .counter,
                "component_filesystem_errors_total",
                "Failed file operations",
                labels: ["operation", "error_type"]
            ),
            PackFamily(.counter, "component_filesystem_read_bytes_total", "Bytes read from files", unit: "bytes"),
            PackFamily(.counter, "component_filesystem_written_bytes_total", "Bytes written to files", unit: "bytes"),
            PackFamily(
                .histogram,
                "component_filesystem_operation_duration_seconds",
                "File operation time",
                unit: "seconds",
                labels: ["operation"]
            ),
            PackFamily(
                .counter,
                "component_network_requests_total",
                "Network requests",
                labels: ["direction", "protocol"]
            ),
            PackFamily(.counter, "component_network_errors_total", "Failed network requests", labels: ["error_type"]),
            PackFamily(.counter, "component_network_sent_bytes_total", "Bytes sent", unit: "bytes"),
            PackFamily(.counter, "component_network_received_bytes_total", "Bytes received", unit: "bytes"),
            PackFamily(
                .gauge,
                "component_network_connections",
                "Open connections",
                labels: ["state"],
                semanticName: "system.network.connection.count"
            ),
            PackFamily(
                .histogram,
                "component_network_request_duration_seconds",
                "Network request time",
                unit: "seconds",
                labels: ["protocol"],
                semanticName: "http.client.request.duration"
            ),
            PackFamily(.counter, "component_process_spawns_total", "Processes started"),
            PackFamily(.counter, "component_process_exits_total", "Processes ended", labels: ["exit_status"]),
            PackFamily(.gauge, "component_processes_running", "Child processes alive"),
            PackFamily(.counter, "component_storage_operations_total", "Storage operations", labels: ["operation"]),
            PackFamily(
                .counter,
                "component_storage_errors_total",
                "Failed storage operations",
                labels: ["operation", "error_type"]
            ),
            PackFamily(
                .histogram,
                "component_storage_operation_duration_seconds",
                "Storage operation time",
                unit: "seconds",
                labels: ["operation"]
            ),
            PackFamily(.gauge, "component_storage_used_bytes", "Storage space used", unit: "bytes"),
            PackFamily(.gauge, "component_storage_quota_bytes", "Storage space allowed", unit: "bytes"),
            PackFamily(.gauge, "component_storage_keys", "Keys stored"),
            PackFamily(
                .counter,
                "component_host_calls_total",
                "Calls into the host",
                labels: ["interface", "function"]
            ),
            PackFamily(
                .histogram,
                "component_host_call_duration_seconds",
                "Host call time",
                unit: "seconds",
                labels: ["interface", "function"]
            ),
            PackFamily(
                .counter,
                "component_host_call_errors_total",
                "Failed host calls",
                labels: ["interface", "function", "error_type"]
            ),
            PackFamily(.counter, "component_capability_requests_total", "Capability requests", labels: ["capability"]),
            PackFamily(
                .counter,
                "component_capability_denied_total",
                "Capability requests refused",
                labels: ["capability"]
            ),
            PackFamily(
                .counter,
                "component_security_violations_total",
                "Security violations",
                labels: ["violation_type", "severity"]
            ),
            PackFamily(
                .counter,
                "component_audit_events_total",
                "Audit events written",
                labels: ["operation", "outcome"]
            ),
            PackFamily(.gauge, "component_health_status", "0 healthy, 1 degraded, 2 unhealthy, 3 critical"),
            PackFamily(.counter, "component_health_checks_total", "Health checks run", labels: ["check", "result"]),
            PackFamily(
                .histogram,
                "component_health_check_duration_seconds",
                "Health check time",
                unit: "seconds",
                labels: ["check"]
            ),
            PackFamily(.counter, "component_health_transitions_total", "Health state changes", labels: ["from", "to"]),
            PackFamily(.gauge, "component_state", "1 for the current lifecycle state, else 0", labels: ["state"]),
            PackFamily(
                .gauge,
                "component_uptime_seconds",
                "Seconds since start",
                unit: "seconds",
                semanticName: "process.uptime"
            ),
            PackFamily(.gauge, "component_start_time_seconds", "Unix time of start", unit: "seconds"),
            PackFamily(.counter, "component_starts_total", "Starts"),
            PackFamily(.counter, "component_stops_total", "Stops", labels: ["reason"]),
            PackFamily(
                .histogram,
                "component_start_duration_seconds",
                "Time to start",
                unit: "seconds",
                semanticName: "faas.init_duration"
            ),
            PackFamily(
                .gauge,
                "component_info",
                "Constant 1 with identity labels",
                labels: ["version", "source", "runtime"]
            ),
            PackFamily(.counter, "component_spans_total", "Spans finished", labels: ["status"]),
            PackFamily(
                .counter,
                "component_log_records_total",
                "Log records emitted",
                labels: ["level"],
                semanticName: "otel.sdk.log.created"
            ),
            PackFamily(.counter, "component_config_reloads_total", "Configuration reloads", labels: ["result"]),
            PackFamily(
                .counter,
                "component_slow_operations_total",
                "Operations over the slow threshold",
                labels: ["operation"]
            ),
        ]
    )
}
