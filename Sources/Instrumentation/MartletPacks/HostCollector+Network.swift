import MartletCore
import MartletMetrics

extension HostCollector {
    /// Interfaces, connections and retransmissions.
    func addNetwork(_ list: inout FamilyList, _ reader: ProcReader) {
        addInterfaces(&list, reader)
        var states: [MetricSeries] = []
        if reader.open(proc("net/sockstat")) {
            while reader.nextLine() {
                guard let transport = reader.text()?.lowercased(), transport == "tcp" || transport == "udp" else {
                    continue
                }
                while let key = reader.text(), let count = reader.number() {
                    guard let state = ["inuse": "in_use", "orphan": "orphan", "tw": "time_wait"][key] else { continue }
                    states.append(MetricSeries([Label("transport", transport), Label("state", state)], count))
                }
            }
        }
        let tcp = protocolTable("Tcp", reader)
        if let established = tcp["CurrEstab"] {
            states.append(MetricSeries([Label("transport", "tcp"), Label("state", "established")], established))
        }
        list.add("system_network_connections", states)
        list.add("system_tcp_retransmits_total", tcp["RetransSegs"])
    }

    private func addInterfaces(_ list: inout FamilyList, _ reader: ProcReader) {
        guard reader.open(proc("net/dev")) else { return }
        var received: [MetricSeries] = []
        var sent: [MetricSeries] = []
        var packets: [MetricSeries] = []
        var errors: [MetricSeries] = []
        var dropped: [MetricSeries] = []
        while reader.nextLine() {
            guard let name = reader.text(), !configuration.ignoresInterface(name) else { continue }
            let values = reader.numbers()
            guard values.count >= 16 else { continue }
            let interface = Label("interface", name)
            received.append(MetricSeries([interface], values[0]))
            sent.append(MetricSeries([interface], values[8]))
            for (direction, first) in [("receive", 0), ("transmit", 8)] {
                let labels = [interface, Label("direction", direction)]
                packets.append(MetricSeries(labels, values[first + 1]))
                errors.append(MetricSeries(labels, values[first + 2]))
                dropped.append(MetricSeries(labels, values[first + 3]))
            }
        }
        list.add("system_network_received_bytes_total", received)
        list.add("system_network_sent_bytes_total", sent)
        list.add("system_network_packets_total", packets)
        list.add("system_network_errors_total", errors)
        list.add("system_network_dropped_total", dropped)
    }

    /// A protocol's row of /proc/net/snmp, which is a line of names above a line of numbers.
    private func protocolTable(_ name: String, _ reader: ProcReader) -> [String: UInt64] {
        guard reader.open(proc("net/snmp")) else { return [:] }
        var names: [String] = []
        while reader.nextLine() {
            guard reader.text() == name else { continue }
            if names.isEmpty {
                while let field = reader.text() { names.append(field) }
                continue
            }
            var table: [String: UInt64] = [:]
            for field in names { table[field] = reader.number() }
            return table
        }
        return [:]
    }
}
