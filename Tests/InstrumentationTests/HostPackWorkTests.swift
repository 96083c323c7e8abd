import Foundation
import MartletCore
import MartletMetrics
import MartletPacks
import Testing

/// The families of the host and container packs, each moved by something that really happens on this machine.
///
/// A family is in one of four lists: moved by work here, a fact that no work changes and that is compared with what
/// another source says of it, moved in a control group of the test's own, or read from recorded files before and after,
/// because it takes a fault, heat or swap to move it. A family in none of them fails the first test.
@Suite("Host pack at work", .serialized)
struct HostPackWorkTests {
    static let moved: Set = [
        "system_uptime_seconds", "system_cpu_seconds_total", "system_cpu_utilization_ratio", "system_load_average",
        "system_context_switches_total", "system_interrupts_total", "system_memory_usage_bytes",
        "system_memory_available_bytes", "system_memory_utilization_ratio", "system_memory_shared_bytes",
        "system_memory_slab_bytes", "system_page_faults_total", "system_disk_read_bytes_total",
        "system_disk_written_bytes_total", "system_disk_operations_total", "system_disk_io_seconds_total",
        "system_disk_operation_seconds_total", "system_filesystem_usage_bytes",
        "system_filesystem_utilization_ratio", "system_filesystem_inodes", "system_network_received_bytes_total",
        "system_network_sent_bytes_total", "system_network_packets_total", "system_network_connections",
        "system_tcp_retransmits_total", "system_processes", "system_processes_created_total", "system_fds_allocated",
        "system_pressure_waiting_seconds_total",
    ]

    static let facts: Set = [
        "system_boot_time_seconds", "system_cpus_logical", "system_cpus_physical", "system_memory_limit_bytes",
        "system_filesystem_limit_bytes", "system_filesystem_readonly", "system_threads_limit", "system_fds_limit",
        "system_entropy_available_bytes", "system_time_offset_seconds", "host_info",
    ]

    static let grouped: Set = [
        "container_cpu_seconds_total", "container_cpu_throttled_seconds_total",
        "container_cpu_throttled_periods_total", "container_cpu_limit_cores", "container_memory_usage_bytes",
        "container_memory_working_set_bytes", "container_memory_rss_bytes", "container_memory_limit_bytes",
        "container_oom_events_total", "container_disk_read_bytes_total", "container_disk_written_bytes_total",
        "container_pids", "container_uptime_seconds", "system_oom_kills_total",
    ]

    static let recorded: Set = [
        "system_cpu_frequency_hertz", "system_hugepages", "system_swap_usage_bytes", "system_swap_utilization_ratio",
        "system_page_operations_total", "system_disk_merged_total", "system_disk_queue_depth",
        "system_network_errors_total", "system_network_dropped_total", "system_temperature_celsius",
        "container_network_received_bytes_total", "container_network_sent_bytes_total",
    ]

    static var families: [String] { (PackDefinition.host.families + PackDefinition.container.families).map(\.name) }

    /// What the kernel of this machine has none of.
    static let absent: [String] = {
        let collector = HostCollector()
        _ = collector.collect()
        burn(0.05)
        let names = Set(collector.collect().map(\.name))
        return families.filter { !names.contains($0) && !grouped.contains($0) && !recorded.contains($0) }
    }()

    private func values(_ families: [MetricFamily], _ name: String) -> [LabelSet: Double] {
        let series = families.first { $0.name == name }?.series ?? []
        return Dictionary(uniqueKeysWithValues: series.map { ($0.labels, $0.value.number ?? .nan) })
    }

    @Test func `each family of the packs is moved or compared by one test`() {
        let lists = [Self.moved, Self.facts, Self.grouped, Self.recorded]
        #expect(lists.reduce(0) { $0 + $1.count } == Self.families.count)
        #expect(lists.reduce(into: Set<String>()) { $0.formUnion($1) } == Set(Self.families))
    }

    @Test(.enabled(if: absent.isEmpty, "this kernel has no \(absent.joined(separator: ", "))"))
    func `this kernel supplies every family`() {
        #expect(Self.absent == [])
    }

    @Test func `what happens on this machine changes its figures`() throws {
        let collector = HostCollector()
        let disk = try DiskFile()
        let shared = "/dev/shm/martlet-work-\(UUID().uuidString)"
        defer { unlink(shared) }
        var rounds = 0
        var held: [[UInt8]] = []
        let refused = try Backlog()
        defer { refused.close() }
        var work = PackWork()
        let missing = try work.until(Self.moved.sorted()) { work in
            rounds += 1
            work.look(collector.collect())
            let file = open(shared, O_RDWR | O_CREAT, 0o600)
            defer { close(file) }
            ftruncate(file, off_t(rounds) << 22)
            posix_fallocate(file, 0, off_t(rounds) << 22)
            if held.count < 8 { held.append([UInt8](repeating: 2, count: 16 << 20)) }
            disk.touch(300)
            try disk.writeAndRead(4 << 20)
            let open = try (0..<300).map { _ in try FileHandle(forReadingFrom: URL(filePath: "/dev/zero")) }
            let connection = try Loopback()
            defer { connection.close() }
            connection.send(10_000)
            let child = try Child("read line")
            burn(0.3)
            work.look(collector.collect())
            withExtendedLifetime((held, open, child)) {}
        }
        #expect(missing == [])
    }

    @Test func `facts of this machine are as another source has them`() throws {
        let families = HostCollector().collect()
        func fact(_ name: String) -> Double? { values(families, name)[[:]] }
        #expect(fact("system_cpus_logical") == Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        if let cores = fact("system_cpus_physical") { #expect(cores >= 1 && cores <= fact("system_cpus_logical") ?? 0) }
        let total = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
        #expect(fact("system_memory_limit_bytes") == total)
        var sinceBoot = timespec()
        #expect(clock_gettime(CLOCK_BOOTTIME, &sinceBoot) == 0)
        let boot = Date().timeIntervalSince1970 - Double(sinceBoot.tv_sec)
        #expect(abs((fact("system_boot_time_seconds") ?? 0) - boot) < 120)
        var root = statvfs()
        #expect(statvfs("/", &root) == 0)
        let mounts = values(families, "system_filesystem_limit_bytes").filter { $0.key["mountpoint"] == "/" }
        if let mount = mounts.first { #expect(mount.value == Double(root.f_blocks) * Double(root.f_frsize)) }
        let readOnly = values(families, "system_filesystem_readonly")[["mountpoint": "/"]]
        if let readOnly { #expect((readOnly == 1) == (Int(root.f_flag) & Int(ST_RDONLY) != 0)) }
        func file(_ path: String) throws -> Double? {
            Double(try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        #expect(try fact("system_threads_limit") == file("/proc/sys/kernel/threads-max"))
        #expect(try fact("system_fds_limit") == file("/proc/sys/fs/file-max"))
        #expect((fact("system_entropy_available_bytes") ?? 0) > 0)
        if let offset = fact("system_time_offset_seconds") { #expect(abs(offset) < 10) }
        var name = utsname()
        #expect(uname(&name) == 0)
        let release = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let info = try #require(families.first { $0.name == "host_info" }?.series.first)
        #expect(info.labels["kernel"] == release)
        #expect(info.labels["os"] == "Linux")
        for family in families {
            let known = PackDefinition.host[family.name] ?? PackDefinition.container[family.name]
            #expect(known?.metadata == family.metadata, "\(family.name)")
        }
    }

    @Test(.enabled(if: TestControlGroup.isPossible, "control groups of version 1 cannot be made here"))
    func `work in a control group changes what its container shows`() throws {
        let group = try TestControlGroup()
        let collector = try group.collector()
        var work = PackWork()
        let empty = collector.collect()
        #expect(values(empty, "container_cpu_limit_cores").isEmpty)
        #expect(values(empty, "container_memory_limit_bytes").isEmpty)
        work.look(empty)
        let disk = try DiskFile()
        try group.watch(diskOf: disk.folder)
        // Reads and writes past the page cache, so that they are the group's and not the kernel's; then it computes,
        // with a core's fifth, and holds memory.
        let direct = """
            echo $$ | tee \(group.lists) >/dev/null && read line
            dd if=/dev/zero of=\(disk.folder.path)/direct bs=1M count=4 oflag=direct conv=fsync
            dd if=\(disk.folder.path)/direct of=/dev/null bs=1M iflag=direct
            exec dd if=/dev/zero of=/dev/null bs=16M
            """
        let child = try Child(direct)
        try group.await { try group.processes.contains(child.identifier) }
        group.show(child.identifier)
        try group.limit(processorPercent: 20)
        try child.proceed()
        let families = Self.grouped.subtracting([
            "container_oom_events_total", "system_oom_kills_total", "container_cpu_limit_cores",
            "container_memory_limit_bytes",
        ])
        let missing = try work.until(families.sorted()) { work in
            work.look(collector.collect())
            usleep(20_000)
        }
        #expect(missing == [])
        #expect(values(collector.collect(), "container_cpu_limit_cores") == [[:]: 0.2])
        #expect(families.subtracting(work.seen) == [])

        // A limit below what it wants: the kernel ends what asks for more.
        try group.limit(memoryBytes: 64 << 20)
        #expect(values(collector.collect(), "container_memory_limit_bytes") == [[:]: 67_108_864])
        try group.limit(processorPercent: nil)
        let kills = ["container_oom_events_total", "system_oom_kills_total"]
        let unkilled = try work.until(kills) { work in
            let greedy = try Child(
                "echo $$ | tee \(group.lists) >/dev/null && exec dd if=/dev/zero of=/dev/null bs=256M count=1"
            )
            greedy.waitUntilExit()
            work.look(collector.collect())
        }
        #expect(unkilled == [])
    }

    @Test func `what takes a fault, heat or swap is read from recorded files before and after`() throws {
        func tree(_ step: Int) throws -> RecordedTree {
            try RecordedTree([
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "\(1000 + step)\n",
                "proc/meminfo": """
                MemTotal: 1000 kB
                MemFree: 100 kB
                SwapTotal: 200 kB
                SwapFree: \(150 - step) kB
                HugePages_Total: 4
                HugePages_Free: \(3 - step)

                """,
                "proc/vmstat": "pswpin \(step)\npswpout 6\n",
                "proc/diskstats": " 259 0 nvme0n1 10 \(2 + step) 2000 500 20 4 4000 1500 \(step) 700 2000\n",
                "proc/net/dev": "eth0: 1 1 \(step) \(step) 0 0 0 0 2 1 1 1 0 0 0 0\n",
                "sys/class/thermal/thermal_zone0/temp": "\(40_000 + step)\n",
                "proc/self/net/dev": "eth0: \(1 + step) 1 0 0 0 0 0 0 \(2 + step) 1 1 1 0 0 0 0\n",
                "proc/self/cgroup": "4:memory:/box\n", "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "1\n",
            ])
        }
        var work = PackWork()
        for step in 0..<2 {
            let tree = try tree(step)
            let configuration = HostConfiguration(procRoot: tree.path + "/proc", sysRoot: tree.path + "/sys")
            work.look(HostCollector(configuration: configuration).collect())
        }
        #expect(Self.recorded.subtracting(work.moved) == [])
    }
}

/// A connection of this machine to itself.
private struct Loopback {
    private let ends: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(listener) }
        var address = try Loopback.listen(listener, backlog: 1)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(Loopback.connect(client, &address) == 0)
        ends = [client, accept(listener, nil, nil)]
    }

    func send(_ count: Int) { Glibc.send(ends[0], [UInt8](repeating: 1, count: count), count, 0) }

    func close() { for end in ends { Glibc.close(end) } }

    static func listen(_ listener: Int32, backlog: Int32) throws -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listener, place, size) == 0 && Glibc.listen(listener, backlog) == 0
                    && getsockname(listener, place, &size) == 0
            }
        }
        try #require(isBound)
        return address
    }

    static func connect(_ client: Int32, _ address: inout sockaddr_in) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A listener that takes nobody: those beyond its backlog ask again after a second, which the kernel counts.
private struct Backlog {
    private let sockets: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = try Loopback.listen(listener, backlog: 0)
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let clients = (0..<4).map { _ in socket(AF_INET, kind, 0) }
        for client in clients { _ = Loopback.connect(client, &address) }
        sockets = clients + [listener]
    }

    func close() { for end in sockets { Glibc.close(end) } }
}
