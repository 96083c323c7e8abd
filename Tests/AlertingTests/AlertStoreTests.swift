import Foundation
import MartletAlerting
import MartletCore
import MartletPatterns
import MartletSQLite
import MartletTestKit
import Testing

@testable import MartletNotify

@Suite("Alerting state")
struct AlertStoreTests {
    private final class Place: Sendable {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-state-\(UUID().uuidString)")
        var path: String { folder.appending(path: "alerting.db").path }

        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private let clock = ManualClock(milliseconds: 1_600_000_000_000)
    private let patterns = RE2Patterns()
    private static let channel = NotificationChannel(.init(receiver: "team", kind: "test", index: 0))
    private static let route = Route(receiver: "team", groupWait: .zero, groupInterval: .seconds(10))

    private func dispatcher(_ store: AlertStore, _ sender: any NotificationSending) async -> AlertDispatcher {
        let clock = clock
        let dispatcher = AlertDispatcher(store: store, clock: clock, pause: { clock.advance(by: $0) }, chance: { 1 })
        await dispatcher.restore(patterns: patterns)
        await dispatcher.apply(route: Self.route, senders: [Self.channel: sender])
        return dispatcher
    }

    private func alert(_ name: String, ends: Int64? = nil) -> Alert {
        let now = clock.millisecondsSinceEpoch
        return Alert(
            labels: ["alertname": name, "zone": "a\"b"],
            annotations: ["summary": "é"],
            startsAt: now,
            endsAt: ends ?? now + 3_600_000,
            updatedAt: now,
            endsByTimeout: ends == nil,
            generatorURL: "http://x",
            value: 0.5,
            delivery: AlertDelivery(notificationInterval: .seconds(60), escalationPolicy: "p")
        )
    }

    private func idle(_ dispatcher: AlertDispatcher) async throws {
        try await poll {
            await dispatcher.statistics.channels.values.allSatisfy { $0.underway == 0 && $0.waiting == 0 }
        }
    }

    @Test func `goes on after a stop: nothing is told twice, what waits is sent, silences and people stay`()
        async throws
    {
        let place = try Place()
        let failing = MemorySender(hangs: true)
        let first = await dispatcher(try AlertStore(path: place.path), failing)
        #expect(await first.accept([alert("A")]))
        await first.flushNow()
        let silence = try await first.set(
            Silence(
                matchers: try MatcherText.parse("zone=~\"x.*\"", patterns: patterns),
                startsAt: clock.millisecondsSinceEpoch,
                endsAt: clock.millisecondsSinceEpoch + 60_000,
                createdBy: "me",
                comment: "why",
                annotations: ["a": "b"]
            )
        )
        #expect(await first.acknowledge("A_a\"b", by: "ann", comment: "mine").count == 1)
        await first.stop(within: .zero)

        let sender = MemorySender()
        let store = try AlertStore(path: place.path)
        let second = await dispatcher(store, sender)
        try await idle(second)
        // What was on its way when the first stopped.
        #expect(sender.told.withLock { $0.map(\.status) } == [.firing])
        #expect(await second.silences == [silence])
        #expect(await second.silence(silence.id) == silence)
        let status = try #require(await second.statuses.first)
        #expect(status.record.acknowledgement?.by == "ann" && status.record.alert.value == 0.5)
        #expect(status.record.alert == alert("A"))
        clock.advance(by: .seconds(11))
        await second.flushNow()
        try await idle(second)
        #expect(sender.told.withLock { $0.count } == 1)
        let waiting = try await store.outbox()
        #expect(waiting.isEmpty)
        let deliveries = try await store.deliveries()
        #expect(deliveries.map(\.result) == ["delivered"])
        await second.receive([alert("A", ends: clock.millisecondsSinceEpoch)])
        clock.advance(by: .seconds(10))
        await second.flushNow()
        try await idle(second)
        let states = sender.told.withLock { $0.map(\.status) }
        #expect(states == [.firing, .resolved])
        let episodes = try await store.history(HistoryQuery(rule: "A"))
        #expect(episodes.count == 1 && episodes[0].resolvedAt != nil && episodes[0].acknowledgedBy == "ann")
        let events = try await store.events(of: episodes[0].id).map(\.kind)
        #expect(events == [.fired, .acknowledged, .notified, .resolved, .notified])
        #expect(try await store.history(HistoryQuery(alert: "nothing")).isEmpty)
        #expect(await second.unacknowledge("A", by: "ann").isEmpty)
        try await second.expireSilence(silence.id)
        await second.stop()
    }

    @Test func `keeps one dead letter a channel and group until that is told`() async throws {
        let place = try Place()
        let store = try AlertStore(path: place.path)
        let refusal = DeliveryError(.clientError, "the receiver answered with status 400")
        let sender = MemorySender(failing: [refusal, refusal])
        let dispatcher = await dispatcher(store, sender)
        await dispatcher.receive([alert("A")])
        for _ in 0..<2 {
            await dispatcher.flushNow()
            try await idle(dispatcher)
            clock.advance(by: .seconds(11))
        }
        let letters = try await store.deadLetters()
        #expect(letters.count == 1 && letters[0].times == 2 && letters[0].reason == "client_error")
        #expect(letters[0].alerts == 1 && letters[0].status == "firing")
        #expect(try await store.deadLetterCount() == 1)
        await dispatcher.flushNow()
        try await idle(dispatcher)
        #expect(try await store.deadLetters().isEmpty)
        await dispatcher.stop()
    }

    @Test func `gives up messages for channels that are gone`() async throws {
        let place = try Place()
        let first = await dispatcher(try AlertStore(path: place.path), MemorySender(hangs: true))
        await first.receive([alert("A")])
        await first.flushNow()
        await first.stop(within: .zero)
        let store = try AlertStore(path: place.path)
        let second = AlertDispatcher(store: store, clock: clock)
        await second.restore(patterns: patterns)
        await second.apply(AlertPlan(), senders: [:])
        let letters = try await store.deadLetters()
        #expect(letters.map(\.error) == ["the channel is no longer in the configuration"])
        #expect(await second.channels.isEmpty)
        await second.stop()
    }

    @Test func `answers a test with what the receiver says`() async throws {
        let dispatcher = AlertDispatcher(clock: clock)
        let refusal = DeliveryError(.unauthorized, "the receiver answered with status 401")
        let bad = NotificationChannel(.init(receiver: "bad", kind: "test", index: 0))
        await dispatcher.apply(
            route: Self.route,
            senders: [Self.channel: MemorySender(), bad: MemorySender(failing: [refusal])]
        )
        let good = await dispatcher.test(receiver: "team")
        #expect(good.map(\.isDelivered) == [true] && good.map(\.answer) == ["delivered"])
        let failed = await dispatcher.test(receiver: "bad/test[0]")
        #expect(failed.map(\.answer) == ["the receiver answered with status 401"])
        #expect(await dispatcher.test(receiver: "nobody").isEmpty)
        #expect(await dispatcher.explain(["a": "b"]).receivers == ["team"])
    }

    @Test func `leaves out rows that it cannot read and says how many`() async throws {
        let place = try Place()
        let store = try AlertStore(path: place.path)
        await store.close()
        do {
            let database = try Database(path: place.path)
            try database.execute("INSERT INTO alert VALUES ('x', 'no json')")
            try database.execute(
                "INSERT INTO silence VALUES ('x', '{\"id\":\"x\",\"startsAt\":1,\"endsAt\":2,\"matchers\":[{}]}')"
            )
            try database.execute("INSERT INTO told VALUES ('c', 'r', 'k', 0, 'g', '{}')")
            database.close()
        }
        let again = try AlertStore(path: place.path)
        let restored = try await again.restore(patterns: patterns)
        #expect(restored.damaged == 3 && restored.records.isEmpty && restored.silences.isEmpty)
        await again.close()
        await #expect(throws: SQLiteError.self) { try await again.commit([.retried(1, attempts: 1, error: "")]) }
    }

    @Test func `goes on telling while the disk takes nothing, and makes it durable later`() async throws {
        let place = try Place()
        let store = try AlertStore(path: place.path)
        let sender = MemorySender()
        let dispatcher = await dispatcher(store, sender)
        await store.close()
        #expect(await dispatcher.accept([alert("A")]) == false)
        await dispatcher.flushNow()
        try await idle(dispatcher)
        #expect(sender.told.withLock { $0.count } == 1)
        #expect(await dispatcher.statistics.saveFailures > 0)
    }
}
