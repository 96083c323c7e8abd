import MartletCore

extension TracesRequest {
    /// Reads a request from its protobuf bytes, already uncompressed.
    ///
    /// Fields that are not known are skipped; texts that are not UTF-8 are repaired with replacement characters.
    ///
    /// - Parameters:
    ///   - bytes: The message.
    ///   - limits: What it may hold at most.
    ///   - refused: Is told of each span whose ids can't be taken; such spans are left out.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(
        decoding bytes: [UInt8],
        limits: OTLPLimits = OTLPLimits(),
        refused: (SpanRefusal) -> Void = { _ in }
    ) throws(OTLPError) {
        var scanner = TraceScanner(limits: limits)
        var builder = Builder(bytes: bytes, depthMax: limits.depth)
        try scanner.scan(bytes.span, &builder)
        self.init(resourceSpans: builder.resourceSpans)
        builder.refusals.forEach(refused)
    }

    private struct Builder: TraceVisitor {
        let bytes: [UInt8]
        let depthMax: Int
        var resourceSpans: [ResourceSpans] = []
        var refusals: [SpanRefusal] = []

        mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
            let attributes = try WireResource(message, in: bytes.span).attributes
            resourceSpans.append(
                ResourceSpans(
                    resource: Resource(attributes: try attributes.values(in: bytes.span, depthMax: depthMax)),
                    schemaURL: bytes.span.text(schemaURL)
                )
            )
        }

        mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
            let scope = try InstrumentationScope(message, bytes.span, depthMax)
            resourceSpans[resourceSpans.count - 1].scopeSpans.append(
                ScopeSpans(scope: scope, schemaURL: bytes.span.text(schemaURL))
            )
        }

        mutating func span(_ span: borrowing WireSpan) throws(OTLPError) {
            let value = try span.value(in: bytes.span, depthMax: depthMax)
            let resource = resourceSpans.count - 1
            let scope = resourceSpans[resource].scopeSpans.count - 1
            resourceSpans[resource].scopeSpans[scope].spans.append(value)
        }

        mutating func refuse(_ refusal: SpanRefusal) {
            refusals.append(refusal)
        }
    }
}

extension InstrumentationScope {
    init(_ message: Range<Int>, _ bytes: Span<UInt8>, _ depthMax: Int) throws(OTLPError) {
        let scope = try WireScope(message, in: bytes)
        self.init(
            name: bytes.text(scope.name),
            version: bytes.text(scope.version),
            attributes: try scope.attributes.values(in: bytes, depthMax: depthMax)
        )
    }
}
