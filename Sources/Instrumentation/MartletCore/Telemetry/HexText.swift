/// Numbers of 64 bits as 16 hexadecimal digits.
public enum HexText {
    /// The number in 16 digits, in lower case.
    public static func text(_ bits: UInt64) -> String {
        // Safety: all 16 bytes are written.
        unsafe String(unsafeUninitializedCapacity: 16) { digits in
            for place in 0..<16 { unsafe digits[place] = digit(bits, place) }
            return 16
        }
    }

    /// Appends the 16 digits, in lower case.
    public static func append(_ bits: UInt64, to bytes: inout [UInt8]) {
        for place in 0..<16 { bytes.append(digit(bits, place)) }
    }

    /// The number that 1 to 16 digits of either case stand for; `nil` for anything else.
    public static func parse(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var bits: UInt64 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            bits = bits << 4 | UInt64(digit)
        }
        return bits
    }

    /// The 8 bytes, the most significant first.
    static func bytes(_ bits: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    }

    private static func digit(_ bits: UInt64, _ place: Int) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits >> UInt64(60 - 4 * place)) & 15
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
