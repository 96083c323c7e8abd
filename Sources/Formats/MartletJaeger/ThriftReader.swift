/// Reads Thrift's binary or compact protocol, field by field.
///
/// Memory never grows with what a length claims: a list's elements are read one by one, and texts only where their bytes
/// are there. What is unknown is passed over to a bounded depth.
///
/// - SeeAlso: [Thrift protocols](https://github.com/apache/thrift/tree/v0.21.0/doc/specs)
struct ThriftReader {
    /// How bytes are laid out.
    enum Layout {
        case binary
        case compact
    }

    /// What kind of value comes, in the numbers of the binary protocol.
    enum Kind: UInt8 {
        case bool = 2
        case byte = 3
        case double = 4
        case int16 = 6
        case int32 = 8
        case int64 = 10
        case text = 11
        case structure = 12
        case map = 13
        case set = 14
        case list = 15
    }

    /// How deep values may stand in one another.
    static let depthMax = 32

    private let bytes: [UInt8]
    private let layout: Layout
    private var at: Int
    /// The last field's number in the compact protocol, by structure.
    private var last: [Int16] = [0]
    /// The compact protocol has the value of a flag in its field's type.
    private var pendingFlag: Bool?

    init(_ bytes: [UInt8], _ layout: Layout, from start: Int = 0) {
        self.bytes = bytes
        self.layout = layout
        at = start
    }

    var isAtEnd: Bool { at >= bytes.count }
    var offset: Int { at }

    /// Reads the head of a message and gives its name.
    mutating func message() throws(JaegerError) -> String {
        switch layout {
        case .compact:
            guard try byte() == 0x82 else { throw .malformed("no compact message begins", offset: at - 1) }
            guard try byte() & 0x1f == 1 else { throw .malformed("an unknown version stands", offset: at - 1) }
            _ = try varint()
            return try text()
        case .binary:
            let version = UInt32(truncatingIfNeeded: try fixed(4))
            guard version >> 16 == 0x8001 else { throw .malformed("no strict binary message begins", offset: at - 4) }
            let name = try text()
            _ = try fixed(4)
            return name
        }
    }

    /// Reads a structure's fields until its end; the body reads a field's value or says that it does not know it.
    mutating func structure(
        depth: Int,
        _ body: (inout ThriftReader, _ field: Int16, _ kind: Kind) throws(JaegerError) -> Bool
    ) throws(JaegerError) {
        guard depth < Self.depthMax else { throw .malformed("values stand too deep in one another", offset: at) }
        last.append(0)
        defer { last.removeLast() }
        while let (number, kind) = try field() {
            if try !body(&self, number, kind) { try skip(kind, depth: depth + 1) }
            pendingFlag = nil
        }
    }

    /// Reads a list's head: its elements' kind and how many there are, which are not more than there are bytes.
    mutating func list() throws(JaegerError) -> (kind: Kind, count: Int) {
        let start = at
        let (kind, count): (Kind, Int)
        switch layout {
        case .binary:
            kind = try Self.kind(binary: try byte(), start)
            count = Int(Int32(truncatingIfNeeded: try fixed(4)))
        case .compact:
            let head = try byte()
            kind = try Self.kind(compact: head & 0xf, start)
            count = head >> 4 == 15 ? Int(truncatingIfNeeded: try varint()) : Int(head >> 4)
        }
        guard count >= 0, count <= bytes.count - at else { throw .truncated(offset: start) }
        return (kind, count)
    }

    mutating func integer(_ kind: Kind) throws(JaegerError) -> Int64 {
        switch (layout, kind) {
        case (_, .byte): return Int64(Int8(bitPattern: try byte()))
        case (.binary, .int16): return Int64(Int16(truncatingIfNeeded: try fixed(2)))
        case (.binary, .int32): return Int64(Int32(truncatingIfNeeded: try fixed(4)))
        case (.binary, .int64): return Int64(bitPattern: try fixed(8))
        case (.compact, .int16), (.compact, .int32), (.compact, .int64):
            let value = try varint()
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        default: throw .malformed("no whole number stands", offset: at)
        }
    }

    mutating func flag() throws(JaegerError) -> Bool {
        if let pendingFlag { return pendingFlag }
        return try byte() == 1
    }

    mutating func double() throws(JaegerError) -> Double {
        let bits = try fixed(8)
        return Double(bitPattern: layout == .binary ? bits : bits.byteSwapped)
    }

    mutating func text() throws(JaegerError) -> String { String(decoding: try data(), as: UTF8.self) }

    mutating func data() throws(JaegerError) -> ArraySlice<UInt8> {
        let start = at
        let count = layout == .binary ? UInt64(UInt32(truncatingIfNeeded: try fixed(4))) : try varint()
        guard count <= UInt64(bytes.count - at) else { throw .truncated(offset: start) }
        at += Int(count)
        return bytes[(at - Int(count))..<at]
    }

    /// Passes over a value.
    mutating func skip(_ kind: Kind, depth: Int) throws(JaegerError) {
        guard depth < Self.depthMax else { throw .malformed("values stand too deep in one another", offset: at) }
        switch kind {
        case .bool: _ = try flag()
        case .byte, .int16, .int32, .int64: _ = try integer(kind)
        case .double: _ = try double()
        case .text: _ = try data()
        case .structure:
            try structure(depth: depth) { (_: inout ThriftReader, _: Int16, _: Kind) throws(JaegerError) in false }
        case .list, .set:
            let (kind, count) = try list()
            for _ in 0..<count { try skipElement(kind, depth: depth + 1) }
        case .map: try skipMap(depth: depth)
        }
    }

    private mutating func skipMap(depth: Int) throws(JaegerError) {
        let start = at
        let count: Int
        let kinds: (Kind, Kind)
        switch layout {
        case .binary:
            kinds = (try Self.kind(binary: try byte(), start), try Self.kind(binary: try byte(), start))
            count = Int(Int32(truncatingIfNeeded: try fixed(4)))
        case .compact:
            count = Int(truncatingIfNeeded: try varint())
            guard count != 0 else { return }
            let both = try byte()
            kinds = (try Self.kind(compact: both >> 4, start), try Self.kind(compact: both & 0xf, start))
        }
        guard count >= 0, count <= bytes.count - at else { throw .truncated(offset: start) }
        for _ in 0..<count {
            try skipElement(kinds.0, depth: depth + 1)
            try skipElement(kinds.1, depth: depth + 1)
        }
    }

    private mutating func skipElement(_ kind: Kind, depth: Int) throws(JaegerError) {
        // In lists a flag is a byte of its own.
        pendingFlag = nil
        try skip(kind, depth: depth)
    }

    // MARK: Bytes

    private mutating func field() throws(JaegerError) -> (number: Int16, kind: Kind)? {
        let start = at
        let head = try byte()
        guard head != 0 else { return nil }
        switch layout {
        case .binary:
            let kind = try Self.kind(binary: head, start)
            return (Int16(truncatingIfNeeded: try fixed(2)), kind)
        case .compact:
            let type = head & 0xf
            var number = (last.last ?? 0) &+ Int16(head >> 4)
            if head >> 4 == 0 {
                let value = UInt16(truncatingIfNeeded: try varint())
                number = Int16(bitPattern: value >> 1) ^ -Int16(bitPattern: value & 1)
            }
            last[last.count - 1] = number
            pendingFlag = type == 1 ? true : type == 2 ? false : nil
            return (number, try Self.kind(compact: type, start))
        }
    }

    private static func kind(binary number: UInt8, _ offset: Int) throws(JaegerError) -> Kind {
        guard let kind = Kind(rawValue: number) else {
            throw .malformed("the unknown type \(number) stands", offset: offset)
        }
        return kind
    }

    private static func kind(compact number: UInt8, _ offset: Int) throws(JaegerError) -> Kind {
        let kinds: [Kind] = [
            .bool, .bool, .byte, .int16, .int32, .int64, .double, .text, .list, .set, .map, .structure,
        ]
        guard number >= 1, Int(number) <= kinds.count else {
            throw .malformed("the unknown type \(number) stands", offset: offset)
        }
        return kinds[Int(number) - 1]
    }

    private mutating func byte() throws(JaegerError) -> UInt8 {
        guard at < bytes.count else { throw .truncated(offset: at) }
        at += 1
        return bytes[at - 1]
    }

    /// A number of some bytes, the high one first.
    private mutating func fixed(_ count: Int) throws(JaegerError) -> UInt64 {
        guard bytes.count - at >= count else { throw .truncated(offset: at) }
        at += count
        return bytes[(at - count)..<at].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func varint() throws(JaegerError) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try byte()
            if shift == 63, byte > 1 { throw .malformed("a number of more than 64 bits stands", offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed("a number of more than 64 bits stands", offset: start)
    }
}
