import MartletEvents
import MartletSearch

// Safety: bytes are read at places below the range's end, which the precondition puts inside of the text.

extension LogTable {
    /// Turns a text into the numbers of its words and of what parts them.
    mutating func tokenise(_ text: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        let classes = classes
        var at = range.lowerBound
        let end = range.upperBound
        var isBehindWord = false
        while at < end {
            let start = at
            var seen: UInt8 = 0
            while at < end {
                let own = unsafe classes[text[unchecked: at]]
                if own & WordClasses.isWord != 0 {
                    seen |= own
                    at += 1
                    continue
                }
                guard own != 0 else { break }
                let size = wide(text, range, at, isInside: at > start)
                guard size > 0 else { break }
                seen |= WordClasses.isCapital
                at += size
            }
            if at > start {
                // Word, digit and capital have the same bits as the flags of tokens.
                add(text, start..<at, seen | Self.isWord)
                isBehindWord = true
                continue
            }
            while at < end {
                let own = unsafe classes[text[unchecked: at]]
                if own == 0 {
                    at += 1
                    continue
                }
                guard own == WordClasses.isWide else { break }
                let size = wide(text, range, at, isInside: false)
                guard size < 0 else { break }
                at -= size
            }
            // A single space between two words is understood.
            if isBehindWord, at < end, at - start == 1, text[start] == 0x20 { continue }
            add(text, start..<at, 0)
            isBehindWord = false
        }
    }

    /// How many bytes a character beyond ASCII has, negative where it belongs to no word.
    @inline(never)
    private func wide(_ text: Span<UInt8>, _ range: Range<Int>, _ at: Int, isInside: Bool) -> Int {
        WordScanner.wideCharacter(text.extracting(range), at - range.lowerBound, isInside: isInside)
    }

    @inline(__always)
    private mutating func add(_ text: Span<UInt8>, _ range: Range<Int>, _ flags: UInt8) {
        codes.append(tokenCode(text, range, flags))
    }

    @inline(__always)
    mutating func tokenCode(_ text: Span<UInt8>, _ range: Range<Int>, _ flags: UInt8) -> UInt32 {
        let code = tokens.intern(text, range)
        if Int(code) == tokenFlags.count { tokenFlags.append(flags) }
        return code
    }

    /// The number of a whole word.
    mutating func wordCode(_ word: Span<UInt8>) -> UInt32 {
        var seen = Self.isWord
        for place in 0..<word.count {
            let own = classes[word[place]]
            seen |= own & WordClasses.isWide != 0 ? WordClasses.isCapital : own
        }
        return tokenCode(word, 0..<word.count, seen)
    }
}
