/// Floating-point numbers as the Prometheus formats write them.
public enum FloatText {
    /// The shortest text that reads back as the same number: `0.25`, `1e+21`, `+Inf`, `-Inf`, `NaN`.
    ///
    /// Plain digits from 1e-6 up to 1e21, an exponent of two digits or more beyond: what the HTTP API of Prometheus
    /// writes, and JSON in general.
    public static func shortest(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        if value == value.rounded(.towardZero), abs(value) < 1e15 { return String(Int64(value)) }
        let (digits, exponent) = decimal(abs(value))
        let sign = value < 0 ? "-" : ""
        return sign + (exponent < -6 || exponent >= 21 ? scientific(digits, exponent) : plain(digits, exponent))
    }

    /// The shortest text that reads back as the same number, with an exponent early: `100000`, `1e+06`, `1e-05`.
    ///
    /// Plain digits from 1e-4 up to 1e6: what Go's `%g` prints, which makes the labels `le` and `quantile` in Prometheus'
    /// own client and when it reads protobuf, and which its messages use.
    public static func general(_ value: Double) -> String {
        if value.isNaN || value.isInfinite || value == 0 { return shortest(value) }
        let (digits, exponent) = decimal(abs(value))
        let sign = value < 0 ? "-" : ""
        return sign + (exponent < -4 || exponent >= 6 ? scientific(digits, exponent) : plain(digits, exponent))
    }

    /// The shortest text with an exponent that reads back as the same number: `1e+00`, `2.5e-01`, `+Inf`.
    ///
    /// What Go's `%e` prints with as few digits as needed, which the rules API of Prometheus uses.
    public static func exponent(_ value: Double) -> String {
        if value.isNaN || value.isInfinite { return shortest(value) }
        if value == 0 { return value.sign == .minus ? "-0e+00" : "0e+00" }
        let (digits, exponent) = decimal(abs(value))
        return (value < 0 ? "-" : "") + scientific(digits, exponent)
    }

    /// The digits of a positive finite number without zeros at the ends, and the decimal exponent of the first.
    private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var integerDigits: Int?
        var isExponent = false
        var exponentText = ""
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): integerDigits = digits.count
            case UInt8(ascii: "e"): isExponent = true
            default: isExponent ? exponentText.unicodeScalars.append(.init(byte)) : digits.append(byte)
            }
        }
        exponent = (integerDigits ?? digits.count) - 1 + (Int(exponentText.filter { $0 != "+" }) ?? 0)
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }

    private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
        var text = String(decoding: digits.prefix(1), as: UTF8.self)
        if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
        let size = String(abs(exponent))
        return text + (exponent < 0 ? "e-" : "e+") + (size.count < 2 ? "0" + size : size)
    }

    private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
        if digits.count <= exponent + 1 { return text + String(repeating: "0", count: exponent + 1 - digits.count) }
        return String(text.prefix(exponent + 1)) + "." + String(text.dropFirst(exponent + 1))
    }
}
