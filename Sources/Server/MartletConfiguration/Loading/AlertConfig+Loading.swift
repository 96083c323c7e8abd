import MartletAlerting
import MartletCore
public import MartletSeries
import MartletYAML

extension AlertConfig {
    /// Reads a file, YAML or JSON.
    ///
    /// - Parameters:
    ///   - path: The file; problems begin with it.
    ///   - patterns: Compiles the regular expressions of policies.
    ///   - checkExpression: Says what is wrong with PromQL, or `nil`.
    /// - Returns: What the file says.
    /// - Throws: ``ConfigurationError`` with all problems, each with line and column.
    public static func load(
        path: String,
        patterns: any PatternCompiler,
        checkExpression: @escaping (String) -> String? = { _ in nil }
    ) throws(ConfigurationError) -> AlertConfig {
        let text: String
        do {
            text = try FileContent.text(of: path, bytesMax: ConfigurationLoader.fileBytesMax)
        } catch {
            let problem = ConfigurationProblem(file: path, mark: nil, message: "cannot read the file: \(error.reason)")
            throw ConfigurationError(problems: [problem])
        }
        return try load(text: text, file: path, patterns: patterns, checkExpression: checkExpression)
    }

    /// Reads a text, YAML or JSON; the other parameters are those of ``load(path:patterns:checkExpression:)``.
    public static func load(
        text: String,
        file: String = "alerts",
        patterns: any PatternCompiler,
        checkExpression: @escaping (String) -> String? = { _ in nil }
    ) throws(ConfigurationError) -> AlertConfig {
        let root: YAMLNode
        do {
            root = try YAMLParser.parse(text)
        } catch {
            throw ConfigurationError(problems: [.init(file: file, mark: error.mark, message: error.message)])
        }
        let problems = ProblemCollector()
        let context = ReadingContext(file: file, environment: nil, patterns: patterns, problems: problems)
        var sections = AlertingSections()
        sections.alerts = root
        let notification = NotificationLoader.read(sections, context)
        let rules = AlertRuleReader(
            context,
            knownChannels: Set(notification.receivers.map(\.name)),
            knownPolicies: Set(notification.policies.map(\.name)),
            checkExpression: checkExpression
        ).read(alerts: root)
        try problems.throwIfErrors()
        var config = AlertConfig(rules: rules.friendly, channels: notification.receivers)
        // Where it was read from is no part of it.
        config.expressions = rules.groups.map { RuleGroup(name: $0.name, interval: $0.interval, rules: $0.rules) }
        config.defaultChannels = notification.defaultReceivers
        config.escalationPolicies = notification.policies
        config.allowsCommands = notification.allowsCommands
        config.isEnabled = rules.isEnabled
        return config
    }
}
