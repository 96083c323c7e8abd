import Foundation
import MartletCore
import MartletMetrics
import MartletPacks
import Testing

/// The families of the process pack, each moved by something that really happens.
@Suite("Process pack at work", .serialized)
struct ProcessPackWorkTests {
    /// What other tests of this file move or compare.
    static let elsewhere: Set = [
        "process_max_fds", "process_virtual_memory_max_bytes", "process_start_time_seconds", "process_signals_pending",
        "process_oom_score", "process_state", "process_info", "process_peak_resident_memory_bytes",
    ]

    /// What only a machine with swap, or with delay accounting, can move; recorded files stand in for it.
    static let recorded: Set = ["process_swap_bytes", "process_delay_io_seconds_total"]

    private func number(_ families: [MetricFamily], _ name: String) -> Double? {
        families.first { $0.name == name }?.series.first?.value.number
    }

    @Test func `each family moves with what this process does`() async throws {
        let registry = MetricRegistry()
        let runtime = RuntimeMetrics(registry: registry)
        registry.add(collector: ProcessCollector(version: "1.2"))
        let executor = MeteredExecutor(threads: 3, runtime: runtime)
        defer { executor.stop() }
        let own = PackDefinition.process.families.map(\.name)
        let names = own.filter { !Self.elsewhere.contains($0) && !Self.recorded.contains($0) }
        var work = PackWork()
        let disk = try DiskFile()
        var held: [[UInt8]] = []
        let deadline = ContinuousClock.now + .seconds(60)
        repeat {
            work.look(registry.gather())
            // Memory: large pieces that are touched, and many small ones.
            var large = [UInt8](repeating: 1, count: 32 << 20)
            for place in stride(from: 0, to: large.count, by: 4096) { large[place] = 2 }
            held.append(large)
            let small = (0..<10_000).map { [UInt8](repeating: 1, count: $0 % 100 + 1) }
            try disk.writeAndRead(4 << 20)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            #expect(listen(listener, 1) == 0)
            let child = try Child("read line")
            burn(0.1)
            for _ in 0..<50 { usleep(100) }
            let during: [MetricFamily] = await withTaskExecutorPreference(executor) {
                await runtime.withTask {
                    await Task.yield()
                    return registry.gather()
                }
            }
            withExtendedLifetime((held, small, child)) {}
            work.look(during)
        } while !work.moved.isSuperset(of: names.filter(work.seen.contains)) && ContinuousClock.now < deadline
        #expect(names.filter { work.seen.contains($0) && !work.moved.contains($0) } == [])
        // A sanitizer's allocator tells nothing of the heap; the kernel supplies all else.
        #expect(Set(names).subtracting(work.seen).subtracting(["process_heap_bytes"]) == [])
        #expect(executor.statistics.jobs > 0)
        #expect(executor.statistics.processorNanoseconds > 0)
        let info = try #require(registry.gather().first { $0.name == "process_info" }?.series.first)
        #expect(info.labels["version"] == "1.2")
        #expect(info.labels["pid_namespace"]?.allSatisfy(\.isNumber) == true)
        #expect(info.labels["executable"]?.isEmpty == false)
    }

    @Test func `sockets asked about one by one are those that the kernel lists`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let waiting = (0..<3).map { _ in socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0) }
        let connected = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { for descriptor in waiting + [listener, connected] { close(descriptor) } }
        #expect(listen(listener, 1) == 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(9).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // A bound socket is listed, one that was only made is not.
        for descriptor in waiting {
            var any = sockaddr_in6()
            any.sin6_family = sa_family_t(AF_INET6)
            let result = withUnsafePointer(to: &any) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(28)) }
            }
            #expect(result == 0)
        }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(connected, $0, socklen_t(16)) }
        }
        #expect(result == 0)
        // Other tests of this process have sockets too, which come and go; ours are there all the time.
        let wanted: [LabelSet: Double] = [
            ["state": "listen", "transport": "tcp"]: 1, ["state": "close", "transport": "udp"]: 3,
            ["state": "established", "transport": "udp"]: 1,
        ]
        for collector in [ProcessCollector(), ProcessCollector(procRoot: "/proc/.")] {
            let family = try collector.collect().first { $0.name == "process_network_connections" }
            for (labels, count) in wanted {
                let series = family?.series.first { $0.labels == labels }
                #expect(series?.value.number ?? 0 >= count, "\(labels) by \(collector.procRoot)")
            }
        }
    }

    @Test func `another process shows its limits, its state and what waits for it`() throws {
        let child = try Child("ulimit -n 77 && ulimit -v 5000000 && read line && exec sleep 600")
        let collector = ProcessCollector(process: "\(child.identifier)")
        func reach(_ isThere: ([MetricFamily]) -> Bool) throws -> [MetricFamily] {
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                let families = try collector.collect()
                if isThere(families) || ContinuousClock.now > deadline { return families }
                usleep(1000)
            }
        }
        // Before the shell has set its limits it has those of this process.
        let own = try ProcessCollector().collect()
        #expect(number(own, "process_max_fds") != 77)
        #expect(number(own, "process_virtual_memory_max_bytes") != 5_120_000_000.0)
        let limited = try reach { number($0, "process_virtual_memory_max_bytes") == 5_120_000_000.0 }
        #expect(number(limited, "process_max_fds") == 77)
        #expect(number(limited, "process_virtual_memory_max_bytes") == 5_120_000_000.0)
        #expect(number(limited, "process_signals_pending") == 0)
        #expect(number(limited, "process_heap_bytes") == nil)
        let started = try #require(number(limited, "process_start_time_seconds"))
        #expect(abs(started - Date().timeIntervalSince1970) < 120)
        let later = try Child("read line")
        let startedLater = try ProcessCollector(process: "\(later.identifier)").collect()
        #expect(number(startedLater, "process_start_time_seconds") ?? 0 >= started)

        #expect(limited.first { $0.name == "process_info" }?.series.first?.labels["executable"] == "sh")
        try child.proceed()
        let sleeping = try reach {
            $0.first { $0.name == "process_info" }?.series.first?.labels["executable"] == "sleep"
        }
        #expect(sleeping.first { $0.name == "process_info" }?.series.first?.labels["executable"] == "sleep")
        #expect(kill(child.identifier, SIGSTOP) == 0)
        #expect(kill(child.identifier, SIGUSR1) == 0)
        let stopped = try reach { $0.first { $0.name == "process_state" }?.series.first?.labels["state"] == "stopped" }
        #expect(stopped.first { $0.name == "process_state" }?.series.first?.labels == ["state": "stopped"])
        #expect(number(stopped, "process_signals_pending") == 1)
        let score = try #require(number(stopped, "process_oom_score"))
        try Data("900".utf8).write(to: URL(filePath: "/proc/\(child.identifier)/oom_score_adj"))
        #expect(number(try collector.collect(), "process_oom_score") ?? 0 > score)
    }

    @Test func `the highest memory of a process rises with what it holds`() throws {
        let child = try Child("read line && exec dd if=/dev/zero of=/dev/null bs=64M")
        let collector = ProcessCollector(process: "\(child.identifier)")
        let before = try #require(number(try collector.collect(), "process_peak_resident_memory_bytes"))
        try child.proceed()
        let deadline = ContinuousClock.now + .seconds(30)
        var peak = before
        while peak < before + 60e6, ContinuousClock.now < deadline {
            peak = number(try collector.collect(), "process_peak_resident_memory_bytes") ?? 0
        }
        #expect(peak >= before + 60e6)
    }

    @Test func `what this machine cannot move is read from recorded files before and after`() throws {
        let fields = (25...41).map { _ in "0" }.joined(separator: " ")
        func tree(swap: Int, delay: Int) throws -> RecordedTree {
            try RecordedTree([
                "7/stat": "7 (x) S 1 7 7 0 -1 0 1 0 1 0 1 1 0 0 20 0 1 0 100 4096 25 \(fields) \(delay) 0 0\n",
                "7/status": "Name:\tx\nVmSwap:\t \(swap) kB\n",
            ])
        }
        var work = PackWork()
        for (swap, delay) in [(0, 10), (8, 20)] {
            let tree = try tree(swap: swap, delay: delay)
            work.look(try ProcessCollector(procRoot: tree.path, process: "7").collect())
        }
        #expect(Self.recorded.subtracting(work.moved) == [])
    }
}
