/// Where audit records go that come from where nobody can wait or act on a failure: observers, and events that are logged too.
///
/// What has to stop the operation it tells of, where it cannot be written, is appended to an ``AuditLog`` instead.
public protocol AuditSink: Sendable {
    /// Takes a record; a failure is counted, and told where the sink can.
    func write(_ record: AuditRecord)
}

extension AuditLog: AuditSink {
    /// Appends the record; ``failures`` tells how often that failed.
    public func write(_ record: AuditRecord) {
        _ = try? append(record)
    }
}
