/// What the command tells the shell.
enum ExitStatus: Int32 {
    /// All is well.
    case success = 0
    /// A check did not hold, or the work failed.
    case failure = 1
    /// The command was called wrongly.
    case usage = 2
    /// No server answered.
    case unreachable = 3
    /// There is nothing where the verb promises something.
    case nothingFound = 4
    /// The server wants to know who asks.
    case unauthorised = 5
}

/// Work that ended badly: what to print and what to tell the shell.
struct Failure: Error {
    let status: ExitStatus
    let message: String

    init(_ message: String, status: ExitStatus = .failure) {
        self.message = message
        self.status = status
    }
}
