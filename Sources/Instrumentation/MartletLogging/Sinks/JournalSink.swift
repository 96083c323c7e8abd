import MartletCore

/// Sends records to systemd's journal in its own protocol, each field as a field of the journal.
///
/// `PRIORITY`, `MESSAGE`, `SYSLOG_IDENTIFIER`, `TARGET`, `TRACE_ID` and `SPAN_ID`, then the record's fields in upper case. The
/// journal adds what it knows of the process itself. A record is one datagram of at most 128 KiB.
public struct JournalSink: LogSink {
    static let bytesMax = 128 << 10

    private let program: String
    private let sender: DatagramSender

    /// Connects to the journal.
    ///
    /// - Parameters:
    ///   - program: The program's name.
    ///   - path: The journal's socket.
    /// - Throws: ``LogSinkError`` where there is no journal.
    public init(program: String, path: String = "/run/systemd/journal/socket") throws(LogSinkError) {
        self.program = program
        sender = try DatagramSender(path: path)
    }

    /// How many records the journal did not take.
    public var failures: UInt64 { sender.failures }

    /// Sends the record; one that is too long goes without its fields, its message cut.
    public func write(_ record: LogRecord) {
        var bytes = Self.datagram(record, program)
        if bytes.count > Self.bytesMax {
            var short = record
            short.fields = ["truncated": true]
            short.message = String(record.message.prefix(Self.bytesMax / 8))
            bytes = Self.datagram(short, program)
        }
        sender.send(bytes)
    }

    static func datagram(_ record: LogRecord, _ program: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append("PRIORITY", "\(record.level.syslogSeverity)", to: &bytes)
        append("MESSAGE", record.message, to: &bytes)
        append("SYSLOG_IDENTIFIER", program, to: &bytes)
        append("TARGET", record.target, to: &bytes)
        if let context = record.context {
            append("TRACE_ID", "\(context.traceID)", to: &bytes)
            append("SPAN_ID", "\(context.spanID)", to: &bytes)
        }
        for (name, value) in record.fields {
            let text = if case .string(let text) = value { text } else { HarmlessText.json(value) }
            append(fieldName(name), text, to: &bytes)
        }
        return bytes
    }

    /// One field: `NAME=value`, or with its length where the value has line breaks.
    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        if value.utf8.contains(0x0a) {
            bytes.append(0x0a)
            var length = UInt64(value.utf8.count)
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: length))
                length >>= 8
            }
        } else {
            bytes.append(0x3d)
        }
        bytes += value.utf8
        bytes.append(0x0a)
    }

    /// A name as the journal takes it: capitals, digits and `_`, no `_` or digit first, 64 at most.
    private static func fieldName(_ name: String) -> String {
        var letters = name.utf8.prefix(64).map { byte -> UInt8 in
            switch byte {
            case 0x61...0x7a: byte - 0x20
            case 0x41...0x5a, 0x30...0x39: byte
            default: 0x5f
            }
        }
        while let first = letters.first, first == 0x5f || (0x30...0x39).contains(first) { letters.removeFirst() }
        return letters.isEmpty ? "FIELD" : String(decoding: letters, as: UTF8.self)
    }
}
