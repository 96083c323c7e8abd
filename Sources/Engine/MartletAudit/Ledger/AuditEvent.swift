import MartletCore

/// An event as the server itself writes it: one object of JSON with always the same keys.
package struct AuditEvent: Sendable {
    package var actor: String
    package var operation: String
    package var resource: String
    package var outcome: String
    package var reason: String
    package var component: String
    package var traceID: String?
    package var details: [(name: String, value: String)]

    package init(
        actor: String,
        operation: String,
        resource: String,
        outcome: String,
        reason: String = "",
        component: String = "",
        traceID: String? = nil,
        details: [(name: String, value: String)] = []
    ) {
        self.actor = actor
        self.operation = operation
        self.resource = resource
        self.outcome = outcome
        self.reason = reason
        self.component = component
        self.traceID = traceID
        self.details = details
    }

    /// The event as bytes for the ledger.
    package func json(time: Int64) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("timestamp", RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9))
            object.member("actor", actor)
            object.member("operation", operation)
            object.member("resource", resource)
            object.member("outcome", outcome)
            object.member("reason", reason)
            object.member("component", component)
            object.key("trace_id")
            if let traceID { object.string(traceID) } else { object.null() }
            object.member(
                "details",
                object: { part in
                    for detail in details { part.member(detail.name, detail.value) }
                }
            )
        }
        return writer.bytes
    }
}
