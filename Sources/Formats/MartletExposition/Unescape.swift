/// Resolves the escapes of help texts and label values.
enum Unescape {
    /// The text that bytes stand for: `\\` and `\n` resolved, `\"` too where asked; other backslashes stay.
    static func text(_ bytes: ArraySlice<UInt8>, quotes: Bool = true) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isEscaped = false
        for byte in bytes {
            if !isEscaped {
                if byte == UInt8(ascii: "\\") { isEscaped = true } else { result.append(byte) }
                continue
            }
            isEscaped = false
            switch byte {
            case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "\\"): result.append(byte)
            case UInt8(ascii: "\"") where quotes: result.append(byte)
            default: result += [UInt8(ascii: "\\"), byte]
            }
        }
        if isEscaped { result.append(UInt8(ascii: "\\")) }
        return String(decoding: result, as: UTF8.self)
    }
}
