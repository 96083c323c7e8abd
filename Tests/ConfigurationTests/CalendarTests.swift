import MartletAlerting
import MartletConfiguration
import MartletPatterns
import Testing

@Suite("Calendars of a configuration")
struct CalendarTests {
    private func read(_ text: String) throws -> NotificationConfiguration {
        var notification = NotificationConfiguration()
        _ = try ConfigurationLoader.load(text: text, file: "martlet.yml", environment: [:], patterns: RE2Patterns()) {
            notification = NotificationLoader.read($0.alertingSections, $1)
        }
        return notification
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func `days, months, years and times are read in words and numbers`() throws {
        let configuration = try read(
            """
            time_intervals:
              - name: office
                time_intervals:
                  - times: [{start_time: '09:00', end_time: '17:30'}, {start_time: '22:15', end_time: '24:00'}]
                    weekdays: ['monday:friday', Sunday]
                    months: ['january:march', '5', 'November:12']
                    years: ['2026', '2030:2032']
                    days_of_month: ['1:5', '-3:-1', '1:-1', '31']
                  - {}
            mute_time_intervals:
              - name: weekend
                time_intervals: [{weekdays: ['0', '6'], location: UTC}]
            """
        )
        let office = try #require(configuration.intervals["office"])
        #expect(office.count == 2)
        #expect(office[0].times == [540..<1050, 1335..<1440])
        #expect(office[0].weekdays == [1...5, 0...0])
        #expect(office[0].months == [1...3, 5...5, 11...12])
        #expect(office[0].years == [2026...2026, 2030...2032])
        #expect(office[0].daysOfMonth == [.init(1, 5), .init(-3, -1), .init(1, -1), .init(31, 31)])
        #expect(office[1] == CalendarInterval())
        #expect(configuration.intervals["weekend"]?.map(\.weekdays) == [[0...0, 6...6]])
    }

    @Test(arguments: [
        (
            "times: [{start_time: '17:00', end_time: '09:00'}]",
            "end_time must be after start_time; use two ranges to pass midnight"
        ),
        (
            "times: [{start_time: '17:00', end_time: '17:00'}]",
            "end_time must be after start_time; use two ranges to pass midnight"
        ),
        ("times: [{start_time: '9:00', end_time: '10:00'}]", "expected a time from 00:00 to 24:00, found \"9:00\""),
        ("times: [{start_time: '+9:00', end_time: '10:00'}]", "expected a time from 00:00 to 24:00, found \"+9:00\""),
        ("times: [{start_time: '08:60', end_time: '10:00'}]", "expected a time from 00:00 to 24:00, found \"08:60\""),
        ("times: [{start_time: '08:00', end_time: '24:01'}]", "expected a time from 00:00 to 24:00, found \"24:01\""),
        ("times: [{start_time: '08:00'}]", "missing field \"end_time\""),
        ("weekdays: [mondey]", "\"mondey\" is no weekday or range of them (did you mean \"monday\"?)"),
        ("weekdays: ['friday:monday']", "\"friday:monday\" begins after its end"),
        ("weekdays: ['7']", "\"7\" is no weekday or range of them"),
        ("weekdays: ['1:2:3']", "\"1:2:3\" is no weekday or range of them"),
        ("months: ['0']", "\"0\" is no month or range of them"),
        ("months: ['13']", "\"13\" is no month or range of them"),
        ("years: ['1969']", "\"1969\" is no year or range of them"),
        ("days_of_month: ['0']", "\"0\" is no day of the month or range of them"),
        ("days_of_month: ['32']", "\"32\" is no day of the month or range of them"),
        ("days_of_month: ['-1:1']", "\"-1:1\" begins after its end"),
        ("days_of_month: ['-1:-3']", "\"-1:-3\" begins after its end"),
        (
            "location: ../etc/passwd",
            "unknown location \"../etc/passwd\"; it has to look like Europe/Berlin and be in /usr/share/zoneinfo/../etc/passwd"
        ),
        ("weekday: [monday]", "unknown field \"weekday\" (did you mean \"weekdays\"?)"),
    ])
    func `what is no calendar is told`(field: String, message: String) {
        let found = problems("time_intervals: [{name: a, time_intervals: [{\(field)}]}]")
        #expect(found.count == 1 && found.first?.hasSuffix(message) == true, "\(found)")
    }

    @Test func `a name is given once, and only those given are used`() {
        let text = """
            receivers: [{name: team}]
            route:
              receiver: team
              routes: [{receiver: team, mute_time_intervals: [weekent]}]
            time_intervals:
              - {name: weekend, time_intervals: []}
              - {name: weekend, time_intervals: []}
            """
        #expect(
            problems(text) == [
                #"martlet.yml:4:50: unknown time interval "weekent" (did you mean "weekend"?)"#,
                #"martlet.yml:7:12: time interval "weekend" is already defined"#,
            ]
        )
        let root =
            "receivers: [{name: team}]\nroute: {receiver: team, mute_time_intervals: [], match: {a: b}, continue: true}"
        #expect(
            problems(root) == [
                #"martlet.yml:2:46: the root route may have no "mute_time_intervals"; give it to a route below"#,
                #"martlet.yml:2:57: the root route takes all alerts and may have no "match""#,
                #"martlet.yml:2:75: the root route has no siblings to continue with"#,
            ]
        )
        #expect(
            problems("receivers: [{name: a}]\nroute: {group_by: [a, a]}").contains {
                $0.hasSuffix("label \"a\" is given twice in group_by")
            }
        )
    }
}
