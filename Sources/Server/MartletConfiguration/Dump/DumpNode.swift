import MartletCore
import MartletYAML

/// A piece of configuration on its way to YAML text.
indirect enum DumpNode {
    /// A text, quoted where YAML would read it as something else.
    case text(String)
    /// A number, boolean or duration, written as it is.
    case plain(String)
    /// A list.
    case list([DumpNode])
    /// Keys and values, in this order.
    case mapping([(key: String, value: DumpNode)])

    /// The node as a YAML document, with a line end at its end.
    var document: String {
        var text = ""
        write(to: &text, indent: 0)
        return text
    }

    /// Writes the node as a block that begins at the current place of an indented line.
    private func write(to text: inout String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .text(let value): text += Self.scalar(value) + "\n"
        case .plain(let value): text += value + "\n"
        case .list(let items):
            if items.isEmpty { text += "[]\n" }
            for (index, item) in items.enumerated() {
                text += (index == 0 ? "" : margin) + "- "
                item.write(to: &text, indent: indent + 2)
            }
        case .mapping(let entries):
            if entries.isEmpty { text += "{}\n" }
            for (index, entry) in entries.enumerated() {
                text += (index == 0 ? "" : margin) + Self.scalar(entry.key) + ":"
                entry.value.writeValue(to: &text, indent: indent)
            }
        }
    }

    /// Writes what follows a key's colon: a scalar on the same line, a block on the next.
    private func writeValue(to text: inout String, indent: Int) {
        let deeper: Int
        switch self {
        case .list(let items) where !items.isEmpty: deeper = indent
        case .mapping(let entries) where !entries.isEmpty: deeper = indent + 2
        default:
            text += " "
            write(to: &text, indent: indent)
            return
        }
        text += "\n" + String(repeating: " ", count: deeper)
        write(to: &text, indent: deeper)
    }

    /// A text as a YAML scalar that reads back as the same text.
    static func scalar(_ text: String) -> String {
        isSafe(text) ? text : JSONText.quoted(text)
    }

    private static let words: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf",
    ]

    private static func isSafe(_ text: String) -> Bool {
        if text == Secret.placeholder { return true }
        guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: ":") else { return false }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard isLetter(first) || isDigit(first) || first == UInt8(ascii: "/") else { return false }
        // Texts of digits and signs alone could be numbers, dates or base-60 times.
        guard text.utf8.contains(where: isLetter) || first == UInt8(ascii: "/"), Double(text) == nil else {
            return false
        }
        guard !text.hasPrefix("0x"), !text.hasPrefix("0o"), !words.contains(text.lowercased()) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "./-:".utf8.contains($0) }
    }
}
