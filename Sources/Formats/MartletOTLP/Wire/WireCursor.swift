public import MartletProtobuf

/// A place in a request, told of in this module's errors.
@usableFromInline
typealias WireCursor = ProtobufCursor<OTLPError>

extension OTLPError: ProtobufFailure {
    /// Tells that the protobuf encoding is damaged.
    public init(_ error: ProtobufError) {
        self = .protobuf(error)
    }
}
