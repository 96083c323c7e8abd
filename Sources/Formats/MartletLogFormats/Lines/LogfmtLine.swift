import MartletCore

/// Reads `key=value key="two words" flag`.
enum LogfmtLine {
    /// The pairs of a line; `nil` where it is not of that form, which needs one `key=value` at least.
    ///
    /// - Complexity: O(*n*) in the bytes.
    static func read(_ line: ArraySlice<UInt8>) -> [(name: String, value: AttributeValue)]? {
        var cursor = TextCursor(line)
        var pairs: [(name: String, value: AttributeValue)] = []
        var hasValue = false
        while true {
            while cursor.take(0x20) || cursor.take(0x09) {}
            guard !cursor.isAtEnd else { break }
            let start = cursor.place
            while let byte = cursor.next, isKey(byte) { _ = cursor.take(byte) }
            guard cursor.place > start else { return nil }
            let name = String(decoding: line[start..<cursor.place], as: UTF8.self)
            if cursor.take(UInt8(ascii: "=")) {
                hasValue = true
                guard let value = value(&cursor) else { return nil }
                pairs.append((name, value))
            } else {
                guard cursor.isAtEnd || cursor.next == 0x20 || cursor.next == 0x09 else { return nil }
                pairs.append((name, .bool(true)))
            }
        }
        return hasValue ? pairs : nil
    }

    /// Whether a line begins with a key and an equals sign, which hardly a sentence does.
    static func isLikely(_ line: ArraySlice<UInt8>) -> Bool {
        guard let end = line.firstIndex(where: { !isKey($0) }), end > line.startIndex else { return false }
        return line[end] == UInt8(ascii: "=")
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"") && byte != 0x7f
    }

    private static func value(_ cursor: inout TextCursor) -> AttributeValue? {
        guard cursor.take(UInt8(ascii: "\"")) else {
            let start = cursor.place
            while let byte = cursor.next, byte != 0x20, byte != 0x09 { _ = cursor.take(byte) }
            return typed(String(decoding: cursor.bytes[start..<cursor.place], as: UTF8.self))
        }
        var bytes: [UInt8] = []
        while let byte = cursor.next {
            _ = cursor.take(byte)
            switch byte {
            case UInt8(ascii: "\""): return .string(String(decoding: bytes, as: UTF8.self))
            case UInt8(ascii: "\\"):
                guard let letter = cursor.next else { return nil }
                _ = cursor.take(letter)
                switch letter {
                case UInt8(ascii: "n"): bytes.append(10)
                case UInt8(ascii: "r"): bytes.append(13)
                case UInt8(ascii: "t"): bytes.append(9)
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(letter)
                default: bytes += [UInt8(ascii: "\\"), letter]
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    /// Whole numbers, numbers with a point and truth values have their type; all else is text.
    private static func typed(_ text: String) -> AttributeValue {
        switch text {
        case "true": .bool(true)
        case "false": .bool(false)
        default:
            if let first = text.utf8.first, (0x30...0x39).contains(first) || first == 0x2d {
                number(text) ?? .string(text)
            } else {
                .string(text)
            }
        }
    }

    private static func number(_ text: String) -> AttributeValue? {
        // A number that would be written otherwise, such as 007, is a name.
        if let whole = Int64(text) { return String(whole) == text ? .int(whole) : nil }
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x2d }
        return isPlain ? Double(text).map { .double($0) } : nil
    }
}
