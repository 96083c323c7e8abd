import MartletEvents
import MartletSearch

// Nearly all texts are words of ASCII that came before, with a space between two. For those a mask of sixty-four bytes
// says where words begin and end, and one look at the table gives their numbers; what is new, long or beyond ASCII takes
// the longer way, a token at a time.
//
// Safety: every place looked at lies in the part of the lent bytes that the precondition names.

extension LogTable {
    /// Turns a text into the numbers of its words and of what parts them.
    mutating func tokenise(_ text: Span<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        unsafe text.withUnsafeBytes { unsafe tokenise($0, range) }
    }

    /// The same with lent bytes.
    ///
    /// - Precondition: The range lies in the bytes.
    mutating func tokenise(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) {
        var at = range.lowerBound
        while at < range.upperBound {
            if unsafe addTokens(text, &at, range) { continue }
            unsafe addToken(text, &at, range)
        }
    }

    /// Adds the tokens of ASCII at a place that end within the next sixty-four bytes; whether there is one.
    ///
    /// A part of a text that begins behind another token is behind a word, or else it would belong to that token.
    @inline(__always)
    private mutating func addTokens(
        _ text: UnsafeRawBufferPointer,
        _ at: inout Int,
        _ range: Range<Int>
    ) -> Bool {
        let mask = unsafe WordMask(text, at, range.upperBound)
        guard mask.size > 0 else { return false }
        let behind = mask.words << 1 | (at > range.lowerBound && mask.words & 1 == 0 ? 1 : 0)
        // A single space between two words is understood.
        let understood = ~mask.words & behind & mask.words >> 1 & mask.spaces
        let all = UInt64.max >> UInt64(truncatingIfNeeded: 64 &- mask.size)
        let changes = ((mask.words ^ mask.words << 1) | 1) & all
        var starts = changes & ~understood
        // What goes on behind the mask is looked at anew, from its beginning.
        var stop = mask.size
        if at &+ stop < range.upperBound {
            stop = 63 &- changes.leadingZeroBitCount
            starts &= ~(UInt64.max &<< UInt64(truncatingIfNeeded: stop))
            guard stop > 0 else { return false }
        }
        let first = at
        at &+= stop
        while starts != 0 { unsafe addTokens(text, first, &starts, changes, stop) }
        return true
    }

    /// A token whose number is looked for.
    private struct Sought {
        var guess: TextTable.Guess
        var start: UInt32
        var count: UInt32
    }

    /// Adds up to sixteen tokens: the places of all are guessed, then read, before the first is looked at.
    @inline(__always)
    private mutating func addTokens(
        _ text: UnsafeRawBufferPointer,
        _ first: Int,
        _ starts: inout UInt64,
        _ changes: UInt64,
        _ stop: Int
    ) {
        var rest = starts
        unsafe withUnsafeTemporaryAllocation(of: Sought.self, capacity: 16) { sought in
            var count = 0
            while rest != 0, count < 16 {
                let start = rest.trailingZeroBitCount
                rest &= rest &- 1
                let later = changes & ~1 &<< UInt64(truncatingIfNeeded: start)
                let size = min(stop, later.trailingZeroBitCount) &- start
                unsafe sought.initializeElement(
                    at: count,
                    to: Sought(
                        guess: tokens.guess(text, first &+ start, size),
                        start: UInt32(truncatingIfNeeded: start),
                        count: UInt32(truncatingIfNeeded: size)
                    )
                )
                count &+= 1
            }
            for place in 0..<count {
                unsafe sought[place].guess.number = unsafe tokens.number(in: sought[place].guess.slot)
            }
            unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { found in
                for place in 0..<count {
                    let token = unsafe sought[place]
                    let (start, size) = (first &+ Int(token.start), Int(token.count))
                    let code =
                        unsafe tokens.isRight(token.guess, text, start, size)
                        ? token.guess.number &- 1 : tokenCode(text, start, size, token.guess.key)
                    unsafe found.initializeElement(at: place, to: code)
                }
                unsafe codes.append(contentsOf: UnsafeBufferPointer(rebasing: found[0..<count]))
            }
        }
        starts = rest
    }

    /// The number of a token of ASCII that is not where it should be.
    @inline(never)
    private mutating func tokenCode(
        _ text: UnsafeRawBufferPointer,
        _ start: Int,
        _ count: Int,
        _ key: TextTable.Key
    ) -> UInt32 {
        let found = unsafe tokens.place(text, start, count, key)
        if found.number != 0 { return found.number &- 1 }
        return unsafe addToken(text, start, count, key, found.slot)
    }

    /// Keeps a new token of ASCII.
    private mutating func addToken(
        _ text: UnsafeRawBufferPointer,
        _ start: Int,
        _ count: Int,
        _ key: TextTable.Key,
        _ slot: Int
    ) -> UInt32 {
        // Word, digit and capital have the same bits as the flags of tokens.
        var seen: UInt8 = 0
        for place in start..<(start + count) { seen |= unsafe classes[text[place]] }
        tokenFlags.append(seen)
        return unsafe tokens.add(text, start, count, key, slot)
    }

    /// Adds the token at a place, whatever it is made of.
    @inline(never)
    private mutating func addToken(
        _ text: UnsafeRawBufferPointer,
        _ at: inout Int,
        _ range: Range<Int>
    ) {
        let (start, end) = (at, range.upperBound)
        var seen: UInt8 = 0
        while at < end {
            let own = unsafe classes[text[at]]
            if own & WordClasses.isWord != 0 {
                seen |= own
                at += 1
                continue
            }
            guard own != 0 else { break }
            let size = unsafe wide(text, at, end, isInside: at > start)
            guard size > 0 else { break }
            seen |= WordClasses.isCapital
            at += size
        }
        if at > start {
            seen |= Self.isWord
        } else {
            while at < end {
                let own = unsafe classes[text[at]]
                if own == 0 {
                    at += 1
                    continue
                }
                guard own == WordClasses.isWide else { break }
                let size = unsafe wide(text, at, end, isInside: false)
                guard size < 0 else { break }
                at -= size
            }
            // A single space between two words is understood.
            if unsafe start > range.lowerBound && at < end && at - start == 1 && text[start] == 0x20 { return }
        }
        let code = unsafe tokens.intern(text, start, at - start)
        if Int(code) == tokenFlags.count { tokenFlags.append(seen) }
        codes.append(code)
    }

    /// How many bytes a character beyond ASCII has, negative where it belongs to no word.
    private func wide(_ text: UnsafeRawBufferPointer, _ at: Int, _ end: Int, isInside: Bool) -> Int {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: text[at..<end])
        return unsafe rest.withMemoryRebound(to: UInt8.self) { rest in
            unsafe WordScanner.wideCharacter(rest.span, 0, isInside: isInside)
        }
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
