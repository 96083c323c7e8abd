/// Why bytes are no protobuf message; every case tells the byte at which reading stopped.
public enum ProtobufError: Error, Hashable, Sendable {
    /// The message ends in the middle of a number.
    case truncated(offset: Int)

    /// A variable-length number has over 64 bits.
    case varintOverflow(offset: Int)

    /// A field claims more bytes than its message has left.
    case lengthBeyondEnd(length: UInt64, available: Int, offset: Int)

    /// A field has the number 0 or one above 2^29 - 1.
    case invalidField(number: UInt64, offset: Int)

    /// A field has a wire type that is not in use, such as a group.
    case unknownWireType(UInt8, offset: Int)

    /// A known field has another wire type than its own.
    case unexpectedWireType(field: UInt64, offset: Int)

    /// The byte at which reading stopped.
    public var offset: Int {
        switch self {
        case .truncated(let offset), .varintOverflow(let offset), .lengthBeyondEnd(_, _, let offset),
            .invalidField(_, let offset), .unknownWireType(_, let offset), .unexpectedWireType(_, let offset):
            offset
        }
    }
}

extension ProtobufError: CustomStringConvertible {
    /// What is wrong, without the place: `a field claims 9 bytes where 2 are left`.
    public var description: String {
        switch self {
        case .truncated: "the message ends in the middle of a number"
        case .varintOverflow: "a number has over 64 bits"
        case .lengthBeyondEnd(let length, let available, _):
            "a field claims \(length) bytes where \(available) are left"
        case .invalidField(let number, _): "there is no field \(number)"
        case .unknownWireType(let type, _): "wire type \(type) is not in use"
        case .unexpectedWireType(let field, _): "field \(field) has another wire type than its own"
        }
    }
}
