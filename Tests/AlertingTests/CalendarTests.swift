import Foundation
import MartletAlerting
import MartletCore
import Testing

@Suite("Calendar intervals")
struct CalendarTests {
    private static func time(_ text: String) throws -> Int64 {
        try #require(RFC3339.nanosecondsSinceEpoch(text)) / 1_000_000
    }

    @Test(arguments: [
        // 2026-11-21 is a Saturday.
        (CalendarInterval(weekdays: [6...6]), "2026-11-21T12:00:00Z", true),
        (CalendarInterval(weekdays: [1...5]), "2026-11-21T12:00:00Z", false),
        (CalendarInterval(times: [540..<1020]), "2026-11-21T08:59:59Z", false),
        (CalendarInterval(times: [540..<1020]), "2026-11-21T09:00:00Z", true),
        (CalendarInterval(times: [540..<1020]), "2026-11-21T17:00:00Z", false),
        (CalendarInterval(daysOfMonth: [.init(-1, -1)]), "2026-02-28T00:00:00Z", true),
        (CalendarInterval(daysOfMonth: [.init(-1, -1)]), "2026-02-27T00:00:00Z", false),
        (CalendarInterval(daysOfMonth: [.init(1, -2)]), "2026-11-30T00:00:00Z", false),
        (CalendarInterval(daysOfMonth: [.init(1, 5)]), "2026-11-05T23:59:00Z", true),
        (CalendarInterval(months: [11...12]), "2026-11-21T00:00:00Z", true),
        (CalendarInterval(months: [1...2]), "2026-12-21T00:00:00Z", false),
        (CalendarInterval(years: [2026...2026]), "2027-01-01T00:00:00Z", false),
        (CalendarInterval(), "1969-12-31T23:59:59Z", true),
        (CalendarInterval(weekdays: [3...3]), "1969-12-31T23:59:59Z", true),
    ])
    func `holds at the right times`(interval: CalendarInterval, text: String, isInside: Bool) throws {
        #expect(interval.contains(try Self.time(text)) == isInside)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-07-01T12:00:00Z", 7200), ("Europe/Berlin", "2026-12-01T12:00:00Z", 3600),
        // Beyond the file's table, where its rule holds.
        ("Europe/Berlin", "2090-07-01T12:00:00Z", 7200), ("Europe/Berlin", "2090-01-01T12:00:00Z", 3600),
        ("America/New_York", "2026-03-08T06:59:59Z", -18_000), ("America/New_York", "2026-03-08T07:00:00Z", -14_400),
        ("Asia/Kolkata", "2026-07-01T00:00:00Z", 19_800), ("Australia/Sydney", "2080-01-01T00:00:00Z", 39_600),
        ("UTC", "2026-07-01T00:00:00Z", 0),
    ])
    func `knows the clocks of places`(place: String, text: String, offset: Int) throws {
        let bytes = try Array(Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(place)")))
        let table = try #require(TimeZoneTable(bytes))
        #expect(table.offset(at: try Self.time(text) / 1000) == offset)
        let isWorkday = CalendarInterval(times: [0..<1440], zone: table)
        #expect(isWorkday.contains(try Self.time(text)))
    }

    @Test func `refuses every damaged file without a crash`() throws {
        let bytes = try Array(Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        #expect(TimeZoneTable([]) == nil && TimeZoneTable(Array("TZif".utf8)) == nil)
        for length in stride(from: 0, to: bytes.count, by: 13) {
            _ = TimeZoneTable(Array(bytes[..<length]))?.offset(at: 0)
        }
        for place in stride(from: 0, to: min(bytes.count, 200), by: 1) {
            var damaged = bytes
            damaged[place] ^= 0xff
            _ = TimeZoneTable(damaged)?.offset(at: 1_800_000_000)
        }
    }
}
