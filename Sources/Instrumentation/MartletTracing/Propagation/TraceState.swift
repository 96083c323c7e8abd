/// What the systems that a trace passes through note beside it: up to 32 members, the latest first.
///
/// - SeeAlso: [W3C Trace Context](https://www.w3.org/TR/trace-context-2/#tracestate-header)
public struct TraceState: Hashable, Sendable {
    /// A key with its value.
    public struct Member: Hashable, Sendable {
        /// The key, such as `vendor` or `tenant@vendor`.
        public var key: String
        /// The value, without commas and equals signs.
        public var value: String
    }

    /// How many members there are at most.
    public static let membersMax = 32

    /// The members, the latest first.
    public private(set) var members: [Member]

    /// Creates an empty state.
    public init() {
        members = []
    }

    /// Reads the header; `nil` where it breaks a rule, as then all of it is void.
    ///
    /// Of two members with one key the first is kept, which is the later one: a system that forgot to take its old member
    /// out shall not cost the others theirs.
    ///
    /// - Parameter header: The value; of several headers, joined by commas.
    public init?(_ header: some StringProtocol) {
        var members: [Member] = []
        var keys: Set<String> = []
        for part in header.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
            let bytes = TraceState.trimmed(Array(part))
            guard !bytes.isEmpty else { continue }
            guard let place = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = Array(bytes[..<place])
            let value = Array(bytes[(place + 1)...])
            guard TraceState.isKey(key), TraceState.isValue(value) else { return nil }
            let member = Member(
                key: String(decoding: key, as: UTF8.self),
                value: String(decoding: value, as: UTF8.self)
            )
            guard keys.insert(member.key).inserted else { continue }
            guard members.count < TraceState.membersMax else { return nil }
            members.append(member)
        }
        self.members = members
    }

    /// Whether there is nothing.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member; setting it moves the member to the front, `nil` removes it.
    ///
    /// What can't be written in the header is not set. The last member goes where there are too many.
    public subscript(key: String) -> String? {
        get { members.first { $0.key == key }?.value }
        set {
            if let newValue {
                guard TraceState.isKey(Array(key.utf8)), TraceState.isValue(Array(newValue.utf8)) else { return }
                members.removeAll { $0.key == key }
                members.insert(Member(key: key, value: newValue), at: 0)
                if members.count > TraceState.membersMax { members.removeLast() }
            } else {
                members.removeAll { $0.key == key }
            }
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return Array(rest)
    }

    private static func isKey(_ key: [UInt8]) -> Bool {
        guard (1...256).contains(key.count), let first = key.first else { return false }
        guard isLower(first) || isDigit(first) else { return false }
        let at = key.indices.filter { key[$0] == UInt8(ascii: "@") }
        guard at.count <= 1 else { return false }
        if let at = at.first {
            guard at <= 241, (1...14).contains(key.count - at - 1), isLower(key[at + 1]) else { return false }
        } else if !isLower(first) && !isDigit(first) {
            return false
        }
        return key.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"): true
            default: isLower(byte) || isDigit(byte)
            }
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isValue(_ value: [UInt8]) -> Bool {
        guard (1...256).contains(value.count), value.last != 0x20 else { return false }
        return value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }
}

extension TraceState: CustomStringConvertible {
    /// The state as the header has it.
    public var description: String {
        members.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
