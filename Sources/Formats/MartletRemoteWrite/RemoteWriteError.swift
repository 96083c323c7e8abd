/// Why bytes are no remote-write request; every case tells the byte at which reading stopped.
public enum RemoteWriteError: Error, Hashable, Sendable, CustomStringConvertible {
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

    /// A series, exemplar or description refers to a text that the request's table lacks.
    case unknownSymbol(UInt64, count: Int, offset: Int)

    /// References to label texts come in pairs; there is an odd number of them.
    case oddReferences(offset: Int)

    /// The first text of the table is not the empty one.
    case firstSymbolNotEmpty(offset: Int)

    /// The message, for people.
    public var description: String {
        let problem =
            switch self {
            case .truncated: "the message ends in the middle of a number"
            case .varintOverflow: "a number has over 64 bits"
            case .lengthBeyondEnd(let length, let available, _):
                "a field claims \(length) bytes where \(available) are left"
            case .invalidField(let number, _): "there is no field \(number)"
            case .unknownWireType(let type, _): "wire type \(type) is not in use"
            case .unexpectedWireType(let field, _): "field \(field) has another wire type than its own"
            case .limitExceeded(let what, let limit, _): "there are over \(limit) \(what); send smaller requests"
            case .unknownSymbol(let symbol, let count, _): "it refers to text \(symbol) of \(count)"
            case .oddReferences: "label references are not pairs of name and value"
            case .firstSymbolNotEmpty: "the first text of the table is not the empty one"
            }
        return "cannot read the remote-write request at byte \(offset): \(problem)"
    }

    /// The byte at which reading stopped.
    public var offset: Int {
        switch self {
        case .truncated(let offset), .varintOverflow(let offset), .lengthBeyondEnd(_, _, let offset),
            .invalidField(_, let offset), .unknownWireType(_, let offset), .unexpectedWireType(_, let offset),
            .limitExceeded(_, _, let offset), .unknownSymbol(_, _, let offset), .oddReferences(let offset),
            .firstSymbolNotEmpty(let offset):
            offset
        }
    }
}
