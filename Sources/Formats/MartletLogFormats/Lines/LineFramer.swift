/// Cuts a stream of bytes into lines at line feeds, with a bound on what it holds.
///
/// A carriage return before the line feed is no part of the line. Of a line longer than the limit the beginning is
/// given and the rest passed over, so that a line without an end costs no more than the limit.
public struct LineFramer: Sendable {
    /// A line, and how many of its bytes were cut off.
    public struct Line: Hashable, Sendable {
        /// The bytes of the line, without its end.
        public var bytes: [UInt8]

        /// How many bytes were more than the limit.
        public var cutBytes: Int

        /// Creates a line.
        public init(bytes: [UInt8], cutBytes: Int = 0) {
            self.bytes = bytes
            self.cutBytes = cutBytes
        }
    }

    private let limit: Int
    private var pending: [UInt8] = []
    private var cutBytes = 0

    /// Creates a framer.
    ///
    /// - Precondition: `limit` is above 0.
    public init(limit: Int) {
        precondition(limit > 0, "a line needs a limit above 0; got \(limit)")
        self.limit = limit
    }

    /// How many bytes came after the last line feed.
    public var pendingBytes: Int { pending.count + cutBytes }

    /// Takes bytes in and gives the lines that they end.
    ///
    /// - Complexity: O(*n*) in the bytes.
    public mutating func take(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0a) {
            append(rest[..<end])
            lines.append(finishLine())
            rest = rest[(end + 1)...]
        }
        append(rest)
        return lines
    }

    /// The line that the end of the stream ends, `nil` where there is none.
    public mutating func finish() -> Line? {
        pendingBytes == 0 ? nil : finishLine()
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        let room = limit - pending.count
        pending += bytes.prefix(room)
        cutBytes += max(0, bytes.count - room)
    }

    private mutating func finishLine() -> Line {
        if cutBytes == 0, pending.last == 0x0d { pending.removeLast() }
        defer { (pending, cutBytes) = ([], 0) }
        return Line(bytes: pending, cutBytes: cutBytes)
    }
}
