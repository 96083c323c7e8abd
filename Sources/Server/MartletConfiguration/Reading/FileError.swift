/// Why a file could not be read or written.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String

    /// What is wrong, such as `No such file or directory`.
    public let reason: String

    /// Whether the file was to be written.
    public let isWriting: Bool

    init(path: String, reason: String, isWriting: Bool = false) {
        self.path = path
        self.reason = reason
        self.isWriting = isWriting
    }

    /// `cannot read PATH: reason`, or `cannot write PATH: reason`.
    public var description: String { "cannot \(isWriting ? "write" : "read") \(path): \(reason)" }
}
