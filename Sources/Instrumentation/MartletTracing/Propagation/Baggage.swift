/// What an application carries along with a request, for all who handle a part of it.
///
/// - SeeAlso: [W3C Baggage](https://www.w3.org/TR/baggage/)
public struct Baggage: Hashable, Sendable {
    /// A name with its value.
    public struct Member: Hashable, Sendable {
        /// The name.
        public var key: String
        /// The value.
        public var value: String
        /// What is said of the value, as it is written in the header, such as `ttl=30`; parted by semicolons.
        public var properties: String

        /// Creates a member.
        public init(key: String, value: String, properties: String = "") {
            self.key = key
            self.value = value
            self.properties = properties
        }
    }

    /// How many members there are at most.
    public static let membersMax = 64

    /// How many bytes the header has at most.
    public static let bytesMax = 8192

    /// The members in the order that they came in.
    public private(set) var members: [Member]

    /// Creates an empty baggage.
    public init() {
        members = []
    }

    /// Reads the header; members that break a rule are left out, and so is what goes beyond the limits.
    ///
    /// - Parameter header: The value; of several headers, joined by commas.
    public init(_ header: some StringProtocol) {
        members = []
        var count = 0
        for part in header.utf8.split(separator: UInt8(ascii: ",")) {
            count += part.count + 1
            guard count <= Baggage.bytesMax + 1, members.count < Baggage.membersMax else { return }
            guard let member = Baggage.member(Array(part)) else { continue }
            if let place = members.firstIndex(where: { $0.key == member.key }) {
                members[place] = member
            } else {
                members.append(member)
            }
        }
    }

    /// Whether there is nothing.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member; `nil` removes it.
    ///
    /// What is not allowed as a name, or is one too many, is not set.
    public subscript(key: String) -> String? {
        get { members.first { $0.key == key }?.value }
        set {
            let place = members.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?):
                guard Baggage.isToken(Array(key.utf8)), members.count < Baggage.membersMax else { return }
                members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    private static func member(_ part: [UInt8]) -> Member? {
        let pieces = part.split(separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = pieces.first, let equals = first.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = trimmed(first[..<equals])
        guard isToken(key), let value = decoded(trimmed(first[(equals + 1)...])) else { return nil }
        let properties = pieces.count > 1 ? String(decoding: trimmed(pieces[1]), as: UTF8.self) : ""
        return Member(key: String(decoding: key, as: UTF8.self), value: value, properties: properties)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = bytes
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return Array(rest)
    }

    private static func isToken(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x24, 0x26...0x2b, 0x2d...0x3a, 0x3c...0x5b, 0x5d...0x7e: true
        default: false
        }
    }

    /// The text that a value with percent signs stands for; `nil` where a character is not allowed.
    private static func decoded(_ bytes: [UInt8]) -> String? {
        var text: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%"), place + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(place + 1)...(place + 2)], as: UTF8.self), radix: 16)
            {
                text.append(value)
                place += 3
            } else if isPlain(byte) || byte == UInt8(ascii: "%") {
                text.append(byte)
                place += 1
            } else {
                return nil
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] {
                    bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Baggage: CustomStringConvertible {
    /// The baggage as the header has it; members for which there is no room are left out.
    public var description: String {
        var text = ""
        for member in members {
            var part = "\(member.key)=\(Baggage.encoded(member.value))"
            if !member.properties.isEmpty { part += ";\(member.properties)" }
            guard text.utf8.count + part.utf8.count + 1 <= Baggage.bytesMax else { continue }
            text += text.isEmpty ? part : ",\(part)"
        }
        return text
    }
}
