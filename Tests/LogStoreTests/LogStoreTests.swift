import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import Testing

@Suite("Log store")
struct LogStoreTests {
    @Test func `finds what came, before and after sealing and a restart`() throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        _ = try store.append(Samples.shop)
        for stage in ["memory", "block", "restart"] {
            if stage == "block" { try store.sealAll() }
            if stage == "restart" {
                try store.close()
                store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
            }
            #expect(try store.bodies("refused") == ["Connection refused by db-1"])
            #expect(try store.bodies("service:shop -refused") == ["user-42 paid 12.5 EUR", "GET /cart took 5 ms"])
            #expect(try store.bodies("\"connection refused\"") == ["Connection refused by db-1"])
            #expect(try store.bodies("\"refused connection\"") == [])
            #expect(try store.bodies("conn*") == ["Connection refused by db-1"])
            #expect(try store.bodies("level:>=warn") == ["Connection refused by db-1"])
            #expect(try store.bodies("status:200 duration:>4ms") == ["GET /cart took 5 ms"])
            #expect(try store.bodies("/took \\d+/") == ["GET /cart took 5 ms"])
            #expect(try store.bodies("trace:0af7651916cd43dd8448eb211c80319c") == ["user-42 paid 12.5 EUR"])
            #expect(
                try store.search("").records.map(\.entry)
                    == Samples.shop.resourceLogs[0].scopeLogs[0].entries.reversed()
            )
            #expect(try store.search("| count by (level)").table?.rows == [["info", "2"], ["error", "1"]])
        }
        try store.close()
    }

    @Test func `makes small blocks one, and gives back every record as it came`() throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        var corpus = Corpus(seed: 3)
        for block in 0..<6 {
            let entries = (0..<1500).map { corpus.event(block * 1500 + $0).entry }
            let scope = ScopeLogs(scope: InstrumentationScope(name: "part \(block % 2)"), entries: entries)
            _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [scope])]))
            _ = try store.append(Samples.shop)
            try store.sealAll()
        }
        var query = LogQuery(try SearchExpression(parsing: "*"))
        query.limit = 10_000
        let before = try store.search(query)
        let words = [
            "refused", "\"paid 12\"", "level:warn \(Corpus.word(1))", "trace:0af7651916cd43dd8448eb211c80319c",
        ]
        let counts = try words.map { try store.search($0).matched }
        #expect(before.matched == 9018)
        #expect(store.statistics.blocks == 6)
        try store.compactAll()
        for stage in ["at once", "after a restart"] {
            if stage == "after a restart" {
                try store.close()
                store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
            }
            #expect(store.statistics.blocks == 1, "\(stage)")
            let after = try store.search(query)
            #expect(after.notes == [])
            #expect(after.records.count == before.records.count)
            for (old, new) in zip(before.records, after.records) where old != new {
                Issue.record("\(old) became \(new) \(stage)")
                break
            }
            #expect(try words.map { try store.search($0).matched } == counts, "\(stage)")
            #expect(store.nextSequence == 9018)
        }
        try store.close()
    }
}
