import MartletCore
import MartletProtobuf

/// An error as OTLP answers it: `google.rpc.Status`.
public struct RPCStatus: Error, Hashable, Sendable {
    /// What kind of error it is, in the numbers of gRPC.
    public enum Code: Int, Hashable, Sendable {
        /// The request makes no sense.
        case invalidArgument = 3
        /// There is more than the server takes.
        case resourceExhausted = 8
        /// The server takes nothing at the moment; the request can be sent again.
        case unavailable = 14
    }

    /// What kind of error it is.
    public var code: Code

    /// What is wrong and what to do next.
    public var message: String

    /// Creates an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The error as protobuf.
    public func protobuf() -> [UInt8] {
        var writer = ProtobufWriter()
        writer.unsigned(1, ifSet: UInt64(code.rawValue))
        writer.text(2, ifSet: message)
        return writer.bytes
    }

    /// The error as JSON.
    public func json() -> [UInt8] {
        Array("{\"code\":\(code.rawValue),\"message\":\(JSONText.quoted(message))}".utf8)
    }
}
