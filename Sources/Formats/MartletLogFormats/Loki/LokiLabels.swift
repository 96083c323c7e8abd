/// Reads `{name="value", other="value"}`.
enum LokiLabels {
    /// The labels in their order; `nil` where the text has not that form.
    static func read(_ text: String) -> [(String, String)]? {
        let bytes = Array(text.utf8)
        var cursor = TextCursor(bytes[...])
        skipBlanks(&cursor)
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        var labels: [(String, String)] = []
        while true {
            skipBlanks(&cursor)
            if cursor.take(UInt8(ascii: "}")) { break }
            let start = cursor.place
            while let byte = cursor.next, byte > 0x20, byte != UInt8(ascii: "="), byte != UInt8(ascii: "}") {
                _ = cursor.take(byte)
            }
            let name = String(decoding: bytes[start..<cursor.place], as: UTF8.self)
            skipBlanks(&cursor)
            guard !name.isEmpty, cursor.take(UInt8(ascii: "=")) else { return nil }
            skipBlanks(&cursor)
            guard let value = quoted(&cursor) else { return nil }
            labels.append((name, value))
            skipBlanks(&cursor)
            guard cursor.take(UInt8(ascii: ",")) || cursor.next == UInt8(ascii: "}") else { return nil }
        }
        skipBlanks(&cursor)
        return cursor.isAtEnd ? labels : nil
    }

    private static func quoted(_ cursor: inout TextCursor) -> String? {
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        var bytes: [UInt8] = []
        while let byte = cursor.next {
            _ = cursor.take(byte)
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let letter = cursor.next else { return nil }
                _ = cursor.take(letter)
                switch letter {
                case UInt8(ascii: "n"): bytes.append(10)
                case UInt8(ascii: "r"): bytes.append(13)
                case UInt8(ascii: "t"): bytes.append(9)
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes.append(letter)
                default: bytes += [UInt8(ascii: "\\"), letter]
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func skipBlanks(_ cursor: inout TextCursor) {
        while cursor.take(0x20) || cursor.take(0x09) {}
    }
}
