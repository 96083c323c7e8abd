import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletServer

/// `martlet rules explain`: what rules and conditions in words mean in PromQL.
enum ExplainRulesVerb: Verb {
    private static let metric = Syntax.Option(
        name: "--metric",
        value: "NAME",
        help: "the metric of a condition that names none, as in \"> 5\""
    )
    private static let window = Syntax.Option(
        name: "--window",
        value: "DURATION",
        help: "how far back a condition looks (5m)"
    )

    static let syntax = Syntax(
        words: ["rules", "explain"],
        summary: "Show rules, or a condition in words, as PromQL.",
        operands: "FILE|CONDITION",
        operandCount: 1...1,
        options: [metric, window, OutputFormat.option],
        discussion: """
            A file is a rule file or a configuration. Anything else is a condition, such as
            "error_rate > 10 per minute", "memory_usage > 80%" or "avg > 1000" with --metric.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let operand = arguments.operands[0]
        guard FileContent.stamp(of: operand) != nil else { return try explain(operand, arguments) }
        let format = try OutputFormat.chosen(arguments)
        do {
            let rules = try ConfigurationCheck.rules(file: operand)
            let rows = rules.map { entry -> [String] in
                var hold = ""
                var severity = ""
                if case .alerting(let rule) = entry.rule {
                    hold = text(rule.holdDuration)
                    severity = rule.labels["severity"] ?? ""
                }
                return [entry.rule.name, severity, hold, text(entry.interval), entry.rule.expression]
            }
            Terminal.print(format.text(header: ["rule", "severity", "for", "every", "expression"], rows: rows))
            return rules.isEmpty ? .nothingFound : .success
        } catch {
            for problem in error.problems { Terminal.printError("\(problem)") }
            return .failure
        }
    }

    private static func explain(_ condition: String, _ arguments: Arguments) throws -> ExitStatus {
        let milliseconds = try arguments.duration(window.name) ?? 300_000
        guard milliseconds > 0 else { throw UsageError("--window must be more than zero") }
        do {
            let promQL = try ConfigurationCheck.promQL(
                of: condition,
                metric: arguments[metric.name],
                window: .milliseconds(milliseconds)
            )
            Terminal.print(promQL + "\n")
            return .success
        } catch {
            Terminal.printError("martlet: 1:\(error.offset + 1): \(error.message)")
            return .failure
        }
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.string(milliseconds: duration.wholeNanoseconds / 1_000_000)
    }
}
