/// A message for a mail server.
public struct OutgoingMail: Sendable {
    /// How the connection is protected.
    public enum Protection: Sendable, Hashable {
        /// Not at all.
        case none
        /// By STARTTLS; a server without it is refused.
        case startTLS
        /// By TLS from the first byte on.
        case tls
    }

    /// The server's name or address.
    public var host: String

    /// The server's port.
    public var port: Int

    /// How the connection is protected.
    public var protection = Protection.startTLS

    /// How TLS is spoken; `nil` for the system's defaults.
    public var tls: TLSOptions?

    /// The name that this host gives itself (`HELO`).
    public var hello = "localhost"

    /// The account; `nil` for none.
    public var user: String?

    /// The account's password.
    public var password: String?

    /// The sender's bare address.
    public var sender: String

    /// The bare addresses of those who get it.
    public var recipients: [String]

    /// The message, headers and body, lines ending in CRLF.
    public var message: [UInt8]

    /// How long everything may take.
    public var timeout: Duration = .seconds(30)

    /// Which addresses may be connected to; `nil` for all.
    public var addresses: AddressPolicy?

    /// Creates a message.
    public init(host: String, port: Int, sender: String, recipients: [String], message: [UInt8]) {
        self.host = host
        self.port = port
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}

/// Why a mail server did not take a message.
public enum MailError: Error, Hashable, CustomStringConvertible {
    /// The message, an address or a setting cannot be used.
    case unusable(String)
    /// No connection, a broken one, or no TLS.
    case connection(String)
    /// The time was up.
    case timeout(String)
    /// The server does not know the account or its password.
    case login(String)
    /// The server refuses the sender, a recipient or the message; the code is SMTP's, such as 550.
    case refused(code: Int, String)
    /// The caller's task was cancelled or the client closed.
    case cancelled

    /// The message, for people; it holds the server's last line.
    public var description: String {
        switch self {
        case .unusable(let message), .connection(let message), .timeout(let message), .login(let message): message
        case .refused(_, let message): message
        case .cancelled: "the message was cancelled"
        }
    }
}

/// Sends mail; ``HTTPClient`` does, and so can a test's double.
public protocol MailSending: Sendable {
    /// Hands a message to its server.
    ///
    /// - Returns: The server's last line.
    /// - Throws: ``MailError``. Cancelling the task ends the exchange.
    func send(_ mail: OutgoingMail) async throws(MailError) -> String
}
