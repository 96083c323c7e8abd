/// What a verb understands on the command line.
struct Syntax: Sendable {
    /// One option, such as `--config FILE`.
    struct Option: Sendable {
        /// The long name with its dashes.
        let name: String

        /// The short form, such as `-o`, or `nil`.
        var short: String?

        /// What stands for the value in the help, or `nil` for a switch without one.
        var value: String?

        /// What the option does, one line.
        let help: String
    }

    /// The words that name the verb, such as `check config`.
    let words: [String]

    /// What the verb does, one line.
    let summary: String

    /// What stands for the operands in the help, such as `EXPR` or `[FILE|URL]`; empty for none.
    var operands = ""

    /// How few and how many operands there may be.
    var operandCount: ClosedRange<Int> = 0...0

    /// The options besides `--help`.
    var options: [Option] = []

    /// More to say in the help: examples, exit status.
    var discussion = ""

    /// The words as one text.
    var name: String { words.joined(separator: " ") }

    /// The same under other words.
    func named(_ words: [String]) -> Syntax {
        Syntax(
            words: words,
            summary: summary,
            operands: operands,
            operandCount: operandCount,
            options: options,
            discussion: discussion
        )
    }

    /// The help page.
    var help: String {
        var text =
            "usage: martlet \(name)\(options.isEmpty ? "" : " [OPTIONS]")\(operands.isEmpty ? "" : " \(operands)")\n\n"
        text += summary + "\n"
        if !discussion.isEmpty { text += "\n\(discussion)\n" }
        let rows = (options + [Option(name: "--help", short: "-h", help: "print this help")]).map { option in
            let short = option.short.map { "\($0), " } ?? "    "
            return (short + option.name + (option.value.map { " \($0)" } ?? ""), option.help)
        }
        let width = rows.map(\.0.count).max() ?? 0
        text += "\nOptions:\n"
        for (left, right) in rows {
            text += "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)\n"
        }
        return text
    }
}
