/// The identity of a trace: 128 bits, of which at least one is set.
///
/// - SeeAlso: [W3C Trace Context](https://www.w3.org/TR/trace-context-2/#trace-id)
@frozen
public struct TraceID: Hashable, Sendable {
    /// The first half.
    public var high: UInt64

    /// The second half, which the samplers look at.
    public var low: UInt64

    /// Creates an id.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The id that is none: all bits are 0.
    public static let none = TraceID(high: 0, low: 0)

    /// Whether a bit is set, as the protocols demand.
    @inlinable
    public var isValid: Bool { high | low != 0 }

    /// Reads 32 hexadecimal digits of either case, or an UUID with its four dashes; `nil` for anything else.
    ///
    /// All zeros are read too: ask ``isValid``.
    public init?(_ text: some StringProtocol) {
        var digits = Array(text.utf8.prefix(37))
        if digits.count == 36 {
            for place in [23, 18, 13, 8] {
                guard digits[place] == UInt8(ascii: "-") else { return nil }
                digits.remove(at: place)
            }
        }
        guard digits.count == 32, let high = HexText.parse(digits[..<16]), let low = HexText.parse(digits[16...]) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    /// The 16 bytes, the most significant first.
    public var bytes: [UInt8] { HexText.bytes(high) + HexText.bytes(low) }

    /// The id as an UUID, such as `0af76519-16cd-43dd-8448-eb211c80319c`.
    public var uuid: String {
        var text = description
        for place in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: place)) }
        return text
    }
}

extension TraceID: Comparable {
    /// Orders ids as their texts are ordered.
    @inlinable
    public static func < (first: TraceID, second: TraceID) -> Bool {
        (first.high, first.low) < (second.high, second.low)
    }
}

extension TraceID: CustomStringConvertible {
    /// The id in 32 hexadecimal digits, in lower case.
    public var description: String { HexText.text(high) + HexText.text(low) }
}
