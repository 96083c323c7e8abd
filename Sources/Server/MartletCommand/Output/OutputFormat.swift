import MartletCore

/// How a verb prints what it found.
enum OutputFormat: String, CaseIterable, Sendable {
    case table
    case json
    case jsonl
    case csv

    /// The option that all reading verbs share.
    static let option = Syntax.Option(
        name: "--output",
        short: "-o",
        value: "FORMAT",
        help: "table (default), json, jsonl or csv"
    )

    /// The format asked for.
    static func chosen(_ arguments: Arguments) throws(UsageError) -> OutputFormat {
        try arguments.choice("--output", of: OutputFormat.self) ?? .table
    }

    /// Rows in this format; `json` is for the caller, who has the server's own form.
    func text(header: [String], rows: [[String]]) -> String {
        switch self {
        case .table:
            var table = Table(header.map { $0.uppercased() })
            for row in rows { table.add(row) }
            return table.text
        case .csv:
            return ([header] + rows).map { $0.map(Self.csvCell).joined(separator: ",") + "\r\n" }.joined()
        case .json, .jsonl:
            let objects = rows.map { row in
                "{" + zip(header, row).map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }.joined(separator: ",")
                    + "}"
            }
            return self == .jsonl ? objects.map { $0 + "\n" }.joined() : "[" + objects.joined(separator: ",\n ") + "]\n"
        }
    }

    /// A list as the server gives it, as one line of JSON or a line for each element; `nil` for the other formats.
    func structured(_ answers: [Answer]) -> String? {
        switch self {
        case .json: Self.json(Answer(answers))
        case .jsonl: answers.map(Self.json).joined()
        case .table, .csv: nil
        }
    }

    /// A value as one line of JSON, keys sorted.
    static func json(_ answer: Answer) -> String { "\(answer.json)\n" }

    /// A cell as RFC 4180 wants it.
    private static func csvCell(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
