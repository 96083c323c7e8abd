public import MartletCore
import MartletOTLP
public import MartletTracing
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the bytes are only read while the array holds them.

/// Writes finished spans as lines of JSON: one OTLP `TracesData` a batch, as OTLP files have it.
///
/// - SeeAlso: [OTLP files](https://github.com/open-telemetry/opentelemetry-specification/blob/v1.50.0/specification/protocol/file-exporter.md)
public final class JSONLinesSpanExporter: SpanExporter {
    private let write: @Sendable ([UInt8]) -> String?
    private let closeFile: @Sendable () -> Void
    private let turn = Mutex(())

    /// Creates an exporter that hands each line on.
    ///
    /// - Parameter write: Takes a line with its line feed; says what is wrong, or nothing.
    public init(write: @escaping @Sendable ([UInt8]) -> String?) {
        self.write = write
        closeFile = {}
    }

    /// Creates an exporter that appends to a file, which is made where there is none.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``ExportError`` where it can't be opened.
    public init(path: String) throws(ExportError) {
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .cannotOpen(path, errno) }
        write = { JSONLinesSpanExporter.append($0, to: file) }
        closeFile = { _ = close(file) }
    }

    /// An exporter that writes to standard output.
    public static func standardOutput() -> JSONLinesSpanExporter {
        JSONLinesSpanExporter { append($0, to: STDOUT_FILENO) }
    }

    /// Writes a line.
    public func export(_ batch: [ResourceSpans]) async -> SpanExportResult {
        var line = TracesRequest(resourceSpans: batch).json()
        line.append(UInt8(ascii: "\n"))
        let problem = turn.withLock { _ in write(line) }
        return problem.map { .failure($0) } ?? .success
    }

    /// Closes the file.
    public func shutdown() async {
        turn.withLock { _ in closeFile() }
    }

    private static func append(_ bytes: [UInt8], to file: Int32) -> String? {
        var place = 0
        while place < bytes.count {
            let count = unsafe bytes[place...].withUnsafeBytes { unsafe Platform.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return "cannot write spans: \(unsafe String(cString: strerror(errno)))" }
            place += count
        }
        return nil
    }
}

/// The system's functions whose names a method hides.
private enum Platform {
    static func write(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(file, bytes, count)
        #elseif canImport(Musl)
        unsafe Musl.write(file, bytes, count)
        #elseif canImport(Darwin)
        unsafe Darwin.write(file, bytes, count)
        #endif
    }
}
