import MartletCore

extension LogsRequest {
    /// Reads a request from its JSON, already uncompressed.
    ///
    /// Members that are not known are skipped.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - limits: What it may hold at most.
    ///   - refused: Is told why for each record that is JSON but no record, and is left out.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(
        json bytes: [UInt8],
        limits: OTLPLimits = OTLPLimits(),
        refused: (OTLPError) -> Void = { _ in }
    ) throws(OTLPError) {
        var budget = OTLPBudget(limits)
        var reader = JSONReader(bytes)
        var list: [ResourceLogs] = []
        var refusals: [OTLPError] = []
        try reader.message { reader, name throws(OTLPError) in
            guard name == "resourceLogs" else { return try reader.skip() }
            try reader.array { reader throws(OTLPError) in
                list.append(try ResourceLogs(&reader, &budget, &refusals))
            }
        }
        try reader.end()
        self.init(resourceLogs: list)
        refusals.forEach(refused)
    }

    /// The request as JSON on one line, as OTLP files have it too.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("resourceLogs", array: resourceLogs) { $0.resourceLogs($1) } }
        return writer.bytes
    }
}

extension ResourceLogs {
    fileprivate init(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget,
        _ refusals: inout [OTLPError]
    ) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "resource": resource = try Resource(&reader, &budget)
            case "scopeLogs":
                try reader.array { reader throws(OTLPError) in
                    scopeLogs.append(try ScopeLogs(&reader, &budget, &refusals))
                }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension ScopeLogs {
    fileprivate init(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget,
        _ refusals: inout [OTLPError]
    ) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "scope": scope = try InstrumentationScope(&reader, &budget)
            case "logRecords":
                try reader.array { reader throws(OTLPError) in
                    try budget.takeSpan()
                    let start = reader
                    do throws(OTLPError) {
                        entries.append(try LogEntry(&reader, &budget))
                    } catch {
                        guard error.isOfOneEntry else { throw error }
                        // What is no JSON at all ends here.
                        reader = start
                        try reader.skip()
                        refusals.append(error)
                    }
                }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension LogEntry {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "timeUnixNano": time = try reader.uint64()
            case "observedTimeUnixNano": observedTime = try reader.uint64()
            case "severityNumber":
                let number = try reader.int64()
                severity = (1...24).contains(number) ? UInt8(number) : 0
            case "severityText": severityText = try reader.string()
            case "body": body = try AttributeValue(&reader, &budget, depth: 0)
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "droppedAttributesCount": droppedAttributes = UInt32(clamping: try reader.uint64())
            case "flags": flags = UInt32(clamping: try reader.uint64())
            case "traceId": traceID = try reader.hexadecimal().traceID ?? .none
            case "spanId": spanID = try reader.hexadecimal().spanID ?? .none
            case "eventName": eventName = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func resourceLogs(_ resource: ResourceLogs) {
        object {
            $0.resource(resource.resource)
            $0.member("scopeLogs", array: resource.scopeLogs) { $0.scopeLogs($1) }
            $0.member("schemaUrl", ifSet: resource.schemaURL)
        }
    }

    private mutating func scopeLogs(_ scope: ScopeLogs) {
        object {
            $0.scope(scope.scope)
            $0.member("logRecords", array: scope.entries) { $0.entry($1) }
            $0.member("schemaUrl", ifSet: scope.schemaURL)
        }
    }

    private mutating func entry(_ entry: LogEntry) {
        object {
            if entry.time != 0 { $0.member("timeUnixNano", text: entry.time) }
            if entry.observedTime != 0 { $0.member("observedTimeUnixNano", text: entry.observedTime) }
            $0.member("severityNumber", ifSet: UInt32(entry.severity))
            $0.member("severityText", ifSet: entry.severityText)
            if entry.body != .empty {
                $0.key("body")
                $0.value(entry.body)
            }
            $0.member("attributes", ifSet: entry.attributes)
            $0.member("droppedAttributesCount", ifSet: entry.droppedAttributes)
            $0.member("flags", ifSet: entry.flags)
            if entry.traceID.isValid { $0.member("traceId", entry.traceID.description) }
            if entry.spanID.isValid { $0.member("spanId", entry.spanID.description) }
            $0.member("eventName", ifSet: entry.eventName)
        }
    }
}
