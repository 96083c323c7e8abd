public import MartletSeries
public import MartletYAML

/// What every reader of one configuration file shares: its name, the environment, and where problems go.
public struct ReadingContext {
    /// The file as the user named it; problems begin with it.
    public var file: String

    /// The variables that `${NAME}` can name; `nil` where a file is not expanded, as rule files are not.
    public var environment: [String: String]?

    /// Compiles regular expressions.
    public var patterns: any PatternCompiler

    /// Where problems go.
    public let problems: ProblemCollector

    /// Creates a context.
    public init(
        file: String,
        environment: [String: String]?,
        patterns: any PatternCompiler,
        problems: ProblemCollector
    ) {
        self.file = file
        self.environment = environment
        self.patterns = patterns
        self.problems = problems
    }

    /// Reports that the configuration cannot be used.
    public func report(_ message: String, at mark: YAMLMark?) {
        problems.add(ConfigurationProblem(file: file, mark: mark, message: message))
    }

    /// Reports something odd that does not keep the configuration from being used.
    public func warn(_ message: String, at mark: YAMLMark?) {
        problems.add(ConfigurationProblem(file: file, mark: mark, message: message, isWarning: true))
    }

    /// A path as seen from the configuration file: relative paths begin in its directory.
    public func resolve(_ path: String) -> String {
        guard !path.isEmpty, !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
