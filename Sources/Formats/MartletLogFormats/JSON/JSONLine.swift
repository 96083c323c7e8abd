import MartletCore

/// Reads the object of a line of JSON, its members in the order written.
///
/// Unlike ``MartletCore/JSONParser`` it keeps the order, counts members that come twice, takes bytes that are not UTF-8, and has a
/// bound for the depth that the caller sets. Objects inside become members with dotted names, up to a bound for their count.
struct JSONLine {
    /// The members; of two with one name the last counts, in the place of the first.
    private(set) var members: [(name: String, value: AttributeValue)] = []

    /// How many members replaced one with their name.
    private(set) var duplicates = 0

    /// How many members were left out because there were too many.
    private(set) var dropped = 0

    /// Whether bytes that are not UTF-8 were replaced.
    private(set) var isRepaired = false

    /// Where each name stands, once there are too many to look through.
    private var places: [String: Int] = [:]
    private var cursor: TextCursor
    private let depthMax: Int
    private let membersMax: Int

    /// Reads a line; `nil` where it is no whole object, or too deep.
    ///
    /// - Complexity: O(*n*) in the bytes.
    init?(_ line: ArraySlice<UInt8>, depthMax: Int, membersMax: Int) {
        cursor = TextCursor(line)
        self.depthMax = depthMax
        self.membersMax = membersMax
        skipBlanks()
        guard cursor.next == UInt8(ascii: "{"), object(prefix: "", depth: 1) else { return nil }
        skipBlanks()
        guard cursor.isAtEnd else { return nil }
    }

    private mutating func object(prefix: String, depth: Int) -> Bool {
        guard depth <= depthMax, cursor.take(UInt8(ascii: "{")) else { return false }
        skipBlanks()
        if cursor.take(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard let name = text() else { return false }
            skipBlanks()
            guard cursor.take(UInt8(ascii: ":")) else { return false }
            skipBlanks()
            let path = prefix.isEmpty ? name : prefix + "." + name
            if cursor.next == UInt8(ascii: "{") {
                guard object(prefix: path, depth: depth + 1) else { return false }
            } else {
                guard let value = value(depth: depth) else { return false }
                add(path, value)
            }
            skipBlanks()
            if cursor.take(UInt8(ascii: "}")) { return true }
            guard cursor.take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func add(_ name: String, _ value: AttributeValue) {
        if let place = place(of: name) {
            members[place].value = value
            duplicates += 1
        } else if members.count < membersMax {
            if !places.isEmpty { places[name] = members.count }
            members.append((name, value))
        } else {
            dropped += 1
        }
    }

    /// Where the member of a name stands.
    private mutating func place(of name: String) -> Int? {
        // Few members are found faster than hashed.
        guard members.count > 16 else { return members.firstIndex { $0.name == name } }
        if places.isEmpty { for (place, member) in members.enumerated() { places[member.name] = place } }
        return places[name]
    }

    private mutating func value(depth: Int) -> AttributeValue? {
        switch cursor.next {
        case UInt8(ascii: "\""): return text().map { .string($0) }
        case UInt8(ascii: "["): return array(depth: depth + 1)
        case UInt8(ascii: "{"): return map(depth: depth + 1)
        case UInt8(ascii: "t"): return cursor.take(text: "true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return cursor.take(text: "false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return cursor.take(text: "null") ? .empty : nil
        default: return number()
        }
    }

    private mutating func array(depth: Int) -> AttributeValue? {
        guard depth <= depthMax, cursor.take(UInt8(ascii: "[")) else { return nil }
        var elements: [AttributeValue] = []
        skipBlanks()
        if cursor.take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipBlanks()
            guard let element = value(depth: depth) else { return nil }
            // Lists have the same bound as members; what is left out of them is not told apart.
            if elements.count < membersMax { elements.append(element) } else { dropped += 1 }
            skipBlanks()
            if cursor.take(UInt8(ascii: "]")) { return .array(elements) }
            guard cursor.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// An object inside of a list, which stays one value.
    private mutating func map(depth: Int) -> AttributeValue? {
        guard depth <= depthMax, cursor.take(UInt8(ascii: "{")) else { return nil }
        var attributes: [Attribute] = []
        skipBlanks()
        if cursor.take(UInt8(ascii: "}")) { return .map(attributes) }
        while true {
            skipBlanks()
            guard let name = text() else { return nil }
            skipBlanks()
            guard cursor.take(UInt8(ascii: ":")) else { return nil }
            skipBlanks()
            guard let value = value(depth: depth) else { return nil }
            if attributes.count < membersMax { attributes.append(Attribute(name, value)) } else { dropped += 1 }
            skipBlanks()
            if cursor.take(UInt8(ascii: "}")) { return .map(attributes) }
            guard cursor.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func number() -> AttributeValue? {
        let start = cursor.place
        var isWhole = true
        while let byte = cursor.next {
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isWhole = false
            default:
                return number(cursor.bytes[start..<cursor.place], isWhole)
            }
            _ = cursor.take(byte)
        }
        return number(cursor.bytes[start..<cursor.place], isWhole)
    }

    private func number(_ digits: ArraySlice<UInt8>, _ isWhole: Bool) -> AttributeValue? {
        guard !digits.isEmpty, digits.count <= 64, digits.first != UInt8(ascii: "+") else { return nil }
        let text = String(decoding: digits, as: UTF8.self)
        if isWhole, let number = Int64(text) { return .int(number) }
        return Double(text).map { .double($0) }
    }

    // MARK: Texts

    private mutating func text() -> String? {
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        let start = cursor.place
        // Most texts have no escape, and are taken as they stand.
        while let byte = cursor.next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { _ = cursor.take(byte) }
        if cursor.next == UInt8(ascii: "\"") {
            let bytes = cursor.bytes[start..<cursor.place]
            _ = cursor.take(UInt8(ascii: "\""))
            return string(bytes)
        }
        var bytes = Array(cursor.bytes[start..<cursor.place])
        while let byte = cursor.next {
            _ = cursor.take(byte)
            switch byte {
            case UInt8(ascii: "\""): return string(bytes[...])
            case UInt8(ascii: "\\"): guard escape(&bytes) else { return nil }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func string(_ bytes: ArraySlice<UInt8>) -> String {
        // Most texts are ASCII, which needs no check that can fail.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        isRepaired = true
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func escape(_ bytes: inout [UInt8]) -> Bool {
        guard let letter = cursor.next else { return false }
        _ = cursor.take(letter)
        switch letter {
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "u"): return unicode(&bytes)
        // nginx's and other programs' own escapes of bytes, which JSON does not have.
        case UInt8(ascii: "x"):
            guard let value = hexadecimal(digits: 2) else { return false }
            bytes.append(UInt8(truncatingIfNeeded: value))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
        default: return false
        }
        return true
    }

    private mutating func unicode(_ bytes: inout [UInt8]) -> Bool {
        guard let first = hexadecimal(digits: 4) else { return false }
        var code = first
        if (0xd800..<0xdc00).contains(first) {
            let start = cursor
            if cursor.take(UInt8(ascii: "\\")), cursor.take(UInt8(ascii: "u")), let second = hexadecimal(digits: 4),
                (0xdc00..<0xe000).contains(second)
            {
                code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            } else {
                cursor = start
            }
        }
        guard let scalar = Unicode.Scalar(code) else {
            // Half a character.
            isRepaired = true
            bytes.append(contentsOf: [0xef, 0xbf, 0xbd])
            return true
        }
        bytes.append(contentsOf: Character(scalar).utf8)
        return true
    }

    private mutating func hexadecimal(digits: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = cursor.next else { return nil }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            value = value << 4 | UInt32(digit)
            _ = cursor.take(byte)
        }
        return value
    }

    private mutating func skipBlanks() {
        while let byte = cursor.next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
            _ = cursor.take(byte)
        }
    }
}
