import MartletProtobuf

/// Why bytes are no remote-write request; every case tells the byte at which reading stopped.
public enum RemoteWriteError: Error, Hashable, CustomStringConvertible {
    /// The message ends in the middle of a number.
    case truncated(offset: Int)

    /// A variable-length number has over 64 bits.
    case varintOverflow(offset: Int)

    /// A field claims more bytes than its message has left.
    case lengthBeyondEnd(length: UInt64, available: Int, offset: Int)

    /// A field has the number 0 or one above 2^29 - 1.
    case invalidField(number: UInt64, offset: Int)

    /// A field has a wire type that remote write does not use, such as a group.
    case unknownWireType(UInt8, offset: Int)

    /// A known field has another wire type than its own.
    case unexpectedWireType(field: UInt64, offset: Int)

    /// The request has more of something than the limit allows.
    case limitExceeded(String, limit: Int, offset: Int)

    /// What is wrong with the encoding.
    init(_ error: ProtobufError) {
        switch error {
        case .truncated(let offset): self = .truncated(offset: offset)
        case .varintOverflow(let offset): self = .varintOverflow(offset: offset)
        case .lengthBeyondEnd(let length, let available, let offset):
            self = .lengthBeyondEnd(length: length, available: available, offset: offset)
        case .invalidField(let number, let offset): self = .invalidField(number: number, offset: offset)
        case .unknownWireType(let type, let offset): self = .unknownWireType(type, offset: offset)
        case .unexpectedWireType(let field, let offset): self = .unexpectedWireType(field: field, offset: offset)
        }
    }

    /// The message, for people.
    public var description: String {
        let problem =
            switch self {
            case .truncated(let offset): ProtobufError.truncated(offset: offset).description
            case .varintOverflow(let offset): ProtobufError.varintOverflow(offset: offset).description
            case .lengthBeyondEnd(let length, let available, let offset):
                ProtobufError.lengthBeyondEnd(length: length, available: available, offset: offset).description
            case .invalidField(let number, let offset):
                ProtobufError.invalidField(number: number, offset: offset).description
            case .unknownWireType(let type, let offset):
                ProtobufError.unknownWireType(type, offset: offset).description
            case .unexpectedWireType(let field, let offset):
                ProtobufError.unexpectedWireType(field: field, offset: offset).description
            case .limitExceeded(let what, let limit, _): "there are over \(limit) \(what); send smaller requests"
            }
        return "cannot read the remote-write request at byte \(offset): \(problem)"
    }

    /// The byte at which reading stopped.
    public var offset: Int {
        switch self {
        case .truncated(let offset), .varintOverflow(let offset), .lengthBeyondEnd(_, _, let offset),
            .invalidField(_, let offset), .unknownWireType(_, let offset), .unexpectedWireType(_, let offset),
            .limitExceeded(_, _, let offset):
            offset
        }
    }
}
