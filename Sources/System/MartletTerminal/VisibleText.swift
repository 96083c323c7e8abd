/// Texts of others as a terminal may show them.
public enum VisibleText {
    /// A text without what a terminal would obey: control characters, ESC, C1 and bidirectional marks are told by number.
    ///
    /// - Complexity: O(*n*); a text without such characters is returned as it is.
    public static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isHarmful(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x20, scalar.value < 0x7f { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: return true
        default: return false
        }
    }

    /// How many columns a text takes.
    public static func width(_ text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

    /// How many columns a character takes: 2 for those of East Asia and pictures, 0 for a mark that has nothing to stand on.
    public static func width(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return isWide(first.value) ? 2 : 1
        }
    }

    /// A text cut to a number of columns, `…` at its end where something is missing.
    public static func fitted(_ text: String, _ columns: Int) -> String {
        // No character takes more columns than bytes, but for the few that are looked at closely.
        guard columns > 0 else { return "" }
        if text.utf8.count <= columns { return text }
        var (used, end) = (0, text.startIndex)
        var place = text.startIndex
        while place < text.endIndex {
            used += width(of: text[place])
            guard used <= columns else { return text[..<end] + "…" }
            place = text.index(after: place)
            if used < columns { end = place }
        }
        return text
    }

    /// A text cut or filled with spaces to a number of columns.
    public static func padded(_ text: String, _ columns: Int) -> String {
        let cut = fitted(text, columns)
        return cut + String(repeating: " ", count: max(0, columns - width(cut)))
    }

    /// A text broken into lines of a number of columns: at spaces, and within words that are longer.
    public static func wrapped(_ text: String, _ columns: Int) -> [String] {
        let columns = max(1, columns)
        var lines: [String] = []
        var (line, used, space) = ("", 0, String.Index?.none)
        for character in text {
            let width = width(of: character)
            if used + width > columns, !line.isEmpty {
                if character == " " {
                    lines.append(line)
                    (line, used, space) = ("", 0, nil)
                    continue
                }
                let rest = space.map { String(line[line.index(after: $0)...]) } ?? ""
                lines.append(space.map { String(line[..<$0]) } ?? line)
                (line, used, space) = (rest, VisibleText.width(rest), nil)
            }
            if character == " ", !line.isEmpty { space = line.endIndex }
            line.append(character)
            used += width
        }
        return lines + (line.isEmpty && !lines.isEmpty ? [] : [line])
    }

    /// The ranges that Unicode calls wide, roughly: those that terminals agree on.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23ec, 0x2e80...0x303e, 0x3041...0x33ff,
            0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff,
            0x1fa70...0x1faff, 0x20000...0x3fffd:
            true
        default: false
        }
    }
}
