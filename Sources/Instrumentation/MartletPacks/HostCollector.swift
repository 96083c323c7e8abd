import MartletCore
public import MartletMetrics
import Synchronization

/// Metrics of this machine from /proc and /sys: processors, memory, disks, file systems, network, pressure.
///
/// What the machine does not supply is left out, never made up. Names and meaning follow the host pack.
public final class HostCollector: MetricCollector {
    struct State {
        /// Processor ticks at the last collection, for the shares since then.
        var lastTicks: [UInt64]?
        var physicalCores: UInt64?
        var hasCountedCores = false
    }

    /// Where the kernel's files are, and what is left out.
    public let configuration: HostConfiguration

    private let state = Mutex(State())

    /// Creates a collector.
    public init(configuration: HostConfiguration = HostConfiguration()) {
        self.configuration = configuration
    }

    /// The collector's name, `host`.
    public var name: String { "host" }

    /// Reads the machine's figures as they are now.
    ///
    /// Shares such as `system_cpu_utilization_ratio` cover the time since the last collection by anybody, and are left
    /// out the first time.
    public func collect() -> [MetricFamily] {
        var list = FamilyList(.host, .container)
        let reader = ProcReader()
        state.withLock { addProcessors(&list, reader, &$0) }
        addMemory(&list, reader)
        addPaging(&list, reader)
        addDisks(&list, reader)
        addFileSystems(&list, reader)
        addNetwork(&list, reader)
        addPressure(&list, reader)
        addKernel(&list, reader)
        addContainer(&list, reader)
        return list.families
    }

    func proc(_ path: String) -> String { configuration.procRoot + "/" + path }

    func sys(_ path: String) -> String { configuration.sysRoot + "/" + path }
}
