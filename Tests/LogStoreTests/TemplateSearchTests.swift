import Foundation
import MartletCore
import MartletFiles
import MartletOTLP
import MartletPatterns
import MartletSearch
import Testing

@testable import MartletEvents
@testable import MartletLogStore

/// Searches of messages that share templates, against looking at every text.
@Suite("Search in templates")
struct TemplateSearchTests {
    private static let templates = [
        "GET /v1/items/# 200 in # ms", "user user-# logged in from 10.0.#.#", "cache miss for key ~",
        "Job ~ finished, # items done", "job ~ failed: timeout after # s", "Größe von Datei # ist # Byte",
        "retry # of 5", "session ~-~ closed", "nothing to do", "", "— # —", "GET get GET # get",
    ]

    private static func message(_ generator: inout SeededGenerator) -> String {
        if Int.random(in: 0..<20, using: &generator) == 0 {
            return (0..<Int.random(in: 1...9, using: &generator))
                .map { _ in Corpus.word(Int.random(in: 0..<3000, using: &generator)) }.joined(separator: " ")
        }
        let template = templates[Int.random(in: 0..<templates.count, using: &generator)]
        return template.map { character in
            switch character {
            case "#": String(Int.random(in: 0..<(Bool.random(using: &generator) ? 30 : 3_000_000), using: &generator))
            case "~":
                String(
                    Int.random(in: 0..<(1 << 20), using: &generator),
                    radix: 16,
                    uppercase: Bool.random(using: &generator)
                )
            default: String(character)
            }
        }.joined()
    }

    private static func has(_ words: [String], _ phrase: [String], prefix: Bool = false) -> Bool {
        guard words.count >= phrase.count else { return false }
        return (0...(words.count - phrase.count)).contains { start in
            phrase.indices.allSatisfy { place in
                prefix && place == phrase.count - 1
                    ? words[start + place].hasPrefix(phrase[place]) : words[start + place] == phrase[place]
            }
        }
    }

    @Test func `finds what looking at every text finds, and tells every text as it came`() throws {
        let seed = UInt64.random(in: 0..<100_000)
        var generator = SeededGenerator(seed: seed)
        let events = (0..<3000).map { _ in Self.message(&generator) }
        let words = events.map { WordScanner.words(of: $0) }
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        let entries = events.enumerated().map { number, text in
            LogEntry(
                time: UInt64(1_700_000_000_000_000_000 + number),
                severity: 9,
                body: .string(text),
                attributes: [Attribute("third", number % 3 == 0 ? "yes" : "no")]
            )
        }
        _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])]))
        var questions: [(String, (Int) -> Bool)] = [
            (
                "/ms$|[xyz]1/",
                { number in
                    events[number].hasSuffix("ms") || ["x1", "y1", "z1"].contains { events[number].contains($0) }
                }
            )
        ]
        for _ in 0..<25 {
            let pool = words[Int.random(in: 0..<words.count, using: &generator)] + ["absent"]
            let place = Int.random(in: 0..<pool.count, using: &generator)
            let (word, start) = (pool[place], String(pool[place].prefix(2)))
            let phrase = Array(pool[place..<min(pool.count, place + Int.random(in: 1...5, using: &generator))])
            let other = words[Int.random(in: 0..<words.count, using: &generator)].last ?? "absent"
            questions += [
                ("\"\(word)\"", { Self.has(words[$0], [word]) }),
                ("\"\(phrase.joined(separator: " "))\"", { Self.has(words[$0], phrase) }),
                (
                    "\"\(word)\" \"\(other)\" third:yes",
                    { Self.has(words[$0], [word]) && Self.has(words[$0], [other]) && $0 % 3 == 0 }
                ),
                (
                    "\"\(other)\" \"\(phrase.joined(separator: " "))\"",
                    { Self.has(words[$0], phrase) && Self.has(words[$0], [other]) }
                ),
                (
                    "\"\(start)\"* -\"\(other)\"",
                    { Self.has(words[$0], [start], prefix: true) && !Self.has(words[$0], [other]) }
                ),
            ]
        }
        for stage in ["memory", "block", "block written anew", "restart"] {
            if stage == "block" { try store.sealAll() }
            if stage == "block written anew" { try store.compactAll() }
            if stage == "restart" {
                try store.close()
                store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
            }
            for (text, isMeant) in questions {
                let expected = events.indices.filter(isMeant)
                let answer = try store.search(text)
                #expect(answer.matched == expected.count, "\(text) in \(stage), seed \(seed)")
                #expect(
                    answer.records.map(\.entry.body.text) == expected.reversed().prefix(100).map { events[$0] },
                    "\(text) in \(stage), seed \(seed)"
                )
                #expect(answer.notes == [])
            }
        }
        try store.close()
        let path = directory.path + "/blocks/0000000002.block"
        let file = try BlockFile(try POSIXFileSystem().map(path), path: path)
        #expect(file.has(LogSections.templates) && !file.has(LogSections.lengths))
        let reader = try LogBlockReader(try LogBlock(file, codec: ZstandardCodec()))
        for row in events.indices {
            #expect(String(decoding: try reader.message(row), as: UTF8.self) == events[row], "row \(row), seed \(seed)")
        }
    }

    @Test func `several small blocks with templates become one`() throws {
        let directory = TemporaryDirectory()
        let store = try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
        for part in 0..<6 {
            let entries = (0..<400).map { row in
                LogEntry(
                    time: UInt64(1_700_000_000_000_000_000 + part * 400 + row),
                    severity: 9,
                    body: .string("part \(part) took request \(part * 400 + row) from 10.0.0.\(row % 7)")
                )
            }
            _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])]))
            try store.sealAll()
        }
        #expect(store.statistics.blocks == 6)
        try store.compactAll()
        #expect(store.statistics.blocks == 1)
        #expect(try store.search("\"took request\"").matched == 2400)
        #expect(try store.search("\"from 10.0.0.3\"").matched == 342)
        #expect(try store.bodies("\"request 1234\"") == ["part 3 took request 1234 from 10.0.0.6"])
        try store.close()
    }
}
