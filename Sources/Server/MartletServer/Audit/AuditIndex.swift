import MartletAudit
import MartletCore
import MartletEvents
import MartletLogStore
import MartletLogging
import MartletOTLP
import Synchronization

/// Copies audit events into a log store, so that they are found by the search language; the ledger stays what counts.
///
/// The copy is brought up to date before each search and every few seconds. Where it lost its end, in a power cut, it is filled
/// from the ledger again.
final class AuditIndex: Sendable {
    private static let batchMax = 2_000

    private let audit: AuditService
    private let logger: Logger
    private let last = Mutex<UInt64?>(nil)

    init(_ audit: AuditService, logger: Logger) {
        self.audit = audit
        self.logger = logger
    }

    /// Brings the copy up to date.
    func fill(_ logs: LogService) {
        do {
            guard let ledger = try audit.ledgerToRead() else { return }
            try last.withLock { last in
                var done = try last ?? Self.lastNumber(logs, audit.configuration.directory)
                let end = ledger.statistics.events
                while done < end {
                    var entries: [LogEntry] = []
                    var reached = done
                    try ledger.read(from: done + 1) { number, time, span in
                        entries.append(Self.entry(number, time, (0..<span.count).map { span[$0] }))
                        reached = number
                        return entries.count < Self.batchMax
                    }
                    guard reached > done else { break }
                    let resource = Resource(attributes: [Attribute("service.name", "audit")])
                    let batch = ResourceLogs(resource: resource, scopeLogs: [ScopeLogs(entries: entries)])
                    _ = try logs.append(LogsRequest(resourceLogs: [batch]))
                    done = reached
                    last = done
                }
                last = done
            }
        } catch {
            logger.warn("the index of audit events is behind", ["error": .string("\(error)")])
        }
    }

    /// The number of the last event that the copy has; many of the newest have one time.
    private static func lastNumber(_ logs: LogService, _ directory: String) throws -> UInt64 {
        guard LogStore.isThere(directory + "/index") else { return 0 }
        var query = LogQuery()
        query.limit = AuditAPI.eventsMax
        query.countsAll = false
        let records = try logs.storeToWrite().search(query).records
        return records.reduce(0) { highest, record in
            for attribute in record.entry.attributes where attribute.key == "number" {
                if case .int(let number) = attribute.value { return max(highest, UInt64(clamping: number)) }
            }
            return highest
        }
    }

    /// An event as a record of logs: who, what and how it ended as its text, all members as attributes.
    static func entry(_ number: UInt64, _ time: Int64, _ event: [UInt8]) -> LogEntry {
        let value = (try? JSONParser.parse(event)) ?? .null
        let text = { (key: String) in value[key]?.text ?? "" }
        let words = ["actor", "operation", "resource", "outcome", "reason"].map(text).filter { !$0.isEmpty }
        let severity: UInt8 =
            switch text("outcome") {
            case "failure": 17
            case "denied": 13
            default: 9
            }
        var attributes = [Attribute("number", .int(Int64(clamping: number)))]
        for key in ["actor", "operation", "resource", "outcome", "reason", "component", "timestamp"]
        where !text(key).isEmpty {
            attributes.append(Attribute(key, text(key)))
        }
        for (key, detail) in (value["details"]?.members ?? [:]).sorted(by: { $0.key < $1.key }).prefix(64) {
            attributes.append(Attribute(key, detail.text ?? detail.description))
        }
        return LogEntry(
            time: UInt64(clamping: time),
            severity: severity,
            body: .string(words.isEmpty ? String(decoding: event, as: UTF8.self) : words.joined(separator: " ")),
            attributes: attributes,
            traceID: TraceID(text("trace_id")) ?? .none,
            eventName: "audit"
        )
    }
}
