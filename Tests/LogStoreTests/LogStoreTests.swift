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
}
