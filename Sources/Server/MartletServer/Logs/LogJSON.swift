import MartletCore
import MartletHTTPServer
import MartletLogStore
import MartletOTLP
import MartletSearch

/// Writes what a log store answers as JSON.
enum LogJSON {
    static func success(_ data: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("status", "success")
            $0.key("data")
            data(&$0)
        }
        return .json(writer.bytes)
    }

    static func response(
        _ answer: LogAnswer,
        step: Int64?,
        context: [(before: [StoredLog], after: [StoredLog])]? = nil
    ) -> HTTPResponse {
        success { writer in
            writer.object { writer in
                writer.member("records", array: Array(answer.records.enumerated())) { writer, entry in
                    append(entry.element, context?[entry.offset], to: &writer)
                }
                if let cursor = answer.cursor { writer.member("cursor", cursor.description) }
                writer.member("matched", answer.matched)
                writer.member("complete", answer.isComplete)
                if let step {
                    writer.member("stepNanoseconds", String(step))
                    writer.member("histogram", array: answer.histogram) { append($1, to: &$0) }
                }
                if !answer.facets.isEmpty { writer.member("facets", array: answer.facets) { append($1, to: &$0) } }
                if let table = answer.table {
                    writer.member("table") {
                        $0.member("columns", strings: table.columns)
                        $0.member("rows", array: table.rows) { writer, row in
                            writer.array(row) { $0.string($1) }
                        }
                    }
                }
                writer.member("notes", strings: answer.notes)
                writer.member("scanned", answer.scanned)
                writer.member("nextSequence", String(answer.nextSequence))
            }
        }
    }

    private static func append(_ bar: LogAnswer.Bar, to writer: inout JSONWriter) {
        writer.object {
            $0.member("start", String(bar.start))
            $0.member("count", bar.count)
            $0.member("levels") { writer in
                for (name, count) in bar.levels.sorted(by: { $0.key < $1.key }) { writer.member(name, count) }
            }
        }
    }

    private static func append(_ facet: LogAnswer.Facet, to writer: inout JSONWriter) {
        writer.object {
            $0.member("field", (facet.field.isAttribute ? "@" : "") + facet.field.name)
            $0.member("distinct", facet.distinct)
            $0.member("missing", facet.missing)
            $0.member("values", array: facet.values) { writer, value in
                writer.object {
                    $0.member("value", value.text)
                    $0.member("count", value.count)
                }
            }
        }
    }

    /// A record as one line.
    static func text(_ record: StoredLog) -> String {
        var writer = JSONWriter()
        append(record, nil, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func append(
        _ record: StoredLog,
        _ context: (before: [StoredLog], after: [StoredLog])?,
        to writer: inout JSONWriter
    ) {
        writer.object {
            $0.member("id", record.cursor.description)
            $0.member("sequence", String(record.sequence))
            $0.member("time", String(record.time))
            $0.member("timestamp", RFC3339.string(nanosecondsSinceEpoch: record.time, fractionDigits: 9))
            $0.member("severity", record.entry.severity)
            let level = SeverityWords.name(of: record.entry.severity)
            $0.member("level", level.isEmpty ? record.entry.severityText.lowercased() : level)
            if !record.entry.severityText.isEmpty { $0.member("severityText", record.entry.severityText) }
            $0.member("service", record.service)
            $0.key("body")
            append(record.entry.body, to: &$0)
            append("attributes", record.entry.attributes, to: &$0)
            append("resource", record.resource.attributes, to: &$0)
            if !record.scope.name.isEmpty { $0.member("scope", record.scope.name) }
            if !record.entry.eventName.isEmpty { $0.member("eventName", record.entry.eventName) }
            if record.entry.traceID.isValid { $0.member("traceId", record.entry.traceID.description) }
            if record.entry.spanID.isValid { $0.member("spanId", record.entry.spanID.description) }
            if record.entry.droppedAttributes > 0 { $0.member("droppedAttributes", record.entry.droppedAttributes) }
            if let context {
                $0.member("before", array: context.before) { append($1, nil, to: &$0) }
                $0.member("after", array: context.after) { append($1, nil, to: &$0) }
            }
        }
    }

    private static func append(_ name: String, _ attributes: [Attribute], to writer: inout JSONWriter) {
        writer.member(name) { writer in
            var seen: Set<String> = []
            // Of two attributes with one key, JSON can only have the first.
            for attribute in attributes where seen.insert(attribute.key).inserted {
                writer.key(attribute.key)
                append(attribute.value, to: &writer)
            }
        }
    }

    private static func append(_ value: AttributeValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .bytes: writer.string(value.text)
        case .empty: writer.null()
        case .bool, .int, .double, .array, .map: writer.raw(value.text)
        }
    }
}
