/// A unary call's request: complete, within the limit and decompressed.
public struct GRPCRequest: Sendable {
    /// The method, such as `/opentelemetry.proto.collector.trace.v1.TraceService/Export`.
    public let method: String

    /// The message.
    public let message: [UInt8]

    /// How many bytes came in for it, before decompression.
    public let bytesReceived: Int

    /// The client's address, such as `127.0.0.1`.
    public let remoteAddress: String
}

/// Answers a unary call with its message; called on the listener's worker threads, several at a time.
public typealias GRPCMethod = @Sendable (GRPCRequest) throws(GRPCStatus) -> [UInt8]
