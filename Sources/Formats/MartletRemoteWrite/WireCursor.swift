public import MartletProtobuf

/// A place in a request, told of in this module's errors.
@usableFromInline
typealias WireCursor = ProtobufCursor<RemoteWriteError>

extension RemoteWriteError: ProtobufFailure {
    /// Tells that the protobuf encoding is damaged.
    public init(_ error: ProtobufError) {
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
}
