public import MartletOTLP

/// Where records go; the port to the store.
public protocol LogTarget: Sendable {
    /// Takes records; when this returns they survive the process.
    ///
    /// - Throws: ``LogTargetError`` while nothing can be stored; the caller keeps the records and tries again.
    func append(_ logs: [ResourceLogs]) throws(LogTargetError)
}

/// Why records cannot be stored now.
public struct LogTargetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed and what to do about it.
    public let description: String

    /// Creates an error.
    public init(_ description: String) {
        self.description = description
    }
}
