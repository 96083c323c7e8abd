import MartletCore
import MartletHTTPServer
import MartletLogStore
import MartletOTLP
import MartletSearch
import Synchronization

/// Writes everything that a search finds, page by page, so that memory stays small whatever there is.
enum LogExport {
    private struct State {
        var query: LogQuery
        var isFirst = true
        var isOver = false
        var rest: Int
    }

    static func response(
        _ parameters: Parameters,
        _ logs: LogService,
        _ clock: any WallClock
    ) throws -> HTTPResponse {
        let format = parameters["format"] ?? "jsonl"
        guard format == "jsonl" || format == "csv" else {
            throw APIError.badParameter("format", "there are jsonl and csv; got \"\(format.prefix(40))\"")
        }
        var query = try LogParameters.query(parameters, clock, limitMax: .max)
        guard query.search.stage == nil else {
            throw APIError.badParameter("query", "only records are exported; leave out the part behind the bar")
        }
        if parameters["direction"] == nil { query.direction = .forward }
        let most = parameters["limit"] == nil ? query.search.limit ?? .max : query.limit
        query.limit = 1000
        query.search.limit = nil
        query.cursor = try LogParameters.cursor(parameters, "cursor")
        query.countsAll = false
        query.histogramStep = nil
        query.facets = []
        let fields = parameters.values(of: "fields").flatMap { $0.split(separator: ",") }.prefix(100).map(String.init)
        let state = Mutex(State(query: query, rest: most))
        let isCSV = format == "csv"
        // What is wrong is said before the first byte.
        _ = try logs.storeToRead()?.search(query)
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": isCSV ? "text/csv; charset=utf-8" : "application/x-ndjson"],
            body: .chunks {
                try state.withLock { state -> [UInt8]? in
                    guard !state.isOver else { return nil }
                    var text = ""
                    if state.isFirst, isCSV { text = LogCSV.header(fields) }
                    state.isFirst = false
                    let answer = try logs.storeToRead()?.search(state.query) ?? LogAnswer()
                    for record in answer.records.prefix(state.rest) {
                        text += isCSV ? LogCSV.row(record, fields) : LogJSON.text(record) + "\n"
                    }
                    state.rest -= min(state.rest, answer.records.count)
                    state.query.cursor = answer.cursor
                    state.isOver = answer.cursor == nil || state.rest == 0
                    return text.isEmpty ? nil : Array(text.utf8)
                }
            }
        )
    }
}

/// Records as comma-separated values.
enum LogCSV {
    static func header(_ fields: [String]) -> String {
        let names =
            fields.isEmpty
            ? ["time", "level", "service", "body", "trace_id", "span_id", "attributes"] : fields
        return names.map(cell).joined(separator: ",") + "\r\n"
    }

    static func row(_ record: StoredLog, _ fields: [String]) -> String {
        let cells =
            fields.isEmpty
            ? ["time", "level", "service", "message", "trace", "span"].map { value($0, record) } + [attributes(record)]
            : fields.map { value($0, record) }
        return cells.map(cell).joined(separator: ",") + "\r\n"
    }

    private static func attributes(_ record: StoredLog) -> String {
        AttributeValue.map(record.entry.attributes).text
    }

    private static func value(_ name: String, _ record: StoredLog) -> String {
        switch name {
        case "time", "timestamp": RFC3339.string(nanosecondsSinceEpoch: record.time, fractionDigits: 9)
        case "level", "severity": SeverityWords.name(of: record.entry.severity)
        case "service": record.service
        case "message", "body": record.entry.body.text
        case "trace", "trace_id": record.entry.traceID.isValid ? record.entry.traceID.description : ""
        case "span", "span_id": record.entry.spanID.isValid ? record.entry.spanID.description : ""
        default:
            (record.entry.attributes.first { $0.key == plain(name) }
                ?? record.resource.attributes.first { $0.key == plain(name) })?.value.text ?? ""
        }
    }

    private static func plain(_ name: String) -> String { name.hasPrefix("@") ? String(name.dropFirst()) : name }

    /// A cell, in quotation marks where it needs them; a spreadsheet must not take it for a formula.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
            text = "'" + text
        }
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
