#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes one line a record to standard error, in one `write` so that lines of several threads do not mix.
public struct StandardErrorSink: LogSink {
    /// How a record becomes a line.
    public let format: LogLineFormat

    /// Creates a sink.
    public init(format: LogLineFormat = .text) {
        self.format = format
    }

    /// Writes the record; a closed standard error is ignored, as there is nowhere left to tell.
    public func write(_ record: LogRecord) {
        var line = format.line(for: record)
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, unsafe !rest.isEmpty {
                let written = unsafe systemWrite(2, start, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}

/// The system's `write`, whose name the sink's own method hides.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}
