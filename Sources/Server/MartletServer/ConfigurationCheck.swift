public import MartletAlerting
public import MartletConfiguration
import MartletPatterns
import MartletPromQL

/// Checks configuration and rule files as the server reads them, without starting anything.
public enum ConfigurationCheck {
    /// All problems of a configuration file and of the rule files it names, and what it holds.
    public static func check(file: String) -> (problems: [ConfigurationProblem], summary: String) {
        do {
            let loaded = try LoadedConfiguration.load(file: file)
            let rules = loaded.ruleGroups.reduce(0) { $0 + $1.rules.count }
            let summary =
                "\(loaded.configuration.scrapeConfigurations.count) scrape jobs, \(rules) rules, "
                + "\(loaded.notification.receivers.count) receivers, "
                + "\(loaded.configuration.logs.sources.count) sources of logs"
            return (loaded.configuration.warnings, summary)
        } catch {
            return (error.problems, "")
        }
    }

    /// All problems of a rule file, and what it holds.
    public static func check(ruleFile: String) -> (problems: [ConfigurationProblem], summary: String) {
        do {
            let (groups, warnings) = try LoadedConfiguration.loadRules(files: [ruleFile])
            return (warnings, "\(groups.count) groups, \(groups.reduce(0) { $0 + $1.rules.count }) rules")
        } catch {
            return (error.problems, "")
        }
    }

    /// The rules of a configuration or rule file as rules over PromQL, with their intervals.
    ///
    /// - Throws: ``ConfigurationError`` with all problems.
    public static func rules(file: String) throws(ConfigurationError) -> [(rule: Rule, interval: Duration)] {
        try groups(file: file).flatMap { group in group.rules.map { ($0, group.interval) } }
    }

    /// The groups of a configuration or rule file, rules in all forms as rules over PromQL.
    ///
    /// - Throws: ``ConfigurationError`` with all problems.
    public static func groups(file: String) throws(ConfigurationError) -> [RuleGroup] {
        var problems: [ConfigurationProblem]
        do {
            return try LoadedConfiguration.loadRules(files: [file]).groups
        } catch {
            problems = error.problems
        }
        do {
            return try LoadedConfiguration.load(file: file).ruleGroups
        } catch {
            // A rule file has "groups", a configuration never has: the problems of the likelier reading are told.
            let isRuleFile = error.problems.contains { $0.message.contains("\"groups\"") }
            throw isRuleFile ? ConfigurationError(problems: problems) : error
        }
    }

    /// A condition in words as PromQL.
    ///
    /// - Parameters:
    ///   - text: The condition, such as `error_rate > 10 per minute`.
    ///   - metric: The metric where the text names none.
    ///   - window: How far back it looks.
    /// - Returns: The PromQL.
    /// - Throws: ``ConditionError`` with the place in the text.
    public static func promQL(
        of text: String,
        metric: String?,
        window: Duration
    ) throws(ConditionError) -> String {
        try AlertCondition.text(text, metric: metric).condition(rule: metric ?? "", window: window).description
    }
}
