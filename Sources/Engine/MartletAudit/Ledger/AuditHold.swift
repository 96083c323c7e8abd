package import MartletCore

/// An order not to delete events of a period, whatever the retention says.
package struct AuditHold: Hashable, Sendable {
    package var id: String
    /// The period, in nanoseconds since the epoch.
    package var start: Int64
    package var end: Int64
    package var reason: String
    package var actor: String
    package var created: Int64

    package init(id: String, start: Int64, end: Int64, reason: String, actor: String, created: Int64) {
        self.id = id
        self.start = start
        self.end = end
        self.reason = reason
        self.actor = actor
        self.created = created
    }

    /// Writes the hold as an object of JSON.
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("id", id)
            object.member("start", RFC3339.shortString(nanosecondsSinceEpoch: start))
            object.member("end", RFC3339.shortString(nanosecondsSinceEpoch: end))
            object.member("reason", reason)
            object.member("actor", actor)
            object.member("created", RFC3339.shortString(nanosecondsSinceEpoch: created))
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.text,
            let start = value["start"]?.text.flatMap({ RFC3339.nanosecondsSinceEpoch($0) }),
            let end = value["end"]?.text.flatMap({ RFC3339.nanosecondsSinceEpoch($0) })
        else { return nil }
        self.id = id
        self.start = start
        self.end = end
        reason = value["reason"]?.text ?? ""
        actor = value["actor"]?.text ?? ""
        created = value["created"]?.text.flatMap { RFC3339.nanosecondsSinceEpoch($0) } ?? 0
    }
}
