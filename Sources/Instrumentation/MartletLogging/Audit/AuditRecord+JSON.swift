public import MartletCore

extension AuditRecord {
    /// The record as one object of JSON on one line, with always the same keys and no character that could forge another.
    ///
    /// - Parameters:
    ///   - time: When it was done, in nanoseconds since the epoch.
    ///   - number: The record's number in its log; `nil` leaves the member out, for who gives numbers himself.
    ///   - traceID: The trace in which it was done, where the record does not tell.
    ///   - redaction: Which particulars hold secrets.
    /// - Returns: The object, without a line feed.
    public func json(time: Int64, number: UInt64?, traceID: TraceID?, redaction: Redaction = Redaction()) -> String {
        var details = details
        redaction.apply(to: &details)
        var fields: LogFields = [:]
        if let number { fields = ["number": LogValue(number)] }
        let rest: LogFields = [
            "timestamp": .string(RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9)),
            "actor": .string(actor), "operation": .string(operation), "resource": .string(resource),
            "outcome": .string(outcome.rawValue), "reason": .string(reason), "component": .string(component),
            "trace_id": .init(optional: (self.traceID ?? traceID).map { "\($0)" }), "details": .fields(details),
        ]
        fields.append(contentsOf: rest)
        return HarmlessText.json(fields)
    }
}
