/// How a call ended.
public struct GRPCStatus: Error, Sendable, Hashable {
    /// The codes that a server here gives, by the numbers of the protocol.
    public enum Code: Int, Sendable, Hashable, CaseIterable {
        /// All is well.
        case ok = 0
        /// The request can never be taken as it is.
        case invalidArgument = 3
        /// More than a limit allows.
        case resourceExhausted = 8
        /// There is no such method, or not in this form.
        case unimplemented = 12
        /// The server has failed.
        case `internal` = 13
        /// Not now; try again later.
        case unavailable = 14

        /// The code's name in the protocol, such as `INVALID_ARGUMENT`.
        public var name: String {
            switch self {
            case .ok: "OK"
            case .invalidArgument: "INVALID_ARGUMENT"
            case .resourceExhausted: "RESOURCE_EXHAUSTED"
            case .unimplemented: "UNIMPLEMENTED"
            case .internal: "INTERNAL"
            case .unavailable: "UNAVAILABLE"
            }
        }

        /// What HTTP says in such a case.
        public var httpStatus: Int {
            switch self {
            case .ok: 200
            case .invalidArgument: 400
            case .resourceExhausted: 413
            case .unimplemented: 404
            case .internal: 500
            case .unavailable: 503
            }
        }
    }

    /// The code.
    public var code: Code

    /// What went wrong, for people; empty where nothing did.
    public var message: String

    /// Creates a status.
    public init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// The message as `grpc-message` holds it: what is not printable ASCII, and the percent sign, as `%E2`.
    var encodedMessage: String {
        var text = ""
        for byte in message.utf8.prefix(1024) {
            if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "%") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                text += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return text
    }
}
