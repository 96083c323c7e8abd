/// Why a file could not be read.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String

    /// What is wrong, such as `No such file or directory`.
    public let reason: String

    /// `cannot read PATH: reason`.
    public var description: String { "cannot read \(path): \(reason)" }
}
