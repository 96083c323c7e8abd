import MartletCore

/// Texts as they can be shown without harm: on a terminal, in a line, among other fields.
enum HarmlessText {
    /// A text whose control characters and invisible marks are written as escapes.
    static func bare(_ text: String) -> String {
        guard hasHiddenCharacters(text) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) {
                result += scalar == "\n" ? "\\n" : "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A value as logfmt writes it: bare where it holds no blank, quote or equals sign, else in quotes.
    static func field(_ value: LogValue) -> String {
        guard case .string(let text) = value else { return bare(json(value)) }
        let isBare =
            !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x5c && $0 != 0x7f }
        return isBare && !hasHiddenCharacters(text) ? text : LabelSyntax.quoted(bare(text))
    }

    /// A value as JSON; numbers that JSON has no word for are texts.
    static func json(_ value: LogValue) -> String {
        switch value {
        case .string(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .double(let number):
            number.isFinite ? FloatText.shortest(number) : "\"\(FloatText.shortest(number))\""
        case .bool(let flag): flag ? "true" : "false"
        case .null: "null"
        case .fields(let fields): json(fields)
        }
    }

    /// Fields as a JSON object; of several with one name the last is what most readers take.
    static func json(_ fields: LogFields) -> String {
        "{" + fields.map { "\(JSONText.quoted($0.name)):\(json($0.value))" }.joined(separator: ",") + "}"
    }

    private static func hasHiddenCharacters(_ text: String) -> Bool {
        // What is hidden is either below the blank, DEL, or begins with 0xc2 or 0xe2.
        text.utf8.contains { $0 < 0x20 || $0 == 0x7f || $0 == 0xc2 || $0 == 0xe2 }
            && text.unicodeScalars.contains(where: isHidden)
    }

    /// Control characters (C0, DEL, C1) and the marks that reorder text on a screen.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
