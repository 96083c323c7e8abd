import MartletSearch

/// Words that stand one after the other, ready to be looked up.
struct WordsTest: Sendable {
    struct Word: Hashable, Sendable {
        var text: [UInt8]
        var isPrefix: Bool

        /// Whether any word is meant that has the text in it as it is written, in capitals and small letters.
        var isPart = false

        /// Whether more than one word may be meant.
        var isOpen: Bool { isPrefix || isPart }

        /// Whether a folded word is meant.
        func matches(folded word: Span<UInt8>) -> Bool {
            guard isPrefix ? word.count >= text.count : word.count == text.count else { return false }
            for place in text.indices where word[place] != text[place] { return false }
            return true
        }

        /// Whether a word is meant, whatever its case.
        func matches(_ word: Span<UInt8>, needsFolding: Bool) -> Bool {
            if isPart { return isPart(of: word) }
            guard needsFolding else { return matches(folded: word) }
            // Each character is folded by itself, so that most words fail at their first one.
            for place in 0..<min(word.count, text.count) {
                let byte = word[place]
                if byte >= 0x80 { return matches(folded: WordScanner.folded(word).span) }
                guard byte &- 0x41 < 26 ? byte | 0x20 == text[place] : byte == text[place] else { return false }
            }
            return isPrefix ? word.count >= text.count : word.count == text.count
        }

        private func isPart(of word: Span<UInt8>) -> Bool {
            guard let first = text.first, word.count >= text.count else { return false }
            for start in 0...(word.count - text.count) where word[start] == first {
                var place = 1
                while place < text.count, word[start + place] == text[place] { place += 1 }
                if place == text.count { return true }
            }
            return false
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

    /// Any word that has a text in it.
    init(partOfWord text: [UInt8]) {
        words = [Word(text: text, isPrefix: false, isPart: true)]
    }
}
