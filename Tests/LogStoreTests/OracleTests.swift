import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSQLite
import MartletSearch
import Testing

/// The same questions to the store and to SQLite's full-text search, over the same events.
@Suite("Log search against SQLite FTS5")
struct OracleTests {
    /// A question in both languages.
    struct Question {
        var search: String
        var match: String?
        var condition: String
        var values: [SQLiteValue] = []

        init(_ search: String, match: String? = nil, where condition: String = "1", _ values: [SQLiteValue] = []) {
            self.search = search
            self.match = match
            self.condition = condition
            self.values = values
        }
    }

    /// How many events: 50,000 unless `MARTLET_LOG_ORACLE_EVENTS` says otherwise.
    private static var events: Int {
        ProcessInfo.processInfo.environment["MARTLET_LOG_ORACLE_EVENTS"].flatMap(Int.init) ?? 50_000
    }

    private static func questions(_ common: String, _ middle: String, _ rare: String, _ time: Int64) -> [Question] {
        let stamp = RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9)
        return [
            Question(common, match: common),
            Question(rare, match: rare),
            Question("\"\(common) \(middle)\"", match: "\"\(common) \(middle)\""),
            Question("\(middle.prefix(3))*", match: "\(middle.prefix(3))*"),
            Question("component:billing", where: "component = ?", ["billing"]),
            Question("component:billing \(middle)", match: middle, where: "component = ?", ["billing"]),
            Question("duration_ms:100..200", where: "duration >= 100 AND duration <= 200"),
            Question("duration:>250ms level:>=error", where: "duration > 250 AND level >= 17"),
            Question("\(common) -\(middle)", match: "\(common) NOT \(middle)"),
            Question(
                "(\(common) OR \(rare)) user:user-7",
                match: "\(common) OR \(rare)",
                where: "user = ?",
                ["user-7"]
            ),
            Question(
                "\(common) \(middle) -component:auth",
                match: "\(common) AND \(middle)",
                where: "component <> 'auth'"
            ),
            Question("level:warn time:>=\(stamp)", where: "level = 13 AND ts >= ?", [.integer(time)]),
        ]
    }

    /// What only this corpus has: letters beyond ASCII, case, marks, digits, words parted in every way.
    private static let oddQuestions: [Question] =
        [
            "naïve", "STRASSE", "straße", "日本語テスト", "привет", "σίσυφοσ", "ﬁne", "٣٤٥", "Ⅷ", "½", "deadbeef",
            "0xdeadbeef", "a__b", "user_id", "éclair", "ångström", "x", "7", "10", "nul",
        ].map { Question("\"\($0)\"", match: "\"\($0)\"") } + [
            Question("10.0.0.1", match: "\"10 0 0 1\""), Question("v1.2.3-rc1", match: "\"v1 2 3 rc1\""),
            Question("don't", match: "\"don t\""), Question("12*", match: "12*"),
            Question("\"x ray 7\"", match: "\"x ray 7\""),
            Question("\"50\"*", match: "50*"), Question("de*", match: "de*"),
        ]

    private struct Both {
        let store: LogStore
        let database: Database

        func answers(_ question: Question) throws -> (store: Int, oracle: Int) {
            var query = LogQuery(try SearchExpression(parsing: question.search))
            query.limit = 0
            query.timeLimit = .seconds(600)
            let source = question.match == nil ? "e" : "f JOIN e ON e.id = f.rowid"
            let match = question.match == nil ? "" : "f MATCH ? AND "
            let counted = try database.integer(
                "SELECT count(*) FROM \(source) WHERE \(match)\(question.condition)",
                (question.match.map { [.text($0)] } ?? []) + question.values
            )
            return (try store.search(query).matched, Int(counted ?? -1))
        }
    }

    private func fill(_ directory: TemporaryDirectory, _ next: () -> CorpusEvent?) throws -> Both {
        let configuration = EventConfiguration(directory: directory.path + "/logs")
        let store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        let database = try Database(path: directory.path + "/oracle.db")
        for statement in [
            "PRAGMA synchronous = OFF",
            "CREATE TABLE e(id INTEGER PRIMARY KEY, ts INTEGER, level INTEGER, component TEXT, user TEXT, duration REAL, message TEXT)",
            """
            CREATE VIRTUAL TABLE f USING fts5(message, content='e', content_rowid='id',
            tokenize="unicode61 remove_diacritics 0 tokenchars '_'")
            """,
        ] { try database.execute(statement) }
        var (number, batch): (Int64, [CorpusEvent]) = (0, [])
        var event = next()
        while event != nil {
            batch.removeAll(keepingCapacity: true)
            while batch.count < 2000, let own = event {
                batch.append(own)
                event = next()
            }
            let scope = ScopeLogs(entries: batch.map(\.entry))
            _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [scope])]))
            try database.transaction { () throws(SQLiteError) in
                for own in batch {
                    number += 1
                    try database.execute(
                        "INSERT INTO e VALUES(?, ?, ?, ?, ?, ?, ?)",
                        [
                            .integer(number), .integer(Int64(own.time)), .integer(Int64(own.entry.severity)),
                            .text(own.component), .text(own.user), .real(own.duration), .text(own.message),
                        ]
                    )
                    try database.execute(
                        "INSERT INTO f(rowid, message) VALUES(?, ?)",
                        [.integer(number), .text(own.message)]
                    )
                }
            }
        }
        return Both(store: store, database: database)
    }

    private func compare(_ both: Both, _ questions: [Question], _ stage: String) throws {
        for question in questions {
            let (store, oracle) = try both.answers(question)
            #expect(store == oracle, "\(question.search) \(stage)")
        }
    }

    @Test func `gives the counts of SQLite FTS5 from memory and from blocks`() throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        var (corpus, number) = (Corpus(seed: 8), 0)
        let both = try fill(directory) {
            number += 1
            return number <= min(Self.events, 50_000) ? corpus.event(number) : nil
        }
        let questions = Self.questions(Corpus.word(1), Corpus.word(40), Corpus.word(9000), 1_767_571_202_000_000_000)
        for (stage, seals) in [("in memory", false), ("in a block", true)] {
            if seals { try both.store.sealAll() }
            try compare(both, questions + Self.oddQuestions, stage)
        }
        // None of the questions may be one that nothing answers.
        for question in questions { #expect(try both.answers(question).oracle > 0, "\(question.search)") }
        try both.store.close()
    }

    /// Runs over the corpora of the peers' benchmark where their generator is at hand.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: OracleTests.generator), "no corpus generator at hand"),
        arguments: [false, true]
    )
    func `gives the counts of SQLite FTS5 over the corpus of the benchmark`(hasTemplates: Bool) throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        let binary = directory.path + "/gen"
        try run("/usr/bin/cc", ["-O2", "-o", binary, Self.generator])
        let file = directory.path + "/events.jsonl"
        let kind = hasTemplates ? "templates" : ""
        try run("/bin/sh", ["-c", "'\(binary)' \(Self.events) 42 \(kind) > '\(file)'"])
        func word(_ rank: Int) throws -> String {
            try run(binary, ["--word", String(rank)]).split(separator: "\n").first.map(String.init) ?? ""
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        var rest = lines.makeIterator()
        let both = try fill(directory) { rest.next().flatMap { Corpus.events(ofLine: $0) } }
        try both.store.sealAll()
        // A tenth more than what 50,000 events take; more of them take less each.
        let bytes = Double(both.store.statistics.blockBytes) / Double(Self.events)
        #expect(bytes < (hasTemplates ? 30.7 : 51), "\(bytes) bytes an event")
        if hasTemplates {
            let messages = lines.prefix(2000).compactMap { Corpus.events(ofLine: $0)?.message }
            for stage in ["in blocks", "in blocks written anew"] {
                if stage != "in blocks" { try both.store.compactAll() }
                try compare(both, Self.templateQuestions(messages), stage)
            }
        } else {
            let rare = Self.events >= 500_000 ? 20_000 : 3000
            let questions = try Self.questions(word(3), word(200), word(rare), 1_767_571_202_000_000_000)
            try compare(both, questions, "in blocks")
        }
        try both.store.close()
    }

    /// Words, phrases and prefixes of messages: those that all of a template have, and those that differ.
    private static func templateQuestions(_ messages: [String]) -> [Question] {
        func phrase(_ words: some Collection<some StringProtocol>) -> String { words.joined(separator: " ") }
        var questions: [Question] = []
        for message in messages.indices.filter({ $0 % 83 == 0 }).map({ messages[$0] }) {
            let words = message.split { !$0.isLetter && !$0.isNumber }
            let place = words.firstIndex { $0.contains(where: \.isNumber) } ?? words.count / 2
            let (own, before) = (words[place], words[max(0, place - 2)...place])
            let around = words[max(0, place - 1)...min(words.count - 1, place + 2)]
            questions += [
                Question("\"\(own)\"", match: "\"\(own)\""),
                Question("\"\(phrase(before))\"", match: "\"\(phrase(before))\""),
                Question("\"\(phrase(around))\"", match: "\"\(phrase(around))\""),
                Question("\"\(phrase(words))\"", match: "\"\(phrase(words))\""),
                Question("\"\(own.prefix(3))\"*", match: "\"\(own.prefix(3))\"*"),
                Question(
                    "\"\(words[0])\" \"\(own)\" component:billing",
                    match: "\"\(words[0])\" AND \"\(own)\"",
                    where: "component = ?",
                    ["billing"]
                ),
                Question(
                    "\"\(words[0])\" -\"\(own)\"",
                    match: "\"\(words[0])\" NOT \"\(own)\""
                ),
            ]
        }
        return questions
    }

    private static var generator: String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let peers = ProcessInfo.processInfo.environment["MARTLET_PEERS_DIR"] ?? root.path + "/../shared/peers"
        return peers + "/traces-logs/corpus/gen.c"
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self)
    }
}
