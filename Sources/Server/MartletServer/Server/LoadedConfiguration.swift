import MartletAlerting
import MartletConfiguration
import MartletPatterns
import MartletPromQL

/// A configuration file with everything it names, read and checked as one.
struct LoadedConfiguration: Sendable {
    var configuration: Configuration
    var ruleGroups: [RuleGroup] = []
    /// The rules of the configuration itself in their friendly forms; they are among the groups, too.
    var friendlyRules: [AlertRule] = []
    var notification = NotificationConfiguration()

    /// What a server without a configuration file runs on.
    static let standard = LoadedConfiguration(configuration: Configuration.default)

    /// Reads a configuration file and the rule files it names.
    ///
    /// - Throws: ``ConfigurationError`` with all problems of all files.
    static func load(
        file: String,
        features: PromQLFeatures = .all
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let patterns = RE2Patterns()
        var problems: [ConfigurationProblem] = []
        var loaded = LoadedConfiguration.standard
        do {
            loaded.configuration = try ConfigurationLoader.load(path: file, patterns: patterns) { sections, context in
                loaded.notification = NotificationLoader.read(sections.alertingSections, context)
                (loaded.ruleGroups, loaded.friendlyRules) = AlertRuleReader.read(
                    sections.alertingSections,
                    context,
                    notification: loaded.notification,
                    evaluationInterval: sections.global.evaluationInterval,
                    checkExpression: expressionCheck(patterns, features: features)
                )
            }
            problems += loaded.configuration.warnings
        } catch {
            problems += error.problems
        }
        do {
            let paths = loaded.configuration.matchingRuleFiles
            let (groups, warnings) = try loadRules(
                files: paths,
                loaded.configuration.global,
                patterns,
                features: features
            )
            loaded.ruleGroups += groups
            problems += warnings
        } catch {
            problems += error.problems
        }
        guard problems.allSatisfy(\.isWarning) else { throw ConfigurationError(problems: problems) }
        loaded.configuration.warnings = problems
        return loaded
    }

    /// Reads rule files; their expressions are parsed as a server with some features of the language will parse them.
    static func loadRules(
        files: [String],
        _ global: GlobalConfiguration = GlobalConfiguration(),
        _ patterns: RE2Patterns = RE2Patterns(),
        features: PromQLFeatures = .all
    ) throws(ConfigurationError) -> (groups: [RuleGroup], warnings: [ConfigurationProblem]) {
        try ruleLoader(global, patterns, features: features).load(paths: files)
    }

    /// Reads the text of a rule file.
    static func rules(
        text: String,
        file: String,
        patterns: RE2Patterns = RE2Patterns()
    ) throws(ConfigurationError) -> [RuleGroup] {
        try ruleLoader(GlobalConfiguration(), patterns, features: .all).load(text: text, file: file).groups
    }

    private static func ruleLoader(
        _ global: GlobalConfiguration,
        _ patterns: RE2Patterns,
        features: PromQLFeatures
    ) -> RuleFileLoader {
        RuleFileLoader(
            defaultInterval: global.evaluationInterval,
            defaultQueryOffset: global.ruleQueryOffset,
            patterns: patterns,
            checkExpression: expressionCheck(patterns, features: features)
        )
    }

    /// Says what is wrong with an expression, or `nil`.
    private static func expressionCheck(
        _ patterns: RE2Patterns,
        features: PromQLFeatures
    ) -> (String) -> String? {
        var options = QueryEngine.Options()
        options.features = features
        let engine = QueryEngine(patterns: patterns, options: options)
        return { expression in
            do throws(PromQLError) {
                _ = try engine.parse(expression)
                return nil
            } catch {
                return error.description
            }
        }
    }
}
