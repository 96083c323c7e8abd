import MartletCore

extension PackDefinition {
    /// What a machine uses and has.
    public static let host = PackDefinition(
        "Host pack",
        labels: [],
        about: """
            Read from /proc and /sys at each scrape. Devices, mounts and interfaces that are virtual are left out; see `HostConfiguration`.
            """,
        families: [
            PackFamily(
                .gauge,
                "system_uptime_seconds",
                "Seconds since boot",
                unit: "seconds",
                semanticName: "system.uptime"
            ),
            PackFamily(.gauge, "system_boot_time_seconds", "Unix boot time", unit: "seconds"),
            PackFamily(
                .counter,
                "system_cpu_seconds_total",
                "CPU time by mode",
                unit: "seconds",
                labels: ["cpu", "mode"],
                semanticName: "system.cpu.time"
            ),
            PackFamily(
                .gauge,
                "system_cpu_utilization_ratio",
                "CPU share by mode",
                labels: ["mode"],
                semanticName: "system.cpu.utilization"
            ),
            PackFamily(.gauge, "system_cpus_logical", "Logical CPUs", semanticName: "system.cpu.logical.count"),
            PackFamily(.gauge, "system_cpus_physical", "Physical cores", semanticName: "system.cpu.physical.count"),
            PackFamily(
                .gauge,
                "system_cpu_frequency_hertz",
                "Clock",
                unit: "hertz",
                labels: ["cpu"],
                semanticName: "system.cpu.frequency"
            ),
            PackFamily(.gauge, "system_load_average", "Load 1m, 5m, 15m", labels: ["window"]),
            PackFamily(.counter, "system_context_switches_total", "Context switches"),
            PackFamily(.counter, "system_interrupts_total", "Interrupts"),
            PackFamily(
                .gauge,
                "system_memory_usage_bytes",
                "Memory by state",
                unit: "bytes",
                labels: ["state"],
                semanticName: "system.memory.usage"
            ),
            PackFamily(
                .gauge,
                "system_memory_limit_bytes",
                "Total memory",
                unit: "bytes",
                semanticName: "system.memory.limit"
            ),
            PackFamily(
                .gauge,
                "system_memory_available_bytes",
                "Available memory",
                unit: "bytes",
                semanticName: "system.memory.linux.available"
            ),
            PackFamily(
                .gauge,
                "system_memory_utilization_ratio",
                "Used share",
                semanticName: "system.memory.utilization"
            ),
            PackFamily(
                .gauge,
                "system_memory_shared_bytes",
                "Shared memory",
                unit: "bytes",
                semanticName: "system.memory.linux.shared"
            ),
            PackFamily(
                .gauge,
                "system_memory_slab_bytes",
                "Slab memory",
                unit: "bytes",
                labels: ["state"],
                semanticName: "system.memory.linux.slab.usage"
            ),
            PackFamily(
                .gauge,
                "system_hugepages",
                "Huge pages",
                labels: ["state"],
                semanticName: "system.memory.linux.hugepages.usage"
            ),
            PackFamily(
                .gauge,
                "system_swap_usage_bytes",
                "Swap",
                unit: "bytes",
                labels: ["state"],
                semanticName: "system.paging.usage"
            ),
            PackFamily(
                .gauge,
                "system_swap_utilization_ratio",
                "Swap used share",
                semanticName: "system.paging.utilization"
            ),
            PackFamily(
                .counter,
                "system_page_faults_total",
                "Page faults",
                labels: ["type"],
                semanticName: "system.paging.faults"
            ),
            PackFamily(
                .counter,
                "system_page_operations_total",
                "Pages in and out",
                labels: ["direction", "type"],
                semanticName: "system.paging.operations"
            ),
            PackFamily(
                .counter,
                "system_disk_read_bytes_total",
                "Bytes read",
                unit: "bytes",
                labels: ["device"],
                semanticName: "system.disk.io"
            ),
            PackFamily(
                .counter,
                "system_disk_written_bytes_total",
                "Bytes written",
                unit: "bytes",
                labels: ["device"],
                semanticName: "system.disk.io"
            ),
            PackFamily(
                .counter,
                "system_disk_operations_total",
                "Operations",
                labels: ["device", "direction"],
                semanticName: "system.disk.operations"
            ),
            PackFamily(
                .counter,
                "system_disk_io_seconds_total",
                "Time busy",
                unit: "seconds",
                labels: ["device"],
                semanticName: "system.disk.io_time"
            ),
            PackFamily(
                .counter,
                "system_disk_operation_seconds_total",
                "Summed operation time",
                unit: "seconds",
                labels: ["device", "direction"],
                semanticName: "system.disk.operation_time"
            ),
            PackFamily(
                .counter,
                "system_disk_merged_total",
                "Merged operations",
                labels: ["device", "direction"],
                semanticName: "system.disk.merged"
            ),
            PackFamily(.gauge, "system_disk_queue_depth", "Operations in flight", labels: ["device"]),
            PackFamily(
                .gauge,
                "system_filesystem_usage_bytes",
                "Space by state",
                unit: "bytes",
                labels: ["device", "mountpoint", "type", "state"],
                semanticName: "system.filesystem.usage"
            ),
            PackFamily(
                .gauge,
                "system_filesystem_limit_bytes",
                "Size",
                unit: "bytes",
                labels: ["device", "mountpoint", "type"],
                semanticName: "system.filesystem.limit"
            ),
            PackFamily(
                .gauge,
                "system_filesystem_utilization_ratio",
                "Used share",
                labels: ["device", "mountpoint", "type"],
                semanticName: "system.filesystem.utilization"
            ),
            PackFamily(.gauge, "system_filesystem_inodes", "Inodes", labels: ["mountpoint", "state"]),
            PackFamily(.gauge, "system_filesystem_readonly", "1 if read-only", labels: ["mountpoint"]),
            PackFamily(
                .counter,
                "system_network_received_bytes_total",
                "Bytes in",
                unit: "bytes",
                labels: ["interface"],
                semanticName: "system.network.io"
            ),
            PackFamily(
                .counter,
                "system_network_sent_bytes_total",
                "Bytes out",
                unit: "bytes",
                labels: ["interface"],
                semanticName: "system.network.io"
            ),
            PackFamily(
                .counter,
                "system_network_packets_total",
                "Packets",
                labels: ["interface", "direction"],
                semanticName: "system.network.packet.count"
            ),
            PackFamily(
                .counter,
                "system_network_errors_total",
                "Errors",
                labels: ["interface", "direction"],
                semanticName: "system.network.errors"
            ),
            PackFamily(
                .counter,
                "system_network_dropped_total",
                "Drops",
                labels: ["interface", "direction"],
                semanticName: "system.network.packet.dropped"
            ),
            PackFamily(
                .gauge,
                "system_network_connections",
                "Connections",
                labels: ["transport", "state"],
                semanticName: "system.network.connection.count"
            ),
            PackFamily(.counter, "system_tcp_retransmits_total", "TCP retransmits"),
            PackFamily(
                .gauge,
                "system_processes",
                "Processes by state",
                labels: ["state"],
                semanticName: "system.process.count"
            ),
            PackFamily(
                .counter,
                "system_processes_created_total",
                "Processes created",
                semanticName: "system.process.created"
            ),
            PackFamily(.gauge, "system_threads_limit", "Thread limit", semanticName: "system.process.limit"),
            PackFamily(.gauge, "system_fds_allocated", "File descriptors in use"),
            PackFamily(.gauge, "system_fds_limit", "File descriptor limit"),
            PackFamily(.gauge, "system_entropy_available_bytes", "Entropy", unit: "bytes"),
            PackFamily(
                .counter,
                "system_pressure_waiting_seconds_total",
                "PSI some and full time",
                unit: "seconds",
                labels: ["resource", "kind"]
            ),
            PackFamily(.counter, "system_oom_kills_total", "OOM kills"),
            PackFamily(.gauge, "system_time_offset_seconds", "Clock offset", unit: "seconds"),
            PackFamily(.gauge, "system_temperature_celsius", "Temperature", unit: "celsius", labels: ["sensor"]),
            PackFamily(.gauge, "host_info", "Constant 1", labels: ["hostname", "os", "kernel", "arch"]),
        ]
    )
}
