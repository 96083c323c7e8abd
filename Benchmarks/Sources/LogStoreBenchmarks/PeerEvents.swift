import Foundation
import MartletCore
import MartletOTLP

/// The events that the peers of the benchmarks store too, read from their generator's JSON lines with fixed keys.
struct PeerEvents {
    private let bytes: [UInt8]
    private var at = 0

    init(file: String) throws {
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe))
    }

    /// The next events as a request, `nil` behind the last.
    mutating func request(_ count: Int) -> (request: LogsRequest, events: Int)? {
        var entries: [LogEntry] = []
        while entries.count < count, let entry = next() { entries.append(entry) }
        guard !entries.isEmpty else { return nil }
        let scope = ScopeLogs(scope: InstrumentationScope(name: "bench"), entries: entries)
        let resource = Resource(attributes: [Attribute("service.name", "bench")])
        return (LogsRequest(resourceLogs: [ResourceLogs(resource: resource, scopeLogs: [scope])]), entries.count)
    }

    private mutating func next() -> LogEntry? {
        guard at < bytes.count else { return nil }
        let time = value("\"timestamp\":\"")
        let level = value("\"level\":\"")
        let attributes = ["component", "operation", "user", "resource"].map {
            Attribute($0, value("\"\($0)\":\""))
        }
        let duration = Double(value("\"duration_ms\":", end: 0x2c)) ?? 0
        let trace = value("\"trace_id\":\"")
        let message = value("\"message\":\"")
        while at < bytes.count, bytes[at] != 0x0a { at += 1 }
        at += 1
        let severity: UInt8 =
            switch level {
            case "debug": 5
            case "info": 9
            case "warn": 13
            case "error": 17
            default: 21
            }
        return LogEntry(
            time: UInt64(RFC3339.nanosecondsSinceEpoch(time) ?? 0),
            severity: severity,
            severityText: level,
            body: .string(message),
            attributes: attributes + [Attribute("duration_ms", .double(duration))],
            traceID: TraceID(trace) ?? .none
        )
    }

    private mutating func value(_ key: String, end: UInt8 = 0x22) -> String {
        let key = Array(key.utf8)
        while !bytes[at...].starts(with: key) { at += 1 }
        at += key.count
        let start = at
        while bytes[at] != end { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }
}
