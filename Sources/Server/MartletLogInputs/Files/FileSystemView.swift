#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: buffers are handed to the system with their own counts; names are read while their entry stands.

/// A file that is open to be read.
final class OpenFile: Sendable {
    /// What makes a file itself, whatever its name.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }

    private let descriptor: Int32
    let identity: Identity

    /// Opens a file; `nil` where there is none that can be read, or it is no ordinary file.
    init?(_ path: String) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    deinit { close(descriptor) }

    /// How many bytes the file has now.
    var size: Int {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Bytes from a place on, as many as there are up to a count; none on an error.
    func read(at offset: Int, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let read = unsafe pread(descriptor, buffer.baseAddress, count, off_t(offset))
            initialized = max(0, read)
        }
    }
}

/// What the follower asks of directories.
enum FileSystemView {
    /// What has a path now; `nil` where nothing has.
    static func identity(_ path: String) -> OpenFile.Identity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return OpenFile.Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The paths that a path with `*` in its last part stands for, sorted, up to a bound.
    static func matches(_ path: String, limit: Int) -> [String] {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        guard name.contains("*") else { return [path] }
        let folder = slash.map { String(path[..<$0]) } ?? "."
        let parts = name.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        let found = names(in: folder.isEmpty ? "/" : folder).filter { matches($0, parts) }
        return found.sorted().prefix(limit).map { "\(folder)/\($0)" }
    }

    /// The names in a directory.
    static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func matches(_ name: String, _ parts: [String]) -> Bool {
        guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
        var rest = Array(name.utf8)[first.utf8.count...]
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            let wanted = Array(part.utf8)
            guard let place = rest.indices.first(where: { rest[$0...].starts(with: wanted) }) else { return false }
            rest = rest[(place + wanted.count)...]
        }
        return rest.count >= last.utf8.count && rest.suffix(last.utf8.count).elementsEqual(last.utf8)
    }
}
