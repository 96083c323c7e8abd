/// A stretch of a query's text, in bytes of its UTF-8 form.
public struct SourceRange: Hashable, Sendable {
    /// The first byte.
    public var start: Int

    /// The byte after the last.
    public var end: Int

    /// Creates a range.
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// The line and the column of the first byte in a text, both counted from one.
    ///
    /// Columns count bytes, as Prometheus counts them.
    func position(in text: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var lineStart = 0
        for (index, byte) in text.prefix(start).enumerated() where byte == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return (line, start - lineStart + 1)
    }
}
