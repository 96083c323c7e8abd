/// Cuts a template into words.
///
/// Text stands between actions `{{ … }}`. A marker `{{- ` or ` -}}` takes the white space of the neighbouring text
/// away; `{{/* … */}}` is a comment.
struct TemplateLexer {
    private let name: String
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var tokens: [TemplateToken] = []
    private var parentheses = 0

    init(_ source: String, name: String) {
        self.name = name
        scalars = Array(source.unicodeScalars)
    }

    /// All words, the last of which is the end of the file.
    mutating func lex() throws(TemplateError) -> [TemplateToken] {
        guard scalars.count <= TemplateLimits.sourceBytesMax else {
            throw error(
                "template has \(scalars.count) characters, at most \(TemplateLimits.sourceBytesMax) are allowed",
                at: 0
            )
        }
        var trimsStart = false
        while true {
            let start = place
            while place < scalars.count, !startsWith("{{") { place += 1 }
            let trimsEnd = startsWith("{{-") && isSpace(place + 3)
            addText(start..<place, trimsStart: trimsStart, trimsEnd: trimsEnd)
            if place == scalars.count { break }
            let action = place
            place += trimsEnd ? 3 : 2
            trimsStart = try lexAction(from: action)
        }
        add(.endOfFile, at: place)
        return tokens
    }

    /// An error at an offset.
    func error(_ message: String, at position: Int) -> TemplateError {
        let (line, column) = Self.lineAndColumn(of: position, in: scalars)
        return TemplateError(name: name, line: line, column: column, message: message)
    }

    static func lineAndColumn(of position: Int, in scalars: [Unicode.Scalar]) -> (Int, Int) {
        var line = 1
        var column = 1
        for scalar in scalars.prefix(position) {
            if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
        }
        return (line, column)
    }

    // MARK: - Text

    private mutating func addText(_ range: Range<Int>, trimsStart: Bool, trimsEnd: Bool) {
        var range = range
        if trimsStart { while let first = range.first, isSpace(first) { range = (first + 1)..<range.upperBound } }
        if trimsEnd { while let last = range.last, isSpace(last) { range = range.lowerBound..<last } }
        if !range.isEmpty { add(.text(text(range)), at: range.lowerBound) }
    }

    // MARK: - Actions

    /// Reads an action up to and with its end; answers whether the text after it loses its leading white space.
    private mutating func lexAction(from action: Int) throws(TemplateError) -> Bool {
        var start = place
        while isSpace(start) { start += 1 }
        if startsWith("/*", at: start), start == place || startsWith("{{-", at: action) {
            return try skipComment(from: start, action: action)
        }
        add(.leftDelimiter, at: action)
        parentheses = 0
        while true {
            guard place < scalars.count else { throw error("unclosed action", at: action) }
            if startsWith("}}") {
                guard parentheses == 0 else { throw error("unclosed left paren", at: place) }
                add(.rightDelimiter, at: place)
                place += 2
                return false
            }
            if isSpace(place) {
                let start = place
                while isSpace(place) { place += 1 }
                if startsWith("-}}") {
                    guard parentheses == 0 else { throw error("unclosed left paren", at: place) }
                    add(.rightDelimiter, at: place)
                    place += 3
                    return true
                }
                add(.space, at: start)
                continue
            }
            try lexWord()
        }
    }

    private mutating func skipComment(from start: Int, action: Int) throws(TemplateError) -> Bool {
        place = start + 2
        while place < scalars.count, !startsWith("*/") { place += 1 }
        guard place < scalars.count else { throw error("unclosed comment", at: action) }
        place += 2
        if startsWith("}}") {
            place += 2
            return false
        }
        while isSpace(place) { place += 1 }
        guard startsWith("-}}"), isSpace(place - 1) else {
            throw error("comment ends before closing delimiter", at: place)
        }
        place += 3
        return true
    }

    private mutating func lexWord() throws(TemplateError) {
        let start = place
        let first = scalars[place]
        switch first {
        case "\"": try lexString()
        case "`": try lexRawString()
        case "'": try lexCharacter()
        case "$":
            place += 1
            skipWord()
            try requireTerminator()
            add(.variable(text(start..<place)), at: start)
        case ".":
            if let next = scalar(at: place + 1), ("0"..."9").contains(next) { return try lexNumber() }
            place += 1
            skipWord()
            if place == start + 1 { return add(.dot, at: start) }
            try requireTerminator()
            add(.field(text((start + 1)..<place)), at: start)
        case "+", "-", "0"..."9": try lexNumber()
        case ":":
            guard startsWith(":=") else { throw error("expected :=", at: start) }
            place += 2
            add(.declare, at: start)
        case "(":
            parentheses += 1
            guard parentheses <= TemplateLimits.nestingMax else {
                throw error("more than \(TemplateLimits.nestingMax) nested parentheses", at: start)
            }
            lexSymbol(.leftParenthesis)
        case ")":
            parentheses -= 1
            guard parentheses >= 0 else { throw error("unexpected right paren", at: start) }
            lexSymbol(.rightParenthesis)
        case "|": lexSymbol(.pipe)
        case ",": lexSymbol(.comma)
        case "=": lexSymbol(.assign)
        case let letter where Self.isWord(letter):
            skipWord()
            try requireTerminator()
            addWord(text(start..<place), at: start)
        default:
            let code = String(first.value, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
            throw error("unrecognized character in action: U+\(padded)", at: start)
        }
    }

    private mutating func lexSymbol(_ kind: TemplateToken.Kind) {
        add(kind, at: place)
        place += 1
    }

    private mutating func addWord(_ word: String, at start: Int) {
        switch word {
        case "true": add(.bool(true), at: start)
        case "false": add(.bool(false), at: start)
        case "nil": add(.nil, at: start)
        default: add(TemplateToken.Keyword(rawValue: word).map { .keyword($0) } ?? .identifier(word), at: start)
        }
    }

    private mutating func lexNumber() throws(TemplateError) {
        let start = place
        place += 1
        while let next = scalar(at: place) {
            let isSign = next == "+" || next == "-"
            let isAfterExponent = "eEpP".unicodeScalars.contains(scalars[place - 1]) && !isHexadecimal(from: start)
            guard Self.isWord(next) || next == "." || (isSign && isAfterExponent) else { break }
            place += 1
        }
        let word = text(start..<place)
        guard let number = TemplateNumber.parse(word) else { throw error("bad number syntax: \"\(word)\"", at: start) }
        switch number {
        case .integer(let value): add(.integer(value), at: start)
        case .float(let value): add(.float(value), at: start)
        }
    }

    private func isHexadecimal(from start: Int) -> Bool {
        let unsigned = scalars[start] == "+" || scalars[start] == "-" ? start + 1 : start
        return startsWith("0x", at: unsigned) || startsWith("0X", at: unsigned)
    }

    // MARK: - Quoted words

    private mutating func lexString() throws(TemplateError) {
        let start = place
        place += 1
        var value = String.UnicodeScalarView()
        while let next = scalar(at: place), next != "\"" {
            guard next != "\n" else { break }
            value.append(try lexQuotedScalar(quote: "\""))
        }
        guard scalar(at: place) == "\"" else { throw error("unterminated quoted string", at: start) }
        place += 1
        add(.string(String(value)), at: start)
    }

    private mutating func lexRawString() throws(TemplateError) {
        let start = place
        place += 1
        while let next = scalar(at: place), next != "`" { place += 1 }
        guard place < scalars.count else { throw error("unterminated raw quoted string", at: start) }
        add(.string(text((start + 1)..<place)), at: start)
        place += 1
    }

    private mutating func lexCharacter() throws(TemplateError) {
        let start = place
        place += 1
        guard let next = scalar(at: place), next != "'", next != "\n" else {
            throw error("unterminated character constant", at: start)
        }
        let value = try lexQuotedScalar(quote: "'")
        guard scalar(at: place) == "'" else { throw error("unterminated character constant", at: start) }
        place += 1
        add(.integer(Int64(value.value)), at: start)
    }

    /// One scalar of a quoted text, an escape such as `\n`, `\x41`, `\u00e9` or `\101` among them.
    private mutating func lexQuotedScalar(quote: Unicode.Scalar) throws(TemplateError) -> Unicode.Scalar {
        let start = place
        let first = scalars[place]
        place += 1
        guard first == "\\" else { return first }
        guard let escape = scalar(at: place) else { throw error("unterminated quoted string", at: start) }
        place += 1
        switch escape {
        case "a": return "\u{7}"
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{b}"
        case "\\", quote: return escape
        case "x": return try lexCode(digits: 2, radix: 16, from: start)
        case "u": return try lexCode(digits: 4, radix: 16, from: start)
        case "U": return try lexCode(digits: 8, radix: 16, from: start)
        case "0"..."7":
            place -= 1
            return try lexCode(digits: 3, radix: 8, from: start)
        default: throw error("unknown escape sequence \"\\\(escape)\"", at: start)
        }
    }

    private mutating func lexCode(digits: Int, radix: Int, from start: Int) throws(TemplateError) -> Unicode.Scalar {
        let end = min(place + digits, scalars.count)
        guard end - place == digits, let code = UInt32(text(place..<end), radix: radix),
            let scalar = Unicode.Scalar(code)
        else { throw error("malformed escape sequence", at: start) }
        place = end
        return scalar
    }

    // MARK: - Characters

    private mutating func add(_ kind: TemplateToken.Kind, at position: Int) {
        tokens.append(TemplateToken(kind: kind, position: position))
    }

    private func scalar(at index: Int) -> Unicode.Scalar? {
        scalars.indices.contains(index) ? scalars[index] : nil
    }

    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private func startsWith(_ word: String, at index: Int? = nil) -> Bool {
        scalars[min(index ?? place, scalars.count)...].starts(with: word.unicodeScalars)
    }

    private func isSpace(_ index: Int) -> Bool {
        guard let scalar = scalar(at: index) else { return false }
        return scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || ("0"..."9").contains(scalar) || scalar.properties.isAlphabetic
    }

    private mutating func skipWord() {
        while let next = scalar(at: place), Self.isWord(next) { place += 1 }
    }

    private func requireTerminator() throws(TemplateError) {
        guard let next = scalar(at: place), !isSpace(place) else { return }
        let ends: [Unicode.Scalar] = [".", ",", "|", ":", ")", "(", "="]
        guard ends.contains(next) || startsWith("}}") else {
            throw error("bad character U+\(String(next.value, radix: 16, uppercase: true))", at: place)
        }
    }
}
