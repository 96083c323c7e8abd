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

    // The patterns by their first letter, so that most names are passed over after one look.
    private let patterns: [[[UInt8]]]
    private let shortest: Int

    /// A bit for each letter that a pattern begins with.
    private let firstLetters: UInt32

    /// Redacts the fields of certain names.
    ///
    /// - Parameter names: The patterns, lower case with `_` between words, each beginning with a letter from a to z.
    public init(names: [String] = Redaction.usualNames) {
        var patterns = [[[UInt8]]](repeating: [], count: 26)
        for name in names {
            let pattern = name.utf8.map(Self.plain)
            guard let first = pattern.first, (0x61...0x7a).contains(first) else { continue }
            patterns[Int(first - 0x61)].append(pattern)
        }
        self.patterns = patterns
        shortest = max(1, patterns.joined().map(\.count).min() ?? .max)
        firstLetters = patterns.indices.reduce(0) { patterns[$1].isEmpty ? $0 : $0 | 1 << UInt32($1) }
    }

    func apply(to fields: inout LogFields) {
        guard fields.contains(where: { hides($0.name) }) else { return }
        fields = fields.mapValues { hides($0.name) ? .string(Secret<Int>.placeholder) : $0.value }
    }

    /// Whether a field of this name is hidden; linear in the name's length.
    public func hides(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.count >= shortest else { return false }
            for start in 0...(bytes.count - shortest) {
                // Both cases of a letter have the same lower five bits; what is no letter is told apart below.
                let letter = unsafe UInt32(bytes[start] &- 1) & 0x1f
                guard firstLetters & (1 << letter) != 0 else { continue }
                let first = unsafe Self.plain(bytes[start])
                guard (0x61...0x7a).contains(first) else { continue }
                guard unsafe start == 0 || Self.isGap(bytes[start - 1], bytes[start]) else { continue }
                for pattern in patterns[Int(first - 0x61)] {
                    if unsafe Self.isWhole(bytes, start, pattern) { return true }
                }
            }
            return false
        }
    }

    private static func isWhole(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ pattern: [UInt8]) -> Bool {
        let end = start + pattern.count
        guard end <= bytes.count else { return false }
        for index in pattern.indices where unsafe plain(bytes[start + index]) != pattern[index] { return false }
        return unsafe end == bytes.count || isGap(bytes[end - 1], bytes[end])
    }

    /// A byte as patterns have it: lower case, `_` for `-`.
    private static func plain(_ byte: UInt8) -> UInt8 {
        isCapital(byte) ? byte | 0x20 : byte == 0x2d ? 0x5f : byte
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
}
