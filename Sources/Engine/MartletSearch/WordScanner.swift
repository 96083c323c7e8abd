/// Finds the words of a text: runs of letters, digits and `_`, as SQLite's FTS5 finds them with
/// `unicode61 remove_diacritics 0 tokenchars '_'`.
///
/// A combining mark goes on with a word, and begins none. What is not UTF-8 parts words.
public struct WordScanner: Sendable {
    /// Where the next word is looked for.
    public private(set) var at = 0

    /// Creates a scanner at the beginning of a text.
    public init() {}

    /// The next word, or `nil` behind the last.
    @inlinable
    public mutating func next(in text: Span<UInt8>) -> Range<Int>? {
        var place = at
        while place < text.count {
            let size = Self.wordCharacter(text, place, isInside: false)
            if size > 0 { break }
            place -= size
        }
        let start = place
        while place < text.count {
            let size = Self.wordCharacter(text, place, isInside: true)
            if size <= 0 { break }
            place += size
        }
        move(to: place)
        return place > start ? start..<place : nil
    }

    @usableFromInline
    mutating func move(to place: Int) { at = place }

    /// How many bytes the character at a place has, negative where it belongs to no word.
    @inlinable
    @inline(__always)
    public static func wordCharacter(_ text: Span<UInt8>, _ place: Int, isInside: Bool) -> Int {
        let byte = text[place]
        if byte < 0x80 { return isWordByte(byte) ? 1 : -1 }
        return wideCharacter(text, place, isInside: isInside)
    }

    /// Whether an ASCII character belongs to words.
    @inlinable
    @inline(__always)
    public static func isWordByte(_ byte: UInt8) -> Bool {
        let letter = (byte | 0x20) &- 0x61
        return letter < 26 || byte &- 0x30 < 10 || byte == 0x5f
    }

    /// As ``wordCharacter(_:_:isInside:)`` beyond ASCII.
    public static func wideCharacter(_ text: Span<UInt8>, _ place: Int, isInside: Bool) -> Int {
        guard let (scalar, size) = scalar(text, place) else { return -1 }
        if isInside, scalar.value >= 0x300, scalar.value <= 0x331 { return size }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .privateUse:
            return size
        default: return -size
        }
    }

    /// The character at a place and its bytes; `nil` where the bytes make none.
    private static func scalar(_ text: Span<UInt8>, _ place: Int) -> (Unicode.Scalar, Int)? {
        let lead = text[place]
        let size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
        guard lead >= 0xc2, lead <= 0xf4, place + size <= text.count else { return nil }
        var value = UInt32(lead & (0xff >> UInt8(size + 1)))
        for offset in 1..<size {
            guard text[place + offset] & 0xc0 == 0x80 else { return nil }
            value = value << 6 | UInt32(text[place + offset] & 0x3f)
        }
        guard value >= [0, 0, 0x80, 0x800, 0x10000][size], let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, size)
    }

    /// A word without regard to case.
    public static func folded(_ word: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(word.count)
        var place = 0
        while place < word.count {
            let byte = word[place]
            if byte < 0x80 {
                result.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
                place += 1
            } else if let (scalar, size) = scalar(word, place) {
                result += Array(String(fold(scalar)).utf8)
                place += size
            } else {
                result.append(byte)
                place += 1
            }
        }
        return result
    }

    /// A single character stays one, as simple case folding wants it.
    private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        guard lower.count == 1, let first = lower.first else { return scalar }
        // The final sigma is folded to the ordinary one.
        return first == "\u{3c2}" ? "\u{3c3}" : first
    }

    /// The words of a text, folded.
    public static func words(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var (scanner, words) = (WordScanner(), [String]())
        while let range = scanner.next(in: bytes.span) {
            words.append(String(decoding: folded(bytes.span.extracting(range)), as: UTF8.self))
        }
        return words
    }
}
