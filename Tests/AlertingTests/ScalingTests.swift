import Foundation
import MartletAlerting
import MartletCore
import MartletPatterns
import MartletTestKit
import Testing

@testable import MartletNotify

/// That many alerts cost little more each than few do, and that what is held is bounded.
///
/// Ratios of one run, no times.
@Suite("Alert scaling", .serialized)
struct ScalingTests {
    /// The processor time of this thread that a closure takes, divided by that of another: the least of several pairs, because
    /// what disturbs one of a pair often disturbs both.
    private static func ratio(of body: () -> Void, to other: () -> Void) -> Double {
        func cost(_ body: () -> Void) -> Double {
            func now() -> Double {
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
            }
            let start = now()
            body()
            return now() - start
        }
        return (0..<7).map { _ in cost(body) / cost(other) }.min() ?? .nan
    }

    private static func alerts(_ count: Int) -> [Alert] {
        (0..<count).map { index in
            Alert(
                labels: [
                    "alertname": "Down", "instance": "host-\(index)", "zone": "z\(index / 100)", "severity": "error",
                ],
                annotations: ["summary": "host \(index) is down"],
                startsAt: 0,
                endsAt: Int64.max / 2,
                updatedAt: 0
            )
        }
    }

    private static let channel = NotificationChannel(.init(receiver: "team", kind: "webhook", index: 0))

    private static func route() throws -> Route {
        let patterns = RE2Patterns()
        var root = Route(receiver: "team", grouping: .labels(["zone"]), groupWait: .zero)
        root.routes = try (0..<20).map { index in
            var child = root
            child.matchers = try MatcherText.parse("team=\"t\(index)\"", patterns: patterns)
            return child
        }
        return root
    }

    @Test func `ten thousand alerts are routed and grouped for at most a dozen times what a thousand cost`() throws {
        let route = try Self.route()
        func run(_ alerts: [Alert]) -> Int {
            var dispatch = AlertDispatch(route: route, channels: ["team": [Self.channel]])
            dispatch.insert(alerts, at: 0)
            return dispatch.flush(at: 1).reduce(0) { $0 + $1.items.count }
        }
        let (few, many) = (Self.alerts(1000), Self.alerts(10_000))
        #expect(run(few) == 1000 && run(many) == 10_000)
        let ratio = Self.ratio(of: { _ = run(many) }, to: { for _ in 0..<10 { _ = run(few) } })
        #expect(ratio < 1.25)
    }

    @Test func `alerts that come one by one cost little more than together`() throws {
        let route = try Self.route()
        let alerts = Self.alerts(2000)
        func together() {
            var dispatch = AlertDispatch(route: route, channels: ["team": [Self.channel]])
            dispatch.insert(alerts, at: 0)
            _ = dispatch.flush(at: 1)
        }
        func apart() {
            var dispatch = AlertDispatch(route: route, channels: ["team": [Self.channel]])
            for alert in alerts {
                dispatch.insert([alert], at: 0)
                _ = dispatch.flush(at: 1)
            }
        }
        #expect(Self.ratio(of: apart, to: together) < 12)
    }

    @Test func `a hanging receiver's queue is bounded and its rest is told as given up`() async throws {
        let clock = ManualClock(milliseconds: 1_600_000_000_000)
        let dispatcher = AlertDispatcher(clock: clock, pause: { clock.advance(by: $0) }, chance: { 1 })
        let hanging = MemorySender(hangs: true)
        var route = Route(receiver: "team", grouping: .everyLabel, groupWait: .zero)
        route.groupInterval = .seconds(1)
        await dispatcher.apply(route: route, senders: [Self.channel: hanging])
        // One group an alert: more messages than a channel holds.
        let count = ChannelQueue.waitingMax + ChannelQueue.concurrency + 500
        let now = clock.millisecondsSinceEpoch
        let alerts = Self.alerts(count).map { alert in
            var alert = alert
            alert.startsAt = now
            alert.updatedAt = now
            return alert
        }
        await dispatcher.receive(alerts)
        await dispatcher.flushNow()
        let statistics = await dispatcher.statistics
        let channel = try #require(statistics.channels[Self.channel.id])
        #expect(channel.waiting <= ChannelQueue.waitingMax && channel.underway == ChannelQueue.concurrency)
        // What passes the limit of groups is dropped and counted, and nothing is both.
        #expect(statistics.groups == 20_000)
        #expect(statistics.droppedAlerts == UInt64(count - 20_000))
        await dispatcher.stop(within: .zero)
    }
}
