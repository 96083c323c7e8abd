#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The files of this machine.
///
/// No symbolic link is followed below the data directory, descriptors are not inherited, and only the owner may read.
package struct POSIXFileSystem: FileSystem {
    /// Creates the file system, which has no state.
    package init() {}

    package func createDirectory(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST { throw FileError.last("create directory", path) }
        }
        try requireDirectory(path)
    }

    private func requireDirectory(_ path: String) throws(FileError) {
        let descriptor = systemOpen(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.last("open directory", path) }
        systemClose(descriptor)
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw FileError.last("list", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // Safety: d_name is NUL-terminated and lies in the entry, which stays until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func create(_ path: String) throws(FileError) -> any WritableFile {
        let descriptor = systemOpen(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND)
        guard descriptor >= 0 else { throw FileError.last("create", path) }
        return POSIXFile(descriptor: descriptor, path: path)
    }

    package func map(_ path: String) throws(FileError) -> MappedFile {
        let descriptor = systemOpen(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.last("open", path) }
        defer { systemClose(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError.last("read the size of", path) }
        guard let file = MappedFile(descriptor: descriptor, count: Int(status.st_size)) else {
            throw FileError.last("map", path)
        }
        return file
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        guard systemRename(from, to) == 0 else { throw FileError.last("rename", from) }
    }

    package func link(_ from: String, to: String) throws(FileError) {
        if systemLink(from, to) == 0 { return }
        guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == ENOTSUP else {
            throw FileError.last("link", to)
        }
        let source = try map(from)
        let file = try create(to)
        try source.withBytes { (bytes: Span<UInt8>) throws(FileError) in try file.write(bytes) }
        try file.sync()
        try file.close()
    }

    package func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError.last("delete", path) }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = systemOpen(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.last("open directory", path) }
        defer { systemClose(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError.last("sync directory", path) }
    }

    package func lock(_ path: String) throws(FileError) -> any FileLock {
        let descriptor = systemOpen(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.last("open lock file", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var error = FileError.last("lock", path)
            error.holder = Self.processNumber(in: descriptor)
            systemClose(descriptor)
            throw error
        }
        let text = "\(getpid())\n"
        guard ftruncate(descriptor, 0) == 0, systemWriteAll(descriptor, Array(text.utf8).span) else {
            let error = FileError.last("write lock file", path)
            systemClose(descriptor)
            throw error
        }
        return POSIXLock(descriptor: descriptor)
    }

    private static func processNumber(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let capacity = bytes.count
        // Safety: the buffer has the capacity that is passed.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, capacity, 0) }
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

/// An open descriptor that is only written at its end.
private struct POSIXFile: WritableFile {
    let descriptor: Int32
    let path: String

    func write(_ bytes: Span<UInt8>) throws(FileError) {
        guard systemWriteAll(descriptor, bytes) else { throw FileError.last("write", path) }
    }

    func sync() throws(FileError) {
        guard fdatasync(descriptor) == 0 else { throw FileError.last("sync", path) }
    }

    func truncate(to size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError.last("truncate", path) }
    }

    func close() throws(FileError) {
        guard systemClose(descriptor) == 0 else { throw FileError.last("close", path) }
    }
}

/// A lock by `flock`, which ends with the process at the latest.
private struct POSIXLock: FileLock {
    let descriptor: Int32

    func release() { systemClose(descriptor) }
}

extension FileError {
    /// The error that `errno` tells.
    fileprivate static func last(_ operation: String, _ path: String) -> FileError {
        FileError(code: errno, operation: operation, path: path)
    }

    /// Creates an error with the system's words for its number.
    package init(code: Int32, operation: String, path: String) {
        // Safety: strerror gives a NUL-terminated text; it is copied at once.
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        self.init(code: code, operation: operation, path: path, reason: reason.lowercased(), holder: nil)
    }

    /// Whether another process holds the lock.
    package var isLocked: Bool { code == EWOULDBLOCK }

    /// The file system has no room left.
    package static let noSpace: Int32 = ENOSPC

    /// Something has the name already.
    package static let exists: Int32 = EEXIST

    /// There is no such file.
    package static let missing: Int32 = ENOENT

    /// The device failed.
    package static let inputOutput: Int32 = EIO

    /// What to do about it.
    package var remedy: String {
        switch code {
        case ENOSPC, EDQUOT: "free space on its disk or lower the retention"
        case EACCES, EPERM, EROFS: "make it writable for this user"
        case EMFILE, ENFILE: "raise the limit of open files"
        case ELOOP: "replace the symbolic link by what it points to"
        case ENOTDIR, EEXIST: "move away what is in its place"
        default: "check the disk and the system's log"
        }
    }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
    unsafe open(path, flags, 0o600)
}

@discardableResult
private func systemClose(_ descriptor: Int32) -> Int32 {
    close(descriptor)
}

private func systemRename(_ from: String, _ to: String) -> Int32 {
    unsafe rename(from, to)
}

private func systemLink(_ from: String, _ to: String) -> Int32 {
    unsafe link(from, to)
}

/// Writes all bytes, going on after interruptions and partial writes.
private func systemWriteAll(_ descriptor: Int32, _ bytes: Span<UInt8>) -> Bool {
    var done = 0
    while done < bytes.count {
        // Safety: `done` stays below the count of the buffer.
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe buffer.baseAddress.map { unsafe write(descriptor, $0 + done, buffer.count - done) } ?? 0
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
    }
    return true
}
