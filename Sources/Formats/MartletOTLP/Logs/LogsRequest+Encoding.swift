import MartletCore

extension LogsRequest {
    /// The request as protobuf bytes, to be compressed and sent.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func encoded() -> [UInt8] {
        WireWriter.bytes(about: 256 + 256 * entryCount) { writer in
            for resource in resourceLogs.reversed() { writer.resourceLogs(resource) }
        }
    }
}

extension WireWriter {
    fileprivate mutating func resourceLogs(_ resource: ResourceLogs) {
        let mark = count
        text(3 << 3 | 2, ifSet: resource.schemaURL)
        for scope in resource.scopeLogs.reversed() { scopeLogs(scope) }
        self.resource(resource.resource)
        finish(1 << 3 | 2, mark)
    }

    private mutating func scopeLogs(_ scope: ScopeLogs) {
        let mark = count
        text(3 << 3 | 2, ifSet: scope.schemaURL)
        for entry in scope.entries.reversed() { self.entry(entry) }
        self.scope(scope.scope)
        finish(2 << 3 | 2, mark)
    }

    private mutating func entry(_ entry: LogEntry) {
        let mark = count
        text(12 << 3 | 2, ifSet: entry.eventName)
        if entry.observedTime != 0 { fixed64(11 << 3 | 1, entry.observedTime) }
        if entry.spanID.isValid { id(10 << 3 | 2, entry.spanID.bits) }
        if entry.traceID.isValid { id(9 << 3 | 2, entry.traceID.high, entry.traceID.low) }
        if entry.flags != 0 { fixed32(8 << 3 | 5, entry.flags) }
        number(7 << 3, ifSet: UInt64(entry.droppedAttributes))
        attributes(6 << 3 | 2, entry.attributes)
        if entry.body != .empty { value(5 << 3 | 2, entry.body) }
        text(3 << 3 | 2, ifSet: entry.severityText)
        number(2 << 3, ifSet: UInt64(entry.severity))
        if entry.time != 0 { fixed64(1 << 3 | 1, entry.time) }
        finish(2 << 3 | 2, mark)
    }
}
