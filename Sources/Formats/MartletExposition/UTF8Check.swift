/// Whether bytes are UTF-8, without making a text of them.
enum UTF8Check {
    /// The place of the first byte that belongs to no well-formed character; `nil` where all do.
    ///
    /// - SeeAlso: [Unicode 15, table 3-7](https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf)
    static func firstInvalid(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            let byte = bytes[place]
            if byte < 0x80 {
                place += 1
                continue
            }
            guard let (length, second) = shape(byte), place + length <= range.upperBound,
                second.contains(bytes[place + 1])
            else { return place }
            for offset in 2..<max(2, length) where bytes[place + offset] & 0xC0 != 0x80 { return place }
            place += length
        }
        return nil
    }

    /// How long the character is that starts with a byte, and what its second byte may be.
    private static func shape(_ first: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch first {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
