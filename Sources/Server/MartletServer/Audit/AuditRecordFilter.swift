import MartletAudit
import MartletCore

/// Which audit events are asked for.
struct AuditRecordFilter: Sendable {
    /// The keys whose values can be asked for, in the order of reports and tables.
    static let keys = ["actor", "operation", "resource", "outcome", "component"]

    var wanted: [(key: String, values: [String])] = []
    var text: String?
    /// The period, in nanoseconds since the epoch.
    var start: Int64?
    var end: Int64?

    init(_ parameters: Parameters) throws(APIError) {
        for key in Self.keys {
            let values = parameters.values(of: key).filter { !$0.isEmpty }
            if !values.isEmpty { wanted.append((key, values)) }
        }
        text = parameters["text"]?.lowercased()
        start = try parameters.time("start").map { $0 * 1_000_000 }
        end = try parameters.time("end").map { $0 * 1_000_000 }
    }

    /// Whether an event is asked for; one that is no JSON has no fields.
    func matches(_ event: JSONValue, _ bytes: [UInt8], taken: Int64) -> Bool {
        if let start, taken < start { return false }
        if let end, taken > end { return false }
        for (key, values) in wanted {
            let value = event[key]?.text ?? ""
            let isWanted = values.contains { wanted in
                wanted.hasSuffix("*") ? value.hasPrefix(wanted.dropLast()) : value == wanted
            }
            guard isWanted else { return false }
        }
        guard let text else { return true }
        return String(decoding: bytes, as: UTF8.self).lowercased().contains(text)
    }
}
