import MartletConfiguration
import MartletServer

/// `martlet test rules FILE…`.
enum TestRulesVerb: Verb {
    static let syntax = Syntax(
        words: ["test", "rules"],
        summary: "Run unit tests of alerting and recording rules, as promtool does.",
        operands: "FILE…",
        operandCount: 1...1000,
        options: [
            .init(name: "--run", value: "REGEX", help: "only the groups of tests whose name matches")
        ],
        discussion: """
            A difference shows what was expected with - and what came with +. Exits with 1 when there is any.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        var failed = false
        for file in arguments.operands {
            let report = RuleTests.run(file: file, matching: arguments["--run"])
            for problem in report.problems { Terminal.print("\(problem)\n") }
            for failure in report.failures { Terminal.print("\(file): \(failure)\n") }
            if report.isSuccess {
                Terminal.print("\(file) passed: \(report.groups) groups of tests, \(report.checks) checks\n")
            } else {
                failed = true
                Terminal.print("\(file) failed: \(report.failures.count) of \(report.checks) checks\n")
            }
        }
        return failed ? .failure : .success
    }
}
