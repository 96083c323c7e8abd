import MartletCore
import MartletMetrics

extension HostCollector {
    /// Sectors in /proc/diskstats have this length whatever the disk's own is.
    private static let sectorBytes: UInt64 = 512

    /// Disks from /proc/diskstats; each family has its series by device in the kernel's order.
    func addDisks(_ list: inout FamilyList, _ reader: ProcReader) {
        guard reader.open(proc("diskstats")) else { return }
        var read: [MetricSeries] = []
        var written: [MetricSeries] = []
        var operations: [MetricSeries] = []
        var merged: [MetricSeries] = []
        var times: [MetricSeries] = []
        var busy: [MetricSeries] = []
        var queue: [MetricSeries] = []
        while reader.nextLine() {
            reader.skip(2)
            guard let name = reader.text(), !configuration.ignoresDevice(name) else { continue }
            let values = reader.numbers()
            guard values.count >= 11 else { continue }
            let device = Label("device", name)
            read.append(MetricSeries([device], values[2] * HostCollector.sectorBytes))
            written.append(MetricSeries([device], values[6] * HostCollector.sectorBytes))
            for (direction, first) in [("read", 0), ("write", 4)] {
                let labels = [device, Label("direction", direction)]
                operations.append(MetricSeries(labels, values[first]))
                merged.append(MetricSeries(labels, values[first + 1]))
                times.append(MetricSeries(labels, Double(values[first + 3]) / 1000))
            }
            queue.append(MetricSeries([device], values[8]))
            busy.append(MetricSeries([device], Double(values[9]) / 1000))
        }
        list.add("system_disk_read_bytes_total", read)
        list.add("system_disk_written_bytes_total", written)
        list.add("system_disk_operations_total", operations)
        list.add("system_disk_merged_total", merged)
        list.add("system_disk_operation_seconds_total", times)
        list.add("system_disk_io_seconds_total", busy)
        list.add("system_disk_queue_depth", queue)
    }
}
