public import MartletYAML

/// One thing that is wrong, or merely odd, in a configuration file, and where.
public struct ConfigurationProblem: Error, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String

    /// The place in the file; `nil` where the file as a whole is meant.
    public var mark: YAMLMark?

    /// What is wrong and what to do, such as `unknown field "jb_name" (did you mean "job_name"?)`.
    public var message: String

    /// Whether the configuration can be used in spite of it.
    public var isWarning: Bool

    /// Creates a problem.
    public init(file: String, mark: YAMLMark?, message: String, isWarning: Bool = false) {
        self.file = file
        self.mark = mark
        self.message = message
        self.isWarning = isWarning
    }

    /// `martlet.yml:12:7: message`; a warning says so before its message.
    public var description: String {
        let place = mark.map { "\(file):\($0)" } ?? file
        return "\(place): \(isWarning ? "warning: " : "")\(message)"
    }
}
