import MartletCore
import MartletMetrics

extension HostCollector {
    /// Memory limits from here on mean that there is none: the kernel's page counter is at its end.
    private static let unlimitedBytes: UInt64 = 1 << 62

    /// What the control group of this process has used and may use; version 2 where it is mounted, version 1 otherwise.
    func addContainer(_ list: inout FamilyList, _ reader: ProcReader) {
        let group = ControlGroup(reader, procRoot: configuration.procRoot, root: sys("fs/cgroup"))
        if group.isUnified {
            addUnified(&list, reader, group)
        } else {
            addLegacy(&list, reader, group)
        }
        guard !group.isRoot else { return }
        addContainerNetwork(&list, reader)
        addAge(&list, reader, group)
    }

    /// The interfaces that this process sees, loopback left out: those of its container.
    private func addContainerNetwork(_ list: inout FamilyList, _ reader: ProcReader) {
        guard reader.open(proc("self/net/dev")) else { return }
        var received: [MetricSeries] = []
        var sent: [MetricSeries] = []
        while reader.nextLine() {
            guard let name = reader.text(), name != "lo" else { continue }
            let values = reader.numbers()
            guard values.count >= 16 else { continue }
            received.append(MetricSeries([Label("interface", name)], values[0]))
            sent.append(MetricSeries([Label("interface", name)], values[8]))
        }
        list.add("container_network_received_bytes_total", received)
        list.add("container_network_sent_bytes_total", sent)
    }

    /// How long the oldest process of the group has been there; at most so many of them are looked at.
    private func addAge(_ list: inout FamilyList, _ reader: ProcReader, _ group: ControlGroup) {
        let processesMax = 4096
        guard let path = group.processes, reader.open(path) else { return }
        var processes: [UInt64] = []
        while processes.count < processesMax, reader.nextLine() {
            if let process = reader.number() { processes.append(process) }
        }
        let starts = processes.compactMap { ProcessStatistics(reader, proc("\($0)/stat"))?.startTicks }
        guard let first = starts.min(), reader.open(proc("uptime")), reader.nextLine(), let uptime = reader.decimal()
        else { return }
        list.add("container_uptime_seconds", max(0, uptime - Double(first) / MachineConstants.ticksPerSecond))
    }

    private func table(_ path: String?, _ reader: ProcReader) -> [String: UInt64] {
        path.map { reader.table(in: $0) } ?? [:]
    }

    private func number(_ path: String?, _ reader: ProcReader) -> UInt64? {
        path.flatMap { reader.number(in: $0) }
    }

    private func addUnified(_ list: inout FamilyList, _ reader: ProcReader, _ group: ControlGroup) {
        let processor = table(group.unified("cpu.stat"), reader)
        addProcessor(
            &list,
            user: processor["user_usec"].map { Double($0) / 1e6 },
            system: processor["system_usec"].map { Double($0) / 1e6 },
            throttled: processor["throttled_usec"].map { Double($0) / 1e6 },
            periods: processor["nr_throttled"]
        )
        let quota = group.unified("cpu.max").flatMap { reader.text(in: $0) }?.split(separator: " ").compactMap {
            Double($0)
        }
        if let quota, quota.count == 2, quota[1] > 0 {
            list.add("container_cpu_limit_cores", quota[0] / quota[1])
        }
        let memory = table(group.unified("memory.stat"), reader)
        addMemory(
            &list,
            usage: number(group.unified("memory.current"), reader),
            inactive: memory["inactive_file"],
            resident: memory["anon"],
            limit: number(group.unified("memory.max"), reader)
        )
        let events = table(group.unified("memory.events"), reader)
        list.add("container_oom_events_total", events["oom_kill"])
        list.add("container_pids", number(group.unified("pids.current"), reader))
        addUnifiedDisks(&list, reader, group)
    }

    private func addUnifiedDisks(_ list: inout FamilyList, _ reader: ProcReader, _ group: ControlGroup) {
        guard let path = group.unified("io.stat"), reader.open(path) else { return }
        var read: [MetricSeries] = []
        var written: [MetricSeries] = []
        while reader.nextLine() {
            let fields = reader.rest().split(separator: " ")
            guard let device = fields.first else { continue }
            let label = Label("device", String(device))
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=")
                guard pair.count == 2, let bytes = UInt64(pair[1]) else { continue }
                if pair[0] == "rbytes" { read.append(MetricSeries([label], bytes)) }
                if pair[0] == "wbytes" { written.append(MetricSeries([label], bytes)) }
            }
        }
        addDisks(&list, read, written)
    }

    private func addLegacy(_ list: inout FamilyList, _ reader: ProcReader, _ group: ControlGroup) {
        let used = table(group.legacy("cpuacct", "cpuacct.stat"), reader)
        let throttling = table(group.legacy("cpu", "cpu.stat"), reader)
        addProcessor(
            &list,
            user: used["user"].map { Double($0) / MachineConstants.ticksPerSecond },
            system: used["system"].map { Double($0) / MachineConstants.ticksPerSecond },
            throttled: throttling["throttled_time"].map { Double($0) / 1e9 },
            periods: throttling["nr_throttled"]
        )
        // A quota of -1 is none, and no whole number to the reader.
        if let quota = number(group.legacy("cpu", "cpu.cfs_quota_us"), reader),
            let period = number(group.legacy("cpu", "cpu.cfs_period_us"), reader), period > 0
        {
            list.add("container_cpu_limit_cores", Double(quota) / Double(period))
        }
        let memory = table(group.legacy("memory", "memory.stat"), reader)
        addMemory(
            &list,
            usage: number(group.legacy("memory", "memory.usage_in_bytes"), reader),
            inactive: memory["total_inactive_file"],
            resident: memory["total_rss"],
            limit: number(group.legacy("memory", "memory.limit_in_bytes"), reader)
        )
        let kills = table(group.legacy("memory", "memory.oom_control"), reader)["oom_kill"]
        list.add("container_oom_events_total", kills)
        list.add("container_pids", number(group.legacy("pids", "pids.current"), reader))
        addLegacyDisks(&list, reader, group)
    }

    private func addLegacyDisks(_ list: inout FamilyList, _ reader: ProcReader, _ group: ControlGroup) {
        guard let path = group.legacy("blkio", "blkio.throttle.io_service_bytes"), reader.open(path) else { return }
        var read: [MetricSeries] = []
        var written: [MetricSeries] = []
        while reader.nextLine() {
            let fields = reader.rest().split(separator: " ")
            guard fields.count == 3, let bytes = UInt64(fields[2]) else { continue }
            let label = Label("device", String(fields[0]))
            if fields[1] == "Read" { read.append(MetricSeries([label], bytes)) }
            if fields[1] == "Write" { written.append(MetricSeries([label], bytes)) }
        }
        addDisks(&list, read, written)
    }

    private func addProcessor(
        _ list: inout FamilyList,
        user: Double?,
        system: Double?,
        throttled: Double?,
        periods: UInt64?
    ) {
        let modes = [("user", user), ("system", system)].compactMap { mode, seconds in
            seconds.map { MetricSeries([Label("mode", mode)], $0) }
        }
        list.add("container_cpu_seconds_total", modes)
        list.add("container_cpu_throttled_seconds_total", throttled)
        list.add("container_cpu_throttled_periods_total", periods)
    }

    private func addMemory(
        _ list: inout FamilyList,
        usage: UInt64?,
        inactive: UInt64?,
        resident: UInt64?,
        limit: UInt64?
    ) {
        list.add("container_memory_usage_bytes", usage)
        let working = usage.map { $0 - min($0, inactive ?? 0) }
        list.add(
            "container_memory_working_set_bytes",
            working
        )
        list.add("container_memory_rss_bytes", resident)
        let isLimited = limit.map { $0 < HostCollector.unlimitedBytes } == true
        list.add("container_memory_limit_bytes", isLimited ? limit : nil)
    }

    private func addDisks(_ list: inout FamilyList, _ read: [MetricSeries], _ written: [MetricSeries]) {
        list.add("container_disk_read_bytes_total", read)
        list.add("container_disk_written_bytes_total", written)
    }
}
