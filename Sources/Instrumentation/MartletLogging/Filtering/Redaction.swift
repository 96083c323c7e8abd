/// Which fields of a record hold secrets; their values are written as `<secret>`.
///
/// A field is one of them where its name, without regard to case and with `-` taken for `_`, has one of the patterns as a whole
/// or as words of it: `token` fits `token`, `access_token` and `X-Token`, not `tokens_per_second`.
public struct Redaction: Sendable {
    /// The names that are taken for secrets where nothing else is said.
    public static let usualNames = [
        "password", "passwd", "secret", "token", "authorization", "cookie", "set_cookie", "api_key", "apikey",
        "private_key", "access_key", "credential", "credentials", "session_id", "client_secret",
    ]

    private let patterns: [[UInt8]]

    /// Redacts the fields of certain names.
    ///
    /// - Parameter names: The patterns, lower case with `_` between words.
    public init(names: [String] = Redaction.usualNames) {
        patterns = names.map { Array($0.lowercased().utf8.map { $0 == 0x2d ? 0x5f : $0 }) }
    }

    func apply(to fields: inout LogFields) {
        guard fields.contains(where: { hides($0.name) }) else { return }
        fields = fields.mapValues { hides($0.name) ? .string(Secret<Int>.placeholder) : $0.value }
    }

    /// Whether a field of this name is hidden; linear in the name's length times the number of patterns.
    public func hides(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.count >= 5 else { return false }
            for pattern in patterns where pattern.count <= bytes.count {
                var start = 0
                while start + pattern.count <= bytes.count {
                    let end = start + pattern.count
                    let isWhole =
                        unsafe (start == 0 || Self.isGap(bytes[start - 1], bytes[start]))
                        && (end == bytes.count || Self.isGap(bytes[end - 1], bytes[end]))
                    if isWhole, unsafe Self.same(bytes, start, pattern) { return true }
                    start += 1
                }
            }
            return false
        }
    }

    /// Whether a word ends between two bytes: at a character that is no letter or digit, or before a capital.
    private static func isGap(_ left: UInt8, _ right: UInt8) -> Bool {
        !isLetterOrDigit(left) || !isLetterOrDigit(right) || (isSmall(left) && isCapital(right))
    }

    private static func isSmall(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isSmall(byte) || isCapital(byte) || (0x30...0x39).contains(byte) || byte >= 0x80
    }

    private static func same(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ pattern: [UInt8]) -> Bool {
        for index in pattern.indices {
            var byte = unsafe bytes[start + index]
            if isCapital(byte) { byte |= 0x20 }
            if byte == 0x2d { byte = 0x5f }
            guard byte == pattern[index] else { return false }
        }
        return true
    }
}
