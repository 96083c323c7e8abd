#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension FileContent {
    /// Replaces a file's content, or creates it, so that only its owner may read it.
    ///
    /// The bytes go to a new file beside it, to the disk, and take its name: whoever reads finds all of the old or all of
    /// the new.
    ///
    /// - Throws: ``FileError``; the file is then as it was.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw writeFailure(path) }
        do throws(FileError) {
            defer { _ = close(descriptor) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw writeFailure(path) }
                rest = rest.dropFirst(count)
            }
            guard fsync(descriptor) == 0 else { throw writeFailure(path) }
            guard unsafe rename(temporary, path) == 0 else { throw writeFailure(path) }
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        defer { _ = close(folder) }
        guard fsync(folder) == 0 else { throw writeFailure(path) }
    }

    private static func writeFailure(_ path: String) -> FileError {
        FileError(path: path, reason: unsafe String(cString: strerror(errno)), isWriting: true)
    }
}
