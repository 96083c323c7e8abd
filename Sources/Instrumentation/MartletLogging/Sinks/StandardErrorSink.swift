/// Writes one line a record to standard error, in one `write` so that lines of several threads do not mix.
public struct StandardErrorSink: LogSink {
    /// How a record becomes a line.
    public let format: any LogLines

    /// Creates a sink.
    public init(format: any LogLines = LogLineFormat.text) {
        self.format = format
    }

    /// Writes the record; a closed standard error is ignored, as there is nowhere left to tell.
    public func write(_ record: LogRecord) {
        var line = format.line(for: record)
        line.withUTF8 { bytes in unsafe _ = SystemFile.write(bytes, to: 2) }
    }
}
