import MartletCore

/// Cuts a query into tokens, one at a time, and finds the errors that need no grammar.
struct Lexer {
    struct Failure: Error {
        var message: String
        var range: SourceRange
    }

    let bytes: [UInt8]
    var position = 0
    private var parenthesisDepth = 0
    private var isBracketOpen = false
    private var isBraceOpen = false
    private var hasColon = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next token; comments and white space are passed over.
    mutating func next() throws(Failure) -> Token {
        skipBlank()
        guard let byte = peek() else { return try end() }
        let start = position
        if isBraceOpen { return try insideBraces(byte, start) }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try numberOrDuration(start)
        case UInt8(ascii: ".") where isDigit(peek(1)): return try numberOrDuration(start)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return try string(start)
        case UInt8(ascii: ":") where isBracketOpen:
            guard !hasColon else { throw failure("unexpected colon ':'", start) }
            hasColon = true
            position += 1
            return token(.colon, start)
        case let letter where isAlpha(letter) || letter == UInt8(ascii: ":"): return try word(start)
        default: return try symbol(byte, start)
        }
    }

    private func end() throws(Failure) -> Token {
        if isBraceOpen { throw failure("unexpected end of input inside braces", position) }
        if parenthesisDepth != 0 { throw failure("unclosed left parenthesis", position) }
        if isBracketOpen { throw failure("unclosed left bracket", position) }
        return token(.endOfInput, position)
    }

    private mutating func symbol(_ byte: UInt8, _ start: Int) throws(Failure) -> Token {
        position += 1
        switch byte {
        case UInt8(ascii: ","): return token(.comma, start)
        case UInt8(ascii: "@"): return token(.at, start)
        case UInt8(ascii: "="): return try afterEqual(start)
        case UInt8(ascii: "!"):
            guard take("=") else { throw failure("unexpected character after '!': \(character(position))", start) }
        case UInt8(ascii: "<"), UInt8(ascii: ">"): if !take("=") { _ = take("/") }
        case UInt8(ascii: "("):
            parenthesisDepth += 1
            return token(.leftParenthesis, start)
        case UInt8(ascii: ")"):
            parenthesisDepth -= 1
            guard parenthesisDepth >= 0 else { throw failure("unexpected right parenthesis ')'", start) }
            return token(.rightParenthesis, start)
        case UInt8(ascii: "{"):
            isBraceOpen = true
            return token(.leftBrace, start)
        case UInt8(ascii: "["):
            guard !isBracketOpen else { throw failure("unexpected left bracket '['", start) }
            (isBracketOpen, hasColon) = (true, false)
            return token(.leftBracket, start)
        case UInt8(ascii: "]"):
            guard isBracketOpen else { throw failure("unexpected right bracket ']'", start) }
            isBracketOpen = false
            return token(.rightBracket, start)
        default: break
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let operation = BinaryOperator(rawValue: text) else {
            throw failure("unexpected character: \(character(start))", start)
        }
        return token(.operation(operation), start)
    }

    private mutating func afterEqual(_ start: Int) throws(Failure) -> Token {
        if take("=") { return token(.operation(.equal), start) }
        if peek() == UInt8(ascii: "~") { throw failure("unexpected character after '=': '~'", start) }
        return token(.equal, start)
    }

    /// Inside braces every word is a label's name, and comparisons have their own signs.
    private mutating func insideBraces(_ byte: UInt8, _ start: Int) throws(Failure) -> Token {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
            return try string(start)
        }
        if isAlpha(byte) {
            while let next = peek(), isAlpha(next) || isDigit(next) { position += 1 }
            return token(.identifier, start)
        }
        position += 1
        switch byte {
        case UInt8(ascii: ","): return token(.comma, start)
        case UInt8(ascii: "}"):
            isBraceOpen = false
            return token(.rightBrace, start)
        case UInt8(ascii: "="): return token(take("~") ? .matches : .equal, start)
        case UInt8(ascii: "!"):
            if take("~") { return token(.doesNotMatch, start) }
            if take("=") { return token(.operation(.notEqual), start) }
            throw failure("unexpected character after '!' inside braces: \(character(position))", start)
        case UInt8(ascii: "{"): throw failure("unexpected left brace '{'", start)
        default: throw failure("unexpected character inside braces: \(character(start))", start)
        }
    }

    private mutating func word(_ start: Int) throws(Failure) -> Token {
        while let next = peek(), isAlpha(next) || isDigit(next) || (next == UInt8(ascii: ":") && !isBracketOpen) {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let folded = text.lowercased()
        if isBracketOpen, !Self.durationWords.contains(folded) {
            throw failure("unexpected character: \(character(start)), expected ':'", start)
        }
        if let operation = BinaryOperator(rawValue: folded) { return token(.operation(operation), start) }
        if let aggregator = Aggregator(rawValue: folded) { return token(.aggregator(aggregator), start) }
        if let keyword = Token.Keyword(rawValue: folded) { return token(.keyword(keyword), start) }
        if folded == "inf" || folded == "nan" { return token(.number, start) }
        return token(text.utf8.contains(UInt8(ascii: ":")) ? .metricIdentifier : .identifier, start)
    }

    /// The only words that a range in brackets may hold.
    private static let durationWords: Set<String> = ["step", "range", "min_of", "max_of"]

    private mutating func skipBlank() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let rest = peek(), rest != UInt8(ascii: "\n"), rest != UInt8(ascii: "\r") { position += 1 }
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
            {
                position += 1
            } else {
                return
            }
        }
    }
}

extension Lexer {
    func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: wanted) else { return false }
        position += 1
        return true
    }

    func token(_ kind: Token.Kind, _ start: Int) -> Token {
        Token(
            kind: kind,
            text: String(decoding: bytes[start..<position], as: UTF8.self),
            range: SourceRange(start: start, end: position)
        )
    }

    func failure(_ message: String, _ start: Int) -> Failure {
        Failure(message: message, range: SourceRange(start: start, end: bytes.count))
    }

    /// The character at a place in single quotes, for an error.
    func character(_ place: Int) -> String {
        guard place < bytes.count else { return "'\\ufffd'" }
        let text = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
        switch text.unicodeScalars.first {
        case "\n": return "'\\n'"
        case "\t": return "'\\t'"
        case "\r": return "'\\r'"
        case "'": return "'\\''"
        case "\\": return "'\\\\'"
        case let scalar?: return "'\(scalar)'"
        case nil: return "'\\ufffd'"
        }
    }

    func isAlpha(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
