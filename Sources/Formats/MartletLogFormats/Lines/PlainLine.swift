import MartletCore
import MartletOTLP

/// Recognises the time and the level that stand at the beginning of a text; the text itself stays whole.
enum PlainLine {
    /// How many words are looked at for a level.
    private static let wordsMax = 6

    static func read(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft, utcOffset: Int64) {
        var rest = line.prefix(160)
        if rest.first == UInt8(ascii: "[") { rest.removeFirst() }
        if let (time, end) = TimestampText.leading(rest, utcOffset: utcOffset), time > 0 {
            draft.entry.time = UInt64(time)
            rest = rest[end...]
        }
        // Only the first line of several can tell the level of all.
        rest = rest.prefix { $0 != 0x0a }
        var words = 0
        while words < wordsMax, let start = rest.firstIndex(where: isLetter) {
            let word = rest[start...].prefix(while: isLetter)
            let isWord = word.endIndex == rest.endIndex || !isPartOfWord(rest[word.endIndex])
            // In lower case a level stands in brackets or before a colon, or it is a word of a sentence.
            if isWord, let severity = LevelWord.severity(word), isMarked(word, in: rest) {
                draft.entry.severity = severity
                draft.entry.severityText = String(decoding: word, as: UTF8.self)
                return
            }
            rest = rest[word.endIndex...]
            while let next = rest.first, isPartOfWord(next) { rest.removeFirst() }
            words += 1
        }
    }

    private static func isMarked(_ word: ArraySlice<UInt8>, in line: ArraySlice<UInt8>) -> Bool {
        if word.allSatisfy({ (0x41...0x5a).contains($0) }) { return true }
        let before = word.startIndex > line.startIndex ? line[word.startIndex - 1] : 0x20
        let after = word.endIndex < line.endIndex ? line[word.endIndex] : 0x20
        return before == UInt8(ascii: "[") || before == UInt8(ascii: "<") || before == UInt8(ascii: "=")
            || after == UInt8(ascii: ":") || after == UInt8(ascii: "]")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte & 0xdf) }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x5f || byte >= 0x80
    }
}
