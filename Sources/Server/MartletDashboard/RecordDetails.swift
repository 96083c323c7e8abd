import MartletCore
import MartletTerminal

/// All fields of a record, a name and a value each, wrapped to a width.
enum RecordDetails {
    /// One line: what is before the value stands in the first of a field.
    struct Line: Hashable {
        let name: String
        let value: String
    }

    /// So many bytes of one value are shown; a copy has all.
    static let valueBytesMax = 256 << 10

    static func lines(_ record: LogLine, columns: Int) -> [Line] {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { fields.append((name, value)) }
        }
        let severity = record.json["severity"].map { "\($0)" } ?? ""
        let written = record.json["severityText"]?.text ?? ""
        add("time", record.timestamp)
        add("arrived", record.json["observedTimestamp"]?.text)
        add("level", "\(record.level) (severity \(severity)\(written.isEmpty ? "" : ", written as \(written)"))")
        add("service", record.json["service"]?.text)
        add("event", record.json["eventName"]?.text)
        add("trace", record.trace)
        add("span", record.json["spanId"]?.text)
        add("message", LogLine.text(record.json["body"]))
        let known: Set = [
            "id", "sequence", "time", "timestamp", "severity", "level", "severityText", "service", "body", "attributes",
            "resource", "traceId", "spanId", "eventName", "observedTimestamp", "before", "after",
        ]
        for (name, value) in (record.json.members ?? [:]).sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            add(name, LogLine.text(value))
        }
        for (title, prefix) in [("attributes", "@"), ("resource", "@")] {
            let members = (record.json[title]?.members ?? [:]).sorted { $0.key < $1.key }
            guard !members.isEmpty else { continue }
            fields.append(("", ""))
            fields.append((title, ""))
            for (key, value) in members { fields.append((prefix + key, LogLine.text(value))) }
        }
        let width = min(28, max(8, columns / 3), fields.map { VisibleText.width($0.name) }.max() ?? 0)
        return fields.flatMap { field -> [Line] in
            // A value keeps its own line breaks: stack traces are read that way.
            let rest = field.value.utf8.count - valueBytesMax
            let value =
                rest <= 0 ? field.value : String(decoding: field.value.utf8.prefix(valueBytesMax), as: UTF8.self)
            var parts = value.split(separator: "\n", omittingEmptySubsequences: false)
                .flatMap { VisibleText.wrapped(VisibleText.harmless(String($0)), columns - width - 2) }
            if rest > 0 { parts.append("… \(rest) bytes more; c copies them all") }
            return parts.enumerated().map { place, part in
                Line(name: VisibleText.padded(place == 0 ? VisibleText.harmless(field.name) : "", width), value: part)
            }
        }
    }
}
