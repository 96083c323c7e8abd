import CMartletHost
import MartletCore
import MartletMetrics

extension ProcessCollector {
    /// At most so many descriptors are looked at, so that a process with a million of them does not stop a scrape.
    private static let descriptorsMax = 65_536

    /// The states of TCP by their number in /proc/net/tcp.
    private static let states = [
        "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait",
        "last_ack", "listen", "closing", "new_syn_recv",
    ]

    /// The processes that this one has started and that are still there.
    ///
    /// The kernel lists them by thread where it was built to; elsewhere all processes are asked for their parent.
    func addFamilyOfProcesses(_ list: inout FamilyList, _ reader: ProcReader) {
        let threads = directoryNames(file("task")) ?? []
        let lists = threads.map { file("task/\($0)/children") }
        if let first = lists.first, reader.open(first) {
            let counts = lists.map { path -> UInt64 in
                guard reader.open(path), reader.nextLine() else { return 0 }
                return UInt64(reader.numbers().count)
            }
            list.add("process_children", counts.reduce(0, +))
            return
        }
        guard let own = reader.table(in: file("status"))["Pid"], let names = directoryNames(procRoot) else { return }
        let children = names.filter { name in
            guard name.allSatisfy(\.isNumber), reader.open("\(procRoot)/\(name)/stat"), reader.nextLine(),
                reader.skipPastLast(")")
            else { return false }
            reader.skip(1)
            return reader.number() == own
        }
        list.add("process_children", UInt64(children.count))
    }

    /// The sockets of the process, by transport and state.
    ///
    /// This process asks the kernel about each of its descriptors. Of another one the kernel's tables tell, which list the
    /// sockets of all processes: that takes milliseconds on a machine with room for many connections.
    func addConnections(_ list: inout FamilyList, _ reader: ProcReader) {
        guard let descriptors = directoryNames(file("fd"))?.prefix(ProcessCollector.descriptorsMax) else { return }
        guard let counts = isOwn ? ownSockets(descriptors) : listedSockets(descriptors, reader) else { return }
        var series: [LabelSet: UInt64] = [:]
        for (socket, count) in counts where ProcessCollector.states.indices.contains(socket.state - 1) {
            series[["state": ProcessCollector.states[socket.state - 1], "transport": socket.transport]] = count
        }
        list.add(
            "process_network_connections",
            series.sorted { $0.key < $1.key }.map { MetricSeries(labels: $0.key, value: .integer($0.value)) }
        )
    }

    private struct Socket: Hashable {
        var transport: String
        /// By the kernel's numbers, from 1.
        var state: Int
    }

    private func ownSockets(_ descriptors: ArraySlice<String>) -> [Socket: UInt64] {
        var counts: [Socket: UInt64] = [:]
        for descriptor in descriptors.lazy.compactMap({ Int32($0) }) {
            var (isTCP, state) = (false, Int32(0))
            guard unsafe martlet_socket_state(descriptor, &isTCP, &state) else { continue }
            counts[Socket(transport: isTCP ? "tcp" : "udp", state: Int(state)), default: 0] += 1
        }
        return counts
    }

    /// Those whose inode is behind one of the descriptors; `nil` where the tables can't be read.
    private func listedSockets(_ descriptors: ArraySlice<String>, _ reader: ProcReader) -> [Socket: UInt64]? {
        var sockets: Set<UInt64> = []
        for descriptor in descriptors {
            guard let target = linkTarget(file("fd/" + descriptor)), target.hasPrefix("socket:["),
                let inode = UInt64(target.dropFirst(8).dropLast())
            else { continue }
            sockets.insert(inode)
        }
        guard reader.open(file("net/tcp")) else { return nil }
        var counts: [Socket: UInt64] = [:]
        for (table, transport) in [("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp")] {
            guard reader.open(file("net/" + table)) else { continue }
            _ = reader.nextLine()
            while reader.nextLine() {
                // sl local:port remote:port st tx:rx tr:when retransmits uid timeout inode; colons separate too.
                reader.skip(5)
                guard let state = reader.text().flatMap({ Int($0, radix: 16) }) else { continue }
                reader.skip(7)
                guard let inode = reader.number(), sockets.contains(inode) else { continue }
                counts[Socket(transport: transport, state: state), default: 0] += 1
            }
        }
        return counts
    }
}
