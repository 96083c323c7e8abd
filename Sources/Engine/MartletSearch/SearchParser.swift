import MartletCore

// The grammar, loosest first:
//
//   expression  = [or] { "|" stage }
//   or          = and { "OR" and }
//   and         = not { ["AND"] not }
//   not         = ("-" | "!" | "NOT") not | "(" or ")" | term
//   term        = [ "@" ] name ":" test | word | "phrase" | word* | /regex/

/// Reads a search's text.
struct SearchParser {
    let text: [Unicode.Scalar]
    let limits: SearchLimits
    let dialect: SearchDialect
    var at = 0
    private var depth = 0
    private var conditions = 0

    init(_ text: String, limits: SearchLimits, dialect: SearchDialect) {
        self.dialect = dialect
        // What is too long is refused below; nothing of it is copied.
        self.text = text.utf8.count <= limits.bytes ? Array(text.unicodeScalars) : []
        self.limits = limits
        if text.utf8.count > limits.bytes { at = -1 }
    }

    mutating func expression() throws(SearchError) -> SearchExpression {
        guard at >= 0 else { throw SearchError(column: 1, message: "a search has at most \(limits.bytes) bytes") }
        skipSpace()
        var result = SearchExpression()
        if !isAtEnd, !isAt("|") { result.condition = try or() }
        skipSpace()
        while isAt("|") {
            at += 1
            if let limit = try stageOrLimit(&result) { result.limit = limit }
            skipSpace()
        }
        guard isAtEnd else {
            if isAt(")") { throw error("a parenthesis is closed that was not opened") }
            throw error("unexpected \(quoted(String(text[at])))")
        }
        return result
    }

    // MARK: Conditions

    private mutating func or() throws(SearchError) -> SearchCondition {
        var parts = [try and()]
        while takeKeyword("OR") { parts.append(try and()) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func and() throws(SearchError) -> SearchCondition {
        var parts = [try not()]
        while true {
            skipSpace()
            if isAtEnd || isAt(")") || isAt("|") || isKeyword("OR") { break }
            _ = takeKeyword("AND")
            parts.append(try not())
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func not() throws(SearchError) -> SearchCondition {
        skipSpace()
        guard !isAtEnd else { throw error("a condition is missing at the end") }
        if isAt(")") || isAt("|") || isKeyword("OR") || isKeyword("AND") {
            throw error("a condition is missing before \(quoted(word()))")
        }
        conditions += 1
        guard conditions <= limits.conditions else {
            throw error("a search has at most \(limits.conditions) conditions")
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw error("conditions stand more than \(limits.depth) deep in one another")
        }
        if takeKeyword("NOT") { return .not(try not()) }
        if isAt("-") || isAt("!") {
            at += 1
            guard !isAtEnd, !isSpace(text[at]) else { throw error("a condition is missing behind the negation") }
            return .not(try not())
        }
        guard isAt("(") else { return try term() }
        let open = at
        at += 1
        let inner = try or()
        skipSpace()
        guard isAt(")") else {
            throw SearchError(column: open + 1, message: "this parenthesis is never closed")
        }
        at += 1
        return inner
    }

    private mutating func term() throws(SearchError) -> SearchCondition {
        if isAt("\"") { return try words(try quotedText(), isPrefix: takeStar()) }
        let begin = at
        if let pattern = try regularExpression() {
            try understand(pattern, begin)
            return .pattern(pattern)
        }
        if let field = fieldName() { return try test(field) }
        let start = at
        let (plain, stars) = bareText()
        guard !plain.isEmpty || stars else { throw error("unexpected \(quoted(word()))") }
        if plain == "*" { return .all }
        let isPrefix = plain.hasSuffix("*")
        let body = isPrefix ? String(plain.dropLast()) : plain
        if stars, body.contains("*") {
            throw SearchError(
                column: start + 1,
                message: "a word may end with *, not contain it; write /\(body.replacing("*"))/ for what stands inside"
            )
        }
        return try words(body, isPrefix: isPrefix)
    }

    /// Words of a text; a text without words is told as an error, because it would find nothing.
    private func words(_ text: String, isPrefix: Bool) throws(SearchError) -> SearchCondition {
        let words = WordScanner.words(of: text)
        guard !words.isEmpty else {
            throw error("\(quoted(text)) has no letters or digits; write /\\Q\(text)\\E/ to find it as it is")
        }
        // `foo-*` is the word, not the beginning of any word.
        let endsInWord = WordScanner.words(of: text + "x").count == words.count
        return .words(SearchWords(words, isPrefix: isPrefix && endsInWord))
    }

    private mutating func takeStar() -> Bool {
        guard isAt("*") else { return false }
        at += 1
        return true
    }

    // MARK: Fields

    /// A field's name with its colon, if one stands here.
    private mutating func fieldName() -> SearchField? {
        var place = at
        let isAttribute = place < text.count && text[place] == "@"
        if isAttribute { place += 1 }
        let start = place
        while place < text.count, isName(text[place]) { place += 1 }
        guard place > start, place < text.count, text[place] == ":", isAttribute || !isDigit(text[start]) else {
            return nil
        }
        // An address is a text, not a field called "https".
        if !isAttribute, place + 2 < text.count, text[place + 1] == "/", text[place + 2] == "/" { return nil }
        at = place + 1
        return SearchField(string(start..<place), isAttribute: isAttribute)
    }

    private mutating func test(_ field: SearchField) throws(SearchError) -> SearchCondition {
        guard !isAtEnd, !isSpace(text[at]), !isAt(")"), !isAt("|") else {
            throw error("a value is missing behind \"\(field.name):\"; write \(field.name):* for any")
        }
        if isAt("(") { return try group(field) }
        if isAt("[") { return try brackets(field) }
        let start = at
        for sign in [SearchComparison.lessOrEqual, .greaterOrEqual, .less, .greater] where takes(sign.rawValue) {
            let operand = try value()
            return try checked(field, .compares(sign, SearchOperand(operand)), start)
        }
        if takes("=") { return try checked(field, .equals(SearchOperand(try value())), start) }
        if let pattern = try regularExpression() {
            try understand(pattern, start)
            return try known(field, .pattern(pattern), start)
        }
        if isAt("\"") {
            let content = try quotedText()
            return field.isMessage
                ? try words(content, isPrefix: takeStar()) : try known(field, .equals(SearchOperand(content)), start)
        }
        let (plain, stars) = bareText()
        guard !plain.isEmpty else { throw error("unexpected \(quoted(word()))") }
        if plain == "*" { return try known(field, .exists, start) }
        if let (low, high) = Self.range(plain) {
            var parts: [SearchCondition] = []
            if let low { parts.append(try checked(field, .compares(.greaterOrEqual, SearchOperand(low)), start)) }
            if let high { parts.append(try checked(field, .compares(.lessOrEqual, SearchOperand(high)), start)) }
            return parts.count == 1 ? parts[0] : .and(parts)
        }
        if field.isMessage { return try words(stars ? String(plain.dropLast()) : plain, isPrefix: stars) }
        return try checked(field, stars ? .glob(plain) : .equals(SearchOperand(plain)), start)
    }

    /// `low..high`, either of which may be missing; `nil` where it is no range.
    private static func range(_ text: String) -> (String?, String?)? {
        guard let dots = text.firstRange(of: "..") else { return nil }
        let (low, high) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
        guard !low.isEmpty || !high.isEmpty else { return nil }
        for bound in [low, high] where !bound.isEmpty {
            let operand = SearchOperand(bound)
            guard operand.number != nil || operand.time != nil || SeverityWords.range(of: bound) != nil else {
                return nil
            }
        }
        return (low.isEmpty ? nil : low, high.isEmpty ? nil : high)
    }

    /// `field:(a OR b)`: each value is one of the field.
    private mutating func group(_ field: SearchField) throws(SearchError) -> SearchCondition {
        let open = at
        at += 1
        var parts: [SearchCondition] = []
        var isAny = true
        while true {
            skipSpace()
            if isAtEnd { throw SearchError(column: open + 1, message: "this parenthesis is never closed") }
            if isAt(")") { break }
            if takeKeyword("OR") { continue }
            if takeKeyword("AND") {
                isAny = false
                continue
            }
            conditions += 1
            guard conditions <= limits.conditions else {
                throw error("a search has at most \(limits.conditions) conditions")
            }
            let isNegated = isAt("-")
            if isNegated { at += 1 }
            depth += 1
            defer { depth -= 1 }
            guard depth <= limits.depth else {
                throw error("conditions stand more than \(limits.depth) deep in one another")
            }
            let part = try test(field)
            parts.append(isNegated ? .not(part) : part)
        }
        at += 1
        guard !parts.isEmpty else { throw SearchError(column: open + 1, message: "the parentheses are empty") }
        if parts.count == 1 { return parts[0] }
        return isAny ? .or(parts) : .and(parts)
    }

    /// `field:[low TO high]`, both included.
    private mutating func brackets(_ field: SearchField) throws(SearchError) -> SearchCondition {
        let open = at
        at += 1
        skipSpace()
        let low = try value()
        skipSpace()
        guard takeKeyword("TO") else {
            throw SearchError(column: open + 1, message: "a range reads [low TO high]")
        }
        let high = try value()
        skipSpace()
        guard isAt("]") else { throw SearchError(column: open + 1, message: "this bracket is never closed") }
        at += 1
        var parts: [SearchCondition] = []
        if low != "*" { parts.append(try checked(field, .compares(.greaterOrEqual, SearchOperand(low)), open)) }
        if high != "*" { parts.append(try checked(field, .compares(.lessOrEqual, SearchOperand(high)), open)) }
        return parts.isEmpty ? try known(field, .exists, open) : parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func value() throws(SearchError) -> String {
        skipSpace()
        if isAt("\"") { return try quotedText() }
        let (plain, _) = bareText(stoppingAtBracket: true)
        guard !plain.isEmpty else { throw error("a value is missing") }
        return plain
    }

    /// A test that the events have an answer to.
    private func known(_ field: SearchField, _ test: SearchTest, _ start: Int) throws(SearchError) -> SearchCondition {
        if let message = dialect.problem(field, test) { throw SearchError(column: start + 1, message: message) }
        return .field(field, test)
    }

    private func understand(_ pattern: String, _ start: Int) throws(SearchError) {
        if let message = dialect.patternProblem(pattern) { throw SearchError(column: start + 1, message: message) }
    }

    /// What can be known to be wrong without looking at events.
    private func checked(
        _ field: SearchField,
        _ test: SearchTest,
        _ start: Int
    ) throws(SearchError) -> SearchCondition {
        func wrong(_ message: String) -> SearchError { SearchError(column: start + 1, message: message) }
        _ = try known(field, test, start)
        let operand: SearchOperand
        switch test {
        case .equals(let value), .compares(_, let value): operand = value
        default: return .field(field, test)
        }
        guard !field.isAttribute else { return try comparable(field, test, operand, start) }
        switch field.name {
        case "level", "severity":
            guard SeverityWords.range(of: operand.text) != nil else {
                let near = Suggestion.closest(to: operand.text, among: SeverityWords.names)
                throw wrong(
                    "\(quoted(operand.text)) is no level"
                        + (near.map { " (did you mean \"\($0)\"?)" }
                            ?? "; there are \(SeverityWords.names.joined(separator: ", "))")
                )
            }
        case "time", "timestamp":
            guard operand.time != nil else {
                throw wrong("\(quoted(operand.text)) is no time; write 2026-01-31 or 2026-01-31T12:00:00Z")
            }
        case "trace", "trace_id":
            guard TraceID(operand.text) != nil || operand.text.utf8.allSatisfy(Self.isHex) else {
                throw wrong("a trace id has 32 hexadecimal digits; got \(quoted(operand.text))")
            }
        case "span", "span_id":
            guard operand.text.utf8.count <= 16, operand.text.utf8.allSatisfy(Self.isHex) else {
                throw wrong("a span id has 16 hexadecimal digits; got \(quoted(operand.text))")
            }
        default: return try comparable(field, test, operand, start)
        }
        return .field(field, test)
    }

    private func comparable(
        _ field: SearchField,
        _ test: SearchTest,
        _ operand: SearchOperand,
        _ start: Int
    ) throws(SearchError) -> SearchCondition {
        if case .compares = test, operand.text.isEmpty {
            throw SearchError(column: start + 1, message: "a value to compare with is missing")
        }
        return .field(field, test)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
    }

    // MARK: Stages

    /// A stage, which is put into the result; or the number of `limit`.
    private mutating func stageOrLimit(_ result: inout SearchExpression) throws(SearchError) -> Int? {
        skipSpace()
        let start = at
        let name = name()
        func wrong(_ message: String) -> SearchError { SearchError(column: start + 1, message: message) }
        if name == "limit" || name == "head" { return try integer("limit", 1...100_000) }
        let isKnown = ["count", "top", "histogram", "patterns"].contains(name)
        if isKnown, let refusal = dialect.stageRefusal { throw wrong(refusal) }
        guard result.stage == nil else {
            throw wrong("only one of count, top, histogram and patterns may be asked for")
        }
        switch name {
        case "count":
            skipSpace()
            result.stage = .count(by: takeKeyword("by") || takeKeyword("BY") ? try fields() : [])
        case "top":
            skipSpace()
            let count = isAtEnd || !isDigit(text[at]) ? 10 : try integer("top", 1...10_000)
            result.stage = .top(count, try field())
        case "histogram":
            skipSpace()
            let place = at
            let (step, _) = bareText()
            guard case let operand = SearchOperand(step), operand.unit == .duration, let number = operand.number,
                number >= 1, number < 9e18
            else {
                throw SearchError(
                    column: place + 1,
                    message: "histogram needs a duration such as 1m; got \(quoted(step))"
                )
            }
            skipSpace()
            result.stage = .histogram(Int64(number), by: takeKeyword("by") ? try fields().first : nil)
        case "patterns":
            skipSpace()
            result.stage = .patterns(isAtEnd || !isDigit(text[at]) ? 50 : try integer("patterns", 1...1000))
        default:
            let known = ["count", "top", "histogram", "patterns", "limit"]
            let near = Suggestion.closest(to: name, among: known).map { " (did you mean \"\($0)\"?)" }
            throw wrong(
                name.isEmpty
                    ? "what to do is missing behind the bar: \(known.joined(separator: ", "))"
                    : "unknown step \(quoted(name))\(near ?? "; there are \(known.joined(separator: ", "))")"
            )
        }
        return nil
    }

    private mutating func integer(_ what: String, _ range: ClosedRange<Int>) throws(SearchError) -> Int {
        skipSpace()
        let start = at
        while !isAtEnd, isDigit(text[at]) { at += 1 }
        guard let number = Int(string(start..<at)), range.contains(number) else {
            throw SearchError(
                column: start + 1,
                message: "\(what) needs a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private mutating func field() throws(SearchError) -> SearchField {
        skipSpace()
        let isAttribute = isAt("@")
        if isAttribute { at += 1 }
        let name = name()
        guard !name.isEmpty else { throw error("the name of a field is missing") }
        return SearchField(name, isAttribute: isAttribute)
    }

    private mutating func fields() throws(SearchError) -> [SearchField] {
        skipSpace()
        let hasParentheses = isAt("(")
        if hasParentheses { at += 1 }
        var fields = [try field()]
        while true {
            skipSpace()
            guard isAt(",") else { break }
            at += 1
            fields.append(try field())
        }
        if hasParentheses {
            guard isAt(")") else { throw error("a parenthesis is missing behind the fields") }
            at += 1
        }
        guard fields.count <= 8 else { throw error("at most 8 fields can be counted by") }
        return fields
    }
}

extension SearchField {
    /// Whether the event's text is meant.
    public var isMessage: Bool { !isAttribute && (name == "message" || name == "body" || name == "msg") }
}
