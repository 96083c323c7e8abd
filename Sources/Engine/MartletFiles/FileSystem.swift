/// What the store asks of files; the port through which tests make them fail, tear and run full.
package protocol FileSystem: Sendable {
    /// Makes a directory that only its owner may enter, and those above it; one that exists is fine.
    func createDirectory(_ path: String) throws(FileError)

    /// The names in a directory, sorted.
    func list(_ path: String) throws(FileError) -> [String]

    /// Makes a new file to write; an existing one is an error, and so is a symbolic link.
    func create(_ path: String) throws(FileError) -> any WritableFile

    /// Gives a file a second name, or copies it where the file system has no such thing.
    func link(_ from: String, to: String) throws(FileError)

    /// Maps a file to read.
    func map(_ path: String) throws(FileError) -> MappedFile

    /// Renames a file over whatever has the new name.
    func rename(_ from: String, to: String) throws(FileError)

    /// Deletes a file.
    func remove(_ path: String) throws(FileError)

    /// Makes the names in a directory survive a power cut.
    func syncDirectory(_ path: String) throws(FileError)

    /// Takes the directory's lock for this process, until the result goes away.
    func lock(_ path: String) throws(FileError) -> any FileLock
}

/// A file being written, from its start to its end.
package protocol WritableFile: Sendable {
    /// Writes all bytes at the end, or throws; then some of them may have been written.
    func write(_ bytes: Span<UInt8>) throws(FileError)

    /// Makes what was written survive a power cut.
    func sync() throws(FileError)

    /// Cuts the file.
    func truncate(to size: Int) throws(FileError)

    /// Closes the file; nothing may be asked of it afterwards.
    func close() throws(FileError)
}

/// A lock that is held until it is released.
package protocol FileLock: Sendable {
    /// Gives the lock back.
    func release()
}

/// What the system said about a file.
package struct FileError: Error, Hashable, CustomStringConvertible {
    /// The system's number for what went wrong.
    package let code: Int32

    /// What was tried, as a verb.
    package let operation: String

    /// The file or directory.
    package let path: String

    /// The system's words for what went wrong.
    package let reason: String

    /// The process that holds a lock, where that is what went wrong.
    package var holder: Int32?

    /// Creates an error with words of one's own.
    package init(code: Int32, operation: String, path: String, reason: String, holder: Int32? = nil) {
        self.code = code
        self.operation = operation
        self.path = path
        self.reason = reason
        self.holder = holder
    }

    package var description: String { "cannot \(operation) \(path): \(reason)" }
}
