/// Reads JSON as RFC 8259 has it: one value, nothing after it.
///
/// ```swift
/// let value = try JSONParser.parse(body)
/// ```
public struct JSONParser {
    /// How deep lists and objects may stand in one another.
    public static let depthMax = 128

    private let bytes: [UInt8]
    private var place = 0

    /// The value that bytes write.
    ///
    /// - Parameter bytes: JSON in UTF-8.
    /// - Returns: The value.
    /// - Throws: ``JSONError`` with the byte that does not belong there.
    /// - Complexity: O(*n*) in the bytes.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.place == bytes.count else { throw parser.error("there is text after the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipBlanks()
        guard place < bytes.count else { throw error("the text ends where a value belongs") }
        guard depth <= JSONParser.depthMax else {
            throw error("lists and objects stand over \(JSONParser.depthMax) deep")
        }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error("expected a value")
        }
    }

    private mutating func object(_ depth: Int) throws(JSONError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        place += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipBlanks()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
                throw error("expected a member's name in quotes")
            }
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw error("expected a colon after the member's name") }
            members[name] = try value(depth: depth + 1)
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("expected a comma or a closing brace") }
        }
    }

    private mutating func array(_ depth: Int) throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        place += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("expected a comma or a closing bracket") }
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw error("expected a value") }
        place += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONError) -> String {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let first = place
        guard digits() > 0 else { throw error("expected a digit") }
        if bytes[first] == UInt8(ascii: "0"), place > first + 1 { throw error("a number starts with a needless 0") }
        if take(UInt8(ascii: ".")), digits() == 0 { throw error("expected a digit after the point") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw error("expected a digit in the exponent") }
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        return place - start
    }

    // MARK: Texts

    private mutating func string() throws(JSONError) -> String {
        let start = place
        place += 1
        var text: [UInt8] = []
        var run = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                text += bytes[run..<place]
                place += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONError(offset: start, reason: "the text is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text += bytes[run..<place]
                place += 1
                try escape(&text)
                run = place
            case 0..<0x20: throw error("a control character stands in a text; escape it")
            default: place += 1
            }
        }
        throw JSONError(offset: start, reason: "the text is not closed")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONError) {
        guard place < bytes.count else { throw error("the text is not closed") }
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            let first = try unit()
            var code = UInt32(first)
            if (0xD800..<0xDC00).contains(first) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error("half a character") }
                let second = try unit()
                guard (0xDC00..<0xE000).contains(second) else { throw error("half a character") }
                code = 0x10000 + ((UInt32(first) - 0xD800) << 10) + (UInt32(second) - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a character") }
            text.append(contentsOf: Character(scalar).utf8)
        default:
            place -= 1
            throw error("unknown escape")
        }
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        guard place + 4 <= bytes.count,
            bytes[place..<(place + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
        else { throw error("expected four hexadecimal digits") }
        place += 4
        return unit
    }

    // MARK: Characters

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipBlanks() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private func error(_ reason: String) -> JSONError {
        JSONError(offset: place, reason: reason)
    }
}
