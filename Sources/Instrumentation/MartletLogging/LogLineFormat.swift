import MartletCore

/// How a record becomes one line of text.
public enum LogLineFormat: String, Sendable, CaseIterable {
    /// `2026-11-21T03:25:20.123Z info  scrape: target is up job=node`, for people.
    case text
    /// One JSON object a line, for machines: `ts`, `level`, `target`, `msg`, then the fields.
    case json

    /// The record as one line with its newline; control characters are escaped, so no text can forge a line.
    public func line(for record: LogRecord) -> String {
        let time = RFC3339.string(nanosecondsSinceEpoch: record.nanosecondsSinceEpoch, fractionDigits: 3)
        switch self {
        case .text:
            let level = record.level.name
            let padding = String(repeating: " ", count: max(0, 5 - level.utf8.count))
            var line = "\(time) \(level)\(padding) \(record.target): \(Self.bare(record.message))"
            for (name, value) in record.fields.fields { line += " \(Self.bare(name))=\(Self.text(value))" }
            return line + "\n"
        case .json:
            var line =
                "{\"ts\":\"\(time)\",\"level\":\"\(record.level.name)\",\"target\":\(JSONText.quoted(record.target))"
            line += ",\"msg\":\(JSONText.quoted(record.message))"
            for (name, value) in record.fields.fields { line += ",\(JSONText.quoted(name)):\(Self.json(value))" }
            return line + "}\n"
        }
    }

    private static func text(_ value: LogValue) -> String {
        guard case .string(let text) = value else { return json(value) }
        let isBare =
            !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x5c && $0 != 0x7f }
        return isBare && !hasHiddenCharacters(text) ? text : LabelSyntax.quoted(bare(text))
    }

    private static func json(_ value: LogValue) -> String {
        switch value {
        case .string(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .double(let number): number.isFinite ? FloatText.shortest(number) : "\"\(FloatText.shortest(number))\""
        case .bool(let flag): flag ? "true" : "false"
        }
    }

    /// A text whose control characters and invisible marks are written as escapes.
    private static func bare(_ text: String) -> String {
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

    private static func hasHiddenCharacters(_ text: String) -> Bool { text.unicodeScalars.contains(where: isHidden) }

    /// Control characters (C0, DEL, C1) and the marks that reorder text on a screen.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
