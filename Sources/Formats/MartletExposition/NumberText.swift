/// Numbers as the exposition formats spell them, read from bytes.
enum NumberText {
    /// A decimal number, or `inf`, `infinity` or `nan` in any case; `nil` for anything else, such as `0x1` or `1_0`.
    ///
    /// Exact: the nearest `Double`, as the standard library reads it.
    static func double(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        var place = range.lowerBound
        let isNegative = place < range.upperBound && bytes[place] == UInt8(ascii: "-")
        if isNegative || (place < range.upperBound && bytes[place] == UInt8(ascii: "+")) { place += 1 }
        guard place < range.upperBound else { return nil }
        if bytes[place] | 0x20 >= UInt8(ascii: "i"), bytes[place] >= UInt8(ascii: "A") {
            return word(bytes, place..<range.upperBound).map { isNegative ? -$0 : $0 }
        }
        guard let parts = Decimal(bytes, place..<range.upperBound) else { return nil }
        // A mantissa below 2^53 and a power of ten below 10^23 are both exact, so that one operation rounds once.
        if parts.isExact, parts.mantissa <= 1 << 53, (-22...22).contains(parts.exponent) {
            let mantissa = Double(parts.mantissa)
            let power = powers[abs(parts.exponent)]
            let value = parts.exponent < 0 ? mantissa / power : mantissa * power
            return isNegative ? -value : value
        }
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// A whole number of at most 64 bits with an optional sign.
    static func integer(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        guard let first = range.first, range.count <= 20 else { return nil }
        let isNegative = bytes[first] == UInt8(ascii: "-")
        let start = isNegative || bytes[first] == UInt8(ascii: "+") ? first + 1 : first
        guard start < range.upperBound else { return nil }
        var value: Int64 = 0
        for place in start..<range.upperBound {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) =
                isNegative
                ? product.subtractingReportingOverflow(Int64(digit)) : product.addingReportingOverflow(Int64(digit))
            guard !overflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private static func word(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        let text = bytes[range].lazy.map { $0 | 0x20 }
        if text.elementsEqual("inf".utf8) || text.elementsEqual("infinity".utf8) { return .infinity }
        return text.elementsEqual("nan".utf8) ? .nan : nil
    }

    /// The digits of a decimal number, put together.
    private struct Decimal {
        var mantissa: UInt64 = 0
        var exponent = 0
        /// Whether the mantissa holds all digits.
        var isExact = true

        init?(_ bytes: [UInt8], _ range: Range<Int>) {
            var digits = 0
            var fraction = 0
            var hasPoint = false
            var place = range.lowerBound
            scan: while place < range.upperBound {
                switch bytes[place] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    digits += 1
                    if hasPoint { fraction += 1 }
                    if mantissa < 1 << 58 {
                        mantissa = mantissa * 10 + UInt64(bytes[place] - UInt8(ascii: "0"))
                    } else {
                        isExact = false
                    }
                case UInt8(ascii: ".") where !hasPoint: hasPoint = true
                case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
                default: return nil
                }
                place += 1
            }
            guard digits > 0 else { return nil }
            if place < range.upperBound {
                guard let power = NumberText.integer(bytes, (place + 1)..<range.upperBound) else { return nil }
                exponent = Int(clamping: power)
            }
            guard abs(exponent) < 1 << 32 else {
                isExact = false
                return
            }
            exponent -= fraction
        }
    }
}
