/// What makes two errors the same: their type, where they came up, and their words without what varies.
///
/// Numbers, hexadecimal ids, quoted texts and paths in the message are taken as placeholders, so that `user 17 not found` and
/// `user 18 not found` are one error.
public struct ErrorFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// 64 bits, by FNV-1a.
    public let value: UInt64

    /// The fingerprint of an error.
    ///
    /// - Parameters:
    ///   - type: The error's type.
    ///   - message: What it says.
    ///   - component: Where it came up.
    public init(type: String, message: String, component: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [type, component, Self.pattern(of: message)] {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        value = hash
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A message with placeholders for what varies: `<n>` for words with a digit, `<text>` for what stands in quotes, `<path>`.
    public static func pattern(of message: String) -> String {
        var result = ""
        var rest = Substring(message.prefix(1024))
        while let first = rest.first {
            if first == "\"" || first == "'" || first == "`", let end = rest.dropFirst().firstIndex(of: first) {
                result += "<text>"
                rest = rest[rest.index(after: end)...]
            } else if isWordCharacter(first) {
                let word = rest.prefix(while: isWordCharacter)
                let hasDigit = word.utf8.contains { (0x30...0x39).contains($0) }
                result += word.contains("/") && word.count > 1 ? "<path>" : hasDigit ? "<n>" : String(word)
                rest = rest.dropFirst(word.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "/" || character == "-"
            || character == "."
    }
}
