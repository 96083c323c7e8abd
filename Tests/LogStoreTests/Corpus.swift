import Foundation
import MartletCore
import MartletOTLP

/// An event of the corpus of the oracle test.
struct CorpusEvent {
    var time: UInt64
    var level: String
    var component: String
    var operation: String
    var user: String
    var resource: String
    var duration: Double
    var trace: TraceID
    var message: String

    var entry: LogEntry {
        let severity: UInt8 =
            switch level {
            case "debug": 5
            case "info": 9
            case "warn": 13
            case "error": 17
            default: 21
            }
        return LogEntry(
            time: time,
            severity: severity,
            severityText: level,
            body: .string(message),
            attributes: [
                Attribute("component", component), Attribute("operation", operation), Attribute("user", user),
                Attribute("resource", resource), Attribute("duration_ms", .double(duration)),
            ],
            traceID: trace
        )
    }
}

/// A corpus in which few words are frequent and most are rare, with what makes trouble for those who part words.
struct Corpus {
    static let components = ["auth", "billing", "catalog", "gateway", "ledger", "orders", "payments", "search"]
    private static let operations = [
        "login", "logout", "item.read", "item.write", "order.place", "job.fail", "query.run",
    ]
    private static let oddities = [
        "user_id=42", "Naïve", "NAÏVE", "STRASSE", "straße", "x-ray/7", "10.0.0.1", "e\u{301}clair", "日本語テスト",
        "don't", "ÅNGSTRÖM", "a__b", "\u{0}nul", "tab\there", "v1.2.3-rc1", "ПРИВЕТ", "привет", "ΣΊΣΥΦΟΣ", "50%",
        "\"quoted\"", "(paren)", "::", "ﬁne", "٣٤٥", "Ⅷ", "½", "deadbeef", "0xDEADBEEF",
    ]

    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// The word of a rank, the most frequent having 0.
    static func word(_ rank: Int) -> String {
        let (consonants, vowels) = (Array("bcdfghjklmnprstvwz"), Array("aeiou"))
        var (text, rest) = ("", rank)
        repeat {
            text.append(consonants[rest % consonants.count])
            rest /= consonants.count
            text.append(vowels[rest % vowels.count])
            rest /= vowels.count
        } while rest > 0
        return text + (rank % 3 == 0 ? "n" : "")
    }

    /// A rank below a bound; small ones come far more often.
    private mutating func rank(_ bound: Int) -> Int {
        let share = Double.random(in: 0..<1, using: &generator)
        return min(bound - 1, Int(exp(share * log(Double(bound)))) - 1)
    }

    mutating func event(_ number: Int) -> CorpusEvent {
        var words = (0..<Int.random(in: 4...12, using: &generator)).map { _ in Self.word(rank(20_000)) }
        if Int.random(in: 0..<4, using: &generator) == 0 {
            words.insert(Self.oddities.randomElement(using: &generator) ?? "", at: words.count / 2)
        }
        if Int.random(in: 0..<4, using: &generator) == 0 { words.append(String(generator.next() % 100_000)) }
        if Int.random(in: 0..<8, using: &generator) == 0 { words[0] = words[0].uppercased() }
        let separators = [" ", " ", " ", ", ", "  ", "-", " = "]
        var message = words[0]
        for word in words.dropFirst() { message += (separators.randomElement(using: &generator) ?? " ") + word }
        return CorpusEvent(
            time: 1_767_571_200_000_000_000 + UInt64(number) * 100_000 + generator.next() % 50_000 * 1000,
            level: ["debug", "info", "info", "info", "warn", "error"].randomElement(using: &generator) ?? "info",
            component: Self.components[rank(Self.components.count)],
            operation: Self.operations[rank(Self.operations.count)],
            user: "user-\(rank(500))",
            resource: "/v1/items/\(rank(5000))",
            duration: Double(generator.next() % 300_000) / 1000,
            trace: TraceID(high: UInt64(number / 3) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(number / 3) | 1 << 63),
            message: message
        )
    }

    /// The events of a file of JSON lines with fixed keys, as the generator of the peers' benchmark writes them.
    static func events(ofLine line: Substring) -> CorpusEvent? {
        guard let value = try? JSONParser.parse(Array(line.utf8)), let time = value["timestamp"]?.text,
            let nanoseconds = RFC3339.nanosecondsSinceEpoch(time), let trace = TraceID(value["trace_id"]?.text ?? "")
        else { return nil }
        func text(_ name: String) -> String { value[name]?.text ?? "" }
        return CorpusEvent(
            time: UInt64(nanoseconds),
            level: text("level"),
            component: text("component"),
            operation: text("operation"),
            user: text("user"),
            resource: text("resource"),
            duration: value["duration_ms"]?.double ?? 0,
            trace: trace,
            message: text("message")
        )
    }
}

/// Numbers that are the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
