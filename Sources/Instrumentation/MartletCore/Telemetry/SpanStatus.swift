/// How the work of a span ended.
public struct SpanStatus: Hashable, Sendable {
    /// What is said of it; the raw values are OTLP's.
    @frozen
    public enum Code: UInt8, Hashable, Sendable, CaseIterable {
        /// Nothing was said.
        case unset
        /// It went well, and somebody made sure of it.
        case ok
        /// It failed.
        case error
    }

    /// What is said of it.
    public var code: Code

    /// What failed; empty unless the code is ``Code/error``.
    public var message: String

    /// Creates a status.
    public init(_ code: Code = .unset, message: String = "") {
        self.code = code
        self.message = message
    }

    /// Nothing was said.
    public static let unset = SpanStatus()

    /// It went well, and somebody made sure of it.
    public static let ok = SpanStatus(.ok)

    /// It failed.
    public static func error(_ message: String = "") -> SpanStatus { SpanStatus(.error, message: message) }
}
