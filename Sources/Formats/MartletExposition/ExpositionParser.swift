/// Reads an exposition line by line, as tolerantly as Prometheus scrapes.
///
/// ```swift
/// var parser = ExpositionParser(body, format: .text)
/// while true {
///     do {
///         guard let entry = try parser.next() else { break }
///         …
///     } catch { … }  // this line is bad; the next call goes on with the one after it
/// }
/// ```
///
/// It works on the bytes and makes texts only of what it is asked for: a sample of a known series costs no allocation.
public struct ExpositionParser: Sendable {
    /// The exposition.
    public let bytes: [UInt8]

    /// How it is read: text or OpenMetrics.
    public let format: ExpositionFormat

    /// How much it may hold.
    public let limits: ParseLimits

    /// The line that was read last, from 1.
    public private(set) var line = 0

    /// Where the next line starts.
    private var place = 0
    private var lineStart = 0
    private var hasSeenEnd = false
    private var hasMissedEnd = false

    /// Where the label names of the current series stand, kept for its memory.
    var labelNames: [Range<Int>] = []

    /// Creates a parser at the start of an exposition.
    ///
    /// - Parameters:
    ///   - bytes: The exposition.
    ///   - format: Text or OpenMetrics.
    ///   - limits: How much it may hold.
    /// - Precondition: `format` is text or OpenMetrics; ``ExpositionReader`` reads the others too.
    public init(_ bytes: [UInt8], format: ExpositionFormat, limits: ParseLimits = ParseLimits()) {
        precondition(format.isText, "expositions are parsed as prometheus or openmetrics, not as \(format.rawValue)")
        self.bytes = bytes
        self.format = format
        self.limits = limits
    }

    /// What the next line says that says anything, or `nil` at the end.
    ///
    /// - Throws: ``ExpositionError`` for a malformed line; the caller may go on, which skips it. OpenMetrics without
    ///   `# EOF` gives an error once, at the end.
    public mutating func next() throws(ExpositionError) -> ExpositionEntry? {
        while place < bytes.count {
            lineStart = place
            let end = lineEnd()
            place = end + 1
            line += 1
            if hasSeenEnd {
                place = bytes.count
                throw error(lineStart, "there is text after # EOF")
            }
            try check(end)
            if let entry = try entry(end) { return entry }
        }
        if format == .openMetrics, !hasSeenEnd, !hasMissedEnd {
            hasMissedEnd = true
            lineStart = bytes.count
            throw ExpositionError(
                line: line + 1,
                column: 1,
                message: "expected # EOF; the exposition was cut off or is not OpenMetrics"
            )
        }
        return nil
    }

    /// Whether the exposition is to its format what `# EOF` says it is: complete.
    public var isComplete: Bool { format == .text ? place >= bytes.count : hasSeenEnd }

    private func lineEnd() -> Int {
        var end = place
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    private func check(_ end: Int) throws(ExpositionError) {
        guard end - lineStart <= limits.lineBytesMax else {
            throw error(lineStart, "the line has \(end - lineStart) bytes, \(limits.lineBytesMax) are allowed")
        }
        if let place = UTF8Check.firstInvalid(bytes, lineStart..<end) { throw error(place, "the text is not UTF-8") }
        if end > lineStart, bytes[end - 1] == UInt8(ascii: "\r") {
            throw error(end - 1, "the line ends with a carriage return; only a newline may end it")
        }
    }

    private mutating func entry(_ end: Int) throws(ExpositionError) -> ExpositionEntry? {
        var cursor = lineStart
        if format == .text {
            skipBlanks(&cursor, end)
            if cursor == end { return nil }
            if bytes[cursor] == UInt8(ascii: "#") { return try textComment(cursor, end) }
        } else {
            if cursor == end { throw error(cursor, "the line is empty, which OpenMetrics does not allow") }
            if bytes[cursor] == UInt8(ascii: "#") {
                if bytes[cursor..<end].elementsEqual("# EOF".utf8) {
                    hasSeenEnd = true
                    return nil
                }
                return try openMetricsComment(cursor, end)
            }
        }
        return try .sample(sample(cursor, end))
    }

    // MARK: Shared by the parts of the parser

    func error(_ cursor: Int, _ message: String) -> ExpositionError {
        ExpositionError(line: line, column: cursor - lineStart + 1, message: message)
    }

    func skipBlanks(_ cursor: inout Int, _ end: Int) {
        while cursor < end, isBlank(bytes[cursor]) { cursor += 1 }
    }

    func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// The place after the text up to the next blank.
    func tokenEnd(_ cursor: Int, _ end: Int) -> Int {
        var place = cursor
        while place < end, !isBlank(bytes[place]) { place += 1 }
        return place
    }

    /// A piece of the exposition for an error message, cut where it is long.
    func excerpt(_ range: Range<Int>) -> String {
        let text = String(decoding: bytes[range.prefix(64)], as: UTF8.self)
        return "\"" + text + (range.count > 64 ? "…\"" : "\"")
    }
}
