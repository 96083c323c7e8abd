import MartletCore
public import MartletMetrics
import Synchronization

/// Metrics of one process from /proc: CPU, memory, descriptors, threads, start time.
///
/// What the machine does not supply is left out, never made up. Names and meaning follow the process pack.
public final class ProcessCollector: MetricCollector {
    struct State {
        /// CPU ticks of the process and uptime in seconds at the last collection.
        var last: (ticks: UInt64, uptime: Double)?
    }

    /// Where the process file system is mounted.
    public let procRoot: String

    /// What is collected: `self`, or the number of another process.
    public let process: String

    /// The version that `process_info` tells; empty to leave it out.
    public let version: String

    private let state = Mutex(State())

    /// Whether the process that is collected is this one.
    var isOwn: Bool {
        procRoot == "/proc" && (process == "self" || process == String(MachineConstants.processIdentifier))
    }

    /// Creates a collector.
    ///
    /// - Parameters:
    ///   - procRoot: Where the process file system is mounted.
    ///   - process: What is collected: `self`, or the number of another process.
    ///   - version: The version that `process_info` tells; empty to leave it out.
    public init(procRoot: String = "/proc", process: String = "self", version: String = "") {
        self.procRoot = procRoot
        self.process = process
        self.version = version
    }

    /// The collector's name, `process`.
    public var name: String { "process" }

    /// Reads the process' figures as they are now.
    ///
    /// - Returns: The families.
    /// - Throws: ``ProcessCollectorError`` where the process is gone or its files can't be read.
    public func collect() throws -> [MetricFamily] {
        var list = FamilyList(.process)
        let reader = ProcReader()
        let status = ProcessStatus(reader, file("status"))
        guard let statistics = ProcessStatistics(reader, file("stat")) else {
            throw ProcessCollectorError(path: file("stat"))
        }
        addProcessor(&list, reader, statistics)
        addMemory(&list, reader, statistics, status)
        addDescriptors(&list, reader)
        addTimes(&list, reader, statistics)
        addInputOutput(&list, reader)
        addScheduling(&list, reader, statistics, status)
        addFamilyOfProcesses(&list, reader)
        addConnections(&list, reader)
        addInfo(&list, reader)
        return list.families
    }

    func file(_ name: String) -> String { procRoot + "/" + process + "/" + name }

    private func addProcessor(_ list: inout FamilyList, _ reader: ProcReader, _ process: ProcessStatistics) {
        let ticks = MachineConstants.ticksPerSecond
        let user = Double(process.userTicks) / ticks
        let system = Double(process.systemTicks) / ticks
        list.add(
            "process_cpu_seconds_total",
            Double(process.userTicks + process.systemTicks) / ticks
        )
        let modes = [MetricSeries([Label("mode", "user")], user), MetricSeries([Label("mode", "system")], system)]
        list.add("process_cpu_mode_seconds_total", modes)
        guard reader.open(procRoot + "/uptime"), reader.nextLine(), let uptime = reader.decimal(),
            let processors = processorCount(reader)
        else { return }
        let now = (ticks: process.userTicks + process.systemTicks, uptime: uptime)
        let last = state.withLock { state in
            defer { state.last = now }
            return state.last
        }
        guard let last, now.uptime > last.uptime, now.ticks >= last.ticks else { return }
        let share = Double(now.ticks - last.ticks) / ticks / (now.uptime - last.uptime) / Double(processors)
        list.add(
            "process_cpu_utilization_ratio",
            share
        )
    }

    private func processorCount(_ reader: ProcReader) -> Int? {
        guard reader.open(procRoot + "/stat") else { return nil }
        var count = -1
        while reader.nextLine(), reader.text()?.hasPrefix("cpu") == true { count += 1 }
        return count > 0 ? count : nil
    }

    private func addMemory(
        _ list: inout FamilyList,
        _ reader: ProcReader,
        _ process: ProcessStatistics,
        _ status: ProcessStatus
    ) {
        let resident = process.residentPages * MachineConstants.pageBytes
        list.add("process_resident_memory_bytes", resident)
        list.add("process_virtual_memory_bytes", process.virtualBytes)
        list.add(
            "process_virtual_memory_max_bytes",
            limit("Max address space", reader)
        )
        list.add("process_swap_bytes", status.bytes("VmSwap"))
        list.add(
            "process_peak_resident_memory_bytes",
            status.bytes("VmHWM")
        )
        if isOwn { list.add("process_heap_bytes", MachineConstants.heapBytes) }
        if let total = reader.table(in: procRoot + "/meminfo")["MemTotal"], total > 0 {
            let share = Double(resident) / Double(total * 1024)
            list.add("process_memory_utilization_ratio", share)
        }
    }

    private func addDescriptors(_ list: inout FamilyList, _ reader: ProcReader) {
        // Counting opens the directory, which is one descriptor more where the process looks at itself.
        let count = directoryCount(file("fd")).map { UInt64(max(0, $0 - (isOwn ? 1 : 0))) }
        list.add("process_open_fds", count)
        list.add("process_max_fds", limit("Max open files", reader))
    }

    /// A soft limit of the process; `nil` where there is none.
    private func limit(_ name: String, _ reader: ProcReader) -> UInt64? {
        guard reader.open(file("limits")) else { return nil }
        while reader.nextLine() {
            let line = reader.rest()
            guard line.hasPrefix(name) else { continue }
            return line.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) }
        }
        return nil
    }

    private func addTimes(_ list: inout FamilyList, _ reader: ProcReader, _ process: ProcessStatistics) {
        let sinceBoot = Double(process.startTicks) / MachineConstants.ticksPerSecond
        if let boot = bootTime(reader) {
            list.add("process_start_time_seconds", Double(boot) + sinceBoot)
        }
        if reader.open(procRoot + "/uptime"), reader.nextLine(), let uptime = reader.decimal() {
            list.add("process_uptime_seconds", max(0, uptime - sinceBoot))
        }
    }

    private func bootTime(_ reader: ProcReader) -> UInt64? {
        guard reader.open(procRoot + "/stat") else { return nil }
        while reader.nextLine() { if reader.text() == "btime" { return reader.number() } }
        return nil
    }

    private func addInputOutput(_ list: inout FamilyList, _ reader: ProcReader) {
        let table = reader.table(in: file("io"))
        list.add(
            "process_disk_read_bytes_total",
            table["read_bytes"]
        )
        list.add(
            "process_disk_written_bytes_total",
            table["write_bytes"]
        )
        let calls = [("read", table["syscr"]), ("write", table["syscw"])].compactMap { direction, count in
            count.map { MetricSeries([Label("direction", direction)], $0) }
        }
        list.add("process_disk_operations_total", calls)
    }

    private func addScheduling(
        _ list: inout FamilyList,
        _ reader: ProcReader,
        _ process: ProcessStatistics,
        _ status: ProcessStatus
    ) {
        list.add("process_threads", process.threads)
        let switches = [
            ("voluntary", status["voluntary_ctxt_switches"]), ("involuntary", status["nonvoluntary_ctxt_switches"]),
        ].compactMap { type, count in count.map { MetricSeries([Label("type", type)], $0) } }
        list.add("process_context_switches_total", switches)
        let faults = [
            MetricSeries([Label("type", "minor")], process.minorFaults),
            MetricSeries([Label("type", "major")], process.majorFaults),
        ]
        list.add("process_page_faults_total", faults)
        list.add(
            "process_oom_score",
            reader.number(in: file("oom_score"))
        )
        list.add("process_signals_pending", status.pendingSignals)
        let state = MetricSeries([Label("state", process.stateName)], UInt64(1))
        list.add("process_state", [state])
        if reader.open(file("schedstat")), reader.nextLine() {
            let values = reader.numbers()
            if values.count > 1 {
                let seconds = Double(values[1]) / 1e9
                list.add(
                    "process_cpu_wait_seconds_total",
                    seconds
                )
            }
        }
        list.add(
            "process_delay_io_seconds_total",
            process.inputOutputDelayTicks.map { Double($0) / MachineConstants.ticksPerSecond }
        )
    }

    private func addInfo(_ list: inout FamilyList, _ reader: ProcReader) {
        guard let executable = reader.text(in: file("comm")) else { return }
        // `pid:[4026531836]`: only the number tells one name space from another.
        let space = linkTarget(file("ns/pid"))?.filter(\.isNumber) ?? ""
        let labels = [
            Label("executable", executable), Label("version", version), Label("pid_namespace", space),
        ]
        list.add("process_info", [MetricSeries(labels, UInt64(1))])
    }
}
