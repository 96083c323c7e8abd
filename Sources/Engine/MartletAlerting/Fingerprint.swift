public import MartletCore

/// The number that names a label set, computed as Prometheus and Alertmanager do.
///
/// FNV-1a over 64 bits: each name and each value, in the order of names, followed by the byte 0xff. Two label sets
/// may share a fingerprint; where that matters, compare the sets.
public struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number.
    public let value: UInt64

    /// The fingerprint of a label set.
    public init(_ labels: LabelSet) {
        var hash = Self.seed
        for label in labels {
            Self.add(label.name, to: &hash)
            Self.add(label.value, to: &hash)
        }
        value = hash
    }

    /// The fingerprint whose number a text gives in hexadecimal digits; `nil` for another text.
    public init?(hexadecimal text: String) {
        guard let value = UInt64(text, radix: 16) else { return nil }
        self.value = value
    }

    /// The number in 16 hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Orders by the number.
    public static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.value < right.value }

    /// The same hash of any texts.
    static func hash(_ texts: [String]) -> UInt64 {
        var hash = seed
        for text in texts { add(text, to: &hash) }
        return hash
    }

    private static let seed: UInt64 = 14_695_981_039_346_656_037

    private static func add(_ text: String, to hash: inout UInt64) {
        for byte in text.utf8 { add(byte, to: &hash) }
        add(0xff, to: &hash)
    }

    private static func add(_ byte: UInt8, to hash: inout UInt64) {
        hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
    }
}
