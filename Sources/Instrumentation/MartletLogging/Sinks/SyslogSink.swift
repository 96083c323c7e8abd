import MartletCore

/// Sends records to the machine's syslog as RFC 5424 writes them, the fields as structured data.
///
/// A record is one datagram of at most 8 KiB; a longer message is cut. What the socket does not take at once is counted.
public struct SyslogSink: LogSink {
    /// The part of the system that tells, by syslog's numbers.
    public enum Facility: Int, Sendable {
        /// Programs of users.
        case user = 1
        /// Services.
        case daemon = 3
        /// Sign-ins and rights.
        case authorization = 10
        /// Free for local use.
        case local0 = 16
        /// Free for local use.
        case local1 = 17
        /// Free for local use.
        case local2 = 18
        /// Free for local use.
        case local3 = 19
        /// Free for local use.
        case local4 = 20
        /// Free for local use.
        case local5 = 21
        /// Free for local use.
        case local6 = 22
        /// Free for local use.
        case local7 = 23
    }

    static let bytesMax = 8192

    private let format: SyslogLine
    private let sender: DatagramSender

    /// Connects to the socket.
    ///
    /// - Parameters:
    ///   - program: The program's name.
    ///   - facility: The part of the system that tells.
    ///   - path: The socket.
    /// - Throws: ``LogSinkError`` where nobody listens.
    public init(program: String, facility: Facility = .user, path: String = "/dev/log") throws(LogSinkError) {
        format = SyslogLine(program: program, facility: facility.rawValue)
        sender = try DatagramSender(path: path)
    }

    /// How many records the socket did not take.
    public var failures: UInt64 { sender.failures }

    /// Sends the record.
    public func write(_ record: LogRecord) {
        sender.send(Array(format.text(for: record).utf8.prefix(Self.bytesMax)))
    }
}

/// A record as RFC 5424 writes it.
struct SyslogLine {
    private let program: String
    private let facility: Int
    private let host: String

    init(program: String, facility: Int, host: String = SystemFile.hostName) {
        self.program = Self.printable(program, 48)
        self.facility = facility
        self.host = Self.printable(host, 255)
    }

    func text(for record: LogRecord) -> String {
        let time = RFC3339.string(nanosecondsSinceEpoch: record.nanosecondsSinceEpoch, fractionDigits: 6)
        let priority = facility * 8 + record.level.syslogSeverity
        var text = "<\(priority)>1 \(time) \(host) \(program) \(SystemFile.processIdentifier)"
        text += " \(Self.printable(record.target, 32)) \(data(record)) "
        return text + HarmlessText.bare(record.message)
    }

    /// The fields as structured data, under an example number of RFC 5612.
    private func data(_ record: LogRecord) -> String {
        var parameters = record.fields.map { (Self.printable($0.name, 32), $0.value) }
        if let context = record.context {
            parameters.append(("trace_id", .string("\(context.traceID)")))
            parameters.append(("span_id", .string("\(context.spanID)")))
        }
        guard !parameters.isEmpty else { return "-" }
        return "[fields@32473" + parameters.map { " \($0.0)=\"\(Self.escaped($0.1))\"" }.joined() + "]"
    }

    private static func escaped(_ value: LogValue) -> String {
        let text = if case .string(let text) = value { text } else { HarmlessText.json(value) }
        var result = ""
        for character in HarmlessText.bare(text).unicodeScalars {
            if character == "\"" || character == "\\" || character == "]" { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result
    }

    /// A word of printable ASCII without what ends one; `-` for none.
    private static func printable(_ text: String, _ lengthMax: Int) -> String {
        let word = text.unicodeScalars.prefix(lengthMax).map { scalar in
            (0x21...0x7e).contains(scalar.value) && !"=]\"".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        return word.isEmpty ? "-" : String(word)
    }
}
