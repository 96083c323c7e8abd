import MartletCore
import MartletTerminal

/// What all verbs about logs share: the conditions of a search.
enum LogsSearch {
    static let options: [Syntax.Option] = [
        .init(name: "--since", value: "DURATION", help: "how far back, such as 1h (default all)"),
        .init(name: "--start", value: "TIME", help: "the earliest time, RFC 3339 or seconds since 1970"),
        .init(name: "--until", value: "TIME", help: "the latest time"),
        .init(name: "--limit", value: "COUNT", help: "how many at most"),
    ]

    static func parameters(_ arguments: Arguments, limit: Int? = nil) throws -> [(String, String)] {
        var result = [("query", arguments.operands.joined(separator: " "))]
        if let since = try arguments.duration("--since") {
            result.append(("since", DurationText.string(milliseconds: since)))
        }
        if let start = arguments["--start"] { result.append(("start", start)) }
        if let end = arguments["--until"] { result.append(("end", end)) }
        if let limit = try arguments.integer("--limit", minimum: 1) ?? limit {
            result.append(("limit", String(limit)))
        }
        return result
    }

    /// How wide lines may be: as asked for, as the terminal is, or without an end.
    static func width(_ arguments: Arguments) throws -> Int? {
        if let width = try arguments.integer("--width", minimum: 20) { return width }
        return Terminal.isTerminal && !arguments.has("--wide") ? Terminal.width : nil
    }

    static let widthOptions: [Syntax.Option] = [
        .init(name: "--wide", help: "do not cut lines at the terminal's edge"),
        .init(name: "--width", value: "COLUMNS", help: "cut lines there (default: the terminal)"),
    ]

    /// Prints what the reader has to know, apart from the answer.
    static func printNotes(_ data: Answer) {
        for note in data["notes"].elements { Terminal.printError("martlet: \(VisibleText.harmless(note.text))") }
    }

    /// A stage's table.
    static func print(_ table: Answer, _ format: OutputFormat) {
        let rows = table["rows"].elements.map { row in row.elements.map(\.text) }
        let header = table["columns"].elements.map(\.text)
        Terminal.print(format.text(header: header, rows: rows))
    }
}
