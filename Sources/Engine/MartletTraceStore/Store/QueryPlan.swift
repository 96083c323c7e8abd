import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

/// A query with what can be worked out before any span is looked at.
struct QueryPlan: Sendable {
    /// An attribute's condition: the value in every type it may have.
    struct AttributeTest: Sendable {
        var key: [UInt8]
        var text: [UInt8]
        var int: Int64?
        var double: Double?
        var bool: Bool?

        init(_ condition: TraceQuery.AttributeCondition) {
            key = Array(condition.key.utf8)
            text = Array(condition.value.utf8)
            int = Int64(condition.value)
            double = Double(condition.value)
            bool = condition.value == "true" ? true : condition.value == "false" ? false : nil
        }

        /// The bits that a value of a type without text must have; `nil` where none will do.
        func bits(_ type: ValueType) -> UInt64? {
            switch type {
            case .int: int.map { UInt64(bitPattern: $0) }
            case .double: double.map(\.bitPattern)
            case .bool: bool.map { $0 ? 1 : 0 }
            case .empty: text.isEmpty ? 0 : nil
            case .string, .bytes, .compound: nil
            }
        }
    }

    var service: [UInt8]?
    var operation: [UInt8]?
    var kind: UInt8?
    var status: UInt8?
    var attributes: [AttributeTest] = []
    var durations: ClosedRange<Int64>?
    var times: ClosedRange<Int64>?
    var texts: [[UInt8]] = []
    var filter: SpanPlan?
    /// The one trace that can be found, where the filter names it.
    var trace: TraceID?
    let limit: Int

    init(_ query: TraceQuery) {
        service = query.service.map { Array($0.utf8) }
        operation = query.operation.map { Array($0.utf8) }
        kind = query.kind?.rawValue
        status = query.status?.rawValue
        durations = query.durations
        times = query.times
        texts = query.texts.filter { !$0.isEmpty }.map { $0.utf8.map(Self.folded) }
        limit = max(0, query.limit)
        if let plan = query.filter?.plan {
            filter = plan
            trace = plan.onlyTrace
            if let range = plan.times(within: times ?? .min ... .max) {
                if range != .min ... .max { times = range }
            } else {
                filter = .nothing
            }
        }
        for condition in query.attributes {
            // What Jaeger's clients write as tags is not an attribute here.
            switch (condition.key, condition.value) {
            case ("error", "true"): status = SpanStatus.Code.error.rawValue
            case ("span.kind", let name):
                if let kind = SpanKind.allCases.first(where: { $0.name == name }) { self.kind = kind.rawValue }
            case ("otel.status_code", "ERROR"): status = SpanStatus.Code.error.rawValue
            case ("otel.status_code", "OK"): status = SpanStatus.Code.ok.rawValue
            default: attributes.append(AttributeTest(condition))
            }
        }
    }

    @inline(__always)
    static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }

    /// Whether a text contains what is sought, without regard to case in ASCII.
    static func contains(_ text: [UInt8], in content: Span<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        guard content.count >= text.count else { return false }
        for start in 0...(content.count - text.count) where folded(content[start]) == first {
            var place = 1
            while place < text.count, folded(content[start + place]) == text[place] { place += 1 }
            if place == text.count { return true }
        }
        return false
    }

    /// Whether a resource has an attribute.
    func resource(_ head: [UInt8], meets test: AttributeTest) -> Bool {
        Self.resourceAttributes(head).contains { attribute in
            attribute.key.utf8.elementsEqual(test.key) && attribute.value.text.utf8.elementsEqual(test.text)
        }
    }

    /// Whether the sought text is in one of a resource's attributes.
    static func contains(_ text: [UInt8], inResource head: [UInt8]) -> Bool {
        resourceAttributes(head).contains { contains(text, in: Array($0.value.text.utf8).span) }
    }

    /// The attributes of a resource from the stored heads.
    static func resourceAttributes(_ origin: [UInt8]) -> [Attribute] {
        var at = 0
        guard let size = origin.span.varint(&at), size <= UInt64(origin.count - at), size > 0 else { return [] }
        var message: [UInt8] = []
        SpanMessage.append(1, Array(origin[at..<(at + Int(size))]), to: &message)
        let request = try? TracesRequest(decoding: message)
        return request?.resourceSpans.first?.resource.attributes ?? []
    }
}

/// A trace that a query found.
struct TraceHit: Hashable, Sendable {
    var traceID: TraceID
    var start: Int64
}

extension Array<TraceHit> {
    /// Keeps the newest, each trace once.
    mutating func keepNewest(_ limit: Int) {
        sort { ($0.start, $0.traceID) > ($1.start, $1.traceID) }
        var seen: Set<TraceID> = []
        self = Array(filter { seen.insert($0.traceID).inserted }.prefix(limit))
    }
}
