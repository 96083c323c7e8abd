import MartletCore

extension PackDefinition {
    /// What the control group of a process uses and may use.
    public static let container = PackDefinition(
        "Container pack",
        labels: [],
        about: """
            Read from control groups of version 2 where they are mounted, of version 1 otherwise; collected together with the host pack.
            """,
        families: [
            PackFamily(
                .counter,
                "container_cpu_seconds_total",
                "CPU time of the cgroup",
                unit: "seconds",
                labels: ["mode"],
                semanticName: "container.cpu.time"
            ),
            PackFamily(.counter, "container_cpu_throttled_seconds_total", "Throttled time", unit: "seconds"),
            PackFamily(.counter, "container_cpu_throttled_periods_total", "Throttled periods"),
            PackFamily(.gauge, "container_cpu_limit_cores", "CPU limit"),
            PackFamily(
                .gauge,
                "container_memory_usage_bytes",
                "Memory of the cgroup",
                unit: "bytes",
                semanticName: "container.memory.usage"
            ),
            PackFamily(
                .gauge,
                "container_memory_working_set_bytes",
                "Working set",
                unit: "bytes",
                semanticName: "container.memory.working_set"
            ),
            PackFamily(
                .gauge,
                "container_memory_rss_bytes",
                "RSS",
                unit: "bytes",
                semanticName: "container.memory.rss"
            ),
            PackFamily(.gauge, "container_memory_limit_bytes", "Memory limit", unit: "bytes"),
            PackFamily(.counter, "container_oom_events_total", "OOM events of the cgroup"),
            PackFamily(
                .counter,
                "container_disk_read_bytes_total",
                "Bytes read",
                unit: "bytes",
                labels: ["device"],
                semanticName: "container.disk.io"
            ),
            PackFamily(
                .counter,
                "container_disk_written_bytes_total",
                "Bytes written",
                unit: "bytes",
                labels: ["device"],
                semanticName: "container.disk.io"
            ),
            PackFamily(
                .counter,
                "container_network_received_bytes_total",
                "Bytes in",
                unit: "bytes",
                labels: ["interface"],
                semanticName: "container.network.io"
            ),
            PackFamily(
                .counter,
                "container_network_sent_bytes_total",
                "Bytes out",
                unit: "bytes",
                labels: ["interface"],
                semanticName: "container.network.io"
            ),
            PackFamily(.gauge, "container_pids", "Tasks in the cgroup"),
            PackFamily(
                .gauge,
                "container_uptime_seconds",
                "Age of the cgroup's first process",
                unit: "seconds",
                semanticName: "container.uptime"
            ),
        ]
    )
}
