import Foundation
import MartletCore
import MartletMetrics
import MartletPacks
import Testing

@Suite("HostCollector")
struct HostCollectorTests {
    private func collector(_ tree: RecordedTree) -> HostCollector {
        HostCollector(configuration: HostConfiguration(procRoot: tree.path + "/proc", sysRoot: tree.path + "/sys"))
    }

    /// The numbers of a family, by its labels as PromQL writes them.
    private func values(_ families: [MetricFamily], _ name: String) -> [String: Double] {
        let series = families.first { $0.name == name }?.series ?? []
        return Dictionary(uniqueKeysWithValues: series.map { ($0.labels.description, $0.value.number ?? .nan) })
    }

    @Test func `reads processor time, load and counts, and shares since the last collection`() throws {
        func statistics(_ cpu: String) -> String {
            "cpu  \(cpu)\ncpu0 100 0 50 800 10 1 2 3 0 0\ncpu1 110 5 60 700 20 1 2 3 0 0\nintr 5000 1 2 3\nctxt 12345\n"
                + "btime 1700000000\nprocesses 77\nprocs_running 2\nprocs_blocked 1\n"
        }
        let tree = try RecordedTree([
            "proc/stat": statistics("210 5 110 1500 30 2 4 6 0 0"), "proc/loadavg": "0.50 1.25 2.00 1/100 999\n",
            "proc/uptime": "3600.25 7000.00\n",
            "proc/cpuinfo": "physical id\t: 0\ncore id\t\t: 0\n\nphysical id\t: 0\ncore id\t\t: 0\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "2400000\n",
        ])
        let collector = collector(tree)
        let first = collector.collect()
        #expect(values(first, "system_cpu_seconds_total")[#"{cpu="0", mode="user"}"#] == 1)
        #expect(values(first, "system_cpu_seconds_total")[#"{cpu="1", mode="idle"}"#] == 7)
        #expect(values(first, "system_cpu_seconds_total").count == 16)
        #expect(values(first, "system_cpu_utilization_ratio").isEmpty)
        #expect(values(first, "system_cpus_logical") == ["{}": 2])
        #expect(values(first, "system_cpus_physical") == ["{}": 1])
        #expect(values(first, "system_cpu_frequency_hertz") == [#"{cpu="0"}"#: 2_400_000_000])
        #expect(
            values(first, "system_load_average")
                == [#"{window="1m"}"#: 0.5, #"{window="5m"}"#: 1.25, #"{window="15m"}"#: 2]
        )
        #expect(values(first, "system_context_switches_total") == ["{}": 12345])
        #expect(values(first, "system_interrupts_total") == ["{}": 5000])
        #expect(values(first, "system_boot_time_seconds") == ["{}": 1_700_000_000])
        #expect(values(first, "system_uptime_seconds") == ["{}": 3600.25])
        #expect(values(first, "system_processes") == [#"{state="running"}"#: 2, #"{state="blocked"}"#: 1])
        try Data(statistics("240 5 120 1550 40 2 4 6 0 0").utf8).write(
            to: URL(fileURLWithPath: tree.path + "/proc/stat")
        )
        let shares = values(collector.collect(), "system_cpu_utilization_ratio")
        #expect(shares[#"{mode="user"}"#] == 0.3)
        #expect(shares[#"{mode="idle"}"#] == 0.5)
    }

    @Test func `does the kernel's arithmetic on memory`() throws {
        let tree = try RecordedTree([
            "proc/meminfo": """
            MemTotal:        1000 kB
            MemFree:          100 kB
            MemAvailable:     600 kB
            Buffers:           50 kB
            Cached:           300 kB
            SwapCached:         1 kB
            Shmem:             20 kB
            SReclaimable:      30 kB
            SUnreclaim:        10 kB
            SwapTotal:        200 kB
            SwapFree:         150 kB
            HugePages_Total:    4
            HugePages_Free:     3

            """,
            "proc/vmstat": "pgfault 1000\npgmajfault 10\npswpin 5\npswpout 6\noom_kill 2\n",
        ])
        let families = collector(tree).collect()
        #expect(
            values(families, "system_memory_usage_bytes") == [
                #"{state="used"}"#: 532_480, #"{state="free"}"#: 102_400, #"{state="buffers"}"#: 51_200,
                #"{state="cached"}"#: 337_920,
            ]
        )
        #expect(values(families, "system_memory_limit_bytes") == ["{}": 1_024_000])
        #expect(values(families, "system_memory_utilization_ratio") == ["{}": 0.4])
        #expect(values(families, "system_memory_slab_bytes")[#"{state="reclaimable"}"#] == 30_720)
        #expect(values(families, "system_swap_usage_bytes")[#"{state="used"}"#] == 50_176)
        #expect(values(families, "system_hugepages") == [#"{state="total"}"#: 4, #"{state="free"}"#: 3])
        #expect(values(families, "system_page_faults_total") == [#"{type="minor"}"#: 990, #"{type="major"}"#: 10])
        #expect(values(families, "system_oom_kills_total") == ["{}": 2])
    }

    @Test func `reads disks without partitions and virtual ones`() throws {
        let tree = try RecordedTree([
            "proc/diskstats": """
               7       0 loop0 1 1 1 1 1 1 1 1 1 1 1
             259       0 nvme0n1 10 2 2000 500 20 4 4000 1500 3 700 2000 0 0 0 0 0 0
             259       1 nvme0n1p1 1 1 1 1 1 1 1 1 1 1 1
               8       1 sda1 1 1 1 1 1 1 1 1 1 1 1

            """
        ])
        let families = collector(tree).collect()
        let device = #"{device="nvme0n1"}"#
        #expect(values(families, "system_disk_read_bytes_total") == [device: 1_024_000])
        #expect(values(families, "system_disk_written_bytes_total") == [device: 2_048_000])
        #expect(
            values(families, "system_disk_operations_total")
                == [#"{device="nvme0n1", direction="read"}"#: 10, #"{device="nvme0n1", direction="write"}"#: 20]
        )
        #expect(
            values(families, "system_disk_operation_seconds_total")[#"{device="nvme0n1", direction="write"}"#] == 1.5
        )
        #expect(values(families, "system_disk_io_seconds_total") == [device: 0.7])
        #expect(values(families, "system_disk_queue_depth") == [device: 3])
    }

    @Test func `reads interfaces, connections and retransmissions`() throws {
        let tree = try RecordedTree([
            "proc/net/dev": """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
              eth0:1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
            vethab: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1

            """,
            "proc/net/sockstat": "sockets: used 9\nTCP: inuse 5 orphan 1 tw 2 alloc 6 mem 0\nUDP: inuse 3 mem 0\n",
            "proc/net/snmp": "Tcp: RtoAlgorithm MaxConn CurrEstab RetransSegs\nTcp: 1 -1 4 99\nUdp: A\nUdp: 1\n",
        ])
        let families = collector(tree).collect()
        #expect(values(families, "system_network_received_bytes_total") == [#"{interface="eth0"}"#: 1000])
        #expect(values(families, "system_network_sent_bytes_total") == [#"{interface="eth0"}"#: 2000])
        #expect(values(families, "system_network_dropped_total")[#"{direction="transmit", interface="eth0"}"#] == 4)
        #expect(values(families, "system_network_connections")[#"{state="established", transport="tcp"}"#] == 4)
        #expect(values(families, "system_network_connections")[#"{state="time_wait", transport="tcp"}"#] == 2)
        #expect(values(families, "system_tcp_retransmits_total") == ["{}": 99])
    }

    @Test func `reads pressure, limits and facts`() throws {
        let tree = try RecordedTree([
            "proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 total=0\n",
            "proc/pressure/io": "some avg10=0.00 total=2\n", "proc/sys/kernel/threads-max": "1000\n",
            "proc/sys/fs/file-nr": "128\t0\t9223372036854775807\n", "proc/sys/kernel/random/entropy_avail": "256\n",
            "proc/sys/kernel/hostname": "nest\n", "proc/sys/kernel/ostype": "Linux\n",
            "sys/class/thermal/thermal_zone0/temp": "-1500\n", "sys/class/thermal/thermal_zone0/type": "cpu\n",
        ])
        let families = collector(tree).collect()
        let pressure = values(families, "system_pressure_waiting_seconds_total")
        #expect(pressure[#"{kind="some", resource="cpu"}"#] == 1.5)
        #expect(pressure[#"{kind="full", resource="cpu"}"#] == 0)
        #expect(pressure.count == 3)
        #expect(values(families, "system_fds_allocated") == ["{}": 128])
        #expect(values(families, "system_entropy_available_bytes") == ["{}": 32])
        #expect(values(families, "system_temperature_celsius") == [#"{sensor="cpu_0"}"#: -1.5])
        #expect(values(families, "host_info") == [#"{hostname="nest", os="Linux"}"#: 1])
    }

    @Test func `asks the kernel for the space of mounts, once for each device`() throws {
        let folder = try RecordedTree(["here/with space/file": ""])
        let point = folder.path + "/here/with\\040space"
        let tree = try RecordedTree([
            "proc/self/mounts": """
            /dev/vda \(point) ext4 ro,relatime 0 0
            /dev/vda \(folder.path)/here ext4 rw 0 0
            tmpfs \(folder.path) tmpfs rw 0 0
            proc /proc proc rw 0 0
            /dev/vdb /nowhere/at/all ext4 rw 0 0

            """
        ])
        let families = collector(tree).collect()
        let mount = folder.path + "/here/with space"
        var status = statvfs()
        #expect(statvfs(mount, &status) == 0)
        let labels = #"{device="/dev/vda", mountpoint="\#(mount)", type="ext4"}"#
        #expect(
            values(families, "system_filesystem_limit_bytes") == [
                labels: Double(status.f_blocks) * Double(status.f_frsize)
            ]
        )
        #expect(values(families, "system_filesystem_readonly") == [#"{mountpoint="\#(mount)"}"#: 1])
        #expect(values(families, "system_filesystem_usage_bytes").count == 3)
    }

    @Test func `reads control groups of version 2`() throws {
        let tree = try RecordedTree([
            "proc/self/cgroup": "0::/box\n", "sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
            "sys/fs/cgroup/box/cpu.stat":
                "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_throttled 7\nthrottled_usec 500000\n",
            "sys/fs/cgroup/box/cpu.max": "150000 100000\n", "sys/fs/cgroup/box/memory.current": "5000\n",
            "sys/fs/cgroup/box/memory.stat": "anon 3000\ninactive_file 1000\n", "sys/fs/cgroup/box/memory.max": "max\n",
            "sys/fs/cgroup/box/memory.events": "low 0\noom_kill 3\n", "sys/fs/cgroup/box/pids.current": "12\n",
            "sys/fs/cgroup/box/io.stat": "253:0 rbytes=100 wbytes=200 rios=1 wios=2\n",
        ])
        let families = collector(tree).collect()
        #expect(values(families, "container_cpu_seconds_total") == [#"{mode="user"}"#: 2, #"{mode="system"}"#: 1])
        #expect(values(families, "container_cpu_throttled_seconds_total") == ["{}": 0.5])
        #expect(values(families, "container_cpu_limit_cores") == ["{}": 1.5])
        #expect(values(families, "container_memory_working_set_bytes") == ["{}": 4000])
        #expect(values(families, "container_memory_rss_bytes") == ["{}": 3000])
        #expect(values(families, "container_memory_limit_bytes").isEmpty)
        #expect(values(families, "container_oom_events_total") == ["{}": 3])
        #expect(values(families, "container_pids") == ["{}": 12])
        #expect(values(families, "container_disk_written_bytes_total") == [#"{device="253:0"}"#: 200])
    }

    @Test func `reads control groups of version 1`() throws {
        let tree = try RecordedTree([
            "proc/self/cgroup": "4:memory:/box\n3:cpu,cpuacct:/box\n2:blkio:/out/of/sight\n1:name=systemd:/\n",
            "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "5000\n",
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "8000\n",
            "sys/fs/cgroup/memory/box/memory.stat": "total_rss 3000\ntotal_inactive_file 1000\n",
            "sys/fs/cgroup/cpu,cpuacct/box/cpuacct.stat": "user 300\nsystem 100\n",
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.stat": "nr_throttled 2\nthrottled_time 1500000000\n",
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes": "253:0 Read 10\n253:0 Write 20\nTotal 30\n",
        ])
        let families = collector(tree).collect()
        #expect(values(families, "container_cpu_seconds_total") == [#"{mode="user"}"#: 3, #"{mode="system"}"#: 1])
        #expect(values(families, "container_cpu_throttled_seconds_total") == ["{}": 1.5])
        #expect(values(families, "container_cpu_limit_cores").isEmpty)
        #expect(values(families, "container_memory_working_set_bytes") == ["{}": 4000])
        #expect(values(families, "container_memory_limit_bytes") == ["{}": 8000])
        #expect(values(families, "container_disk_read_bytes_total") == [#"{device="253:0"}"#: 10])
    }

    @Test func `leaves out what the machine does not supply`() throws {
        #expect(try collector(RecordedTree([:])).collect().isEmpty)
    }

    @Test func `agrees with this machine's own files`() throws {
        let total = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8).split(separator: "\n").first?
            .split(separator: " ").dropFirst().first.flatMap { Double($0) }
        let families = HostCollector().collect()
        #expect(values(families, "system_memory_limit_bytes")["{}"] == (total ?? 0) * 1024)
        #expect(Set(families.map(\.name)).count == families.count)
        #expect(families.allSatisfy { Set($0.series.map(\.labels)).count == $0.series.count })
        #expect(families.count > 25)
    }

    @Test(arguments: [
        ("loop0", true), ("ram1", true), ("sda", false), ("sda1", true), ("nvme0n1", false), ("nvme0n1p2", true),
        ("md0", false), ("dm-0", false), ("vdb12", true),
    ])
    func `tells disks from parts and pretences`(name: String, isVirtual: Bool) {
        #expect(HostConfiguration.isVirtualDevice(name) == isVirtual)
    }
}
