import MartletCore

/// The log records of a trace, each beneath its span.
struct SpanLogs {
    /// So many records are shown at most; the others are counted.
    static let recordsMax = 1000

    /// How many records were found, and not fetched.
    let notFetched: Int

    private var records: [SpanID: [JSONValue]] = [:]

    /// Records of a trace in the order of time.
    init(_ records: [JSONValue], matched: Int) {
        notFetched = max(0, matched - records.count)
        for record in records {
            self.records[SpanID(record["spanId"]?.text ?? "") ?? SpanID.none, default: []].append(record)
        }
    }

    /// Asks a server for the records of a trace.
    static func fetch(_ trace: TraceID, _ client: APIClient) async throws -> SpanLogs {
        let data = try await client.data(
            "/api/v1/logs/query",
            [("query", "trace:\(trace)"), ("direction", "forward"), ("limit", String(recordsMax))]
        )
        return SpanLogs(data["records"].elements.map(\.json), matched: Int(data["matched"].number))
    }

    /// How many records there are.
    var count: Int { records.values.reduce(notFetched) { $0 + $1.count } }

    /// Takes out the records of a span, so that each is shown once, whatever spans share an id.
    mutating func take(_ span: SpanID) -> [JSONValue] { records.removeValue(forKey: span) ?? [] }

    /// The records that no span took, in the order of time.
    var rest: [JSONValue] { records.values.joined().sorted { Self.time($0) < Self.time($1) } }

    /// When a record was written, in nanoseconds since the epoch.
    static func time(_ record: JSONValue) -> Int64 { Int64(record["time"]?.text ?? "") ?? 0 }

    /// A record in one line, its time told from the start of the trace.
    static func line(_ record: JSONValue, from start: Int64, service: String) -> String {
        let after = time(record) &- start
        let moment = (after < 0 ? "-" : "+") + DurationWords.text(abs(after))
        return "· \(moment) " + LogText.content(record, without: service)
    }
}
