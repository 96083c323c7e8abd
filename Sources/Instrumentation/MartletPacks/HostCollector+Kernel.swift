import MartletCore
import MartletMetrics

extension HostCollector {
    /// Time lost by waiting for a resource, as the kernel's pressure stall information has it.
    func addPressure(_ list: inout FamilyList, _ reader: ProcReader) {
        var series: [MetricSeries] = []
        for resource in ["cpu", "io", "irq", "memory"] {
            guard reader.open(proc("pressure/" + resource)) else { continue }
            while reader.nextLine() {
                guard let kind = reader.text(), kind == "some" || kind == "full",
                    let total = reader.rest().split(separator: " ").first(where: { $0.hasPrefix("total=") }),
                    let microseconds = UInt64(total.dropFirst(6))
                else { continue }
                let labels = [Label("resource", resource), Label("kind", kind)]
                series.append(MetricSeries(labels, Double(microseconds) / 1e6))
            }
        }
        list.add(
            "system_pressure_waiting_seconds_total",
            series
        )
    }

    /// Limits of the kernel, temperatures and what the machine is.
    func addKernel(_ list: inout FamilyList, _ reader: ProcReader) {
        list.add("system_threads_limit", reader.number(in: proc("sys/kernel/threads-max")))
        if reader.open(proc("sys/fs/file-nr")), reader.nextLine() {
            let values = reader.numbers()
            if values.count == 3 {
                list.add("system_fds_allocated", values[0])
                list.add("system_fds_limit", values[2])
            }
        }
        let entropy = reader.number(in: proc("sys/kernel/random/entropy_avail")).map { $0 / 8 }
        list.add("system_entropy_available_bytes", entropy)
        addTemperatures(&list, reader)
        // The kernel's clock is one for all trees, so that a recorded one has none.
        if configuration.procRoot == "/proc" { list.add("system_time_offset_seconds", MachineConstants.clockOffset) }
        let facts = [
            ("hostname", "hostname"), ("os", "ostype"), ("kernel", "osrelease"), ("arch", "arch"),
        ].compactMap { name, file in reader.text(in: proc("sys/kernel/" + file)).map { Label(name, $0) } }
        if !facts.isEmpty { list.add("host_info", [MetricSeries(facts, UInt64(1))]) }
    }

    private func addTemperatures(_ list: inout FamilyList, _ reader: ProcReader) {
        let root = sys("class/thermal")
        let series = (directoryNames(root) ?? []).compactMap { zone -> MetricSeries? in
            guard zone.hasPrefix("thermal_zone"), let text = reader.text(in: "\(root)/\(zone)/temp"),
                let thousandths = Int64(text)
            else { return nil }
            let type = reader.text(in: "\(root)/\(zone)/type") ?? zone
            return MetricSeries([Label("sensor", "\(type)_\(zone.dropFirst(12))")], Double(thousandths) / 1000)
        }
        list.add("system_temperature_celsius", series)
    }
}
