// The characters of a search's text.

extension SearchParser {
    var isAtEnd: Bool { at >= text.count }

    func isAt(_ character: Unicode.Scalar) -> Bool { at < text.count && text[at] == character }

    func isSpace(_ character: Unicode.Scalar) -> Bool { character.properties.isWhitespace }

    func isDigit(_ character: Unicode.Scalar) -> Bool { ("0"..."9").contains(character) }

    func isName(_ character: Unicode.Scalar) -> Bool {
        character.properties.isAlphabetic || isDigit(character) || character == "_" || character == "."
            || character == "-" || character == "/"
    }

    func string(_ range: Range<Int>) -> String {
        var result = ""
        result.unicodeScalars.append(contentsOf: text[range])
        return result
    }

    func error(_ message: String) -> SearchError { SearchError(column: at + 1, message: message) }

    func quoted(_ text: String) -> String { "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\"" }

    mutating func skipSpace() {
        while at < text.count, isSpace(text[at]) { at += 1 }
    }

    /// What stands here up to the next space, for a message.
    func word() -> String {
        var end = at
        while end < text.count, !isSpace(text[end]), end == at || (text[end] != ")" && text[end] != "|") { end += 1 }
        return string(min(at, text.count)..<end)
    }

    mutating func name() -> String {
        let start = at
        while at < text.count, isName(text[at]) { at += 1 }
        return string(start..<at)
    }

    mutating func takes(_ sign: String) -> Bool {
        let characters = Array(sign.unicodeScalars)
        guard at + characters.count <= text.count, text[at..<(at + characters.count)].elementsEqual(characters) else {
            return false
        }
        at += characters.count
        return true
    }

    /// Whether a word such as `AND` stands here by itself.
    func isKeyword(_ word: String) -> Bool {
        let characters = Array(word.unicodeScalars)
        let end = at + characters.count
        guard end <= text.count, text[at..<end].elementsEqual(characters) else { return false }
        return end == text.count || isSpace(text[end]) || text[end] == "(" || text[end] == ")" || text[end] == "|"
    }

    mutating func takeKeyword(_ word: String) -> Bool {
        skipSpace()
        guard isKeyword(word) else { return false }
        at += word.unicodeScalars.count
        return true
    }

    /// A text up to the next space, parenthesis or bar; a backslash makes what follows ordinary.
    ///
    /// - Returns: The text, and whether it has stars that are not ordinary.
    mutating func bareText(stoppingAtBracket: Bool = false) -> (text: String, hasStars: Bool) {
        var result = String.UnicodeScalarView()
        var hasStars = false
        while at < text.count {
            let character = text[at]
            if isSpace(character) || character == "(" || character == ")" || character == "|" || character == "\"" {
                break
            }
            if stoppingAtBracket, character == "]" { break }
            if character == "\\", at + 1 < text.count {
                at += 1
                result.append(text[at])
            } else {
                if character == "*" { hasStars = true }
                result.append(character)
            }
            at += 1
        }
        return (String(result), hasStars)
    }

    /// A text between quotation marks; `\"` and `\\` stand for the characters.
    mutating func quotedText() throws(SearchError) -> String {
        let open = at
        at += 1
        var result = String.UnicodeScalarView()
        while at < text.count, text[at] != "\"" {
            if text[at] == "\\", at + 1 < text.count, text[at + 1] == "\"" || text[at + 1] == "\\" { at += 1 }
            result.append(text[at])
            at += 1
        }
        guard isAt("\"") else { throw SearchError(column: open + 1, message: "this quotation mark is never closed") }
        at += 1
        return String(result)
    }

    /// `/…/` where the closing slash ends the word; `\/` stands for a slash.
    mutating func regularExpression() throws(SearchError) -> String? {
        guard isAt("/") else { return nil }
        var place = at + 1
        var result = String.UnicodeScalarView()
        while place < text.count {
            if text[place] == "\\", place + 1 < text.count {
                if text[place + 1] != "/" { result.append("\\") }
                result.append(text[place + 1])
                place += 2
                continue
            }
            if text[place] == "/" {
                let end = place + 1
                guard end == text.count || isSpace(text[end]) || text[end] == ")" || text[end] == "|" else {
                    return nil
                }
                guard !result.isEmpty else { return nil }
                at = end
                return String(result)
            }
            result.append(text[place])
            place += 1
        }
        return nil
    }
}

extension String {
    /// The text with stars as a regular expression has them.
    func replacing(_ star: Character) -> String { split(separator: star).joined(separator: ".*") }

    func firstRange(of part: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
