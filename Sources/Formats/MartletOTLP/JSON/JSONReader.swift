/// Reads JSON step by step from bytes, so that memory grows only with what the caller keeps.
///
/// - SeeAlso: [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)
struct JSONReader {
    private let bytes: [UInt8]
    private(set) var place = 0
    private var depth = 0

    /// How deep arrays and objects may stand in one another.
    private let depthMax: Int

    init(_ bytes: [UInt8], depthMax: Int = 128) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    /// Reads an object; the function reads each member's value.
    mutating func object(_ member: (inout JSONReader, String) throws(OTLPError) -> Void) throws(OTLPError) {
        try enter("{")
        if take("}") { return leave() }
        repeat {
            let name = try string()
            guard take(":") else { throw problem("expected \":\"") }
            try member(&self, name)
        } while take(",")
        guard take("}") else { throw problem("expected \",\" or \"}\"") }
        leave()
    }

    /// Reads an array; the function reads each element.
    mutating func array(_ element: (inout JSONReader) throws(OTLPError) -> Void) throws(OTLPError) {
        try enter("[")
        if take("]") { return leave() }
        repeat { try element(&self) } while take(",")
        guard take("]") else { throw problem("expected \",\" or \"]\"") }
        leave()
    }

    /// Takes a `null`, if one comes; it stands for a field's default.
    mutating func null() throws(OTLPError) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    mutating func bool() throws(OTLPError) -> Bool {
        if peek() == UInt8(ascii: "t") {
            try word("true")
            return true
        }
        try word("false")
        return false
    }

    /// Reads a text; escapes of half a character become replacement characters.
    mutating func string() throws(OTLPError) -> String {
        guard take("\"") else { throw problem("expected a text") }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"),
            bytes[place] >= 0x20
        {
            place += 1
        }
        guard place < bytes.count else { throw problem("the text has no end") }
        if bytes[place] == UInt8(ascii: "\"") {
            place += 1
            return String(decoding: bytes[start..<(place - 1)], as: UTF8.self)
        }
        return try escapedString(from: start)
    }

    /// Reads a signed number, which OTLP writes as a text or bare.
    mutating func int64() throws(OTLPError) -> Int64 {
        let (text, start) = try numberText()
        if let number = Int64(text) { return number }
        guard let number = Double(text), let exact = Int64(exactly: number) else {
            throw .json("\"\(text)\" is no whole number of 64 bits", offset: start)
        }
        return exact
    }

    /// Reads a number from 0, which OTLP writes as a text or bare.
    mutating func uint64() throws(OTLPError) -> UInt64 {
        let (text, start) = try numberText()
        if let number = UInt64(text) { return number }
        guard let number = Double(text), let exact = UInt64(exactly: number) else {
            throw .json("\"\(text)\" is no whole number from 0 of 64 bits", offset: start)
        }
        return exact
    }

    /// Reads a number of 32 bits.
    mutating func int32() throws(OTLPError) -> Int32 {
        let start = place
        guard let number = Int32(exactly: try int64()) else { throw .json("a number has over 32 bits", offset: start) }
        return number
    }

    /// Reads a number; `"NaN"`, `"Infinity"` and `"-Infinity"` stand for those that JSON lacks.
    mutating func double() throws(OTLPError) -> Double {
        let (text, start) = try numberText()
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        // Swift's own reading takes hexadecimal and "inf" as well, which are not JSON.
        guard text.utf8.allSatisfy(Self.isNumberByte), let number = Double(text) else {
            throw .json("\"\(text)\" is no number", offset: start)
        }
        return number
    }

    /// Passes over any value.
    mutating func skip() throws(OTLPError) {
        switch peek() {
        case UInt8(ascii: "{"): try object { reader, _ throws(OTLPError) in try reader.skip() }
        case UInt8(ascii: "["): try array { reader throws(OTLPError) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): _ = try null()
        default: _ = try double()
        }
    }

    /// Checks that nothing follows.
    mutating func end() throws(OTLPError) {
        guard peek() == nil else { throw problem("something follows the value") }
    }

    // MARK: Steps

    private mutating func enter(_ open: Unicode.Scalar) throws(OTLPError) {
        guard take(open) else { throw problem("expected \"\(open)\"") }
        depth += 1
        guard depth <= depthMax else { throw problem("values stand over \(depthMax) deep in one another") }
    }

    private mutating func leave() {
        depth -= 1
    }

    /// The next byte that is not blank.
    private mutating func peek() -> UInt8? {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0a, 0x0d: place += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek(), byte == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func word(_ text: StaticString) throws(OTLPError) {
        let expected = Array(text.description.utf8)
        guard bytes[place...].starts(with: expected) else { throw problem("expected \(text)") }
        place += expected.count
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func numberText() throws(OTLPError) -> (text: String, start: Int) {
        let first = peek()
        let start = place
        if first == UInt8(ascii: "\"") { return (try string(), start) }
        while place < bytes.count, Self.isNumberByte(bytes[place]) { place += 1 }
        guard place > start else { throw problem("expected a number") }
        return (String(decoding: bytes[start..<place], as: UTF8.self), start)
    }

    private mutating func escapedString(from start: Int) throws(OTLPError) -> String {
        var text = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw .json("a text holds a control character", offset: place - 1)
            default: text.append(byte)
            }
        }
        throw problem("the text has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(OTLPError) {
        guard place < bytes.count else { throw problem("the text has no end") }
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            var scalar = Unicode.Scalar(unit)
            if unit & 0xfc00 == 0xd800, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
                bytes[place + 1] == UInt8(ascii: "u")
            {
                let before = place
                place += 2
                let low = try codeUnit()
                if low & 0xfc00 == 0xdc00 {
                    scalar = Unicode.Scalar(0x10000 + (UInt32(unit & 0x3ff) << 10) + UInt32(low & 0x3ff))
                } else {
                    place = before
                }
            }
            text.append(contentsOf: String(scalar.map(Character.init) ?? "\u{fffd}").utf8)
        default: throw .json("there is no such escape", offset: place - 1)
        }
    }

    private mutating func codeUnit() throws(OTLPError) -> UInt16 {
        guard bytes.count - place >= 4 else { throw problem("the text has no end") }
        var unit: UInt16 = 0
        for byte in bytes[place..<(place + 4)] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw problem("a character's number has four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        place += 4
        return unit
    }

    private func problem(_ text: String) -> OTLPError {
        .json(text, offset: place)
    }
}
