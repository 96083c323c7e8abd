public import MartletCore
import MartletHTTPClient
public import MartletLogging

/// Writes audit records to a server, and tells the caller when that fails.
///
/// An `append` that returns has been acknowledged by the server, durable as it is configured to be. Nothing is queued and nothing
/// tried again: after an error the record may or may not be in the ledger, and the operation it tells of should not go on.
public struct RemoteAuditLog: Sendable {
    private let url: String
    private let client: HTTPClient
    private let timeout: Duration
    private let redaction: Redaction
    private let clock: any WallClock

    /// Creates a log; nothing is sent before the first record.
    ///
    /// - Parameters:
    ///   - url: The server, such as `http://127.0.0.1:9090`.
    ///   - timeout: How long an answer may take.
    ///   - redaction: Which particulars hold secrets.
    ///   - clock: Tells when things were done.
    /// - Throws: `LogSinkError` where no client can be made.
    public init(
        url: String,
        timeout: Duration = .seconds(10),
        redaction: Redaction = Redaction(),
        clock: any WallClock = SystemWallClock()
    ) throws(LogSinkError) {
        self.url = (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v1/audit"
        self.timeout = timeout
        self.redaction = redaction
        self.clock = clock
        do {
            client = try HTTPClient()
        } catch {
            throw LogSinkError("cannot make a client for the audit log at \(url): \(error)")
        }
    }

    /// Writes a record.
    ///
    /// - Returns: The record's number in the server's ledger, from 1.
    /// - Throws: `LogSinkError` where the server did not acknowledge it.
    @discardableResult
    public func append(_ record: AuditRecord) async throws(LogSinkError) -> UInt64 {
        try await append([record])
    }

    /// Writes records, all or none.
    ///
    /// - Returns: The number of the first; the others follow it.
    /// - Throws: `LogSinkError` where the server did not acknowledge them.
    @discardableResult
    public func append(_ records: [AuditRecord]) async throws(LogSinkError) -> UInt64 {
        let traceID = SpanContext.current?.traceID
        return try await append(lines: records.map { line($0, traceID) })
    }

    /// A record as it is sent: done now.
    func line(_ record: AuditRecord, _ traceID: TraceID?) -> String {
        record.json(time: clock.nanosecondsSinceEpoch, number: nil, traceID: traceID, redaction: redaction)
    }

    func append(lines: [String]) async throws(LogSinkError) -> UInt64 {
        var request = OutgoingRequest("POST", url: url, body: Array(lines.joined(separator: "\n").utf8))
        request.headers.append(("Content-Type", "application/x-ndjson"))
        request.timeout = timeout
        let response: IncomingResponse
        do {
            response = try await client.send(request)
        } catch {
            throw LogSinkError("cannot write to the audit log at \(url): \(error)")
        }
        let answer = try? JSONParser.parse(response.body)
        guard response.status == 200, let first = answer?["data"]?["first"]?.integer(UInt64.self) else {
            let reason = answer?["error"]?.text ?? "no reason"
            throw LogSinkError("the audit log at \(url) answered \(response.status): \(reason)")
        }
        return first
    }
}
