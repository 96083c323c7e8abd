import MartletCore
public import MartletSeries
import MartletYAML

/// Reads a configuration file into checked values, or into the list of everything that is wrong with it.
public enum ConfigurationLoader {
    /// The largest file that is read, in bytes.
    public static let fileBytesMax = 16 << 20

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: The file; problems begin with it as it is given here.
    ///   - environment: The variables that `${NAME}` can name.
    ///   - patterns: Compiles the regular expressions.
    ///   - alsoReading: Reads sections that this module leaves to others, so that their problems are thrown with all
    ///     others. It is called once, also when there are problems already, but not for a file that is no YAML.
    /// - Returns: The configuration; what is odd about it is in ``Configuration/warnings``.
    /// - Throws: ``ConfigurationError`` with all problems.
    public static func load(
        path: String,
        environment: [String: String] = FileContent.environment(),
        patterns: any PatternCompiler,
        alsoReading: (Configuration, ReadingContext) -> Void = { _, _ in }
    ) throws(ConfigurationError) -> Configuration {
        let text: String
        do {
            text = try FileContent.text(of: path, bytesMax: fileBytesMax)
        } catch {
            let problem = ConfigurationProblem(file: path, mark: nil, message: "cannot read the file: \(error.reason)")
            throw ConfigurationError(problems: [problem])
        }
        return try load(
            text: text,
            file: path,
            environment: environment,
            patterns: patterns,
            alsoReading: alsoReading
        )
    }

    /// Reads the text of a file; the other parameters are those of ``load(path:environment:patterns:alsoReading:)``.
    public static func load(
        text: String,
        file: String,
        environment: [String: String],
        patterns: any PatternCompiler,
        alsoReading: (Configuration, ReadingContext) -> Void = { _, _ in }
    ) throws(ConfigurationError) -> Configuration {
        let root: YAMLNode
        do {
            root = try YAMLParser.parse(text)
        } catch {
            let problem = ConfigurationProblem(file: file, mark: error.mark, message: error.message)
            throw ConfigurationError(problems: [problem])
        }
        let context = ReadingContext(
            file: file,
            environment: environment,
            patterns: patterns,
            problems: ProblemCollector()
        )
        var configuration = Configuration()
        configuration.file = file
        if let reader = MappingReader(root, context) {
            configuration.read(reader)
            reader.finish()
        }
        alsoReading(configuration, context)
        try context.problems.throwIfErrors()
        configuration.warnings = context.problems.problems
        return configuration
    }
}
