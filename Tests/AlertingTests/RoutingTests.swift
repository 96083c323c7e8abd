import MartletAlerting
import MartletCore
import MartletPatterns
import MartletSeries
import Testing

@Suite("Routing and grouping")
struct RoutingTests {
    private static let patterns = RE2Patterns()

    private static func matchers(_ text: String) throws -> [LabelMatcher] {
        try MatcherText.parse(text, patterns: patterns)
    }

    private static func alert(
        _ labels: LabelSet,
        from start: Int64 = 0,
        to end: Int64? = nil,
        heard: Int64 = 0
    ) -> Alert {
        Alert(
            labels: labels,
            startsAt: start,
            endsAt: end ?? Int64.max / 2,
            updatedAt: heard,
            endsByTimeout: end == nil
        )
    }

    private static let channel = NotificationChannel(.init(receiver: "team", kind: "webhook", index: 0))

    private static func dispatch(_ route: Route, sendsResolved: Bool = true) -> AlertDispatch {
        AlertDispatch(route: route, channels: ["team": [NotificationChannel(channel.id, sendsResolved: sendsResolved)]])
    }

    @Test(arguments: [
        (["severity": "page"] as LabelSet, ["pager"]),
        (["severity": "ticket"] as LabelSet, ["tickets"]),
        (["severity": "page", "team": "db"] as LabelSet, ["log", "db-pager"]),
        (["team": "db"] as LabelSet, ["log", "db"]),
        (["severity": "info"] as LabelSet, ["default"]),
    ])
    func `finds the receivers of an alert`(labels: LabelSet, receivers: [String]) throws {
        let tree = RoutingTree(
            Route(
                receiver: "default",
                routes: [
                    Route(receiver: "log", matchers: try Self.matchers("team=\"db\""), continues: true),
                    Route(
                        receiver: "db",
                        matchers: try Self.matchers("team=\"db\""),
                        routes: [Route(receiver: "db-pager", matchers: try Self.matchers("severity=page"))]
                    ),
                    Route(receiver: "pager", matchers: try Self.matchers("severity=~\"page|critical\"")),
                    Route(receiver: "tickets", matchers: try Self.matchers("{severity=\"ticket\",team!=\"db\"}")),
                ]
            )
        )
        #expect(tree.routes(for: labels).map(\.route.receiver) == receivers)
    }

    @Test func `names groups as Alertmanager does`() throws {
        let tree = RoutingTree(
            Route(
                receiver: "a",
                grouping: .labels(["alertname", "zone"]),
                routes: [
                    Route(
                        receiver: "b",
                        matchers: try Self.matchers("severity=page, team=~\"d.*\""),
                        grouping: .everyLabel
                    )
                ]
            )
        )
        let labels: LabelSet = ["alertname": "Down", "instance": "a\"b", "severity": "page", "team": "db"]
        let node = try #require(tree.routes(for: labels).first)
        #expect(node.key == "{}/{severity=\"page\",team=~\"d.*\"}")
        #expect(node.groupLabels(of: labels) == labels)
        #expect(tree.root.groupKey(for: tree.root.groupLabels(of: labels)) == "{}:{alertname=\"Down\"}")
        #expect(
            node.groupKey(for: labels)
                == "{}/{severity=\"page\",team=~\"d.*\"}:{alertname=\"Down\", instance=\"a\\\"b\", severity=\"page\", team=\"db\"}"
        )
    }

    @Test(arguments: [
        ("severity=page", ["severity=\"page\""]), ("a=\"x,y\" , b!=z", ["a=\"x,y\"", "b!=\"z\""]),
        ("{a=~\"x|y\",\"b c\"!~\"z\",}", ["a=~\"x|y\"", "\"b c\"!~\"z\""]),
        ("a=\"\\\"\\\\\\n\"", ["a=\"\\\"\\\\\\n\""]),
        ("a=", ["a=\"\""]), (" a = b c ", ["a=\"b c\""]),
    ])
    func `reads matchers`(text: String, matchers: [String]) throws {
        #expect(try Self.matchers(text).map(\.description) == matchers)
    }

    @Test(arguments: [
        ("", "expected a matcher such as severity=\"page\""),
        ("{a=b", "expected \"}\" or \",\" at character 5, found the end"),
        ("a", "expected =, !=, =~ or !~ at character 2, found the end"),
        ("a=\"b", "expected a closing quote at character 5, found the end"),
        ("a=b}", "expected the end at character 4, found \"}\""),
        ("=b", "expected a label name at character 1, found \"=\""),
        ("a=~\"(\"", "bad regular expression \"(\": missing ): ("),
    ])
    func `says what is wrong with a matcher`(text: String, message: String) {
        let error = #expect(throws: MatcherText.SyntaxError.self) { try Self.matchers(text) }
        #expect(error?.description == message)
    }

    @Test func `waits for a group and then tells it together, once`() {
        var dispatch = Self.dispatch(Route(receiver: "team", grouping: .labels(["alertname"])))
        dispatch.insert([Self.alert(["alertname": "Down", "instance": "a"])], at: 0)
        dispatch.insert([Self.alert(["alertname": "Down", "instance": "b"], from: 10_000)], at: 10_000)
        dispatch.insert([Self.alert(["alertname": "Slow"], from: 20_000)], at: 20_000)
        #expect(dispatch.nextFlush == 30_000)
        #expect(dispatch.flush(at: 29_999).isEmpty)
        let first = dispatch.flush(at: 30_000)
        #expect(first.map(\.groupKey) == ["{}:{alertname=\"Down\"}"])
        #expect(first.first?.items.map(\.alert.labels["instance"]) == ["a", "b"])
        #expect(first.first?.status == .firing)
        #expect(first.first?.deadline == 86_430_000)
        dispatch.settle(first[0], isDelivered: true, at: 30_100)
        let second = dispatch.flush(at: 50_000)
        #expect(second.map(\.groupKey) == ["{}:{alertname=\"Slow\"}"])
        dispatch.settle(second[0], isDelivered: true, at: 50_100)
        #expect(dispatch.flush(at: 330_000).isEmpty)
    }

    @Test func `repeats an unchanged group only after the repeat interval`() {
        var dispatch = Self.dispatch(Route(receiver: "team", repeatInterval: .seconds(3600)))
        var told: [Int64] = []
        for time in stride(from: Int64(0), through: 8_000_000, by: 10_000) {
            dispatch.insert([Self.alert(["alertname": "Down"], heard: time)], at: time)
            for notification in dispatch.flush(at: time) {
                told.append(time)
                dispatch.settle(notification, isDelivered: true, at: time)
            }
        }
        // 30 s, then the first look at the group that is more than an hour later: every 5 min from 30 s on.
        #expect(told == [30_000, 3_930_000, 7_830_000])
    }

    @Test func `tells a new alert of a group at the next group interval`() {
        var dispatch = Self.dispatch(Route(receiver: "team"))
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        for notification in dispatch.flush(at: 30_000) { dispatch.settle(notification, isDelivered: true, at: 30_000) }
        dispatch.insert([Self.alert(["alertname": "B"], from: 40_000)], at: 40_000)
        #expect(dispatch.flush(at: 329_999).isEmpty)
        #expect(dispatch.flush(at: 330_000).first?.items.map(\.alert.labels["alertname"]) == ["A", "B"])
    }

    @Test func `tells the end once and lets the alert go`() {
        var dispatch = Self.dispatch(Route(receiver: "team"))
        let labels: LabelSet = ["alertname": "A"]
        dispatch.insert([Self.alert(labels)], at: 0)
        for notification in dispatch.flush(at: 30_000) { dispatch.settle(notification, isDelivered: true, at: 30_000) }
        dispatch.insert([Self.alert(labels, to: 60_000, heard: 60_000)], at: 60_000)
        let told = dispatch.flush(at: 330_000)
        #expect(told.map(\.status) == [.resolved])
        #expect(told.first?.items.map(\.alert.endsAt) == [60_000])
        dispatch.settle(told[0], isDelivered: true, at: 330_000)
        // The rules tell of the end for a quarter of an hour; nobody else has to hear it again.
        dispatch.insert([Self.alert(labels, to: 60_000, heard: 340_000)], at: 340_000)
        #expect(dispatch.flush(at: 630_000).isEmpty)
        #expect(dispatch.groups.isEmpty)
    }

    @Test func `tells nobody of what began and ended between two looks`() {
        var dispatch = Self.dispatch(Route(receiver: "team"))
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        dispatch.insert([Self.alert(["alertname": "A"], to: 20_000, heard: 20_000)], at: 20_000)
        #expect(dispatch.flush(at: 30_000).isEmpty)
        #expect(dispatch.groups.values.first?.alerts.isEmpty == true)
    }

    @Test func `ends an alert that is heard of no more`() {
        var dispatch = Self.dispatch(Route(receiver: "team", groupInterval: .seconds(60)))
        dispatch.insert(
            [Alert(labels: ["alertname": "A"], startsAt: 0, endsAt: 240_000, updatedAt: 0, endsByTimeout: true)],
            at: 0
        )
        for notification in dispatch.flush(at: 30_000) { dispatch.settle(notification, isDelivered: true, at: 30_000) }
        #expect(dispatch.flush(at: 90_000).isEmpty)
        #expect(dispatch.flush(at: 270_000).map(\.status) == [.resolved])
    }

    @Test func `sends no ends to a channel that does not want them, but a new start`() {
        var dispatch = Self.dispatch(Route(receiver: "team", groupInterval: .seconds(60)), sendsResolved: false)
        let labels: LabelSet = ["alertname": "A"]
        dispatch.insert([Self.alert(labels)], at: 0)
        for notification in dispatch.flush(at: 30_000) { dispatch.settle(notification, isDelivered: true, at: 30_000) }
        dispatch.insert([Self.alert(labels, to: 60_000, heard: 60_000)], at: 60_000)
        #expect(dispatch.flush(at: 90_000).isEmpty)
        dispatch.insert([Self.alert(labels, from: 100_000, heard: 100_000)], at: 100_000)
        #expect(dispatch.flush(at: 150_000).map(\.status) == [.firing])
    }

    @Test func `tries again at the next interval what could not be delivered`() {
        var dispatch = Self.dispatch(Route(receiver: "team", groupInterval: .seconds(60)))
        let labels: LabelSet = ["alertname": "A"]
        dispatch.insert([Self.alert(labels)], at: 0)
        let first = dispatch.flush(at: 30_000)
        // Still on its way: nothing more is sent.
        #expect(dispatch.flush(at: 90_000).isEmpty)
        dispatch.settle(first[0], isDelivered: false, at: 95_000)
        let second = dispatch.flush(at: 150_000)
        #expect(second.count == 1)
        dispatch.settle(second[0], isDelivered: true, at: 150_000)
        dispatch.insert([Self.alert(labels, to: 160_000, heard: 160_000)], at: 160_000)
        let third = dispatch.flush(at: 210_000)
        #expect(third.map(\.status) == [.resolved])
        dispatch.settle(third[0], isDelivered: false, at: 210_000)
        #expect(dispatch.flush(at: 270_000).map(\.status) == [.resolved])
    }

    @Test func `tells at once of alerts that fired before the wait`() {
        var dispatch = Self.dispatch(Route(receiver: "team"))
        dispatch.insert([Self.alert(["alertname": "A"], from: 0)], at: 31_000)
        #expect(dispatch.nextFlush == 31_000)
    }

    @Test func `keeps what was told when the routes change`() throws {
        var dispatch = Self.dispatch(Route(receiver: "team", groupInterval: .seconds(60)))
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        for notification in dispatch.flush(at: 30_000) { dispatch.settle(notification, isDelivered: true, at: 30_000) }
        let other = NotificationChannel(.init(receiver: "other", kind: "webhook", index: 0))
        dispatch.apply(
            route: Route(
                receiver: "team",
                groupInterval: .seconds(60),
                routes: [Route(receiver: "other", matchers: try Self.matchers("alertname=B"))]
            ),
            channels: ["team": [Self.channel], "other": [other]],
            at: 40_000
        )
        #expect(dispatch.flush(at: 200_000).isEmpty)
        dispatch.insert([Self.alert(["alertname": "B"], from: 200_000)], at: 200_000)
        #expect(dispatch.flush(at: 230_000).map(\.channel.receiver) == ["other"])
        dispatch.apply(route: nil, channels: [:], at: 240_000)
        dispatch.insert([Self.alert(["alertname": "C"])], at: 240_000)
        #expect(dispatch.groups.isEmpty && dispatch.nextFlush == nil)
    }

    @Test func `drops and counts what passes its limits`() {
        var dispatch = AlertDispatch(
            route: Route(receiver: "team", grouping: .labels(["zone"])),
            channels: ["team": [Self.channel]],
            limits: .init(groups: 2, alertsPerGroup: 2)
        )
        for zone in ["a", "b", "c"] {
            for name in ["1", "2", "3"] { dispatch.insert([Self.alert(["zone": zone, "alertname": name])], at: 0) }
        }
        #expect(dispatch.groups.count == 2)
        #expect(dispatch.droppedAlerts == 5)
    }

    @Test func `merges what is heard of one alert`() {
        let older = Alert(labels: [:], startsAt: 10, endsAt: 100, updatedAt: 20, endsByTimeout: true)
        var newer = Alert(labels: [:], startsAt: 15, endsAt: 200, updatedAt: 30, endsByTimeout: true)
        #expect(older.merging(newer).startsAt == 10 && older.merging(newer).endsAt == 200)
        newer.endsAt = 25
        newer.endsByTimeout = false
        #expect(older.merging(newer).endsAt == 25)
        let later = Alert(labels: [:], startsAt: 150, endsAt: 300, updatedAt: 150)
        #expect(older.merging(later) == later)
        #expect(newer.merging(older).endsAt == 25)
    }

    @Test func `routes ten thousand alerts`() {
        var dispatch = Self.dispatch(Route(receiver: "team", grouping: .labels(["zone"])))
        let alerts = (0..<10_000).map { Self.alert(["alertname": "A", "instance": "\($0)", "zone": "\($0 % 100)"]) }
        dispatch.insert(alerts, at: 0)
        let told = dispatch.flush(at: 30_000)
        #expect(told.count == 100)
        #expect(told.reduce(0) { $0 + $1.items.count } == 10_000)
    }
}
