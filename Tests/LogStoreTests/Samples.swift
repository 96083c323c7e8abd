import Foundation
import MartletCore
import MartletLogStore
import MartletOTLP
import MartletSearch

/// A directory that is removed with the object.
final class TemporaryDirectory {
    let path = NSTemporaryDirectory() + "martlet-logs-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension LogStore {
    func search(_ text: String) throws -> LogAnswer {
        try search(LogQuery(try SearchExpression(parsing: text)))
    }

    /// The texts of what is found, the newest first.
    func bodies(_ text: String) throws -> [String] { try search(text).records.map(\.entry.body.text) }
}

enum Samples {
    /// Three records of a shop.
    static var shop: LogsRequest {
        let entries = [
            LogEntry(
                time: 1_700_000_000_000_000_000,
                severity: 9,
                severityText: "INFO",
                body: .string("GET /cart took 5 ms"),
                attributes: [Attribute("status", .int(200)), Attribute("duration_ms", .double(5.25))]
            ),
            LogEntry(
                time: 1_700_000_001_000_000_000,
                observedTime: 1_700_000_001_000_000_500,
                severity: 9,
                body: .string("user-42 paid 12.5 EUR"),
                attributes: [Attribute("status", .int(201)), Attribute("user", "user-42")],
                flags: 1,
                traceID: TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c),
                spanID: SpanID(0xb7ad_6b71_6920_3331)
            ),
            LogEntry(
                time: 1_700_000_002_000_000_000,
                severity: 17,
                body: .string("Connection refused by db-1"),
                attributes: [Attribute("detail", .map([Attribute("port", .int(5432))]))],
                droppedAttributes: 2,
                eventName: "db.error"
            ),
        ]
        return LogsRequest(
            resourceLogs: [
                ResourceLogs(
                    resource: Resource(attributes: [Attribute("service.name", "shop"), Attribute("host.name", "a1")]),
                    scopeLogs: [ScopeLogs(scope: InstrumentationScope(name: "checkout"), entries: entries)]
                )
            ]
        )
    }
}
