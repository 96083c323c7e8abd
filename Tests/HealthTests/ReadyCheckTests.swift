import Foundation
import MartletCore
@testable import MartletHealth
import MartletTestKit
import Synchronization
import Testing

@Suite("Ready checks")
struct ReadyCheckTests {
    // MARK: - Sandbox pool

    final class Pool: SandboxPool {
        let acquireError: Trouble?
        let callError: Trouble?
        let log = Mutex<[String]>([])

        init(acquireError: Trouble? = nil, callError: Trouble? = nil) {
            self.acquireError = acquireError
            self.callError = callError
        }

        func acquire() throws -> Int {
            if let acquireError { throw acquireError }
            return 7
        }

        func call(_ function: String, in sandbox: Int) throws {
            log.withLock { $0.append("\(function) in \(sandbox)") }
            if let callError { throw callError }
        }

        func release(_ sandbox: Int) { log.withLock { $0.append("release \(sandbox)") } }
    }

    @Test func `the sandbox pool is asked for a sandbox that answers`() async {
        let good = Pool()
        let check = SandboxHealthCheck(good)
        #expect(check.name == "sandbox_pool")
        #expect(check.isCritical)
        #expect(await check.check() == .healthy("Sandbox pool is healthy"))
        #expect(good.log.withLock(\.self) == ["health_check in 7", "release 7"])
        let failing = Pool(callError: Trouble(description: "trap"))
        #expect(await SandboxHealthCheck(failing).check() == .failed("Sandbox execution failed: trap"))
        #expect(failing.log.withLock(\.self) == ["health_check in 7", "release 7"])
        let empty = Pool(acquireError: Trouble(description: "pool is empty"))
        #expect(await SandboxHealthCheck(empty).check() == .failed("Cannot acquire sandbox from pool: pool is empty"))
        #expect(empty.log.withLock(\.self) == [])
    }

    // MARK: - Memory

    @Test(arguments: [
        (123, true, "Memory usage is normal: 12.3%"), (900, true, "Memory usage is normal: 90.0%"),
        (950, false, "High memory usage: 95.0% (threshold: 90.0%)"),
    ])
    func `memory in use is compared with the threshold`(used: UInt64, isGood: Bool, message: String) {
        let check = MemoryHealthCheck(memoryThreshold: 90) { .init(usedBytes: used, totalBytes: 1000) }
        let result = check.check()
        #expect(check.name == "memory_usage")
        #expect(!check.isCritical)
        #expect(result.isHealthy == isGood)
        #expect(result.message == message)
        #expect(result.details.keys.sorted() == ["percentage", "threshold", "total_bytes", "used_bytes"])
        #expect(result.details["used_bytes"] == .integer(Int64(used)))
    }

    @Test func `memory that can't be read is a failed check`() {
        #expect(MemoryHealthCheck { nil }.check() == .failed("Cannot determine memory usage"))
        #expect(MemoryHealthCheck.Usage.parse("MemTotal: 10 kB\nMemFree: 3 kB\n") == nil)
        #expect(
            MemoryHealthCheck.Usage.parse("MemTotal: 10 kB\nMemAvailable:  4 kB\n")
                == .init(usedBytes: 6144, totalBytes: 10_240)
        )
        #expect(MemoryHealthCheck().check().details["total_bytes"] != nil)
    }

    // MARK: - Database

    final class Store: KeyValueProbing {
        enum Fault { case none, write, read, delete, corrupt, writtenDespiteError }

        let fault: Mutex<Fault>
        let values: Mutex<[String: String]>

        init(_ fault: Fault = .none, values: [String: String] = [:]) {
            self.fault = Mutex(fault)
            self.values = Mutex(values)
        }

        func set(_ key: String, to value: String) throws {
            let fault = fault.withLock(\.self)
            if fault == .write { throw Trouble() }
            values.withLock { $0[key] = fault == .corrupt ? "junk" : value }
            if fault == .writtenDespiteError { throw Trouble() }
        }

        func get(_ key: String) throws -> String? {
            if fault.withLock(\.self) == .read, values.withLock({ $0[key] }) != nil { throw Trouble() }
            return values.withLock { $0[key] }
        }

        func delete(_ key: String) throws {
            if fault.withLock(\.self) == .delete { throw Trouble() }
            values.withLock { _ = $0.removeValue(forKey: key) }
        }
    }

    @Test(arguments: [
        (Store.Fault.none, HealthStatus?.none, "Database is responsive"),
        (.write, .critical, "Cannot write to database"), (.read, .critical, "Cannot read from database"),
        (.corrupt, .unhealthy, "Data integrity issue"), (.delete, .critical, "Cannot write to database"),
        (.writtenDespiteError, .critical, "Cannot write to database"),
    ])
    func `a probe is written, read and deleted`(fault: Store.Fault, status: HealthStatus?, message: String) async {
        let store = Store(fault, values: ["health_check_key": "a user's"])
        let check = DatabaseConnectivityCheck(store)
        #expect(check.name == "database_connectivity")
        let result = await check.check()
        #expect(result.message == message)
        #expect(result.verdict == status.map { .state($0) } ?? .passed)
        if fault != .delete { #expect(store.values.withLock(\.self) == ["health_check_key": "a user's"]) }
    }

    @Test func `a probe is never written over a user's value`() async {
        let store = Store(values: ["p/1/health_check_key": "a user's"])
        let numbers = Mutex<[UInt64]>([1, 2])
        let check = DatabaseConnectivityCheck(store, prefix: "p/") { numbers.withLock { $0.removeFirst() } }
        #expect(await check.check().isHealthy)
        #expect(store.values.withLock(\.self) == ["p/1/health_check_key": "a user's"])
        let taken = DatabaseConnectivityCheck(store, prefix: "p/") { 1 }
        #expect(await taken.check().message == "Data integrity issue")
        #expect(store.values.withLock(\.self) == ["p/1/health_check_key": "a user's"])
    }

    // MARK: - Disk

    @Test(arguments: [
        (99, HealthStatus?.some(.critical), "Insufficient disk space"), (100, .degraded, "Low disk space"),
        (999, .degraded, "Low disk space"), (1000, nil, "Sufficient disk space available"),
    ])
    func `free space has three states`(mebibytes: UInt64, status: HealthStatus?, message: String) {
        let result = DiskSpaceCheck("/").result(.init(totalBytes: 1 << 40, availableBytes: mebibytes << 20))
        #expect(result.message == message)
        #expect(result.verdict == status.map { .state($0) } ?? .passed)
    }

    @Test func `a directory that is not there is critical`() {
        let result = DiskSpaceCheck("/nowhere/at/all").check()
        #expect(result.message == "Cannot access database directory")
        #expect(result.verdict == .state(.critical))
        #expect(DiskSpaceCheck("/", criticalMebibytes: 0, lowMebibytes: 0).check().isHealthy)
        #expect(DiskSpaceCheck("/", criticalMebibytes: 1 << 40).check().message == "Insufficient disk space")
    }

    // MARK: - Compaction, error rates, workflow

    @Test(arguments: [
        (CompactionCheck.Reading(), "Compaction keeps up", true),
        (.init(pendingBytes: 3 << 20), "Compaction lags behind", false),
        (.init(failure: "disk full"), "Compaction failed: disk full", false),
        (.init(isStalled: true), "Writes wait for compaction", false),
    ])
    func `compaction has its states`(reading: CompactionCheck.Reading, message: String, isGood: Bool) async throws {
        let result = try await CompactionCheck(pendingMebibytesMax: 2) { reading }.check()
        #expect(result.message == message)
        #expect(result.isHealthy == isGood)
    }

    @Test func `old errors outside of the window count no more`() async throws {
        let clock = ManualClock(milliseconds: 1_000_000)
        let counts = Mutex((failed: 1000.0, total: 1000.0))
        let check = ErrorRateCheck(threshold: 0.05, window: .seconds(300), clock: clock) { counts.withLock(\.self) }
        let first = try await check.check()
        #expect(first.message == "High error rate: 100.0% (threshold: 5.0%)")
        for _ in 0..<60 {
            clock.advance(by: .seconds(60))
            counts.withLock { $0.total += 10 }
            _ = try await check.check()
        }
        let later = try await check.check()
        #expect(later.message == "Error rate is normal: 0.0%")
        #expect(later.details["operations"] == .double(50))
        // A program that began anew counts from zero.
        counts.withLock { $0 = (1, 2) }
        clock.advance(by: .seconds(60))
        #expect(try await check.check().details["error_rate"] == .double(0.5))
    }

    @Test(arguments: [
        (0.97, 0, #"{"status":"healthy","success_rate":0.97}"#),
        (0.89, 0, #"{"status":"unhealthy","reason":"High validation failure rate"}"#),
        (0.97, 1, #"{"status":"unhealthy","reason":"Critical security violations"}"#),
        (nil, 0, #"{"status":"healthy","success_rate":null}"#),
    ])
    func `a workflow is judged by its last five minutes`(rate: Double?, violations: Int, json: String) async throws {
        let windows = Mutex<[Duration]>([])
        let check = WorkflowHealthCheck(
            successRate: { window in
                windows.withLock { $0.append(window) }
                return rate
            },
            criticalViolations: { _ in violations }
        )
        #expect(try await check.verdict().json == json)
        #expect(windows.withLock(\.self) == [.seconds(300)])
        #expect(try await check.check().isHealthy == json.contains(#""healthy""#))
    }

    @Test func `success rates are there since the start and over a window`() async throws {
        let clock = ManualClock(milliseconds: 1_600_000_000_000)
        let outcomes = Outcomes(clock: clock)
        #expect(outcomes.successRate() == nil && outcomes.successRate(over: .seconds(300)) == nil)
        let check = WorkflowHealthCheck(validations: outcomes)
        // Nothing was validated yet: no failure.
        #expect(try await check.verdict().status == "healthy")
        outcomes.record(isSuccess: false, count: 9)
        outcomes.record(isSuccess: true)
        #expect(outcomes.successRate() == 0.1 && outcomes.successRate(over: .seconds(300)) == 0.1)
        #expect(try await check.verdict().reason == "High validation failure rate")
        clock.advance(by: .seconds(600))
        #expect(outcomes.successRate() == 0.1 && outcomes.successRate(over: .seconds(300)) == nil)
        outcomes.record(isSuccess: true, count: 90)
        #expect(outcomes.successRate() == 0.91 && outcomes.successRate(over: .seconds(300)) == 1)
        #expect(outcomes.successRate(over: .seconds(3600)) == 0.91)
        #expect(try await check.verdict().json == #"{"status":"healthy","success_rate":1}"#)
    }

    @Test func `what is kept of outcomes is bounded and a clock set back loses none`() {
        let clock = ManualClock(milliseconds: 1_600_000_000_000)
        let outcomes = Outcomes(windowMax: .seconds(720), clock: clock)
        for index in 0..<5000 {
            outcomes.record(isSuccess: index % 2 == 0)
            clock.advance(by: .seconds(1))
        }
        // The step that has just begun is empty: 719 outcomes of which 360 failed.
        #expect(outcomes.successRate() == 0.5 && outcomes.successRate(over: .seconds(720)) == 359.0 / 719)
        clock.advance(by: .seconds(-100))
        outcomes.record(isSuccess: true, count: 5000)
        #expect(outcomes.successRate() == 0.75 && outcomes.successRate(over: .seconds(720)) ?? 0 > 0.9)
    }

    // MARK: - Dependencies and components

    @Test func `a dependency that is not there is unhealthy`() async {
        // A port that was just free: bound, read and closed again.
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size)
                getsockname(socket, address, &size)
                listen(socket, 4)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let check = TCPHealthCheck("cache", host: "127.0.0.1", port: port)
        #expect(check.kind == .dependency)
        #expect(check.check() == .healthy("127.0.0.1:\(port) accepts connections"))
        close(socket)
        #expect(check.check() == .unhealthy("cannot connect to 127.0.0.1:\(port): Connection refused"))
        let unknown = TCPHealthCheck("cache", host: "no host", port: 1).check()
        #expect(unknown.message.hasPrefix("cannot connect to no host:1: cannot resolve no host: "))
    }

    @Test func `a component that processes nothing while messages wait is unhealthy`() {
        let clock = ManualClock(milliseconds: 1000)
        let activity = ComponentActivity(stallLimit: .seconds(30), clock: clock)
        #expect(activity.healthStatus() == .healthy)
        clock.advance(by: .seconds(100))
        #expect(activity.healthStatus() == .healthy)
        activity.received()
        activity.received()
        clock.advance(by: .seconds(29))
        #expect(activity.healthStatus() == .healthy)
        activity.processed()
        #expect(activity.waiting == 1)
        clock.advance(by: .seconds(29))
        #expect(activity.healthStatus() == .healthy)
        clock.advance(by: .seconds(1))
        #expect(activity.healthStatus() == .unhealthy)
        activity.failed()
        #expect(activity.healthStatus() == .degraded)
        clock.advance(by: .seconds(301))
        #expect(activity.healthStatus() == .degraded)
        clock.advance(by: .seconds(301))
        #expect(activity.healthStatus() == .healthy)
    }
}
