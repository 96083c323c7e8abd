/// How a record becomes one line of text.
public protocol LogLines: Sendable {
    /// The record as one line with its newline; whatever the texts hold, it stays one line.
    func line(for record: LogRecord) -> String
}
