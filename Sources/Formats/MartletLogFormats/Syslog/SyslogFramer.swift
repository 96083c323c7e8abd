/// Cuts the bytes of a TCP connection into syslog messages: by octet counts or at line feeds, whichever each message has.
///
/// A message with a count begins with its decimal digits and a blank; any other ends at its line feed. Of a message longer
/// than the limit the beginning is given and the rest passed over.
///
/// - SeeAlso: [RFC 6587](https://www.rfc-editor.org/rfc/rfc6587)
public struct SyslogFramer: Sendable {
    private enum State: Sendable {
        /// Before a message, with the digits that came so far.
        case start([UInt8])
        /// In a counted message.
        case counted(left: Int)
        /// In a message that a line feed ends.
        case line
    }

    /// A count has this many digits at most; more is a line of text.
    private static let digitsMax = 9

    private let limit: Int
    private var state = State.start([])
    private var pending: [UInt8] = []
    private var cutBytes = 0

    /// Creates a framer.
    ///
    /// - Precondition: `limit` is above 0.
    public init(limit: Int) {
        precondition(limit > 0, "a message needs a limit above 0; got \(limit)")
        self.limit = limit
    }

    /// Takes bytes in and gives the messages that they end.
    ///
    /// - Complexity: O(*n*) in the bytes.
    public mutating func take(_ bytes: ArraySlice<UInt8>) -> [LineFramer.Line] {
        var messages: [LineFramer.Line] = []
        var rest = bytes
        while let byte = rest.first {
            switch state {
            case .start(var digits):
                if (0x30...0x39).contains(byte), digits.count < Self.digitsMax, !(digits.isEmpty && byte == 0x30) {
                    digits.append(byte)
                    state = .start(digits)
                    rest.removeFirst()
                } else if byte == 0x20, !digits.isEmpty {
                    rest.removeFirst()
                    state = .counted(left: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
                } else if digits.isEmpty, byte == 0x0a || byte == 0x0d || byte == 0 {
                    rest.removeFirst()
                } else {
                    append(digits[...])
                    state = .line
                }
            case .counted(let left):
                let part = rest.prefix(left)
                append(part)
                rest = rest.dropFirst(part.count)
                state = .counted(left: left - part.count)
                if left == part.count { messages.append(finishMessage()) }
            case .line:
                guard let end = rest.firstIndex(of: 0x0a) else {
                    append(rest)
                    return messages
                }
                append(rest[..<end])
                rest = rest[(end + 1)...]
                messages.append(finishMessage())
            }
        }
        return messages
    }

    /// The message that the end of the connection ends, `nil` where there is none.
    public mutating func finish() -> LineFramer.Line? {
        if case .start(let digits) = state { append(digits[...]) }
        guard !pending.isEmpty || cutBytes > 0 else { return nil }
        return finishMessage()
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        let room = limit - pending.count
        pending += bytes.prefix(room)
        cutBytes += max(0, bytes.count - room)
    }

    private mutating func finishMessage() -> LineFramer.Line {
        // Senders that count may end the message with a line feed all the same.
        if cutBytes == 0 {
            while let last = pending.last, last == 0x0a || last == 0x0d || last == 0 { pending.removeLast() }
        }
        defer { (state, pending, cutBytes) = (.start([]), [], 0) }
        return LineFramer.Line(bytes: pending, cutBytes: cutBytes)
    }
}
