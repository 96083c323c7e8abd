import MartletCore

extension Parser {
    /// A number, or a duration as a number of seconds.
    mutating func number() throws(PromQLError) -> NumberLiteral {
        let token = current
        let isDuration = token.kind == .duration
        guard let value = isDuration ? try seconds(token) : Self.number(token.text) else {
            let quoted = LabelSyntax.quoted(token.text)
            throw error("error parsing number: \(quoted) is no number or out of range", token.range)
        }
        try advance()
        return NumberLiteral(value: value, isDuration: isDuration, sourceRange: token.range)
    }

    private func seconds(_ token: Token) throws(PromQLError) -> Double {
        guard let milliseconds = DurationText.milliseconds(token.text) else {
            throw error("not a valid duration string: \(LabelSyntax.quoted(token.text))", token.range)
        }
        return Double(milliseconds) / 1000
    }

    /// The value of a number's text: integers in base 16 or 8 after `0x` or `0`, else decimal; `nil` where malformed.
    static func number(_ text: String) -> Double? {
        let folded = text.lowercased().filter { $0 != "_" }
        if folded == "inf" || folded == "+inf" { return .infinity }
        if folded == "nan" { return .nan }
        if folded.hasPrefix("0x") { return UInt64(folded.dropFirst(2), radix: 16).map { Double($0) } }
        if folded.count > 1, folded.hasPrefix("0"), let octal = Int64(folded.dropFirst(), radix: 8) {
            return Double(octal)
        }
        if let integer = Int64(folded) { return Double(integer) }
        let padded = folded.hasSuffix(".") ? folded + "0" : folded
        guard let value = Double(padded.hasPrefix(".") ? "0" + padded : padded), value.isFinite else { return nil }
        return value
    }

    /// A text without its quotes and escapes.
    mutating func string() throws(PromQLError) -> StringLiteral {
        let token = current
        try advance()
        return Self.unquoted(token)
    }

    static func unquoted(_ token: Token) -> StringLiteral {
        let bytes = Array(token.text.utf8)
        let content = bytes.dropFirst().dropLast()
        let isRaw = bytes.first == UInt8(ascii: "`")
        let plain = isRaw ? content.filter { $0 != UInt8(ascii: "\r") } : unescaped(content)
        let value = String(validating: plain, as: UTF8.self)
        return StringLiteral(
            value: value ?? String(decoding: plain, as: UTF8.self),
            isWellFormed: value != nil,
            written: token.text,
            sourceRange: token.range
        )
    }

    /// The bytes that escapes stand for; the lexer has made sure that they are well formed.
    private static func unescaped(_ content: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = content
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "a"): result.append(7)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "x"): result.append(UInt8(truncatingIfNeeded: digits(&rest, 2, radix: 16)))
            case UInt8(ascii: "u"): append(digits(&rest, 4, radix: 16), to: &result)
            case UInt8(ascii: "U"): append(digits(&rest, 8, radix: 16), to: &result)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                rest = content[(rest.startIndex - 1)...]
                result.append(UInt8(truncatingIfNeeded: digits(&rest, 3, radix: 8)))
            default: result.append(kind)
            }
        }
        return result
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>, _ count: Int, radix: Int) -> UInt32 {
        let value = UInt32(String(decoding: rest.prefix(count), as: UTF8.self), radix: radix) ?? 0
        rest = rest.dropFirst(count)
        return value
    }

    private static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    }
}
