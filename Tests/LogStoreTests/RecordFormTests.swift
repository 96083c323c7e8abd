import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import Testing

/// Records of every form come back as they were sent, whichever way they were read.
@Suite("Forms of records")
struct RecordFormTests {
    private func store(_ directory: TemporaryDirectory) throws -> LogStore {
        try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
    }

    private func request(_ entries: [LogEntry]) -> LogsRequest {
        LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])])
    }

    /// A text that puts words, signs and characters beyond ASCII at every place of the sixty-four bytes seen at once.
    private func text(_ generator: inout SeededGenerator) -> String {
        let parts = [
            " ", " ", " ", "  ", "-", "_", "a", "Bc", "word", "x86", "seventeen_letters", "é", "日本", "\u{301}", "…",
            String(repeating: "long", count: 20), "@[`{", "/v1/items/", "\u{7f}", "\u{0}", "ẞ",
        ]
        return (0..<Int.random(in: 0...30, using: &generator))
            .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
    }

    private func value(_ generator: inout SeededGenerator) -> AttributeValue {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: .bool(Bool.random(using: &generator))
        case 1: .int(Int64.random(in: .min ... .max, using: &generator))
        case 2: .int(Int64.random(in: -2...300, using: &generator))
        case 3: .double(Double.random(in: -1e9...1e9, using: &generator))
        case 4: .bytes([0, 255, 7])
        case 5: .array([.int(1), .string("two")])
        case 6: .map([Attribute("in", "side")])
        case 7: .string("")
        case 8: .string(String(repeating: "v", count: Int.random(in: 8...18, using: &generator)))
        case 9: .string(String(repeating: "w", count: Int.random(in: 100...20_000, using: &generator)))
        default: .string(text(&generator))
        }
    }

    private func entry(_ row: Int, _ generator: inout SeededGenerator) -> LogEntry {
        let keys = ["a", "user", "component", "http.request.method", "http.response.status", "k1", "k2", "zz"]
        // Few lists of keys, so that most were met before, and some of more keys than usual.
        let count = row % 50 == 49 ? 40 : [0, 1, 3, 5][row % 4]
        let attributes = (0..<count).map { place in
            Attribute(place < 8 ? keys[place] : "more\(place)", value(&generator))
        }
        return LogEntry(
            time: row % 7 == 0 ? 0 : UInt64(1000 + row),
            observedTime: row % 7 == 0 || row % 5 == 0 ? UInt64(1000 + row) : 0,
            severity: UInt8(row % 25),
            severityText: ["", "info", "INFO", "a level with a long word"].randomElement(using: &generator) ?? "",
            body: row % 11 == 0 ? value(&generator) : .string(text(&generator)),
            attributes: attributes,
            droppedAttributes: row % 13 == 0 ? 3 : 0,
            flags: row % 3 == 0 ? 1 : 0,
            traceID: row % 2 == 0 ? TraceID(high: UInt64(row), low: 7) : .none,
            spanID: row % 4 == 0 ? SpanID(UInt64(row + 1)) : SpanID(0),
            eventName: row % 17 == 0 ? "an.event" : ""
        )
    }

    @Test func `gives back what came, from memory, from a block and from the log`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let entries = (0..<1500).map { entry($0, &generator) }
        let expected = entries.map { entry in
            var entry = entry
            if entry.time == 0 { entry.time = entry.observedTime }
            return entry
        }
        let directory = TemporaryDirectory()
        var store = try store(directory)
        for start in stride(from: 0, to: entries.count, by: 250) {
            #expect(try store.append(request(Array(entries[start..<(start + 250)]))).accepted == 250)
        }
        var query = LogQuery(try SearchExpression(parsing: "*"))
        query.limit = 10_000
        for stage in ["memory", "log", "block"] {
            if stage == "log" {
                store.abandon()
                store = try self.store(directory)
            }
            if stage == "block" { try store.sealAll() }
            let found = try store.search(query).records.sorted { $0.sequence < $1.sequence }.map(\.entry)
            #expect(found.count == expected.count, "\(stage), seed \(seed)")
            for (came, sent) in zip(found, expected) where came != sent {
                Issue.record("\(sent) became \(came) in \(stage), seed \(seed)")
                break
            }
        }
        try store.close()
    }

    @Test func `keeps numbers to their last bit where others have more decimals`() throws {
        let numbers = [-875_131_950.5610844, 0.12345678, 1e15 + 0.125, -0.0, 3]
        let directory = TemporaryDirectory()
        let store = try store(directory)
        let entries = numbers.enumerated().map { row, number in
            LogEntry(time: UInt64(1 + row), body: .string("n"), attributes: [Attribute("number", .double(number))])
        }
        _ = try store.append(request(entries))
        try store.sealAll()
        let found = try store.search("*").records.sorted { $0.sequence < $1.sequence }.map(\.entry.attributes)
        #expect(found.map { $0[0].value } == numbers.map { .double($0) })
        #expect(found[3][0].value == .double(-0.0) && "\(found[3][0].value)".contains("-0"))
        try store.close()
    }

    @Test func `parts texts as the language of searches does`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let texts = (0..<400).map { _ in text(&generator) }
        let directory = TemporaryDirectory()
        let store = try store(directory)
        _ = try store.append(
            request(texts.enumerated().map { LogEntry(time: UInt64($0.offset + 1), body: .string($0.element)) })
        )
        var counts: [String: Int] = [:]
        for text in texts { for word in Set(WordScanner.words(of: text)) { counts[word, default: 0] += 1 } }
        for stage in ["memory", "block"] {
            if stage == "block" { try store.sealAll() }
            for (word, count) in counts.sorted(by: { $0.key < $1.key }).prefix(300) {
                #expect(try store.search("\"\(word)\"").matched == count, "\(word) in \(stage), seed \(seed)")
            }
        }
        try store.close()
    }

    @Test func `takes nothing of a request that is cut anywhere`() throws {
        var generator = SeededGenerator(seed: 5)
        let directory = TemporaryDirectory()
        let store = try store(directory)
        let whole = request((1...12).map { entry($0, &generator) })
        _ = try store.append(whole)
        let wire = whole.encoded()
        for end in stride(from: 1, to: wire.count, by: max(1, wire.count / 500)) {
            let before = store.nextSequence
            do {
                // A cut between two messages leaves a smaller request.
                let taken = try store.append(wire: Array(wire[..<end])).accepted
                #expect(store.nextSequence == before + UInt64(taken))
            } catch is OTLPError {
                #expect(store.nextSequence == before)
            }
        }
        #expect(try store.search("| count").table != nil)
        try store.close()
    }
}
