/// What each byte is to words, so that one look tells it: a letter or `_`, a digit, a capital, a part of a character
/// beyond ASCII, or nothing.
struct WordClasses: Sendable {
    static let isWord: UInt8 = 1
    static let isDigit: UInt8 = 2
    static let isCapital: UInt8 = 4
    static let isWide: UInt8 = 8

    private let classes: [UInt8]

    init() {
        classes = (0...255).map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39: Self.isWord | Self.isDigit
            case 0x41...0x5a: Self.isWord | Self.isCapital
            case 0x5f, 0x61...0x7a: Self.isWord
            case 0x80...0xff: Self.isWide
            default: 0
            }
        }
    }

    @inline(__always)
    subscript(_ byte: UInt8) -> UInt8 { classes[Int(byte)] }
}
