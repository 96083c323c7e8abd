import MartletConfiguration
import MartletServer

/// `martlet check config FILE`.
enum CheckConfigVerb: Verb {
    static let syntax = Syntax(
        words: ["check", "config"],
        summary: "Check a configuration file, and the rule files it names.",
        operands: "FILE",
        operandCount: 1...1,
        discussion:
            "Prints all problems, one a line, as FILE:LINE:COLUMN: what is wrong. Exits with 1 when there is any."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let (problems, summary) = ConfigurationCheck.check(file: arguments.operands[0])
        for problem in problems { Terminal.print("\(problem)\n") }
        if problems.contains(where: { !$0.isWarning }) { return .failure }
        Terminal.print("\(arguments.operands[0]) is good: \(summary)\n")
        return .success
    }
}
