import MartletCore
import MartletTerminal

/// Shows log records to people.
enum LogText {
    /// A record in one line: time, level, service, text, attributes.
    static func line(_ record: JSONValue, width: Int?) -> String {
        func text(_ name: String) -> String { VisibleText.harmless(record[name]?.text ?? "") }
        var line = shortTime(text("timestamp")) + " " + content(record)
        if !text("traceId").isEmpty { line += " trace=" + text("traceId") }
        return fitted(line, width)
    }

    /// A record without its time and trace: level, service, text, attributes; the service that the reader knows is left
    /// out.
    static func content(_ record: JSONValue, without known: String = "") -> String {
        func text(_ name: String) -> String { VisibleText.harmless(record[name]?.text ?? "") }
        var line = padded(text("level").uppercased(), 8)
        if !text("service").isEmpty, record["service"]?.text != known { line += " " + text("service") }
        line += " " + value(record["body"])
        if !text("eventName").isEmpty { line += " event=" + text("eventName") }
        for (key, own) in (record["attributes"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            line += " \(VisibleText.harmless(key))=" + quotedIfNeeded(value(own))
        }
        return line
    }

    /// A value as a word: a text as it is, anything else as JSON.
    static func value(_ value: JSONValue?) -> String {
        guard let value else { return "" }
        return VisibleText.harmless(value.text ?? "\(value)")
    }

    /// A line cut at the terminal's edge.
    static func fitted(_ line: String, _ width: Int?) -> String {
        width.map { VisibleText.fitted(line, $0) } ?? line
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        text.contains(" ") || text.isEmpty || text.contains("=") ? JSONText.quoted(text) : text
    }

    /// Milliseconds are enough for a person.
    private static func shortTime(_ text: String) -> String {
        guard let dot = text.firstIndex(of: ".") else { return text }
        return text[..<dot] + text[dot...].prefix(4) + "Z"
    }
}
