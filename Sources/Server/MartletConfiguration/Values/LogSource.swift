/// Something that logs come from without being sent over HTTP: an entry of `logs.sources`.
public struct LogSource: Hashable, Sendable {
    /// What is read.
    public enum Subject: Hashable, Sendable {
        /// Files to follow (`file`: a path or a list of them, `*` in the last part).
        case files([String])
        /// Syslog over UDP (`syslog_udp`: an address to listen on).
        case syslogUDP(ListenAddress)
        /// Syslog over TCP (`syslog_tcp`: an address to listen on).
        case syslogTCP(ListenAddress)
    }

    /// How the lines of files are read (`format`).
    public enum Format: String, Hashable, Sendable, CaseIterable {
        case auto
        case json
        case logfmt
        case access
        case syslog
        case plain
        /// By the expression in `pattern`.
        case pattern
    }

    /// The source's name, as it stands in metrics (`name`).
    public var name: String

    /// What is read.
    public var subject: Subject

    /// How lines are read (`format`, default auto; `pattern` where an expression is given).
    public var format = Format.auto

    /// An expression with named groups (`pattern`).
    public var pattern: String?

    /// Whether the lines of stacks join the line before (`multiline: true`).
    public var joinsLines = false

    /// An expression that the first line of each record matches (`multiline: {start: …}`).
    public var startPattern: String?

    /// Whether a file that is new to Martlet is read from its end (`from: end`; default beginning).
    public var beginsAtEnd = false

    /// What is known of where the records come from (`attributes`), `service` for the name of the service.
    public var attributes: [String: String] = [:]
}
