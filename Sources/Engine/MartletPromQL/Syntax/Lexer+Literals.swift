extension Lexer {
    /// Reads `12`, `0x1f`, `1_000`, `2.5e-3` or `1h30m`; whether a number is well formed is for the parser to say.
    mutating func numberOrDuration(_ start: Int) throws(Failure) -> Token {
        if isNumberTaken() { return token(.number, start) }
        if isDurationTaken() { return token(.duration, start) }
        let end = min(position + 1, bytes.count)
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        throw failure("bad number or duration syntax: \"\(text)\"", start)
    }

    /// Reads digits with a dot, an exponent and underscores; fails where one follows what it must not follow.
    private mutating func isNumberTaken() -> Bool {
        var isHexadecimal = false
        if peek() == UInt8(ascii: "0"), let x = peek(1), x | 0x20 == UInt8(ascii: "x") {
            isHexadecimal = true
            position += 2
            _ = take("_")
        }
        var hasDot = false
        var hasExponent = false
        while let byte = peek() {
            switch byte {
            case let digit where isDigit(digit): position += 1
            case UInt8(ascii: "a")...UInt8(ascii: "f") where isHexadecimal: position += 1
            case UInt8(ascii: "A")...UInt8(ascii: "F") where isHexadecimal: position += 1
            case UInt8(ascii: "."):
                if hasDot || hasExponent || isHexadecimal { return false }
                hasDot = true
                position += 1
                if peek() == UInt8(ascii: "_") || peek() == UInt8(ascii: ".") { return false }
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                if hasExponent { return false }
                hasExponent = true
                position += 1
                if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
                guard isDigit(peek()) else { return false }
            case UInt8(ascii: "_"):
                position += 1
                guard let next = peek(), isDigit(next) || (isHexadecimal && isAlpha(next)) else { return false }
            default: return !isAlpha(byte)
            }
        }
        return true
    }

    /// Reads the rest of a duration whose first digits have been read.
    private mutating func isDurationTaken() -> Bool {
        while true {
            guard let unit = peek(), "smhdwy".utf8.contains(unit) else { return false }
            position += 1
            if unit == UInt8(ascii: "m") { _ = take("s") }
            guard isDigit(peek()) else { break }
            while isDigit(peek()) { position += 1 }
        }
        guard let next = peek() else { return true }
        return !isAlpha(next)
    }

    /// Reads a string in any of the three quotes; what its escapes mean is for the parser to say.
    mutating func string(_ start: Int) throws(Failure) -> Token {
        let quote = bytes[start]
        position += 1
        while let byte = peek() {
            position += 1
            if byte == quote { return try wellFormed(token(.string, start)) }
            if quote == UInt8(ascii: "`") { continue }
            if byte == UInt8(ascii: "\n") { break }
            if byte == UInt8(ascii: "\\") { try escape(quote, start) }
        }
        let isRaw = quote == UInt8(ascii: "`")
        throw failure(isRaw ? "unterminated raw string" : "unterminated quoted string", start)
    }

    private func wellFormed(_ token: Token) throws(Failure) -> Token {
        let raw = bytes[token.range.start..<token.range.end]
        guard token.text.utf8.elementsEqual(raw), !token.text.unicodeScalars.contains("\u{FFFD}") else {
            throw failure("invalid UTF-8 rune", token.range.start)
        }
        return token
    }

    private mutating func escape(_ quote: UInt8, _ start: Int) throws(Failure) {
        guard let kind = peek() else { throw failure("escape sequence not terminated", start) }
        switch kind {
        case quote, UInt8(ascii: "\\"): position += 1
        case UInt8(ascii: "0")...UInt8(ascii: "7"): try digits(3, base: 8, max: 255, start)
        case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
            position += 1
            let count = kind == UInt8(ascii: "x") ? 2 : kind == UInt8(ascii: "u") ? 4 : 8
            try digits(count, base: 16, max: kind == UInt8(ascii: "x") ? 255 : 0x10ffff, start)
        default:
            guard "abfnrtv".utf8.contains(kind) else {
                throw failure("unknown escape sequence \(codePoint())", start)
            }
            position += 1
        }
    }

    private mutating func digits(_ count: Int, base: Int, max: Int, _ start: Int) throws(Failure) {
        var value = 0
        for _ in 0..<count {
            guard let byte = peek() else { throw failure("escape sequence not terminated", start) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < base else {
                throw failure("illegal character \(codePoint()) in escape sequence", start)
            }
            value = value * base + digit
            position += 1
        }
        if value > max || (0xd800..<0xe000).contains(value) {
            throw failure("escape sequence is an invalid Unicode code point", start)
        }
    }

    /// The character at the current place as `U+0063 'c'`.
    private func codePoint() -> String {
        let text = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first else { return "U+FFFD" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits + " '\(scalar)'"
    }
}
