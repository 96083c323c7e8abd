import MartletCore
public import MartletOTLP

/// A batch of Jaeger's spans as an OTLP request.
///
/// What OpenTelemetry maps to tags when it writes for Jaeger (`span.kind`, `error`, `otel.*`, `w3c.tracestate`) becomes
/// fields again. Times are of whole microseconds there.
///
/// - SeeAlso: [jaeger.thrift](https://github.com/jaegertracing/jaeger-idl/blob/v0.5.0/thrift/jaeger.thrift)
public struct JaegerBatch: Sendable {
    /// The spans, under their process.
    public private(set) var request = TracesRequest()

    /// How many spans there are.
    public private(set) var count = 0

    /// How many spans a batch may have.
    public static let spansMax = 100_000

    /// How many tags, logs and references all spans of a batch may have together.
    public static let partsMax = 2_000_000

    private var parts = 0

    /// Reads what is posted to a collector: `Batch` in the binary protocol, or in the compact one.
    ///
    /// A compact batch begins with the field of its process, whose first byte no binary one can have.
    ///
    /// - Throws: ``JaegerError`` where the bytes make no batch.
    public init(posted bytes: [UInt8]) throws(JaegerError) {
        var reader = ThriftReader(bytes, bytes.first == 0x1c ? .compact : .binary)
        try read(&reader, depth: 0)
        guard reader.isAtEnd else { throw .malformed("something follows the batch", offset: reader.offset) }
    }

    /// Reads what is sent to an agent: the call `emitBatch` in the compact protocol, or in the binary one.
    ///
    /// - Throws: ``JaegerError`` where the bytes make no such call.
    public init(datagram bytes: [UInt8]) throws(JaegerError) {
        var reader = ThriftReader(bytes, bytes.first == 0x82 ? .compact : .binary)
        let name = try reader.message()
        guard name == "emitBatch" else {
            throw .malformed("the call \"\(name.prefix(64))\" that is none of emitBatch", offset: 0)
        }
        var batch = self
        try reader.structure(depth: 0) {
            (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
            guard field == 1, kind == .structure else { return false }
            try batch.read(&reader, depth: 1)
            return true
        }
        self = batch
    }

    private mutating func read(_ reader: inout ThriftReader, depth: Int) throws(JaegerError) {
        var (resource, spans) = (Resource(attributes: [Attribute("service.name", "")]), [ScopeSpans]())
        var batch = self
        try reader.structure(depth: depth) {
            (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
            switch (field, kind) {
            case (1, .structure): resource = try batch.process(&reader, depth: depth + 1)
            case (2, .list):
                let (kind, count) = try reader.list()
                guard kind == .structure else { throw .malformed("no list of spans stands", offset: reader.offset) }
                guard batch.count + count <= Self.spansMax else { throw .limitExceeded("spans", limit: Self.spansMax) }
                for _ in 0..<count {
                    let (scope, span) = try batch.span(&reader, depth: depth + 1)
                    batch.count += 1
                    if spans.last?.scope != scope { spans.append(ScopeSpans(scope: scope, spans: [])) }
                    spans[spans.count - 1].spans.append(span)
                }
            default: return false
            }
            return true
        }
        self = batch
        request.resourceSpans.append(ResourceSpans(resource: resource, scopeSpans: spans))
    }

    private mutating func process(_ reader: inout ThriftReader, depth: Int) throws(JaegerError) -> Resource {
        var (name, tags, batch) = ("", [Attribute](), self)
        try reader.structure(depth: depth) {
            (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
            switch (field, kind) {
            case (1, .text): name = try reader.text()
            case (2, .list): tags = try batch.tags(&reader, depth: depth)
            default: return false
            }
            return true
        }
        self = batch
        return Resource(attributes: [Attribute("service.name", name)] + tags)
    }

    private mutating func span(
        _ reader: inout ThriftReader,
        depth: Int
    ) throws(JaegerError) -> (InstrumentationScope, FinishedSpan) {
        var draft = JaegerSpanDraft()
        var batch = self
        try reader.structure(depth: depth) {
            (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
            switch (field, kind) {
            case (1, .int64): draft.traceLow = UInt64(bitPattern: try reader.integer(kind))
            case (2, .int64): draft.traceHigh = UInt64(bitPattern: try reader.integer(kind))
            case (3, .int64): draft.id = UInt64(bitPattern: try reader.integer(kind))
            case (4, .int64): draft.parent = UInt64(bitPattern: try reader.integer(kind))
            case (5, .text): draft.name = try reader.text()
            case (6, .list): draft.references = try batch.references(&reader, depth: depth)
            case (7, .int32): draft.flags = UInt32(truncatingIfNeeded: try reader.integer(kind))
            case (8, .int64): draft.start = try reader.integer(kind)
            case (9, .int64): draft.duration = try reader.integer(kind)
            case (10, .list): draft.tags = try batch.tags(&reader, depth: depth)
            case (11, .list): draft.logs = try batch.logs(&reader, depth: depth)
            default: return false
            }
            return true
        }
        self = batch
        return draft.span()
    }

    private mutating func references(
        _ reader: inout ThriftReader,
        depth: Int
    ) throws(JaegerError) -> [JaegerSpanDraft.Reference] {
        let count = try count(of: &reader)
        var references: [JaegerSpanDraft.Reference] = []
        for _ in 0..<count {
            var (type, low, high, id): (Int64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            try reader.structure(depth: depth + 1) {
                (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
                switch (field, kind) {
                case (1, .int32): type = try reader.integer(kind)
                case (2, .int64): low = UInt64(bitPattern: try reader.integer(kind))
                case (3, .int64): high = UInt64(bitPattern: try reader.integer(kind))
                case (4, .int64): id = UInt64(bitPattern: try reader.integer(kind))
                default: return false
                }
                return true
            }
            references.append(.init(isChildOf: type == 0, trace: TraceID(high: high, low: low), span: SpanID(id)))
        }
        return references
    }

    private mutating func logs(_ reader: inout ThriftReader, depth: Int) throws(JaegerError) -> [SpanEvent] {
        let count = try count(of: &reader)
        var (events, batch): ([SpanEvent], JaegerBatch) = ([], self)
        for _ in 0..<count {
            var (time, tags): (Int64, [Attribute]) = (0, [])
            try reader.structure(depth: depth + 1) {
                (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
                switch (field, kind) {
                case (1, .int64): time = try reader.integer(kind)
                case (2, .list): tags = try batch.tags(&reader, depth: depth + 1)
                default: return false
                }
                return true
            }
            let place = tags.firstIndex { $0.key == "event" }
            let name = place.map { tags.remove(at: $0).value.text } ?? ""
            events.append(SpanEvent(time: JaegerSpanDraft.nanoseconds(time), name: name, attributes: tags))
        }
        self = batch
        return events
    }

    private mutating func tags(_ reader: inout ThriftReader, depth: Int) throws(JaegerError) -> [Attribute] {
        let count = try count(of: &reader)
        var tags: [Attribute] = []
        for _ in 0..<count {
            var (key, type): (String, Int64) = ("", 0)
            var values: [Int64: AttributeValue] = [:]
            try reader.structure(depth: depth + 1) {
                (reader: inout ThriftReader, field: Int16, kind: ThriftReader.Kind) throws(JaegerError) in
                switch (field, kind) {
                case (1, .text): key = try reader.text()
                case (2, .int32): type = try reader.integer(kind)
                case (3, .text): values[0] = .string(try reader.text())
                case (4, .double): values[1] = .double(try reader.double())
                case (5, .bool): values[2] = .bool(try reader.flag())
                case (6, .int64): values[3] = .int(try reader.integer(kind))
                case (7, .text): values[4] = .bytes(Array(try reader.data()))
                default: return false
                }
                return true
            }
            tags.append(Attribute(key, values[type] ?? .empty))
        }
        return tags
    }

    private mutating func count(of reader: inout ThriftReader) throws(JaegerError) -> Int {
        let (kind, count) = try reader.list()
        guard count == 0 || kind == .structure else {
            throw .malformed("a list of something else stands", offset: reader.offset)
        }
        parts += count
        guard parts <= Self.partsMax else { throw .limitExceeded("tags, logs and references", limit: Self.partsMax) }
        return count
    }
}
