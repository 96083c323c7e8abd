import MartletCore

extension TracesRequest {
    /// Reads a request from its JSON, already uncompressed.
    ///
    /// Members that are not known are skipped.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - limits: What it may hold at most.
    ///   - refused: Is told of each span whose ids can't be taken; such spans are left out.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(
        json bytes: [UInt8],
        limits: OTLPLimits = OTLPLimits(),
        refused: (SpanRefusal) -> Void = { _ in }
    ) throws(OTLPError) {
        var budget = OTLPBudget(limits)
        var reader = JSONReader(bytes)
        var list: [ResourceSpans] = []
        var refusals: [SpanRefusal] = []
        try reader.message { reader, name throws(OTLPError) in
            guard name == "resourceSpans" else { return try reader.skip() }
            try reader.array { reader throws(OTLPError) in
                list.append(try ResourceSpans(&reader, &budget, &refusals))
            }
        }
        try reader.end()
        self.init(resourceSpans: list)
        refusals.forEach(refused)
    }
}

extension ResourceSpans {
    fileprivate init(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget,
        _ refusals: inout [SpanRefusal]
    ) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "resource": resource = try Resource(&reader, &budget)
            case "scopeSpans":
                try reader.array { reader throws(OTLPError) in
                    scopeSpans.append(try ScopeSpans(&reader, &budget, &refusals))
                }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension ScopeSpans {
    fileprivate init(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget,
        _ refusals: inout [SpanRefusal]
    ) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "scope": scope = try InstrumentationScope(&reader, &budget)
            case "spans":
                try reader.array { reader throws(OTLPError) in
                    try budget.takeSpan()
                    switch try FinishedSpan.read(&reader, &budget) {
                    case .success(let span): spans.append(span)
                    case .failure(let refusal): refusals.append(refusal.reason)
                    }
                }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension FinishedSpan {
    fileprivate struct Refused: Error {
        let reason: SpanRefusal
    }

    fileprivate static func read(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget
    ) throws(OTLPError) -> Result<FinishedSpan, Refused> {
        var span = FinishedSpan(traceID: .none, spanID: .none, name: "", kind: .unspecified, start: 0, end: 0)
        var (traceID, spanID, parentID): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "traceId": traceID = try reader.hexadecimal()
            case "spanId": spanID = try reader.hexadecimal()
            case "parentSpanId": parentID = try reader.hexadecimal()
            case "traceState": span.traceState = try reader.string()
            case "flags": span.flags = UInt32(clamping: try reader.uint64())
            case "name": span.name = try reader.string()
            case "kind": span.kind = SpanKind(rawValue: UInt8(clamping: try reader.int64())) ?? .unspecified
            case "startTimeUnixNano": span.start = try reader.uint64()
            case "endTimeUnixNano": span.end = try reader.uint64()
            case "attributes": span.attributes = try Attribute.list(&reader, &budget)
            case "droppedAttributesCount": span.droppedAttributes = UInt32(clamping: try reader.uint64())
            case "events":
                try reader.array { reader throws(OTLPError) in span.events.append(try SpanEvent(&reader, &budget)) }
            case "droppedEventsCount": span.droppedEvents = UInt32(clamping: try reader.uint64())
            case "links":
                try reader.array { reader throws(OTLPError) in span.links.append(try SpanLink(&reader, &budget)) }
            case "droppedLinksCount": span.droppedLinks = UInt32(clamping: try reader.uint64())
            case "status": span.status = try SpanStatus(&reader)
            default: try reader.skip()
            }
        }
        let (trace, own, parent) = (traceID.traceID, spanID.spanID, parentID.isEmpty ? SpanID(0) : parentID.spanID)
        guard let trace, trace.isValid else { return .failure(Refused(reason: .traceID(bytes: traceID.count))) }
        guard let own, own.isValid else { return .failure(Refused(reason: .spanID(bytes: spanID.count))) }
        guard let parent else { return .failure(Refused(reason: .parentID(bytes: parentID.count))) }
        (span.traceID, span.spanID, span.parentID) = (trace, own, parent)
        return .success(span)
    }
}

extension SpanEvent {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        try budget.takePart()
        self.init(name: "")
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "timeUnixNano": time = try reader.uint64()
            case "name": self.name = try reader.string()
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "droppedAttributesCount": droppedAttributes = UInt32(clamping: try reader.uint64())
            default: try reader.skip()
            }
        }
    }
}

extension SpanLink {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        try budget.takePart()
        self.init(traceID: .none, spanID: .none)
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "traceId": traceID = try reader.hexadecimal().traceID ?? .none
            case "spanId": spanID = try reader.hexadecimal().spanID ?? .none
            case "traceState": traceState = try reader.string()
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "droppedAttributesCount": droppedAttributes = UInt32(clamping: try reader.uint64())
            case "flags": flags = UInt32(clamping: try reader.uint64())
            default: try reader.skip()
            }
        }
    }
}

extension SpanStatus {
    fileprivate init(_ reader: inout JSONReader) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "code": code = Code(rawValue: UInt8(clamping: try reader.int64())) ?? .unset
            case "message": message = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension [UInt8] {
    /// The id of a trace; `nil` where it has not its length.
    var traceID: TraceID? { span.traceID(0..<count) }

    /// The id of a span; `nil` where it has not its length.
    var spanID: SpanID? { span.spanID(0..<count) }
}
