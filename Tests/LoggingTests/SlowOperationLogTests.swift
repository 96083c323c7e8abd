import MartletCore
import MartletLogging
import Testing

@Suite("Slow operations")
struct SlowOperationLogTests {
    struct Refused: Error, CustomStringConvertible { var description = "connection refused" }

    /// A clock that is moved by what is measured.
    final class HandClock: Clock, Sendable {
        typealias Instant = ContinuousClock.Instant
        private let timer = HandTimer()
        private let start = ContinuousClock.now
        var now: Instant { start + .nanoseconds(timer.nanoseconds) }
        var minimumResolution: Duration { .nanoseconds(1) }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
        func advance(by duration: Duration) { timer.advance(by: duration) }
    }

    @Test func `an operation of 1200 ms is told, one of 800 ms is not`() throws {
        let sink = MemorySink()
        let slow = SlowOperationLog(Logger("db", sink: sink))
        #expect(slow.record("get", "user:7", took: .milliseconds(1200)))
        #expect(!slow.record("get", "user:8", took: .milliseconds(800)))
        let record = try #require(sink.all.first)
        #expect(sink.all.count == 1 && record.level == .warn && record.message == "slow operation")
        #expect(record.fields["operation"] == "get" && record.fields["query"] == "user:7")
        #expect(record.fields["duration_ms"] == 1200.0 && record.fields["threshold_ms"] == 1000.0)
        #expect(record.fields["error"] == .null)
    }

    @Test func `the threshold can be set and the log turned off`() {
        let sink = MemorySink()
        var slow = SlowOperationLog(Logger("db", sink: sink), threshold: .milliseconds(50))
        #expect(slow.record("set", "a", took: .milliseconds(50)))
        #expect(sink.all.count == 1)
        slow.isEnabled = false
        #expect(slow.record("set", "a", took: .milliseconds(50)))
        #expect(sink.all.count == 1)
    }

    @Test func `what is measured is told also where it fails`() async throws {
        let sink = MemorySink()
        let slow = SlowOperationLog(Logger("db", sink: sink))
        let clock = HandClock()
        func wait(_ milliseconds: Int) async { clock.advance(by: .milliseconds(milliseconds)) }
        let answer = await slow.measure("select", "orders where id = ?", clock: clock) {
            await wait(1500)
            return 7
        }
        #expect(answer == 7)
        await #expect(throws: Refused.self) {
            try await slow.measure("delete", "orders", clock: clock) {
                await wait(2000)
                throw Refused()
            }
        }
        let fast = slow.measure("get", "a", clock: clock) { 1 }
        #expect(throws: Refused.self) {
            try slow.measure("set", "b", clock: clock) {
                clock.advance(by: .seconds(3))
                throw Refused()
            }
        }
        #expect(fast == 1)
        #expect(sink.all.map { $0.fields["operation"] } == ["select", "delete", "set"])
        #expect(sink.all.map { $0.fields["duration_ms"] } == [1500.0, 2000.0, 3000.0])
        #expect(sink.all[1].fields["error"] == "connection refused")
    }
}
