import MartletCore

extension LogsRequest {
    /// Reads a request from its protobuf bytes, already uncompressed.
    ///
    /// Fields that are not known are skipped; texts that are not UTF-8 are repaired with replacement characters.
    ///
    /// - Parameters:
    ///   - bytes: The message.
    ///   - limits: What it may hold at most.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(decoding bytes: [UInt8], limits: OTLPLimits = OTLPLimits()) throws(OTLPError) {
        var scanner = LogScanner(limits: limits)
        var builder = Builder(bytes: bytes, depthMax: limits.depth)
        try scanner.scan(bytes.span, &builder)
        self.init(resourceLogs: builder.resourceLogs)
    }

    /// Reads what can be read of a request of which some records cannot.
    ///
    /// - Parameters:
    ///   - bytes: The message, already uncompressed.
    ///   - limits: What it may hold at most.
    ///   - refused: Is told why for each record that is left out.
    /// - Throws: ``OTLPError`` where the damage is not in a record.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(
        decoding bytes: [UInt8],
        limits: OTLPLimits = OTLPLimits(),
        refused: (OTLPError) -> Void
    ) throws(OTLPError) {
        var scanner = LogScanner(limits: limits)
        var builder = Builder(bytes: bytes, depthMax: limits.depth)
        builder.refused = []
        try scanner.scan(bytes.span, &builder)
        self.init(resourceLogs: builder.resourceLogs)
        builder.refused?.forEach(refused)
    }

    private struct Builder: LogVisitor {
        let bytes: [UInt8]
        let depthMax: Int
        var refused: [OTLPError]?
        var resourceLogs: [ResourceLogs] = []

        mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
            let attributes = try WireResource(message, in: bytes.span).attributes
            resourceLogs.append(
                ResourceLogs(
                    resource: Resource(attributes: try attributes.values(in: bytes.span, depthMax: depthMax)),
                    schemaURL: bytes.span.text(schemaURL)
                )
            )
        }

        mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
            let scope = try InstrumentationScope(message, bytes.span, depthMax)
            resourceLogs[resourceLogs.count - 1].scopeLogs.append(
                ScopeLogs(scope: scope, schemaURL: bytes.span.text(schemaURL))
            )
        }

        mutating func refuse(_ reason: OTLPError) throws(OTLPError) {
            guard refused != nil else { throw reason }
            refused?.append(reason)
        }

        mutating func log(_ log: borrowing WireLog) throws(OTLPError) {
            let value = try log.value(in: bytes.span, depthMax: depthMax)
            let resource = resourceLogs.count - 1
            let scope = resourceLogs[resource].scopeLogs.count - 1
            resourceLogs[resource].scopeLogs[scope].entries.append(value)
        }
    }
}
