/// Why a sink could not be made, or could not take a record.
public struct LogSinkError: Error, Hashable, CustomStringConvertible {
    /// What failed, with values, and what to do.
    public let description: String

    /// Creates an error.
    public init(_ description: String) {
        self.description = description
    }
}
