/// Floating-point numbers in the forms of Go's `%e`, `%f` and `%g`.
enum NumberText {
    /// The most digits after the point that are written; more are cut to this.
    static let precisionMax = 1000

    /// A number in one of the forms `e`, `f` and `g`; without a precision as short as reads back the same.
    ///
    /// - Complexity: O(*d*²) in the number of decimal digits, 1,075 at most.
    static func string(_ value: Double, form: Character, precision: Int? = nil) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let precision = precision.map { min(max($0, 0), precisionMax) }
        var decimal = precision == nil ? ExactDecimal(shortest: value) : ExactDecimal(value)
        let sign = value.sign == .minus ? "-" : ""
        switch form {
        case "f":
            if let precision { decimal.round(toDigits: decimal.pointPlace + precision) }
            return sign + plain(decimal, precision ?? max(0, decimal.digits.count - decimal.pointPlace))
        case "e":
            if let precision { decimal.round(toDigits: precision + 1) }
            return sign + scientific(decimal, precision ?? max(0, decimal.digits.count - 1))
        default:
            // `%g` picks the exponent where the plain form would need more digits than asked for; more than six where
            // no number of digits was asked for.
            let digits = precision.map { max($0, 1) }
            if let digits { decimal.round(toDigits: digits) }
            let exponent = decimal.digits.isEmpty ? 0 : decimal.pointPlace - 1
            if exponent < -4 || exponent >= digits ?? 6 {
                return sign + scientific(decimal, max(0, decimal.digits.count - 1))
            }
            return sign + plain(decimal, max(0, decimal.digits.count - decimal.pointPlace))
        }
    }

    private static func plain(_ decimal: ExactDecimal, _ fractionDigits: Int) -> String {
        var text = ""
        let digits = decimal.digits
        let point = digits.isEmpty ? 0 : decimal.pointPlace
        if point <= 0 { text = "0" }
        for place in 0..<max(0, point) { text += place < digits.count ? String(digits[place]) : "0" }
        guard fractionDigits > 0 else { return text }
        text += "."
        for place in point..<(point + fractionDigits) {
            text += digits.indices.contains(place) ? String(digits[place]) : "0"
        }
        return text
    }

    private static func scientific(_ decimal: ExactDecimal, _ fractionDigits: Int) -> String {
        let digits = decimal.digits
        var text = String(digits.first ?? 0)
        if fractionDigits > 0 {
            text += "."
            for place in 1...fractionDigits { text += digits.indices.contains(place) ? String(digits[place]) : "0" }
        }
        let exponent = digits.isEmpty ? 0 : decimal.pointPlace - 1
        let size = String(exponent.magnitude)
        return text + (exponent < 0 ? "e-" : "e+") + (size.utf8.count < 2 ? "0" + size : size)
    }
}
