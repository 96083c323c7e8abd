/// Writes Thrift's compact protocol: fields by the distance of their numbers, numbers of variable length.
///
/// - SeeAlso: [Thrift compact protocol](https://github.com/apache/thrift/blob/v0.21.0/doc/specs/thrift-compact-protocol.md)
struct ThriftCompactWriter {
    private(set) var bytes: [UInt8] = []
    private var last: [Int16] = [0]

    enum Kind: UInt8 {
        case yes = 1
        case no = 2
        case int32 = 5
        case int64 = 6
        case double = 7
        case binary = 8
        case list = 9
        case structure = 12
    }

    /// Begins a message that asks for no answer.
    mutating func oneway(_ name: String, sequence: UInt64 = 0) {
        bytes.append(0x82)
        bytes.append(1 | 4 << 5)
        varint(sequence)
        text(name)
    }

    mutating func field(_ number: Int16, _ kind: Kind) {
        let distance = number - (last.last ?? 0)
        if (1...15).contains(distance) {
            bytes.append(UInt8(distance) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            varint(UInt64(UInt16(bitPattern: number << 1 ^ number >> 15)))
        }
        last[last.count - 1] = number
    }

    mutating func structure(_ body: (inout ThriftCompactWriter) -> Void) {
        last.append(0)
        body(&self)
        bytes.append(0)
        last.removeLast()
    }

    mutating func int64(_ number: Int16, _ value: Int64) {
        field(number, .int64)
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func int32(_ number: Int16, _ value: Int32) {
        field(number, .int32)
        varint(UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    mutating func double(_ number: Int16, _ value: Double) {
        field(number, .double)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    mutating func bool(_ number: Int16, _ value: Bool) {
        field(number, value ? .yes : .no)
    }

    mutating func text(_ number: Int16, _ value: String) {
        field(number, .binary)
        text(value)
    }

    mutating func binary(_ number: Int16, _ value: [UInt8]) {
        field(number, .binary)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func structure(_ number: Int16, _ body: (inout ThriftCompactWriter) -> Void) {
        field(number, .structure)
        structure(body)
    }

    mutating func structures<Element>(
        _ number: Int16,
        _ elements: [Element],
        _ each: (inout ThriftCompactWriter, Element) -> Void
    ) {
        field(number, .list)
        if elements.count < 15 {
            bytes.append(UInt8(elements.count) << 4 | Kind.structure.rawValue)
        } else {
            bytes.append(0xf0 | Kind.structure.rawValue)
            varint(UInt64(elements.count))
        }
        for element in elements { structure { each(&$0, element) } }
    }

    private mutating func text(_ value: String) {
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
