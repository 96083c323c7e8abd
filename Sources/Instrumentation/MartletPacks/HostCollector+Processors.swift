import MartletCore
import MartletMetrics

extension HostCollector {
    private static let modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]

    /// Processors, load and what else stands in /proc/stat.
    func addProcessors(_ list: inout FamilyList, _ reader: ProcReader, _ state: inout State) {
        addStatistics(&list, reader, &state)
        if let load = reader.text(in: proc("loadavg")) {
            let values = load.split(separator: " ").prefix(3).compactMap { Double($0) }
            let series = zip(["1m", "5m", "15m"], values).map { MetricSeries([Label("window", $0)], $1) }
            list.add("system_load_average", series)
        }
        if reader.open(proc("uptime")), reader.nextLine() {
            list.add("system_uptime_seconds", reader.decimal())
        }
        if !state.hasCountedCores {
            state.hasCountedCores = true
            state.physicalCores = physicalCores(reader)
        }
        list.add("system_cpus_physical", state.physicalCores)
        addFrequencies(&list, reader)
    }

    private func addStatistics(_ list: inout FamilyList, _ reader: ProcReader, _ state: inout State) {
        guard reader.open(proc("stat")) else { return }
        var processors: [MetricSeries] = []
        var count: UInt64 = 0
        var total: [UInt64] = []
        var values: [String: UInt64] = [:]
        while reader.nextLine() {
            guard let name = reader.text() else { continue }
            if name == "cpu" {
                total = Array(reader.numbers().prefix(HostCollector.modes.count))
            } else if name.hasPrefix("cpu") {
                count += 1
                let processor = String(name.dropFirst(3))
                for (mode, ticks) in zip(HostCollector.modes, reader.numbers()) {
                    let seconds = Double(ticks) / MachineConstants.ticksPerSecond
                    processors.append(MetricSeries([Label("cpu", processor), Label("mode", mode)], seconds))
                }
            } else if let value = reader.number() {
                values[name] = value
            }
        }
        list.add("system_cpu_seconds_total", processors)
        list.add(
            "system_cpu_utilization_ratio",
            shares(of: total, since: state.lastTicks)
        )
        state.lastTicks = total
        list.add("system_cpus_logical", count > 0 ? count : nil)
        list.add("system_boot_time_seconds", values["btime"])
        list.add("system_context_switches_total", values["ctxt"])
        list.add("system_interrupts_total", values["intr"])
        list.add("system_processes_created_total", values["processes"])
        let states = [("running", values["procs_running"]), ("blocked", values["procs_blocked"])]
        let series = states.compactMap { state, count in count.map { MetricSeries([Label("state", state)], $0) } }
        list.add("system_processes", series)
    }

    private func shares(of ticks: [UInt64], since last: [UInt64]?) -> [MetricSeries] {
        guard let last, last.count == ticks.count else { return [] }
        // The kernel may correct idle and iowait downwards by a tick; such a step counts as none.
        let steps = zip(ticks, last).map { $0 > $1 ? $0 - $1 : 0 }
        let total = steps.reduce(0, +)
        guard total > 0 else { return [] }
        return zip(HostCollector.modes, steps).map { MetricSeries([Label("mode", $0)], Double($1) / Double(total)) }
    }

    private func physicalCores(_ reader: ProcReader) -> UInt64? {
        guard reader.open(proc("cpuinfo")) else { return nil }
        var cores: Set<String> = []
        var socket = "0"
        while reader.nextLine() {
            let line = reader.rest()
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...])
            if line.hasPrefix("physical id") { socket = value }
            if line.hasPrefix("core id") { cores.insert(socket + "/" + value) }
        }
        return cores.isEmpty ? nil : UInt64(cores.count)
    }

    private func addFrequencies(_ list: inout FamilyList, _ reader: ProcReader) {
        let root = sys("devices/system/cpu")
        guard directoryCount(root + "/cpu0/cpufreq") != nil else { return }
        let series = (directoryNames(root) ?? []).compactMap { name -> MetricSeries? in
            guard name.hasPrefix("cpu"), let processor = UInt32(name.dropFirst(3)),
                let kilohertz = reader.number(in: "\(root)/\(name)/cpufreq/scaling_cur_freq")
            else { return nil }
            return MetricSeries([Label("cpu", String(processor))], kilohertz * 1000)
        }
        list.add("system_cpu_frequency_hertz", series)
    }
}
