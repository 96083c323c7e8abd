import MartletConfiguration
import MartletServer

/// `martlet check rules FILE…`.
enum CheckRulesVerb: Verb {
    static let syntax = Syntax(
        words: ["check", "rules"],
        summary: "Check files of alerting and recording rules.",
        operands: "FILE…",
        operandCount: 1...1000,
        discussion:
            "Prints all problems, one a line, as FILE:LINE:COLUMN: what is wrong. Exits with 1 when there is any."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        var failed = false
        for file in arguments.operands {
            let (problems, summary) = ConfigurationCheck.check(ruleFile: file)
            for problem in problems { Terminal.print("\(problem)\n") }
            if problems.contains(where: { !$0.isWarning }) {
                failed = true
            } else {
                Terminal.print("\(file) is good: \(summary)\n")
            }
        }
        return failed ? .failure : .success
    }
}
