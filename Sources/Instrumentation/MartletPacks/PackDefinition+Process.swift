import MartletCore

extension PackDefinition {
    /// What a process uses, and what its Swift runtime does.
    public static let process = PackDefinition(
        "Process pack",
        labels: [],
        about: """
            Read from /proc at each scrape. What the machine does not supply is left out: `process_children` needs a kernel with CONFIG_PROC_CHILDREN or a readable /proc, `process_heap_bytes` needs glibc 2.33 and the own process, the `swift_` families need the instrumented executor and tasks.
            """,
        families: [
            PackFamily(
                .counter,
                "process_cpu_seconds_total",
                "User and system CPU time",
                unit: "seconds",
                semanticName: "process.cpu.time"
            ),
            PackFamily(
                .counter,
                "process_cpu_mode_seconds_total",
                "CPU time by mode",
                unit: "seconds",
                labels: ["mode"],
                semanticName: "process.cpu.time"
            ),
            PackFamily(
                .gauge,
                "process_cpu_utilization_ratio",
                "CPU share since the last reading over all CPUs",
                semanticName: "process.cpu.utilization"
            ),
            PackFamily(
                .gauge,
                "process_resident_memory_bytes",
                "Resident memory",
                unit: "bytes",
                semanticName: "process.memory.usage"
            ),
            PackFamily(
                .gauge,
                "process_virtual_memory_bytes",
                "Virtual memory",
                unit: "bytes",
                semanticName: "process.memory.virtual"
            ),
            PackFamily(.gauge, "process_virtual_memory_max_bytes", "Address space limit", unit: "bytes"),
            PackFamily(
                .gauge,
                "process_memory_utilization_ratio",
                "Resident over host memory",
                semanticName: "process.memory.utilization"
            ),
            PackFamily(.gauge, "process_heap_bytes", "Heap in use", unit: "bytes"),
            PackFamily(.gauge, "process_swap_bytes", "Swapped memory", unit: "bytes"),
            PackFamily(.gauge, "process_peak_resident_memory_bytes", "Highest resident memory", unit: "bytes"),
            PackFamily(
                .gauge,
                "process_open_fds",
                "Open file descriptors",
                semanticName: "process.unix.file_descriptor.count"
            ),
            PackFamily(.gauge, "process_max_fds", "File descriptor limit"),
            PackFamily(.gauge, "process_threads", "Threads", semanticName: "process.thread.count"),
            PackFamily(.gauge, "process_start_time_seconds", "Unix start time", unit: "seconds"),
            PackFamily(
                .gauge,
                "process_uptime_seconds",
                "Seconds since start",
                unit: "seconds",
                semanticName: "process.uptime"
            ),
            PackFamily(
                .counter,
                "process_context_switches_total",
                "Voluntary and involuntary switches",
                labels: ["type"],
                semanticName: "process.context_switches"
            ),
            PackFamily(
                .counter,
                "process_page_faults_total",
                "Minor and major faults",
                labels: ["type"],
                semanticName: "process.paging.faults"
            ),
            PackFamily(
                .counter,
                "process_disk_read_bytes_total",
                "Bytes read from storage",
                unit: "bytes",
                semanticName: "process.disk.io"
            ),
            PackFamily(
                .counter,
                "process_disk_written_bytes_total",
                "Bytes written to storage",
                unit: "bytes",
                semanticName: "process.disk.io"
            ),
            PackFamily(
                .counter,
                "process_disk_operations_total",
                "Read and write calls",
                labels: ["direction"],
                semanticName: "process.disk.operations"
            ),
            PackFamily(
                .gauge,
                "process_network_connections",
                "Sockets of the process",
                labels: ["state", "transport"]
            ),
            PackFamily(.gauge, "process_signals_pending", "Pending signals", semanticName: "process.signals_pending"),
            PackFamily(.gauge, "process_children", "Child processes"),
            PackFamily(.gauge, "process_oom_score", "oom_score"),
            PackFamily(
                .gauge,
                "process_state",
                "1 for the current state",
                labels: ["state"],
                semanticName: "process.state"
            ),
            PackFamily(
                .counter,
                "process_cpu_wait_seconds_total",
                "Time runnable but waiting (schedstat)",
                unit: "seconds"
            ),
            PackFamily(.counter, "process_delay_io_seconds_total", "Block I/O delay", unit: "seconds"),
            PackFamily(.gauge, "process_info", "Constant 1", labels: ["executable", "version", "pid_namespace"]),
            PackFamily(.gauge, "swift_tasks_active", "Swift tasks alive (instrumented)"),
            PackFamily(.counter, "swift_executor_jobs_total", "Jobs run by instrumented executors"),
        ]
    )
}
