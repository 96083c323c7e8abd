/// Numbers as they are written in a template.
enum TemplateNumber {
    case integer(Int64)
    case float(Double)

    /// The number of a text such as `1_000`, `0x1f`, `-2.5e3`, or `nil` where it is none.
    static func parse(_ text: String) -> TemplateNumber? {
        let bare = text.filter { $0 != "_" }
        let isNegative = bare.hasPrefix("-")
        let digits = bare.hasPrefix("-") || bare.hasPrefix("+") ? String(bare.dropFirst()) : bare
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.lowercased().hasPrefix(prefix) {
            guard let value = Int64((isNegative ? "-" : "") + digits.dropFirst(2), radix: radix) else {
                return radix == 16 ? float(bare) : nil
            }
            return .integer(value)
        }
        if !digits.contains(where: { ".eEpP".contains($0) }) {
            if digits.count > 1, digits.hasPrefix("0"), digits.allSatisfy({ ("0"..."9").contains($0) }) {
                return Int64((isNegative ? "-" : "") + digits, radix: 8).map { .integer($0) }
            }
            return Int64(bare).map { .integer($0) }
        }
        return float(bare)
    }

    /// The number as Go's `strconv.ParseFloat` reads it, infinities and not-a-number included.
    static func parseFloat(_ text: String) -> Double? {
        let word = text.lowercased()
        switch word {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default:
            guard let first = word.utf8.first(where: { $0 != 0x2b && $0 != 0x2d }),
                (0x30...0x39).contains(first) || first == 0x2e
            else { return nil }
            return Double(text)
        }
    }

    private static func float(_ text: String) -> TemplateNumber? {
        parseFloat(text).map { .float($0) }
    }
}
