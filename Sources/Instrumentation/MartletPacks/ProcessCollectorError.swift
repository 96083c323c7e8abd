/// A process whose figures can't be read.
public struct ProcessCollectorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file that can't be read.
    public var path: String

    /// Creates the error.
    public init(path: String) {
        self.path = path
    }

    /// What failed and what to do.
    public var description: String {
        "cannot read \(path): the process is gone or belongs to somebody else; check its number"
    }
}
