import MartletBlocks

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file that is imported, read piece by piece.
final class ImportFile: BlockBytes {
    let count: Int
    private let path: String
    private let descriptor: Int32

    /// Opens a file for reading.
    ///
    /// - Throws: ``ImportError`` with the system's reason.
    init(_ path: String) throws(ImportError) {
        self.path = path
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw .file(path, reason: Self.reason) }
        var information = stat()
        guard unsafe fstat(opened, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .file(path, reason: "it is no regular file")
        }
        descriptor = opened
        count = Int(information.st_size)
    }

    deinit {
        close(descriptor)
    }

    func read(_ range: Range<Int>) throws -> [UInt8] {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                // Safety: the place and the count stay within the buffer's capacity.
                let result = unsafe pread(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + count },
                    range.count - count,
                    off_t(range.lowerBound + count)
                )
                if result <= 0 { return }
                count += result
            }
        }
        guard bytes.count == range.count else {
            throw ImportError.file(path, reason: "it became shorter, or cannot be read")
        }
        return bytes
    }

    /// Whether a path is a directory.
    static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path is a file.
    static func isFile(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
    }

    /// The names in a directory, sorted.
    static func names(in path: String) throws(ImportError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .file(path, reason: reason) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }
}
