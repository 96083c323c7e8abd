import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import MartletTestKit
import Testing

@Suite("Log store in trouble")
struct LogDamageTests {
    private func store(_ configuration: EventConfiguration, clock: any WallClock = SystemWallClock()) throws -> LogStore
    {
        try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec(), clock: clock)
    }

    private func request(_ texts: [String], time: UInt64 = 1_700_000_000_000_000_000) -> LogsRequest {
        let entries = texts.enumerated().map { LogEntry(time: time + UInt64($0), severity: 9, body: .string($1)) }
        return LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])])
    }

    @Test func `names a damaged block, and the others answer`() throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try store(configuration)
        _ = try store.append(request(["first 1", "first 2"]))
        try store.sealAll()
        _ = try store.append(request(["second 1"]))
        try store.sealAll()
        try store.close()
        let path = directory.path + "/blocks/0000000001.block"
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        for place in stride(from: 24, to: whole.count, by: 7) {
            var bytes = whole
            bytes[place] ^= 0x10
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            store = try self.store(configuration)
            let answer = try store.search("first OR second")
            #expect(answer.records.map(\.entry.body.text).contains("second 1"))
            let isNamed = answer.notes.contains { $0.contains("0000000001.block") }
            let isWhole = answer.matched == 3
            #expect(isNamed || isWhole || store.statistics.damagedBlocks == 1, "byte \(place)")
            try store.close()
        }
    }

    @Test func `names a damaged block that was written anew, and the others answer`() throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try store(configuration)
        _ = try store.append(request((0..<300).map { "first number \($0) of many" }))
        try store.sealAll()
        _ = try store.append(request(["second 1"]))
        try store.sealAll()
        try store.compactAll()
        try store.close()
        let path = directory.path + "/blocks/0000000003.block"
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        for place in stride(from: 24, to: whole.count, by: 41) {
            var bytes = whole
            bytes[place] ^= 0x10
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            store = try self.store(configuration)
            let answer = try store.search("number OR second")
            #expect(try store.bodies("second") == ["second 1"])
            let isNamed = answer.notes.contains { $0.contains("0000000003.block") }
            #expect(isNamed || answer.matched == 301 || store.statistics.damagedBlocks == 1, "byte \(place)")
            try store.close()
        }
    }

    @Test func `drops what is too old and what is too much`() throws {
        let directory = TemporaryDirectory()
        let clock = ManualClock(milliseconds: 1_700_000_000_000)
        var configuration = EventConfiguration(directory: directory.path)
        configuration.retention = .seconds(3600)
        let store = try store(configuration, clock: clock)
        _ = try store.append(request(["old"]))
        try store.sealAll()
        clock.advance(by: .seconds(3000))
        _ = try store.append(request(["new"], time: 1_700_003_000_000_000_000))
        try store.sealAll()
        clock.advance(by: .seconds(700))
        store.maintain()
        #expect(try store.bodies("*") == ["new"])
        #expect(store.statistics.expiredBlocks == 1)
        try store.close()
    }

    @Test func `keeps numbers over seals and restarts`() throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try store(configuration)
        _ = try store.append(request(["a", "b"]))
        try store.sealAll()
        _ = try store.append(request(["c"]))
        store.abandon()
        store = try self.store(configuration)
        _ = try store.append(request(["d"]))
        #expect(store.nextSequence == 4)
        var query = LogQuery()
        query.arrivedFrom = 1
        #expect(try store.search(query).records.map(\.entry.body.text) == ["b", "c", "d"])
        query.arrivedFrom = nil
        query.limit = 2
        let first = try store.search(query)
        #expect(first.records.count == 2)
        query.cursor = first.cursor
        let second = try store.search(query)
        #expect(second.records.count == 2)
        #expect(second.cursor == nil)
        #expect(Set((first.records + second.records).map(\.sequence)) == [0, 1, 2, 3])
        query.cursor = first.records[0].cursor
        query.direction = .forward
        #expect(try store.search(query).records.allSatisfy { $0.cursor > first.records[0].cursor })
        try store.close()
    }

    @Test func `gives back every byte of odd texts`() throws {
        let directory = TemporaryDirectory()
        let store = try store(EventConfiguration(directory: directory.path))
        let texts = [
            "", " ", "  a  b ", "a", "a b", "\u{1b}[31mred\u{202e}", "nul\u{0}nul", "tab\tnew\nline", "a,b", "日本 語",
            "1 2  3", "x1y x1y x1y x1y x1y", String(repeating: "long ", count: 5000), "é e\u{301}", "-", "a-", "-a",
            "a  b",
        ]
        _ = try store.append(request(texts))
        for isSealed in [false, true] {
            if isSealed { try store.sealAll() }
            #expect(try store.bodies("*").reversed() == texts)
        }
        try store.close()
    }

    @Test func `gives records without a time the present one, once and for all`() throws {
        let directory = TemporaryDirectory()
        let clock = ManualClock(milliseconds: 1_700_000_000_000)
        let configuration = EventConfiguration(directory: directory.path)
        var store = try store(configuration, clock: clock)
        _ = try store.append(request(["now"], time: 0))
        store.abandon()
        clock.advance(by: .seconds(60))
        store = try self.store(configuration, clock: clock)
        #expect(try store.search("now").records.map(\.time) == [1_700_000_000_000_000_000])
        try store.close()
    }

    @Test func `refuses what is no request and keeps what was there`() throws {
        let directory = TemporaryDirectory()
        let store = try store(EventConfiguration(directory: directory.path))
        _ = try store.append(Samples.shop)
        let wire = Samples.shop.encoded()
        for end in stride(from: 1, to: wire.count, by: 3) {
            _ = try? store.append(wire: Array(wire[..<end]))
        }
        let answer = try store.search("refused")
        #expect(answer.records.count >= 1)
        #expect(try store.search("*").matched % 3 == 0)
        try store.sealAll()
        #expect(try store.search("*").matched % 3 == 0)
        try store.close()
    }

    @Test func `counts facets and bars of what is found`() throws {
        let directory = TemporaryDirectory()
        let store = try store(EventConfiguration(directory: directory.path))
        _ = try store.append(Samples.shop)
        for isSealed in [false, true] {
            if isSealed { try store.sealAll() }
            var query = LogQuery()
            query.histogramStep = 1_000_000_000
            query.facets = [SearchField("level"), SearchField("status"), SearchField("service"), SearchField("user")]
            let answer = try store.search(query)
            #expect(answer.histogram.map(\.count) == [1, 1, 1])
            #expect(answer.histogram.last?.levels == ["error": 1])
            #expect(answer.facets.map(\.distinct) == [2, 2, 1, 1])
            #expect(answer.facets.map(\.missing) == [0, 1, 0, 2])
            #expect(answer.facets[0].values == [.init(text: "info", count: 2), .init(text: "error", count: 1)])
            let names = try store.fields().map(\.name)
            #expect(names == ["detail", "duration_ms", "host.name", "service.name", "status", "user"])
        }
        try store.close()
    }
}
