import MartletCore
import MartletLogging
import Testing

@Suite("Error tracker")
struct ErrorTrackerTests {
    struct NotFound: Error, CustomStringConvertible {
        let user: Int
        var description: String { "user \(user) not found in '/var/lib/\(user)'" }
    }

    @Test func `errors that differ in numbers, texts and paths are one group`() throws {
        let clock = StandingClock()
        let tracker = ErrorTracker(release: "1.2", clock: clock)
        for user in 0..<5 {
            clock.advance(by: .seconds(1))
            if user == 3 {
                SpanContext.$ofTask.withValue(someSpan) { _ = tracker.record(NotFound(user: 3), component: "db") }
            } else {
                tracker.record(NotFound(user: user), component: "db")
            }
        }
        tracker.record(NotFound(user: 1), component: "web")
        let groups = tracker.groups
        #expect(groups.count == 2 && tracker.total == 6)
        let group = try #require(groups.first { $0.component == "db" })
        #expect(group.count == 5 && group.type == "NotFound" && group.message == "user 4 not found in '/var/lib/4'")
        #expect(group.lastSeen - group.firstSeen == 4000)
        #expect(group.firstRelease == "1.2" && group.lastRelease == "1.2" && group.exampleTrace == someSpan)
        #expect(tracker.counts == ["NotFound": 6])
        #expect(group.fingerprint.description.count == 16)
    }

    @Test(arguments: [
        ("user 17 not found", "user <n> not found"),
        ("no route to 10.0.0.7:8080", "no route to <n>:<n>"),
        ("cannot open /var/lib/x.db", "cannot open <path>"),
        ("key \"a b\" of `c` isn't there", "key <text> of <text> isn't there"),
        ("id 3f9c-01 / ok", "id <n> / ok"),
        ("", ""),
    ]) func `what varies is a placeholder`(_ message: String, _ pattern: String) {
        #expect(ErrorFingerprint.pattern(of: message) == pattern)
    }

    @Test func `groups and history are bounded`() {
        let clock = StandingClock()
        let tracker = ErrorTracker(groupsMax: 3, historyMax: 4, clock: clock)
        for letter in ["a", "b", "c", "a", "d"] {
            clock.advance(by: .seconds(1))
            tracker.record(type: letter, message: "", component: "")
        }
        #expect(tracker.groups.map(\.type) == ["d", "a", "c"])
        #expect(tracker.forgottenGroups == 1)
        #expect(tracker.history.map(\.type) == ["b", "c", "a", "d"])
    }

    @Test func `the default history holds a thousand errors`() {
        let tracker = ErrorTracker()
        for number in 0..<1001 { tracker.record(type: "T", message: "\(number)", component: "") }
        #expect(tracker.history.count == 1000)
        #expect(tracker.history.first?.message == "1" && tracker.history.last?.message == "1000")
    }

    @Test func `records at error are grouped on their way to the sink`() {
        let tracker = ErrorTracker()
        let sink = MemorySink()
        let log = Logger("db", sink: ErrorTrackingSink(tracker, before: sink))
        log.error("query failed", ["error": "timeout after 5 s", "error_type": "Timeout"])
        log.error("query failed", ["error": "timeout after 7 s", "error_type": "Timeout"])
        log.warn("slow")
        #expect(sink.all.count == 3)
        #expect(tracker.groups.map(\.count) == [2])
        #expect(tracker.groups.first?.component == "db")
    }
}

extension ErrorTrackerTests {
    private func occurrence(
        at time: Int64,
        _ message: String = "no answer",
        service: String = "shop",
        release: String = "1",
        context: SpanContext? = nil
    ) -> ErrorTracker.Occurrence {
        ErrorTracker.Occurrence(
            time: time,
            type: "Timeout",
            message: message,
            service: service,
            component: "db",
            release: release,
            context: context
        )
    }

    private func counts(_ tracker: ErrorTracker) -> [String: UInt64] {
        Dictionary(uniqueKeysWithValues: tracker.countsByService.map { ("\($0.key.service)/\($0.key.type)", $0.value) })
    }

    @Test func `errors of other programs may come in any order`() throws {
        let tracker = ErrorTracker()
        tracker.record(occurrence(at: 2000, "no answer after 2 s", release: "2"))
        tracker.record(occurrence(at: 1000, "no answer after 1 s", release: "1"))
        tracker.record(occurrence(at: 3000, "no answer after 3 s", release: "3", context: someSpan))
        let group = try #require(tracker.groups.first)
        #expect(tracker.groups.count == 1 && group.count == 3)
        #expect(group.firstSeen == 1000 && group.firstRelease == "1")
        #expect(group.lastSeen == 3000 && group.lastRelease == "3" && group.message == "no answer after 3 s")
        #expect(group.exampleTrace == someSpan)
    }

    @Test func `errors are counted by program and type, within a bound`() {
        let tracker = ErrorTracker(groupsMax: 2)
        tracker.record(occurrence(at: 1))
        tracker.record(occurrence(at: 2))
        tracker.record(occurrence(at: 3, service: "cart"))
        tracker.record(occurrence(at: 4, service: "mail"))
        #expect(counts(tracker) == ["shop/Timeout": 2, "cart/Timeout": 1])
        #expect(tracker.uncounted == 1)
        #expect(tracker.counts == ["Timeout": 3])
        #expect(tracker.groups.map(\.service) == ["mail", "cart"] && tracker.forgottenGroups == 1)
    }

    @Test func `groups that were kept over a restart go on`() throws {
        let tracker = ErrorTracker()
        let latest = occurrence(at: 500, release: "1")
        tracker.restore(ErrorGroup(latest: latest, count: 7, firstSeen: 100, firstRelease: "0"))
        tracker.record(occurrence(at: 900, release: "2"))
        tracker.restore(ErrorGroup(latest: latest, count: 2, firstSeen: 50, firstRelease: "0.9"))
        let group = try #require(tracker.groups.first)
        #expect(group.count == 10 && group.firstSeen == 50 && group.firstRelease == "0.9")
        #expect(group.lastSeen == 900 && group.lastRelease == "2")
        #expect(counts(tracker) == ["shop/Timeout": 1])
    }
}
