import Foundation
import MartletCore
import MartletLogging
import MartletMetrics
import MartletPacks
import Synchronization
import Testing

/// A component that really works: it reads and writes files, talks over a socket, starts a program, computes.
private final class Worker {
    struct BadMessage: Error {}
    struct Refused: Error {}

    let metrics: ComponentMetrics
    let mailbox: ComponentMailbox<Int>
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-worker-\(UUID().uuidString)")
    private(set) var store: [String: [UInt8]] = [:]
    private var buffers: [[UInt8]] = []

    init(_ metrics: ComponentMetrics) {
        self.metrics = metrics
        mailbox = ComponentMailbox(of: metrics, capacity: 3)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func start() throws {
        try metrics.start {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    /// Writes a file, reads it back, deletes it, and fails to read it once more.
    func files() throws {
        let file = folder.appending(path: "data")
        let bytes = Data(repeating: 7, count: 5000)
        try metrics.file(.write) {
            try bytes.write(to: file)
            return bytes.count
        }
        try metrics.file(.read) { try Data(contentsOf: file).count }
        try metrics.file(.delete) {
            try FileManager.default.removeItem(at: file)
            return 0
        }
        #expect(throws: (any Error).self) { try metrics.file(.read) { try Data(contentsOf: file).count } }
    }

    /// Sends bytes through a pair of sockets; the second request finds the other end closed.
    func network() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        metrics.connectionOpened()
        metrics.opened("socket")
        metrics.network(direction: "out", protocol: "unix") {
            let sent = send(ends[0], [UInt8](repeating: 1, count: 300), 300, 0)
            var buffer = [UInt8](repeating: 0, count: 1000)
            let received = recv(ends[1], &buffer, buffer.count, 0)
            return (sent, received)
        }
        close(ends[1])
        #expect(throws: Refused.self) {
            try metrics.network(direction: "out", protocol: "unix") { () throws(Refused) in
                let sent = Glibc.send(ends[0], [1], 1, Int32(MSG_NOSIGNAL))
                if sent < 0 { throw Refused() }
                return (sent, 0)
            }
        }
        close(ends[0])
    }

    /// Starts a program, which ends with status 3 once its input does.
    func spawn(_ whileRunning: () -> Void) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "read line; exit 3"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        metrics.processSpawned()
        whileRunning()
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        metrics.processExited(status: Int(process.terminationStatus))
    }

    /// Asks twice: the first answer is refused, so that the message is handled again.
    func fetch() throws {
        var attempts = 0
        while true {
            do {
                try metrics.process { () throws(Refused) in
                    attempts += 1
                    if attempts == 1 { throw Refused() }
                }
                return
            } catch {
                metrics.retried()
            }
        }
    }

    /// Waits for an answer that never comes, within a span.
    func lookup() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var wait = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        let answers = poll(&wait, 1, 5)
        if answers == 0 { metrics.timedOut(operation: "lookup") }
        metrics.spanEnded(status: answers == 0 ? "error" : "ok")
    }

    /// Logs through a logger whose records are counted.
    func report(_ message: String) {
        Logger("worker", sink: CountingSink(metrics: metrics)).warn(message)
    }

    func reload(_ text: String) throws {
        metrics.configurationReloaded(isSuccess: (try? JSONParser.parse(Array(text.utf8))) != nil)
    }

    /// Looks whether the folder is there.
    func checkFiles() {
        let start = ContinuousClock.now
        let isThere = FileManager.default.fileExists(atPath: folder.path)
        metrics.healthChecked("files", status: isThere ? 0 : 2, duration: ContinuousClock.now - start)
    }

    /// A program of the worker ends itself with a signal, and is started once more.
    func crashAndRestart() throws {
        for command in ["kill -SEGV $$", "exit 0"] {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", command]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationReason == .uncaughtSignal else { continue }
            metrics.crashed(reason: "signal \(process.terminationStatus)")
            metrics.restarted(reason: "crash")
        }
    }

    /// Ends the work, and finds its folder gone.
    func stop() throws {
        try FileManager.default.removeItem(at: folder)
        checkFiles()
        metrics.stopped(reason: "end of work")
    }

    func hold(_ bytes: Int) {
        let limit = 1 << 20
        let held = buffers.reduce(0) { $0 + $1.count }
        metrics.memoryGrowth(granted: held + bytes <= limit)
        if held + bytes <= limit { buffers.append([UInt8](repeating: 0, count: bytes)) }
        metrics.memory(bytes: buffers.reduce(0) { $0 + $1.count }, limit: limit)
    }

    func put(_ key: String, _ value: [UInt8]) throws(Refused) {
        let quota = 1000
        try metrics.storage("put") { () throws(Refused) in
            if store.values.reduce(value.count, { $0 + $1.count }) > quota { throw Refused() }
            store[key] = value
        }
        metrics.stored(bytes: store.values.reduce(0) { $0 + $1.count }, quota: quota, keys: store.count)
    }

    /// Computes for a while; the result keeps the optimiser from leaving it out.
    @discardableResult
    func burn(_ seconds: Double) -> UInt64 {
        let end = ContinuousClock.now + .seconds(seconds)
        var value: UInt64 = 1
        while ContinuousClock.now < end {
            for _ in 0..<10_000 { value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
        }
        return value
    }
}

/// Counts the records of a logger for the component that wrote them.
private struct CountingSink: LogSink {
    let metrics: ComponentMetrics

    func write(_ record: LogRecord) { metrics.logged(level: "\(record.level)") }
}

@Suite("ComponentPack")
struct ComponentPackTests {
    private func numbers(_ families: [MetricFamily], _ name: String) -> [String: Double] {
        let series = families.first { $0.name == name }?.series ?? []
        return Dictionary(
            uniqueKeysWithValues: series.map { series in
                let labels = series.labels.setting("component", to: nil).description
                if case .histogram(let value) = series.value { return (labels, Double(value.count)) }
                return (labels, series.value.number ?? .nan)
            }
        )
    }

    @Test func `real work changes each of the families`() async throws {
        let registry = MetricRegistry()
        let pack = try ComponentPack(registry: registry, slowThreshold: .milliseconds(20))
        let metrics = pack.component("worker", version: "1.2", source: "test")
        let fresh = pack.families(of: "worker")
        for family in fresh where family.metadata.type == .counter {
            #expect(numbers(fresh, family.name).values.allSatisfy { $0 == 0 }, "\(family.name)")
        }
        var snapshots: [[MetricFamily]] = []
        func look() { snapshots.append(pack.families(of: "worker")) }

        let worker = Worker(metrics)
        try worker.start()
        worker.checkFiles()
        #expect((0..<5).map { worker.mailbox.send($0, bytes: 100) } == [true, true, true, false, false])
        look()
        try worker.mailbox.processNext { _ in
            look()
            try worker.files()
            try worker.network()
            try worker.spawn(look)
            worker.burn(0.05)
            metrics.sent(to: "billing", bytes: 50)
        }
        #expect(throws: Worker.BadMessage.self) {
            try worker.mailbox.processNext { _ throws(Worker.BadMessage) in throw Worker.BadMessage() }
        }
        try worker.fetch()
        try await metrics.process { try await Task.sleep(for: .milliseconds(1)) }
        worker.hold(1 << 19)
        worker.hold(1 << 20)
        try worker.put("a", [1, 2, 3])
        #expect(throws: Worker.Refused.self) { try worker.put("b", [UInt8](repeating: 0, count: 2000)) }
        await metrics.withTask { look() }
        try metrics.hostCall(interface: "files", function: "open") { try worker.files() }
        #expect(throws: Worker.Refused.self) {
            try metrics.hostCall(interface: "net", function: "open") { () throws(Worker.Refused) in
                metrics.requested(capability: "network", isGranted: false)
                metrics.violation("capability", severity: .high)
                metrics.audited(operation: "open", outcome: "denied")
                throw Worker.Refused()
            }
        }
        // An interpreter of three instructions, which burns a unit for each and is held back when it has burnt two.
        let paused = ContinuousClock.now
        for step in 0..<3 {
            metrics.fuel(1)
            if step == 1 { while ContinuousClock.now < paused + .milliseconds(5) {} }
        }
        metrics.throttled(ContinuousClock.now - paused)
        try worker.lookup()
        worker.report("queue is full")
        try worker.reload("{\"limit\": 3}")
        try worker.reload("{")
        worker.checkFiles()
        try worker.crashAndRestart()
        try worker.stop()
        look()
        metrics.set(.running)
        look()

        for family in PackDefinition.component.families {
            let values = snapshots.flatMap { numbers($0, family.name).values }
            #expect(values.contains { $0 != 0 }, "\(family.name)")
        }
        let last = snapshots[snapshots.count - 1]
        #expect(numbers(last, "component_messages_processed_total") == ["{}": 5])
        #expect(numbers(last, "component_messages_processed") == ["{}": 5])
        #expect(numbers(last, "component_processing_latency_seconds") == ["{}": 5])
        #expect(numbers(last, "component_messages_received_total") == ["{}": 3])
        #expect(numbers(last, "component_messages_dropped_total") == [#"{reason="queue_full"}"#: 2])
        #expect(
            numbers(last, "component_messages_failed_total")
                == [#"{error_type="BadMessage"}"#: 1, #"{error_type="Refused"}"#: 1]
        )
        #expect(numbers(last, "component_crashes_total") == [#"{reason="signal 11"}"#: 1])
        #expect(
            numbers(last, "component_config_reloads_total") == [#"{result="failure"}"#: 1, #"{result="success"}"#: 1]
        )
        #expect(numbers(last, "component_queue_depth") == ["{}": 1])
        #expect(numbers(last, "component_filesystem_operations_total")[#"{operation="write"}"#] == 2)
        #expect(numbers(last, "component_filesystem_written_bytes_total") == ["{}": 10_000])
        #expect(numbers(last, "component_filesystem_read_bytes_total") == ["{}": 10_000])
        #expect(numbers(last, "component_network_sent_bytes_total") == ["{}": 300])
        #expect(numbers(last, "component_network_received_bytes_total") == ["{}": 300])
        #expect(numbers(last, "component_network_errors_total") == [#"{error_type="Refused"}"#: 1])
        #expect(numbers(last, "component_process_exits_total") == [#"{exit_status="3"}"#: 1])
        #expect(numbers(last, "component_processes_running") == ["{}": 0])
        #expect(numbers(last, "component_memory_peak_bytes") == ["{}": 524_288])
        #expect(
            numbers(last, "component_memory_growths_total") == [#"{result="granted"}"#: 1, #"{result="refused"}"#: 1]
        )
        #expect(numbers(last, "component_storage_used_bytes") == ["{}": 3])
        #expect(numbers(last, "component_slow_operations_total")[#"{operation="message"}"#] ?? 0 >= 1)
        #expect(numbers(last, "component_health_status") == ["{}": 2])
        #expect(numbers(last, "component_health_transitions_total") == [#"{from="healthy", to="unhealthy"}"#: 1])
        #expect(numbers(last, "component_state")[#"{state="running"}"#] == 1)
        #expect(
            numbers(last, "component_info") == [#"{runtime="swift", source="test", version="1.2"}"#: 1]
        )
        #expect(Set(last.map(\.name)).count >= 50)
    }

    @Test func `a component that computes shows more processor time than one that waits`() async throws {
        let pack = try ComponentPack(registry: MetricRegistry())
        let busy = pack.component("busy")
        let idle = pack.component("idle")
        _ = pack.systemFamilies()
        let worker = Worker(busy)
        busy.process { _ = worker.burn(0.1) }
        try await idle.process { try await Task.sleep(for: .milliseconds(50)) }
        let executor = busy.executor()
        let before = numbers(pack.families(of: "busy"), "component_cpu_seconds_total")["{}"] ?? 0
        await withTaskExecutorPreference(executor) {
            await busy.process { await Task.yield() }
            worker.burn(0.05)
        }
        executor.stop()
        let seconds = { (name: String) in numbers(pack.families(of: name), "component_cpu_seconds_total")["{}"] ?? 0 }
        #expect(seconds("busy") > before)
        #expect(seconds("busy") > 0.01)
        #expect(seconds("idle") < seconds("busy") / 2)
        let shares = { (name: String) in numbers(pack.families(of: name), "component_cpu_usage_ratio")["{}"] ?? -1 }
        busy.process { _ = worker.burn(0.05) }
        #expect(shares("busy") > 0)
        #expect(shares("idle") == 0)
    }

    @Test func `one file, one socket and one spawn count for that component only`() throws {
        let pack = try ComponentPack(registry: MetricRegistry())
        let worker = Worker(pack.component("a"))
        _ = pack.component("b")
        let before = pack.families(of: "b")
        try worker.start()
        try worker.files()
        try worker.network()
        try worker.spawn {}
        let names = ["component_filesystem_written_bytes_total", "component_process_spawns_total"]
        for name in names { #expect((numbers(pack.families(of: "a"), name)["{}"] ?? 0) > 0) }
        let changing: Set = ["component_uptime_seconds", "component_cpu_usage_ratio"]
        func still(_ families: [MetricFamily]) -> [MetricFamily] { families.filter { !changing.contains($0.name) } }
        #expect(still(pack.families(of: "b")) == still(before))
    }

    @Test func `errors count by type`() throws {
        struct First: Error {}
        struct Second: Error {}
        let pack = try ComponentPack(registry: MetricRegistry())
        let metrics = pack.component("a")
        for _ in 0..<3 { try? metrics.process { () throws(First) in throw First() } }
        for _ in 0..<5 { try? metrics.process { () throws(Second) in throw Second() } }
        #expect(
            numbers(pack.families(of: "a"), "component_errors_total")
                == [#"{error_type="First"}"#: 3, #"{error_type="Second"}"#: 5]
        )
    }

    @Test func `the system's view is the sum of the components`() throws {
        let pack = try ComponentPack(registry: MetricRegistry())
        for (name, count) in [("a", 2), ("b", 3)] {
            let metrics = pack.component(name)
            for _ in 0..<count { metrics.process {} }
            metrics.memory(bytes: count * 100)
            metrics.healthChecked("x", status: 0, duration: .zero)
        }
        let system = pack.systemFamilies()
        #expect(numbers(system, "component_messages_processed_total") == ["{}": 5])
        #expect(numbers(system, "component_processing_latency_seconds") == ["{}": 5])
        #expect(numbers(system, "component_memory_usage_bytes") == ["{}": 500])
        #expect(!system.contains { $0.name == "component_health_status" || $0.name == "component_info" })
        #expect(numbers(pack.families(of: "a"), "component_messages_processed_total") == ["{}": 2])
    }

    @Test func `removing a component takes its series away, and no others`() throws {
        let registry = MetricRegistry()
        let pack = try ComponentPack(registry: registry)
        for name in ["a", "b"] {
            let metrics = pack.component(name)
            metrics.process {}
            metrics.error(type: "x")
        }
        #expect(pack.names == ["a", "b"])
        #expect(pack.remove("a"))
        #expect(!pack.remove("a"))
        #expect(pack.families(of: "a").isEmpty)
        #expect(numbers(pack.families(of: "b"), "component_messages_processed_total") == ["{}": 1])
        #expect(numbers(pack.families(of: "b"), "component_errors_total") == [#"{error_type="x"}"#: 1])
        let again = pack.component("a")
        again.process {}
        #expect(numbers(pack.families(of: "a"), "component_messages_processed_total") == ["{}": 1])
    }

    @Test(arguments: MetricNaming.allCases)
    func `processed messages go by the names that the naming says`(naming: MetricNaming) throws {
        let registry = MetricRegistry()
        let pack = try ComponentPack(registry: registry, naming: naming)
        pack.component("example").process {}
        let names = Set(registry.gather().map(\.name).filter { $0.hasPrefix("component_messages_processed") })
        let expected: [MetricNaming: Set] = [
            .source: ["component_messages_processed"], .canonical: ["component_messages_processed_total"],
            .both: ["component_messages_processed", "component_messages_processed_total"],
        ]
        #expect(names == expected[naming])
        for name in names { #expect(numbers(registry.gather(), name) == ["{}": 1]) }
    }

    @Test func `a name that is taken is an error, and a component is one whoever asks`() throws {
        let registry = MetricRegistry()
        _ = try registry.register(gauge: "component_errors_total", help: "Other.")
        #expect(throws: MetricRegistryError.self) { try ComponentPack(registry: registry) }
        let pack = try ComponentPack(registry: MetricRegistry())
        #expect(pack.component("a") === pack.component("a"))
    }

    @Test func `a start that fails is an error and a state`() throws {
        struct NoDisk: Error {}
        let pack = try ComponentPack(registry: MetricRegistry())
        let metrics = pack.component("a")
        #expect(throws: NoDisk.self) { try metrics.start { () throws(NoDisk) in throw NoDisk() } }
        let families = pack.families(of: "a")
        #expect(numbers(families, "component_state")[#"{state="failed"}"#] == 1)
        #expect(numbers(families, "component_errors_total") == [#"{error_type="NoDisk"}"#: 1])
        #expect(numbers(families, "component_starts_total") == ["{}": 0])
        #expect(numbers(families, "component_uptime_seconds").isEmpty)
    }
}
