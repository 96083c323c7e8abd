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
