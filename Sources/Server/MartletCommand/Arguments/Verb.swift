/// Something that `martlet` does.
protocol Verb: Sendable {
    /// What the verb understands on the command line.
    static var syntax: Syntax { get }

    /// Does it.
    ///
    /// - Throws: ``UsageError``, ``Failure``, or another error, which is printed as it describes itself.
    static func run(_ arguments: Arguments) async throws -> ExitStatus
}
