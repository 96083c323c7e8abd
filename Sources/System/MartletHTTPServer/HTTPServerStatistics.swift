import Synchronization

/// What a server has done since it started, and what it is doing.
public struct HTTPServerStatistics: Sendable, Hashable {
    /// Connections accepted.
    public var connectionsAccepted = 0
    /// Connections refused for one of the limits on them.
    public var connectionsRejected = 0
    /// Connections open now.
    public var connectionsOpen = 0
    /// Answers by the first digit of their status, from 1 to 5; index 0 counts requests that got none.
    public var requestsByStatusClass = [0, 0, 0, 0, 0, 0]
    /// Requests refused before the handler saw them, by reason.
    public var refusals: [HTTPRefusal: Int] = [:]
    /// Connections closed because the client was too slow, by what it was slow in.
    public var timeouts: [HTTPPhase: Int] = [:]
    /// Event streams closed because the client did not keep up.
    public var slowEventClients = 0
    /// Answers whose closure failed half-way.
    public var brokenAnswers = 0
    /// Bytes of headers and bodies received.
    public var bytesReceived = 0
    /// Bytes of bodies handed to clients.
    public var bytesSent = 0
    /// Requests that wait for a worker now.
    public var queueDepth = 0
    /// Workers that run a handler now.
    public var workersBusy = 0

    /// Creates statistics in which nothing has happened.
    public init() {}

    /// All requests that were answered.
    public var requestsAnswered: Int { requestsByStatusClass[1...].reduce(0, +) }
}

/// Why a server answers without asking its handler.
public enum HTTPRefusal: String, Sendable, Hashable, CaseIterable {
    /// Not HTTP, or against one of its rules: 400.
    case malformed
    /// Two statements about the body's length, or a folded header: 400.
    case ambiguous
    /// 431.
    case headerTooLarge = "header_too_large"
    /// 414.
    case urlTooLong = "url_too_long"
    /// 413.
    case bodyTooLarge = "body_too_large"
    /// No worker free, too many connections, or too many bytes in flight: 503.
    case overloaded
    /// A version or an encoding that is not known: 501 or 505.
    case unsupported
}

/// What a connection is doing.
public enum HTTPPhase: String, Sendable, Hashable, CaseIterable {
    /// Waiting for its next request.
    case idle
    /// Receiving a header.
    case header
    /// Receiving a body.
    case body
    /// Waiting for the handler.
    case handler
    /// Sending an answer.
    case write
}
