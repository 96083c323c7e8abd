/// One step from a version of the tables to the next.
public struct Migration: Sendable {
    /// What the step does, for messages.
    public let name: String

    /// The statements, in their order.
    public let statements: [String]

    /// Creates a step.
    public init(_ name: String, _ statements: [String]) {
        self.name = name
        self.statements = statements
    }
}

extension Database {
    /// Brings the tables to the latest version: the file's `user_version` says how many steps were taken.
    ///
    /// All steps that are missing become durable together. A file of a later version than these steps is refused, so
    /// that an older program does not damage it.
    ///
    /// - Parameter steps: All steps from an empty file on; a step never changes once it was released.
    /// - Throws: ``SQLiteError``.
    public func migrate(_ steps: [Migration]) throws(SQLiteError) {
        try transaction { () throws(SQLiteError) in
            let version = Int(try integer("PRAGMA user_version") ?? 0)
            guard version <= steps.count else {
                throw SQLiteError(
                    code: 1,
                    message: "\(path) has version \(version) and this program knows \(steps.count); "
                        + "run the program that wrote it, or move the file away"
                )
            }
            guard version < steps.count else { return }
            for step in steps[version...] {
                for statement in step.statements { try execute(statement) }
            }
            try execute("PRAGMA user_version=\(steps.count)")
        }
    }
}
