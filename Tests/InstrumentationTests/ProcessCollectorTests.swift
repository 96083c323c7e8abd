import MartletMetrics
import MartletPacks
import Testing

@Suite("ProcessCollector")
struct ProcessCollectorTests {
    private func values(_ families: [MetricFamily], _ name: String) -> [String: Double] {
        let series = families.first { $0.name == name }?.series ?? []
        return Dictionary(uniqueKeysWithValues: series.map { ($0.labels.description, $0.value.number ?? .nan) })
    }

    private func tree() throws -> RecordedTree {
        let fields = (25...41).map { _ in "0" }.joined(separator: " ")
        return try RecordedTree([
            "7/stat":
                "7 (a (weird) name) S 1 7 7 0 -1 4194560 300 0 4 0 150 50 0 0 20 0 9 0 100000 4096000 25 \(fields) 30 0 0\n",
            "7/status":
                "Name:\tx\nVmHWM:\t  2000 kB\nVmSwap:\t 100 kB\nSigPnd:\t0000000000000001\nShdPnd:\t0000000000000006\n"
                + "voluntary_ctxt_switches:\t11\nnonvoluntary_ctxt_switches:\t12\n",
            "7/io": "rchar: 1\nsyscr: 2\nsyscw: 3\nread_bytes: 4096\nwrite_bytes: 8192\n", "7/comm": "nestd\n",
            "7/limits": "Limit Soft Limit Hard Limit Units\nMax open files            1024  4096  files\n"
                + "Max address space         unlimited  unlimited  bytes\n",
            "7/oom_score": "666\n", "7/schedstat": "1 2500000000 3\n", "7/fd/0": "", "7/fd/1": "", "7/fd/2": "",
            "uptime": "3000.50 1.0\n", "stat": "cpu 1 2 3\ncpu0 1 2 3\nbtime 1700000000\n",
            "meminfo": "MemTotal: 1000 kB\n",
        ])
    }

    @Test func `reads a process from its files`() throws {
        let tree = try tree()
        let collector = ProcessCollector(procRoot: tree.path, process: "7", version: "1.2")
        #expect(collector.name == "process")
        let families = try collector.collect()
        #expect(values(families, "process_cpu_seconds_total") == ["{}": 2])
        #expect(
            values(families, "process_cpu_mode_seconds_total") == [#"{mode="user"}"#: 1.5, #"{mode="system"}"#: 0.5]
        )
        #expect(values(families, "process_virtual_memory_bytes") == ["{}": 4_096_000])
        #expect(values(families, "process_resident_memory_bytes") == ["{}": 102_400])
        #expect(values(families, "process_memory_utilization_ratio") == ["{}": 0.1])
        #expect(values(families, "process_peak_resident_memory_bytes") == ["{}": 2_048_000])
        #expect(values(families, "process_swap_bytes") == ["{}": 102_400])
        #expect(values(families, "process_open_fds") == ["{}": 3])
        #expect(values(families, "process_max_fds") == ["{}": 1024])
        #expect(values(families, "process_virtual_memory_max_bytes").isEmpty)
        #expect(values(families, "process_threads") == ["{}": 9])
        #expect(values(families, "process_start_time_seconds") == ["{}": 1_700_001_000])
        #expect(values(families, "process_uptime_seconds") == ["{}": 2000.5])
        #expect(values(families, "process_page_faults_total") == [#"{type="minor"}"#: 300, #"{type="major"}"#: 4])
        #expect(values(families, "process_context_switches_total")[#"{type="involuntary"}"#] == 12)
        #expect(values(families, "process_disk_written_bytes_total") == ["{}": 8192])
        #expect(values(families, "process_disk_operations_total")[#"{direction="write"}"#] == 3)
        #expect(values(families, "process_signals_pending") == ["{}": 3])
        #expect(values(families, "process_oom_score") == ["{}": 666])
        #expect(values(families, "process_state") == [#"{state="sleeping"}"#: 1])
        #expect(values(families, "process_cpu_wait_seconds_total") == ["{}": 2.5])
        #expect(values(families, "process_delay_io_seconds_total") == ["{}": 0.3])
        #expect(values(families, "process_info") == [#"{executable="nestd", version="1.2"}"#: 1])
    }

    @Test func `says when the process is gone`() throws {
        let tree = try RecordedTree([:])
        let error = #expect(throws: ProcessCollectorError.self) {
            try ProcessCollector(procRoot: tree.path, process: "8").collect()
        }
        #expect(error?.description.hasPrefix("cannot read \(tree.path)/8/stat: the process is gone") == true)
    }

    @Test func `reads this process`() throws {
        let collector = ProcessCollector()
        let families = try collector.collect()
        #expect((values(families, "process_resident_memory_bytes")["{}"] ?? 0) > 1_000_000)
        #expect((values(families, "process_threads")["{}"] ?? 0) >= 1)
        #expect((values(families, "process_open_fds")["{}"] ?? 0) >= 3)
        #expect(Set(families.map(\.name)).count == families.count)
    }
}
