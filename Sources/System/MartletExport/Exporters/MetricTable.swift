import MartletCore
import MartletMetrics

/// Metrics as tables for other programs and for people.
enum MetricTable {
    private static let columns = ["name", "kind", "labels", "value", "time"]

    /// Comma-separated values as in RFC 4180.
    static func csv(_ rows: MetricRows) -> String {
        var text = columns.joined(separator: ",") + "\r\n"
        for row in rows { text += cells(row).map(quoted).joined(separator: ",") + "\r\n" }
        return text
    }

    /// A page that needs nothing else.
    static func html(_ rows: MetricRows, at timestamp: Int64) -> String {
        var text = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Metrics</title>
            <style>body{font-family:sans-serif}td,th{padding:.2em .6em;text-align:left}td:nth-child(4){text-align:right}</style>
            </head><body><h1>Metrics</h1><p>\(time(timestamp))</p><table><thead><tr>
            """
        text += columns.map { "<th scope=\"col\">\($0)</th>" }.joined() + "</tr></thead><tbody>\n"
        for row in rows { text += "<tr>" + cells(row).map { "<td>\(escaped($0))</td>" }.joined() + "</tr>\n" }
        return text + "</tbody></table></body></html>\n"
    }

    private static func cells(_ row: MetricRows.Row) -> [String] {
        [row.name, row.kind.rawValue, row.labels.description, row.value.text, time(row.timestamp)]
    }

    private static func time(_ milliseconds: Int64) -> String {
        RFC3339.string(nanosecondsSinceEpoch: milliseconds * 1_000_000, fractionDigits: 3)
    }

    private static func quoted(_ text: String) -> String {
        // A spreadsheet takes a text that begins so for a formula; numbers have to stay numbers.
        let isFormula = text.utf8.first.map { "=@+-".utf8.contains($0) } == true && Double(text) == nil
        let safe = isFormula ? "'" + text : text
        guard safe.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return safe }
        return "\"" + safe.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
