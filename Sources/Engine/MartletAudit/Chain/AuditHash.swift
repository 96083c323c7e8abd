/// Thirty-two bytes: a hash, or a key of that length.
package struct AuditHash: Hashable, Sendable, CustomStringConvertible {
    /// Where a chain begins.
    package static let zero = AuditHash(words: (0, 0, 0, 0))

    package static let byteCount = 32

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (first, second, third, fourth) = words
    }

    /// Creates a hash from its bytes.
    ///
    /// - Precondition: There are thirty-two.
    package init(_ bytes: Span<UInt8>) {
        precondition(bytes.count == AuditHash.byteCount, "a hash has 32 bytes; got \(bytes.count)")
        self.init(words: (Self.word(bytes, 0), Self.word(bytes, 8), Self.word(bytes, 16), Self.word(bytes, 24)))
    }

    /// Creates a hash from sixty-four hexadecimal digits; `nil` where the text is something else.
    package init?(hex: some StringProtocol) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in hex.utf8 {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x41...0x46: value = digit - 0x37
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard bytes.count == AuditHash.byteCount, high == nil else { return nil }
        self.init(bytes.span)
    }

    /// The bytes, as they are written to files.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(AuditHash.byteCount)
        for word in [first, second, third, fourth] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// The hash in hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word = word << 8 | UInt64(bytes[start + index]) }
        return word
    }
}
