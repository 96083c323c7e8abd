import MartletAlerting
import MartletCore
import MartletPatterns
import MartletSeries
import Testing

/// A dispatch that expectations can ask and change.
@dynamicMemberLookup
final class Desk {
    private var dispatch: AlertDispatch

    init(_ plan: AlertPlan, limits: AlertDispatch.Limits = .init()) { dispatch = AlertDispatch(plan, limits: limits) }

    subscript<Value>(dynamicMember path: KeyPath<AlertDispatch, Value>) -> Value { dispatch[keyPath: path] }

    func insert(_ alerts: [Alert], at time: Int64) { dispatch.insert(alerts, at: time) }
    func flush(at time: Int64) -> [MartletAlerting.Notification] { dispatch.flush(at: time) }
    func takeChanges() -> [DispatchChange] { dispatch.takeChanges() }
    func statuses(at time: Int64) -> [AlertStatus] { dispatch.statuses(at: time) }
    func labels(named name: String, at time: Int64) -> [LabelSet] { dispatch.labels(named: name, at: time) }
    func explain(_ labels: LabelSet, at time: Int64) -> RouteExplanation { dispatch.explain(labels, at: time) }

    func settle(_ notification: MartletAlerting.Notification, isDelivered: Bool, at time: Int64) {
        dispatch.settle(notification, isDelivered: isDelivered, at: time)
    }

    func set(_ silence: Silence, newID: String, at time: Int64) throws -> Silence {
        try dispatch.set(silence, newID: newID, at: time)
    }

    func acknowledge(_ alerts: [LabelSet], _ acknowledgement: Acknowledgement) -> Int {
        dispatch.acknowledge(alerts, acknowledgement)
    }

    func unacknowledge(_ alerts: [LabelSet], by name: String, at time: Int64) -> Int {
        dispatch.unacknowledge(alerts, by: name, at: time)
    }

    func restore(
        records: [AlertRecord],
        told: [(channel: NotificationChannel.ID, group: String, state: ToldState)] = [],
        underway: [MartletAlerting.Notification] = [],
        nextID: UInt64,
        at time: Int64
    ) {
        dispatch.restore(records: records, silences: [], told: told, underway: underway, nextID: nextID, at: time)
    }
}

/// A book of silences that expectations can change.
final class SilenceShelf {
    private(set) var book = SilenceBook()

    func set(_ silence: Silence, _ id: String, at time: Int64) throws(SilenceBook.Refusal) -> [Silence] {
        try book.set(silence, newID: id, at: time)
    }

    func expire(_ id: String, at time: Int64) throws(SilenceBook.Refusal) -> Silence? { try book.expire(id, at: time) }
    func prune(at time: Int64) -> [String] { book.prune(at: time).sorted() }
}

@Suite("Dispatch of alerts")
struct DispatchTests {
    private static let patterns = RE2Patterns()
    private static let channel = NotificationChannel(.init(receiver: "team", kind: "test", index: 0))
    private static let second: Int64 = 1000

    private static func matchers(_ text: String) throws -> [LabelMatcher] {
        try MatcherText.parse(text, patterns: patterns)
    }

    private static func alert(
        _ labels: LabelSet,
        from start: Int64 = 0,
        to end: Int64? = nil,
        heard: Int64 = 0,
        _ delivery: AlertDelivery = AlertDelivery()
    ) -> Alert {
        Alert(
            labels: labels,
            startsAt: start,
            endsAt: end ?? .max / 4,
            updatedAt: heard,
            endsByTimeout: end == nil,
            delivery: delivery
        )
    }

    private static func plan(_ change: (inout AlertPlan) -> Void = { _ in }) -> AlertPlan {
        var plan = AlertPlan(
            route: Route(
                receiver: "team",
                groupWait: .zero,
                groupInterval: .seconds(10),
                repeatInterval: .seconds(100)
            ),
            channels: ["team": [channel]]
        )
        change(&plan)
        return plan
    }

    /// Tells what is due, all of it arriving; the states and the names of the alerts.
    private func told(_ dispatch: Desk, at time: Int64) -> [String] {
        dispatch.flush(at: time).map { notification in
            dispatch.settle(notification, isDelivered: true, at: time)
            let word = notification.isAcknowledgement ? "acknowledged" : notification.status.rawValue
            let items = notification.items.map {
                ($0.alert.labels["alertname"] ?? "") + ($0.status == .firing ? "!" : "-")
            }
            return "\(notification.channel.receiver) \(word) \(items.joined(separator: " "))"
        }
    }

    private func silence(_ text: String, from start: Int64 = 0, to end: Int64) throws -> Silence {
        Silence(matchers: try Self.matchers(text), startsAt: start, endsAt: end, createdBy: "me", comment: "known")
    }

    // MARK: - Silences

    @Test func `keeps quiet while a silence holds and tells again when it is over`() throws {
        let dispatch = Desk(Self.plan())
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        #expect(told(dispatch, at: 0) == ["team firing A!"])
        _ = try dispatch.set(try silence("alertname=A", to: 300_000), newID: "s1", at: 1000)
        #expect(told(dispatch, at: 10_000) == [])
        #expect(dispatch.statuses(at: 10_000).map(\.silencedBy) == [["s1"]])
        #expect(told(dispatch, at: 200_000) == [])
        #expect(told(dispatch, at: 301_000) == ["team firing A!"])
        let events = dispatch.takeChanges().compactMap { change -> String? in
            if case .event(let event) = change { event.kind.rawValue } else { nil }
        }
        #expect(events == ["fired", "silenced", "unsilenced"])
    }

    @Test func `tells the end of what was told although a silence covers it`() throws {
        let dispatch = Desk(Self.plan())
        dispatch.insert([Self.alert(["alertname": "A"]), Self.alert(["alertname": "B"])], at: 0)
        #expect(told(dispatch, at: 0) == ["team firing A! B!"])
        _ = try dispatch.set(try silence("alertname=A", to: 300_000), newID: "s1", at: 1000)
        dispatch.insert([Self.alert(["alertname": "A"], to: 5000, heard: 5000)], at: 5000)
        #expect(told(dispatch, at: 10_000) == ["team firing B! A-"])
    }

    @Test func `never tells what a silence covered from start to end`() throws {
        let dispatch = Desk(Self.plan())
        _ = try dispatch.set(try silence("alertname=A", to: 300_000), newID: "s1", at: 0)
        dispatch.insert([Self.alert(["alertname": "A"])], at: 1000)
        #expect(told(dispatch, at: 1000) == [])
        dispatch.insert([Self.alert(["alertname": "A"], to: 5000, heard: 5000)], at: 5000)
        #expect(told(dispatch, at: 11_000) == [])
        #expect(told(dispatch, at: 400_000) == [])
    }

    @Test func `changes, ends and forgets silences as Alertmanager does`() throws {
        let book = SilenceShelf()
        let made = try book.set(try silence("a=b", to: 10_000), "1", at: 1000)
        #expect(made.map(\.id) == ["1"] && made[0].startsAt == 1000)
        var longer = made[0]
        longer.endsAt = 20_000
        #expect(try book.set(longer, "2", at: 2000).map(\.id) == ["1"])
        longer.matchers = try Self.matchers("a=c")
        let replaced = try book.set(longer, "3", at: 3000)
        #expect(replaced.map(\.id) == ["1", "3"] && replaced[0].endsAt == 3000)
        #expect(book.book.active(at: 3000).map(\.id) == ["3"])
        #expect(try book.expire("3", at: 4000)?.endsAt == 4000)
        #expect(try book.expire("3", at: 4000) == nil)
        #expect(throws: SilenceBook.Refusal.unknown("9")) { try book.expire("9", at: 4000) }
        var unknown = longer
        unknown.id = "9"
        #expect(throws: SilenceBook.Refusal.unknown("9")) { try book.set(unknown, "4", at: 4000) }
        #expect(try book.set(try silence("a=b", from: 9000, to: 10_000), "5", at: 4000)[0].state(at: 4000) == .pending)
        #expect(book.book.nextChange(after: 4000) == 9000)
        #expect(book.prune(at: 4001 + SilenceBook.retention) == ["1", "3"])
        #expect(book.book.silences.count == 1)
    }

    @Test(arguments: [
        ("a=~\".*\"", "me", "x", Int64(10), "at least one matcher must not match the empty string"),
        ("a=b", "me", " ", 10, "comment missing"),
        ("a=b", "me", "x", -10, "end time must not be before or equal to start time"),
    ])
    func `refuses silences that make no sense`(
        matcher: String,
        by: String,
        comment: String,
        length: Int64,
        message: String
    ) throws {
        let book = SilenceShelf()
        let silence = Silence(
            matchers: try Self.matchers(matcher),
            startsAt: 1000,
            endsAt: 1000 + length,
            createdBy: by,
            comment: comment
        )
        let error = #expect(throws: SilenceBook.Refusal.self) { try book.set(silence, "1", at: 500) }
        #expect(error?.description == message)
        let empty = Silence(matchers: [], startsAt: 1000, endsAt: 2000, createdBy: "", comment: "x")
        #expect(throws: SilenceBook.Refusal.invalid("at least one matcher required")) {
            try book.set(empty, "1", at: 500)
        }
        let past = Silence(matchers: silence.matchers, startsAt: 100, endsAt: 200, createdBy: "", comment: "x")
        #expect(throws: SilenceBook.Refusal.self) { try book.set(past, "1", at: 500) }
        #expect(SilenceBook.Refusal.full(3).description == "there are 3 silences already; expire some first")
        #expect(SilenceBook.Refusal.unknown("x").description == "silence x not found")
    }

    // MARK: - Inhibition and times

    @Test func `keeps alerts quiet while a more important one fires`() throws {
        let dispatch = Desk(
            try Self.plan { plan throws in
                plan.inhibitions = [
                    InhibitionRule(
                        sourceMatchers: try Self.matchers("severity=critical"),
                        targetMatchers: try Self.matchers("severity=~\"warning|critical\""),
                        equal: ["zone"]
                    )
                ]
            }
        )
        dispatch.insert(
            [
                Self.alert(["alertname": "Down", "severity": "critical", "zone": "a"]),
                Self.alert(["alertname": "Slow", "severity": "warning", "zone": "a"]),
                Self.alert(["alertname": "Slow", "severity": "warning", "zone": "b"]),
            ],
            at: 0
        )
        // The source is a target too, but not of itself.
        #expect(told(dispatch, at: 0) == ["team firing Down! Slow!"])
        let inhibited = dispatch.statuses(at: 0).map { !$0.inhibitedBy.isEmpty }
        #expect(inhibited == [false, true, false])
        dispatch.insert(
            [Self.alert(["alertname": "Down", "severity": "critical", "zone": "a"], to: 5000, heard: 5000)],
            at: 5000
        )
        #expect(told(dispatch, at: 10_000) == ["team firing Slow! Slow! Down-"])
    }

    @Test func `mutes routes at certain times and tells afterwards what still holds`() {
        let dispatch = Desk(
            Self.plan { plan in
                plan.route?.muteIntervals = ["night"]
                plan.intervals = ["night": [CalendarInterval(times: [0..<60])]]
            }
        )
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        #expect(told(dispatch, at: 0) == [])
        #expect(dispatch.statuses(at: 0).map(\.mutedBy) == [["night"]])
        let suppressed = dispatch.statuses(at: 0).map(\.isSuppressed)
        #expect(suppressed == [true])
        #expect(told(dispatch, at: 3_600_000) == ["team firing A!"])
    }

    @Test func `tells only within the active times`() {
        let dispatch = Desk(
            Self.plan { plan in
                plan.route?.activeIntervals = ["office"]
                plan.intervals = ["office": [CalendarInterval(times: [540..<1020])]]
            }
        )
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        #expect(told(dispatch, at: 0) == [])
        #expect(told(dispatch, at: 540 * 60_000) == ["team firing A!"])
    }

    // MARK: - People

    @Test func `repeats until somebody acknowledges, and tells the end all the same`() {
        let pager = NotificationChannel(.init(receiver: "team", kind: "pager", index: 0), sendsAcknowledged: true)
        let dispatch = Desk(Self.plan { $0.channels = ["team": [pager]] })
        dispatch.insert([Self.alert(["alertname": "A", "zone": "a"])], at: 0)
        #expect(told(dispatch, at: 0) == ["team firing A!"])
        #expect(told(dispatch, at: 101_000) == ["team firing A!"])
        #expect(dispatch.labels(named: "A_a_0", at: 101_000) == dispatch.labels(named: "A_a", at: 101_000))
        let named = dispatch.labels(named: "A_a", at: 101_000)
        #expect(dispatch.acknowledge(named, Acknowledgement(by: "ann", at: 102_000, comment: "on it")) == 1)
        #expect(told(dispatch, at: 102_000) == ["team acknowledged A!"])
        #expect(told(dispatch, at: 900_000) == [])
        #expect(dispatch.statuses(at: 900_000).first?.record.acknowledgement?.by == "ann")
        #expect(dispatch.acknowledge([["alertname": "B"]], Acknowledgement(by: "ann", at: 1)) == 0)
        dispatch.insert([Self.alert(["alertname": "A", "zone": "a"], to: 901_000, heard: 901_000)], at: 901_000)
        #expect(told(dispatch, at: 910_000) == ["team resolved A-"])
    }

    @Test func `repeats again when the acknowledgement is taken back`() {
        let dispatch = Desk(Self.plan())
        dispatch.insert([Self.alert(["alertname": "A"])], at: 0)
        #expect(told(dispatch, at: 0) == ["team firing A!"])
        #expect(dispatch.acknowledge([["alertname": "A"]], Acknowledgement(by: "ann", at: 1000)) == 1)
        #expect(told(dispatch, at: 200_000) == [])
        #expect(dispatch.unacknowledge([["alertname": "A"], ["alertname": "B"]], by: "ann", at: 201_000) == 1)
        #expect(told(dispatch, at: 300_000) == ["team firing A!"])
    }

    @Test func `goes up the levels until somebody acknowledges, raising the severity`() {
        let other = NotificationChannel(.init(receiver: "boss", kind: "test", index: 0))
        let third = NotificationChannel(.init(receiver: "all", kind: "test", index: 0))
        let policy = EscalationPolicy(
            name: "standard",
            levels: [
                .init(after: .seconds(120), channels: ["all"]),
                .init(after: .seconds(60), channels: ["boss"], severity: .emergency),
            ]
        )
        let dispatch = Desk(
            Self.plan { plan in
                plan.channels = ["team": [Self.channel], "boss": [other], "all": [third]]
                plan.policies = [policy]
            }
        )
        let labels: LabelSet = ["alertname": "A", "severity": "critical"]
        dispatch.insert([Self.alert(labels, AlertDelivery(escalationPolicy: "standard"))], at: 0)
        #expect(told(dispatch, at: 0) == ["team firing A!"])
        #expect(dispatch.statuses(at: 30_000).first?.record.isEscalated == false)
        #expect(told(dispatch, at: 59_000) == [])
        let raised = dispatch.flush(at: 61_000)
        #expect(raised.map(\.channel.receiver) == ["boss"])
        #expect(raised.first?.severity == .emergency)
        #expect(raised.first?.items.first?.id == "A_0")
        for notification in raised { dispatch.settle(notification, isDelivered: true, at: 61_000) }
        let status = dispatch.statuses(at: 61_000).first?.record
        #expect(status?.isEscalated == true && status?.severity == .emergency && status?.escalationLevel == 1)
        #expect(dispatch.acknowledge([labels], Acknowledgement(by: "ann", at: 62_000)) == 1)
        #expect(told(dispatch, at: 130_000) == [])
        dispatch.insert([Self.alert(labels, to: 131_000, heard: 131_000)], at: 131_000)
        #expect(told(dispatch, at: 171_000).sorted() == ["boss resolved A-", "team resolved A-"])
    }

    @Test func `sends to the channels that a rule names, at once and together`() {
        let mail = NotificationChannel(.init(receiver: "mail", kind: "test", index: 0), minimumSeverity: .error)
        let dispatch = Desk(Self.plan { $0.channels["mail"] = [mail] })
        let delivery = AlertDelivery(channels: ["mail"])
        dispatch.insert(
            [
                Self.alert(["alertname": "A", "severity": "critical", "i": "1"], delivery),
                Self.alert(["alertname": "A", "severity": "warning", "i": "2"], delivery),
            ],
            at: 0
        )
        // The channel takes errors and worse only.
        #expect(told(dispatch, at: 0) == ["mail firing A!"])
        let without = Desk(
            AlertPlan(channels: ["team": [Self.channel], "mail": [mail]], defaultReceivers: ["team"])
        )
        without.insert([Self.alert(["alertname": "A"])], at: 0)
        #expect(told(without, at: 0) == ["team firing A!"])
    }

    @Test func `tells one that comes and goes once in its interval`() {
        let dispatch = Desk(Self.plan())
        let delivery = AlertDelivery(notificationInterval: .seconds(900))
        var fired = 0
        for turn in 0..<60 {
            let now = Int64(turn) * 20_000
            dispatch.insert([Self.alert(["alertname": "A"], from: now, heard: now, delivery)], at: now)
            fired += told(dispatch, at: now).filter { $0.contains("firing") }.count
            let end = now + 10_000
            dispatch.insert([Self.alert(["alertname": "A"], from: now, to: end, heard: end, delivery)], at: end)
            fired += told(dispatch, at: end + 1).filter { $0.contains("firing") }.count
        }
        // Twenty minutes of flapping with an interval of fifteen.
        #expect(fired == 2)
    }

    @Test func `tells alerts that start within a second apart`() {
        let one = AlertName.id(["alertname": "A", "c": "x"], startsAt: 1000)
        let other = AlertName.id(["alertname": "A", "c": "x"], startsAt: 1001)
        #expect(one == "A_x_1000" && other == "A_x_1001")
        #expect(AlertName.key(["alertname": "A"]) == "A")
        #expect(AlertName.key(["alertname": "A", "severity": "page"]) == "A")
        #expect(AlertName.key(["alertname": "A", "b": "c", "d": "e"]) == "A{b=\"c\", d=\"e\"}")
    }

    @Test(arguments: [
        ("INFO", AlertSeverity.info), ("Warning", .warning), ("warn", .warning), ("error", .error), ("high", .error),
        ("CRITICAL", .critical), ("page", .critical), ("emergency", .emergency),
    ])
    func `understands the words for severities`(word: String, severity: AlertSeverity) {
        #expect(AlertSeverity(word: word) == severity)
        #expect(AlertSeverity(word: "purple") == nil)
        #expect(AlertSeverity.allCases.sorted() == [.info, .warning, .error, .critical, .emergency])
    }

    // MARK: - Restarts

    @Test func `goes on after a restart where it was`() throws {
        let before = Desk(Self.plan())
        before.insert([Self.alert(["alertname": "A"]), Self.alert(["alertname": "B"])], at: 0)
        #expect(told(before, at: 0) == ["team firing A! B!"])
        var told: [(channel: NotificationChannel.ID, group: String, state: ToldState)] = []
        var records: [AlertRecord] = []
        for change in before.takeChanges() {
            if case .told(let channel, let group, let state) = change { told.append((channel, group, state)) }
            if case .alert(let record, _) = change { records.append(record) }
        }
        let after = Desk(Self.plan())
        after.restore(records: records, told: told, nextID: 7, at: 20_000)
        #expect(self.told(after, at: 20_000) == [])
        after.insert([Self.alert(["alertname": "A"], to: 21_000, heard: 21_000)], at: 21_000)
        let notifications = after.flush(at: 30_000)
        #expect(notifications.map(\.id) == [7])
        #expect(notifications.first?.items.map(\.status) == [.firing, .resolved])
    }

    @Test func `does not decide anew what is still on its way after a restart`() throws {
        let before = Desk(Self.plan())
        before.insert([Self.alert(["alertname": "A"])], at: 0)
        let sent = before.flush(at: 0)
        let records = Array(before.records.values)
        let after = Desk(Self.plan())
        after.restore(records: records, underway: sent, nextID: 2, at: 20_000)
        #expect(after.flush(at: 20_000).isEmpty)
        after.settle(sent[0], isDelivered: true, at: 21_000)
        #expect(told(after, at: 60_000) == [])
        #expect(after.groups.count == 1)
    }

    @Test func `ends alerts whose sender has fallen silent`() {
        let dispatch = Desk(Self.plan())
        dispatch.insert(
            [Alert(labels: ["alertname": "A"], startsAt: 0, endsAt: 60_000, updatedAt: 0)],
            at: 0
        )
        #expect(told(dispatch, at: 0) == ["team firing A!"])
        #expect(told(dispatch, at: 70_000) == ["team resolved A-"])
        #expect(told(dispatch, at: 1_000_000) == [])
        #expect(told(dispatch, at: 1_010_000) == [])
        #expect(dispatch.records.isEmpty && dispatch.groups.isEmpty && dispatch.isIdle)
        let gone = dispatch.takeChanges().contains { change in
            if case .alertGone = change { true } else { false }
        }
        #expect(gone)
    }

    @Test func `explains which routes an alert takes, and why not others`() throws {
        let dispatch = Desk(
            AlertPlan(
                route: Route(
                    receiver: "default",
                    grouping: .labels(["alertname"]),
                    routes: [
                        Route(receiver: "db", matchers: try Self.matchers("team=db"), continues: true),
                        Route(receiver: "page", matchers: try Self.matchers("severity=page")),
                    ]
                ),
                policies: [EscalationPolicy(name: "p", levels: [], matchers: try Self.matchers("team=db"))]
            )
        )
        let explanation = dispatch.explain(["alertname": "A", "team": "db"], at: 0)
        #expect(explanation.receivers == ["db"])
        #expect(explanation.steps.map(\.isChosen) == [false, true, false])
        #expect(explanation.steps.last?.failure == "severity=\"page\" does not hold: severity is \"\"")
        #expect(explanation.policy == "p")
        let without = Desk(AlertPlan(defaultReceivers: ["log"])).explain(["a": "b"], at: 0)
        #expect(without.receivers == ["log"] && without.policy == nil)
    }

    @Test func `refuses more alerts than it may hold`() {
        let dispatch = Desk(Self.plan(), limits: .init(alerts: 2))
        dispatch.insert((0..<5).map { Self.alert(["alertname": "A\($0)"]) }, at: 0)
        #expect(dispatch.records.count == 2 && dispatch.droppedAlerts == 3)
    }
}

extension DispatchTests {
    private static func plan(_ change: (inout AlertPlan) throws -> Void) throws -> AlertPlan {
        var made = plan()
        try change(&made)
        return made
    }
}
