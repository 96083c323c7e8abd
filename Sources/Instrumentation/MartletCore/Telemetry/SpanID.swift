/// The identity of a span in its trace: 64 bits, of which at least one is set.
///
/// - SeeAlso: [W3C Trace Context](https://www.w3.org/TR/trace-context-2/#parent-id)
@frozen
public struct SpanID: Hashable, Sendable {
    /// The bits.
    public var bits: UInt64

    /// Creates an id.
    @inlinable
    public init(_ bits: UInt64) {
        self.bits = bits
    }

    /// The id that is none: all bits are 0.
    public static let none = SpanID(0)

    /// Whether a bit is set, as the protocols demand.
    @inlinable
    public var isValid: Bool { bits != 0 }

    /// Reads 16 hexadecimal digits of either case; `nil` for anything else.
    ///
    /// All zeros are read too: ask ``isValid``.
    public init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8.prefix(17))
        guard digits.count == 16, let bits = HexText.parse(digits[...]) else { return nil }
        self.init(bits)
    }

    /// The 8 bytes, the most significant first.
    public var bytes: [UInt8] { HexText.bytes(bits) }
}

extension SpanID: Comparable {
    /// Orders ids as their texts are ordered.
    @inlinable
    public static func < (first: SpanID, second: SpanID) -> Bool { first.bits < second.bits }
}

extension SpanID: CustomStringConvertible {
    /// The id in 16 hexadecimal digits, in lower case.
    public var description: String { HexText.text(bits) }
}
