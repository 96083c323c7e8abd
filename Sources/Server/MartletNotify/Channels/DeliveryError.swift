/// Why a channel could not be told, and whether trying again may help.
public struct DeliveryError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure, as a metric's label.
    public enum Reason: String, Sendable, CaseIterable {
        /// No connection, or a broken one.
        case connection
        /// No answer in time.
        case timeout
        /// The receiver failed (5xx).
        case serverError = "server_error"
        /// The receiver wants to be left alone for a while (429).
        case rateLimited = "rate_limited"
        /// The receiver does not want the message (other 4xx).
        case clientError = "client_error"
        /// The receiver answers with another address, and following it is not allowed.
        case redirected = "redirect"
        /// The receiver does not know who we are: a wrong password or token (401, 403).
        case unauthorized
        /// The address or a secret cannot be used.
        case configuration
        /// More is waiting for the channel than it may hold.
        case queueFull = "queue_full"
        /// The server is stopping, or the channel was removed.
        case cancelled
        /// Anything else.
        case other
    }

    /// The kind of failure.
    public let reason: Reason

    /// Whether trying again may help.
    public let isRetryable: Bool

    /// How long the receiver asks to wait (`Retry-After`).
    public let retryAfter: Duration?

    /// The message, for people; it holds no secret.
    public let description: String

    /// Creates an error.
    public init(_ reason: Reason, _ description: String, isRetryable: Bool = false, retryAfter: Duration? = nil) {
        self.reason = reason
        self.description = description
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
    }
}
