/// Why the server could not start.
public struct ServerError: Error, CustomStringConvertible {
    /// What failed, with the values, and what to do next.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
