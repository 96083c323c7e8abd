#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Files as configuration needs them: whole contents, change stamps, patterns of names.
public enum FileContent {
    /// What tells, without reading, that a file probably changed.
    public struct Stamp: Hashable, Sendable {
        /// When the content was last changed, in nanoseconds since the epoch.
        public var modificationNanoseconds: Int64
        /// The size in bytes.
        public var bytes: Int64
        /// The file's number in its file system, which a replacement by rename changes.
        public var inode: UInt64
    }

    /// A file's bytes.
    ///
    /// - Throws: ``FileError``, also when the file is larger than `bytesMax`.
    public static func bytes(of path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { _ = close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= bytesMax else {
                throw FileError(path: path, reason: "it is larger than \(bytesMax) bytes")
            }
        }
    }

    /// A file's text.
    ///
    /// - Throws: ``FileError``, also when the file is larger than `bytesMax` or not UTF-8.
    public static func text(of path: String, bytesMax: Int) throws(FileError) -> String {
        guard let text = String(validating: try bytes(of: path, bytesMax: bytesMax), as: UTF8.self) else {
            throw FileError(path: path, reason: "it is not UTF-8 text")
        }
        return text
    }

    /// The stamp of a file, or `nil` where there is none.
    public static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return Stamp(
            modificationNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
            bytes: Int64(status.st_size),
            inode: UInt64(status.st_ino)
        )
    }

    /// The existing paths that a shell pattern such as `rules/*.yml` names, sorted; at most `limit` of them.
    public static func paths(matching pattern: String, limit: Int = 10_000) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        var paths: [String] = []
        for index in 0..<min(Int(unsafe found.gl_pathc), limit) {
            guard let path = unsafe found.gl_pathv[index] else { continue }
            paths.append(unsafe String(cString: path))
        }
        return paths
    }

    /// The process's environment.
    public static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let parts = unsafe String(cString: text).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            unsafe entry += 1
        }
        return variables
    }

    private static func failure(_ path: String) -> FileError {
        FileError(path: path, reason: unsafe String(cString: strerror(errno)))
    }
}
