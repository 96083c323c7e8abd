import MartletCore

/// The layouts of lines that have a name.
public enum LogLineFormat: String, Sendable, CaseIterable, LogLines {
    /// `2026-11-21T03:25:20.123Z info  scrape: target is up job=node`, for people.
    case text
    /// One JSON object a line, for machines: `ts`, `level`, `target`, `msg`, `trace_id` and `span_id` in a span, then the fields.
    case json
    /// `ts=… level=info target=scrape msg="target is up" job=node`, for people and machines.
    case logfmt

    /// The record as one line with its newline; control characters are escaped, so no text can forge a line.
    public func line(for record: LogRecord) -> String {
        switch self {
        case .text: Self.text(record)
        case .json: record.isEvent ? HarmlessText.json(record.fields) + "\n" : Self.json(record)
        case .logfmt: Self.logfmt(record)
        }
    }

    private static func text(_ record: LogRecord) -> String {
        let level = record.level.name
        let padding = String(repeating: " ", count: max(0, 5 - level.utf8.count))
        var line = "\(time(record)) \(level)\(padding) \(record.target): \(HarmlessText.bare(record.message))"
        for (name, value) in record.fields { line += " \(HarmlessText.bare(name))=\(HarmlessText.field(value))" }
        if let context = record.context { line += " trace_id=\(context.traceID)" }
        return line + "\n"
    }

    private static func json(_ record: LogRecord) -> String {
        var line = "{\"ts\":\"\(time(record))\",\"level\":\"\(record.level.name)\""
        line += ",\"target\":\(JSONText.quoted(record.target)),\"msg\":\(JSONText.quoted(record.message))"
        if let context = record.context {
            line += ",\"trace_id\":\"\(context.traceID)\",\"span_id\":\"\(context.spanID)\""
        }
        if record.weight > 1 { line += ",\"sample_weight\":\(record.weight)" }
        for (name, value) in record.fields { line += ",\(JSONText.quoted(name)):\(HarmlessText.json(value))" }
        return line + "}\n"
    }

    private static func logfmt(_ record: LogRecord) -> String {
        var line = "ts=\(time(record)) level=\(record.level.name) target=\(HarmlessText.field(.string(record.target)))"
        line += " msg=\(HarmlessText.field(.string(record.message)))"
        if let context = record.context { line += " trace_id=\(context.traceID) span_id=\(context.spanID)" }
        if record.weight > 1 { line += " sample_weight=\(record.weight)" }
        for (name, value) in record.fields { line += " \(key(name))=\(HarmlessText.field(value))" }
        return line + "\n"
    }

    /// A name without what would end it in logfmt.
    private static func key(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x7f }
        guard !isPlain else { return HarmlessText.bare(name) }
        return name.isEmpty ? "_" : HarmlessText.bare(String(name.map { " =\"\t\n".contains($0) ? "_" : $0 }))
    }

    private static func time(_ record: LogRecord) -> String {
        RFC3339.string(nanosecondsSinceEpoch: record.nanosecondsSinceEpoch, fractionDigits: 3)
    }
}
