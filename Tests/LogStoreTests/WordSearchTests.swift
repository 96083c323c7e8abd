import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import Testing

/// Word searches against looking at every text, in memory, in a block, in one written anew, and after a restart.
@Suite("Word search")
struct WordSearchTests {
    private struct Event {
        var words: [String]
        var text: String
        var kind: String
    }

    private static func event(_ generator: inout SeededGenerator) -> Event {
        let count = Int.random(in: 0...14, using: &generator)
        let words = (0..<count).map { _ -> String in
            let share = Double.random(in: 0..<1, using: &generator)
            let word = Corpus.word(Int(exp(share * log(3000.0))))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: return word.uppercased()
            case 1: return "n\(Int.random(in: 0..<4000, using: &generator))"
            default: return word
            }
        }
        let separators = [" ", " ", " ", ", ", " - "]
        var text = ""
        for (place, word) in words.enumerated() {
            if place > 0 { text += separators[Int.random(in: 0..<separators.count, using: &generator)] }
            text += word
        }
        return Event(
            words: words.map { $0.lowercased() },
            text: text,
            kind: ["a", "b", "c"][Int.random(in: 0..<3, using: &generator)]
        )
    }

    private static func has(_ words: [String], _ phrase: [String], prefix: Bool = false) -> Bool {
        guard words.count >= phrase.count else { return false }
        for start in 0...(words.count - phrase.count) {
            let isThere = phrase.indices.allSatisfy { place in
                prefix && place == phrase.count - 1
                    ? words[start + place].hasPrefix(phrase[place]) : words[start + place] == phrase[place]
            }
            if isThere { return true }
        }
        return false
    }

    @Test func `finds what looking at every text finds`() throws {
        let seed: UInt64 = 4
        var generator = SeededGenerator(seed: seed)
        let events = (0..<5000).map { _ in Self.event(&generator) }
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        var store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        for start in stride(from: 0, to: events.count, by: 500) {
            let entries = events[start..<(start + 500)].enumerated().map { offset, event in
                LogEntry(
                    time: UInt64(1_700_000_000_000_000_000 + start + offset),
                    severity: 9,
                    body: .string(event.text),
                    attributes: [Attribute("kind", event.kind)]
                )
            }
            _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])]))
        }
        var questions: [(String, (Event) -> Bool)] = []
        for _ in 0..<40 {
            let pool = events[Int.random(in: 0..<events.count, using: &generator)].words + ["absent"]
            let place = Int.random(in: 0..<pool.count, using: &generator)
            let word = pool[place]
            let phrase = Array(pool[place..<min(pool.count, place + Int.random(in: 1...4, using: &generator))])
            let other = events[Int.random(in: 0..<events.count, using: &generator)].words.first ?? "absent"
            questions += [
                (word, { Self.has($0.words, [word]) }),
                ("\"\(phrase.joined(separator: " "))\"", { Self.has($0.words, phrase) }),
                (
                    "\(word) \(other) kind:b",
                    { Self.has($0.words, [word]) && Self.has($0.words, [other]) && $0.kind == "b" }
                ),
                (
                    "\(other) \"\(phrase.joined(separator: " "))\" -\(word)x",
                    { Self.has($0.words, phrase) && Self.has($0.words, [other]) && !$0.words.contains(word + "x") }
                ),
                (
                    "\(word.prefix(3))* -\(other)",
                    { Self.has($0.words, [String(word.prefix(3))], prefix: true) && !Self.has($0.words, [other]) }
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
                let expected = events.filter(isMeant)
                let answer = try store.search(text)
                #expect(answer.matched == expected.count, "\(text) in \(stage), seed \(seed)")
                #expect(
                    answer.records.map(\.entry.body.text) == expected.reversed().prefix(100).map(\.text),
                    "\(text) in \(stage), seed \(seed)"
                )
                #expect(answer.notes == [])
            }
        }
        #expect(store.statistics.blocks == 1)
        try store.close()
    }

    @Test func `finds words where there are more than two bytes can number`() throws {
        let directory = TemporaryDirectory()
        let store = try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
        // 70,000 different words without digits, seventy a record, and one that all have.
        let entries = (0..<1000).map { row in
            let words = (0..<70).map { Corpus.word(row * 70 + $0) + "q" }
            return LogEntry(
                time: UInt64(1_700_000_000_000_000_000 + row),
                severity: 9,
                body: .string((words + ["shared"]).joined(separator: " "))
            )
        }
        _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])]))
        try store.sealAll()
        for isCold in [false, true] {
            if isCold { try store.compactAll() }
            for rank in stride(from: 0, to: 70_000, by: 1777) {
                let expected = entries.filter {
                    $0.body.text.split(separator: " ").contains(Substring(Corpus.word(rank) + "q"))
                }
                let answer = try store.search("\(Corpus.word(rank))q shared")
                #expect(answer.records.map(\.entry) == expected.reversed())
            }
            #expect(try store.search("\"\(Corpus.word(69))q shared\"").matched == 1)
            #expect(try store.search("\"shared \(Corpus.word(70))q\"").matched == 0, "a phrase ends with its record")
        }
        try store.close()
    }
}
