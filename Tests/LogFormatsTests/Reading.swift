import MartletCore
import MartletLogFormats
import MartletOTLP

/// When the lines of these tests arrive: 2026-11-21T12:00:00Z.
let observed: Int64 = 1_795_262_400_000_000_000

/// The record of one line.
func read(_ text: String, _ format: LineFormat = .automatic, limits: LogInputLimits = LogInputLimits()) -> ParsedLine {
    var parser = LineParser(format, limits: limits)
    return parser.parse(LineFramer.Line(bytes: Array(text.utf8), cutBytes: 0), observed: observed)
}

extension ParsedLine {
    /// The text of the body.
    var body: String { entry.body.text }

    /// The attributes as texts.
    var fields: [String: String] {
        Dictionary(entry.attributes.map { ($0.key, $0.value.text) }) { $1 }
    }

    /// What the line tells of where it comes from.
    var source: [String: String] {
        Dictionary(resource.map { ($0.key, $0.value.text) }) { $1 }
    }

    /// The time as text.
    var time: String { RFC3339.shortString(nanosecondsSinceEpoch: Int64(entry.time)) }
}

/// A pattern that finds `word=` and takes what follows, enough to stand in for an expression.
struct WordPattern: LinePattern {
    let word: String
    let name: String

    func groups(in line: ArraySlice<UInt8>) -> [(name: String, range: Range<Int>)]? {
        guard line.starts(with: word.utf8) else { return nil }
        return [(name, (line.startIndex + word.utf8.count)..<line.endIndex)]
    }
}

/// Random numbers from a seed, the same everywhere.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
