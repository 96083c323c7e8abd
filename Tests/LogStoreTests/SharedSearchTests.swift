import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import Testing

/// Searches over so many records that two threads share the blocks.
@Suite("Shared log searches")
struct SharedSearchTests {
    private static let start: UInt64 = 1_700_000_000_000_000_000
    private static let millisecond: UInt64 = 1_000_000
    private static let count = 66_000

    /// Record number *n*, a millisecond after the one before: every third one an error, of users in turn, of two services.
    private static func entry(_ number: Int) -> LogEntry {
        LogEntry(
            time: start + UInt64(number) * millisecond,
            severity: number % 3 == 0 ? 17 : 9,
            body: .string(number % 3 == 0 ? "payment \(number) refused" : "payment \(number) taken"),
            attributes: [Attribute("user", "user-\(number % 5)")]
        )
    }

    /// Eleven blocks of 6,000 records.
    private static func store(_ directory: String) throws -> LogStore {
        let store = try LogStore(
            EventConfiguration(directory: directory),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
        for block in 0..<11 {
            let entries = (0..<6000).map { entry(block * 6000 + $0) }
            let request = LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])])
            #expect(try store.append(request).accepted == 6000)
            try store.sealAll()
        }
        #expect(store.statistics.blocks == 11)
        return store
    }

    @Test func `tell what one thread would`() throws {
        let directory = TemporaryDirectory()
        let store = try Self.store(directory.path)

        var query = LogQuery(try SearchExpression(parsing: "payment -/9 taken$/"))
        query.limit = 3
        query.countsAll = true
        query.histogramStep = 30_000_000_000
        query.facets = [SearchField("user")]
        let found = try store.search(query)
        // Of every thirty numbers three end in 9, two of which are taken.
        #expect(found.matched == 61_600)
        #expect(found.isComplete && found.notes.isEmpty)
        #expect(
            found.records.map(\.entry.body.text) == [
                "payment 65998 taken", "payment 65997 refused", "payment 65996 taken",
            ]
        )
        // 1,700,000,000 s is 20 s behind a multiple of 30 s.
        let first = Int64(Self.start) - 20_000_000_000
        #expect(found.histogram.map(\.start) == [first, first + 30_000_000_000, first + 60_000_000_000])
        #expect(found.histogram.map(\.count) == [9_334, 28_000, 24_266])
        #expect(found.histogram.map { $0.levels["error"] } == [3_334, 10_000, 8_666])
        let users = try #require(found.facets.first)
        #expect(users.values.map(\.count) == [13_200, 13_200, 13_200, 13_200, 8_800])
        #expect(users.values.last?.text == "user-4")

        #expect(try store.search("payment | count").table?.rows == [["66000"]])
        #expect(
            try store.search("payment | count by (level)").table?.rows == [["info", "44000"], ["error", "22000"]]
        )
        #expect(
            try store.search("level:error | top 2 user").table?.rows == [["user-0", "4400"], ["user-1", "4400"]]
        )
        #expect(
            try store.search("refused | histogram 1m by level").table?.rows == [
                ["2023-11-14T22:13:00Z", "error", "13334"], ["2023-11-14T22:14:00Z", "error", "8666"],
            ]
        )
        #expect(
            try store.search("payment | patterns").table?.rows == [
                ["payment <*> taken", "44000"], ["payment <*> refused", "22000"],
            ]
        )
        query = LogQuery(try SearchExpression(parsing: "payment | count by (user, level)"))
        query.groupsMax = 4
        let bounded = try store.search(query)
        #expect(bounded.table?.rows.count == 4)
        #expect(bounded.matched == 66_000)
        #expect(bounded.notes.count == 1 && bounded.notes[0].contains("of the first 4 groups"), "\(bounded.notes)")
    }
}
