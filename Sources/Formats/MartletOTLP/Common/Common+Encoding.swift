import MartletCore
import MartletProtobuf

extension ProtobufWriter {
    /// A `fixed64` or `sfixed64`.
    mutating func fixed64(_ field: UInt64, _ value: UInt64) {
        double(field, Double(bitPattern: value))
    }

    /// A `fixed64` or `sfixed64`, unless it is 0.
    mutating func fixed64(_ field: UInt64, ifSet value: UInt64) {
        if value != 0 { fixed64(field, value) }
    }

    /// A packed list of `uint64` or `uint32`.
    mutating func packedUnsigned(_ field: UInt64, _ values: [UInt64]) {
        var list: [UInt8] = []
        for value in values {
            var rest = value
            while rest >= 0x80 {
                list.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            list.append(UInt8(rest))
        }
        bytes(field, list)
    }
}

extension Resource {
    func encode(to writer: inout ProtobufWriter) {
        for attribute in attributes { writer.message(1) { attribute.encode(to: &$0) } }
    }
}

extension InstrumentationScope {
    func encode(to writer: inout ProtobufWriter) {
        writer.text(1, ifSet: name)
        writer.text(2, ifSet: version)
        for attribute in attributes { writer.message(3) { attribute.encode(to: &$0) } }
    }
}

extension Attribute {
    func encode(to writer: inout ProtobufWriter) {
        writer.text(1, ifSet: key)
        writer.message(2) { value.encode(to: &$0) }
    }
}

extension AttributeValue {
    func encode(to writer: inout ProtobufWriter) {
        switch self {
        case .string(let text): writer.text(1, text)
        case .bool(let flag): writer.unsigned(2, flag ? 1 : 0)
        case .int(let number): writer.integer(3, number)
        case .double(let number): writer.double(4, number)
        case .array(let values):
            writer.message(5) { for value in values { $0.message(1) { value.encode(to: &$0) } } }
        case .map(let attributes):
            writer.message(6) { for attribute in attributes { $0.message(1) { attribute.encode(to: &$0) } } }
        case .bytes(let bytes): writer.bytes(7, bytes)
        case .empty: break
        }
    }
}
