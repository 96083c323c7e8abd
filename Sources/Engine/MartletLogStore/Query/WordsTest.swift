import MartletSearch

/// Words that stand one after the other, ready to be looked up.
struct WordsTest: Sendable {
    struct Word: Sendable {
        var text: [UInt8]
        var isPrefix: Bool

        /// Whether a folded word is meant.
        func matches(folded word: Span<UInt8>) -> Bool {
            guard isPrefix ? word.count >= text.count : word.count == text.count else { return false }
            for place in text.indices where word[place] != text[place] { return false }
            return true
        }

        /// Whether a word is meant, whatever its case.
        func matches(_ word: Span<UInt8>, needsFolding: Bool) -> Bool {
            guard needsFolding else { return matches(folded: word) }
            return matches(folded: WordScanner.folded(word).span)
        }

        /// Whether the word has a digit, as far as it is known.
        var hasDigit: Bool { text.contains { $0 &- 0x30 < 10 } }
    }

    var words: [Word]

    init(_ words: SearchWords) {
        self.words = words.words.enumerated().map { place, word in
            Word(text: Array(word.utf8), isPrefix: words.isPrefix && place == words.words.count - 1)
        }
    }
}
