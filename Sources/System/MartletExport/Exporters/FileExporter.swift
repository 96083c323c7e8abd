public import MartletExposition
public import MartletMetrics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes the metrics to a file, which is replaced as a whole each time: a reader never sees half of one.
public struct FileExporter: MetricsExporter {
    /// How the file reads.
    public enum Form: Sendable, Hashable {
        /// One row for each number: name, kind, labels, value, time; the first row says so.
        case csv
        /// A page with a table, for people.
        case html
        /// An exposition; JSON as a list.
        case exposition(ExpositionFormat)
    }

    /// The exporter's name, `file` unless said otherwise.
    public let name: String

    /// Where the file is.
    public let path: String

    /// How it reads.
    public let form: Form

    /// Creates an exporter.
    ///
    /// - Parameters:
    ///   - path: Where the file is; its directory must be there.
    ///   - form: How it reads.
    ///   - name: The exporter's name.
    public init(_ path: String, as form: Form, name: String = "file") {
        self.path = path
        self.form = form
        self.name = name
    }

    /// Writes the file beside the old one and puts it in its place.
    ///
    /// - Throws: ``FileExportError``, after which the old file is still there.
    public func export(_ families: [MetricFamily], at timestamp: Int64) throws {
        let bytes = render(families, at: timestamp)
        let draft = path + ".new"
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileExportError(path: draft) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(file) == 0
        let error = FileExportError(path: draft)
        close(file)
        guard isWhole else {
            unsafe unlink(draft)
            throw error
        }
        guard unsafe rename(draft, path) == 0 else { throw FileExportError(path: path) }
    }

    /// What the file has.
    func render(_ families: [MetricFamily], at timestamp: Int64) -> [UInt8] {
        switch form {
        case .csv: Array(MetricTable.csv(MetricRows(families, at: timestamp)).utf8)
        case .html: Array(MetricTable.html(MetricRows(families, at: timestamp), at: timestamp).utf8)
        case .exposition(let format): ExpositionRenderer(format, shape: .list).render(families)
        }
    }
}

/// A file that could not be written.
public struct FileExportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String

    /// The system's number of the error.
    public var code: Int32

    init(path: String) {
        self.path = path
        code = errno
    }

    /// What failed and why.
    public var description: String {
        "cannot write metrics to \(path): \(unsafe String(cString: strerror(code))); check the directory and its space"
    }
}
