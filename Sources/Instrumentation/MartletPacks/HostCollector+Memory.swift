import MartletCore
import MartletMetrics

extension HostCollector {
    /// Memory and swap, by the arithmetic of `free`: used is what is neither free nor buffers nor cache, and cache holds
    /// the slab memory that can be reclaimed.
    func addMemory(_ list: inout FamilyList, _ reader: ProcReader) {
        let table = reader.table(in: proc("meminfo"))
        func bytes(_ name: String) -> UInt64? { table[name].map { $0 * 1024 } }
        guard let total = bytes("MemTotal"), let free = bytes("MemFree") else { return }
        let buffers = bytes("Buffers") ?? 0
        let cached = (bytes("Cached") ?? 0) + (bytes("SReclaimable") ?? 0)
        let used = total - min(total, free + buffers + cached)
        list.add(
            "system_memory_usage_bytes",
            states([("used", used), ("free", free), ("buffers", buffers), ("cached", cached)])
        )
        list.add("system_memory_limit_bytes", total)
        let available = bytes("MemAvailable")
        list.add("system_memory_available_bytes", available)
        let share = available.map { total == 0 ? 0 : Double(total - min(total, $0)) / Double(total) }
        list.add("system_memory_utilization_ratio", share)
        list.add("system_memory_shared_bytes", bytes("Shmem"))
        list.add(
            "system_memory_slab_bytes",
            states([("reclaimable", bytes("SReclaimable")), ("unreclaimable", bytes("SUnreclaim"))])
        )
        let pages = [
            ("total", table["HugePages_Total"]), ("free", table["HugePages_Free"]),
            ("reserved", table["HugePages_Rsvd"]), ("surplus", table["HugePages_Surp"]),
        ]
        list.add("system_hugepages", states(pages))
        addSwap(&list, bytes("SwapTotal"), bytes("SwapFree"), bytes("SwapCached") ?? 0)
    }

    private func addSwap(_ list: inout FamilyList, _ total: UInt64?, _ free: UInt64?, _ cached: UInt64) {
        guard let total, let free else { return }
        let used = total - min(total, free + cached)
        let series = states([("used", used), ("free", free), ("cached", cached)])
        list.add("system_swap_usage_bytes", series)
        if total > 0 {
            list.add("system_swap_utilization_ratio", Double(used) / Double(total))
        }
    }

    /// Page faults, paging and kills for lack of memory, since boot.
    func addPaging(_ list: inout FamilyList, _ reader: ProcReader) {
        let table = reader.table(in: proc("vmstat"))
        if let all = table["pgfault"], let major = table["pgmajfault"], all >= major {
            let series = [
                MetricSeries([Label("type", "minor")], all - major), MetricSeries([Label("type", "major")], major),
            ]
            list.add("system_page_faults_total", series)
        }
        let operations = [("swap", "in", "pswpin"), ("swap", "out", "pswpout")].compactMap { type, direction, name in
            table[name].map { MetricSeries([Label("type", type), Label("direction", direction)], $0) }
        }
        list.add("system_page_operations_total", operations)
        list.add("system_oom_kills_total", table["oom_kill"])
    }

    func states(_ values: [(state: String, value: UInt64?)]) -> [MetricSeries] {
        values.compactMap { state, value in value.map { MetricSeries([Label("state", state)], $0) } }
    }
}
