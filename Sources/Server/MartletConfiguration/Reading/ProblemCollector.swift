import MartletYAML

/// Gathers what is wrong in configuration files while reading goes on.
///
/// It keeps ``capacity`` problems and counts the rest, so that a broken file of any size has a bounded answer.
public final class ProblemCollector {
    /// How many problems are kept.
    public static let capacity = 1000

    private var kept: [ConfigurationProblem] = []
    private var dropped = 0

    /// Creates an empty collector.
    public init() {}

    /// Whether anything stands in the way of using the configuration.
    public private(set) var hasErrors = false

    /// Adds a problem.
    public func add(_ problem: ConfigurationProblem) {
        if !problem.isWarning { hasErrors = true }
        if kept.count < Self.capacity { kept.append(problem) } else { dropped += 1 }
    }

    /// The problems, each once, by file in the order in which files were first met, and within a file by place.
    public var problems: [ConfigurationProblem] {
        var files: [String: Int] = [:]
        for problem in kept where files[problem.file] == nil { files[problem.file] = files.count }
        var seen: Set<ConfigurationProblem> = []
        var sorted = kept.filter { seen.insert($0).inserted }.enumerated()
            .sorted { order($0.element, $0.offset, files) < order($1.element, $1.offset, files) }
            .map(\.element)
        if dropped > 0, let file = kept.first?.file {
            sorted.append(
                ConfigurationProblem(file: file, mark: nil, message: "\(dropped) more problems are not shown")
            )
        }
        return sorted
    }

    private func order(
        _ problem: ConfigurationProblem,
        _ offset: Int,
        _ files: [String: Int]
    ) -> (Int, Int, Int, Int) {
        (files[problem.file] ?? 0, problem.mark?.line ?? 0, problem.mark?.column ?? 0, offset)
    }

    /// Stops with everything gathered if any of it is an error.
    ///
    /// - Throws: ``ConfigurationError``.
    public func throwIfErrors() throws(ConfigurationError) {
        if hasErrors { throw ConfigurationError(problems: problems) }
    }
}
