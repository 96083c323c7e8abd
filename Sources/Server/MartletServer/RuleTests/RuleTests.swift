import MartletAlerting
public import MartletConfiguration
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries

/// Runs files of unit tests for rules, in promtool's form and with its verdicts.
///
/// - SeeAlso: [Unit testing for rules](https://prometheus.io/docs/prometheus/3.5/configuration/unit_testing_rules/)
public enum RuleTests {
    /// What came of a file.
    public struct Report: Sendable {
        /// What is wrong with the file or the rule files it names; warnings among them.
        public var problems: [ConfigurationProblem] = []

        /// What was expected and did not happen, each over several lines.
        public var failures: [String] = []

        /// How many groups of tests ran.
        public var groups = 0

        /// How many expectations there were.
        public var checks = 0

        /// Whether everything was as expected.
        public var isSuccess: Bool { failures.isEmpty && problems.allSatisfy(\.isWarning) }
    }

    /// How many evaluations one group may ask for; an interval of a second over a day is 86,400.
    static let evaluationsMax = 5_000_000

    /// Runs a file's tests, all of them or those of groups whose name matches an expression.
    ///
    /// - Parameters:
    ///   - file: The file; rule files in it are found from its directory.
    ///   - name: A regular expression that a group's whole name has to match, or `nil` for all groups.
    /// - Returns: What came of it.
    public static func run(file: String, matching name: String? = nil) -> Report {
        var report = Report()
        let patterns = RE2Patterns()
        do {
            let pattern = try name.map { try patterns.compile($0) }
            let tests = try RuleTestFile.load(file, notation: SeriesNotation(patterns: patterns))
            for group in tests.groups where pattern?.matches(group.name) ?? true {
                report.groups += 1
                report.checks += group.alerts.count + group.expressions.count
                try RuleTestRun(tests, group, patterns).run(&report)
            }
        } catch let error as ConfigurationError {
            report.problems += error.problems
        } catch let error as PatternError {
            report.failures.append("cannot read the expression for names: \(error.description)")
        } catch {
            report.failures.append("\(error)")
        }
        return report
    }
}
