/// Why a configuration cannot be used: everything that is wrong with it, not only the first thing.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The problems in order of files and places, warnings among them; at least one is no warning.
    public let problems: [ConfigurationProblem]

    /// Creates an error.
    public init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// One line a problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
