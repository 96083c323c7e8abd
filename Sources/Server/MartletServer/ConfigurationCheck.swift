import MartletAlerting
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
                + "\(loaded.notification.receivers.count) receivers"
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
}
