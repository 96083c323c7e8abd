import MartletCore
import MartletOTLP
import Testing

@testable import MartletTraceStore

@Suite("Spans as they are read")
struct ParsedSpansTests {
    private static func text(_ generator: inout SeededGenerator) -> String {
        let length = [0, 1, 3, 7, 8, 15, 16, 100, 127, 128, 300].randomElement(using: &generator) ?? 0
        return String(repeating: Bool.random(using: &generator) ? "a" : "b", count: length)
    }

    private static func value(_ generator: inout SeededGenerator) -> AttributeValue {
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: .bool(.random(using: &generator))
        case 1: .int(.random(in: -3...300, using: &generator))
        case 2: .int(.random(in: .min ... .max, using: &generator))
        case 3: .double(.random(in: -1...1, using: &generator))
        case 4: .array([.int(1), .string("x")])
        case 5: .bytes([1, 2])
        case 6: .empty
        default: .string(text(&generator))
        }
    }

    private static func span(_ generator: inout SeededGenerator) -> FinishedSpan {
        func rarely<Some>(_ value: Some, _ otherwise: Some) -> Some {
            Int.random(in: 0..<12, using: &generator) == 0 ? value : otherwise
        }
        return FinishedSpan(
            traceID: TraceID(high: rarely(0, 1), low: rarely(0, .random(in: 0...9, using: &generator))),
            spanID: SpanID(rarely(0, .random(in: 1...UInt64.max, using: &generator))),
            parentID: SpanID(.random(in: 0...3, using: &generator)),
            traceState: rarely("a=b", ""),
            flags: .random(in: 0...0x301, using: &generator),
            name: text(&generator),
            kind: SpanKind(rawValue: .random(in: 0...5, using: &generator)) ?? .internal,
            start: rarely(.max, .random(in: 0...1 << 62, using: &generator)),
            end: rarely(0, .random(in: 0...1 << 62, using: &generator)),
            attributes: (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                Attribute(text(&generator), value(&generator))
            },
            droppedAttributes: rarely(3, 0),
            events: rarely([SpanEvent(time: 1, name: "e")], []),
            links: rarely([SpanLink(traceID: TraceID(high: 1, low: 1), spanID: SpanID(1))], []),
            status: rarely(.error("why"), rarely(.error(), .ok))
        )
    }

    private static func request(_ generator: inout SeededGenerator) -> [UInt8] {
        TracesRequest(
            resourceSpans: (0..<Int.random(in: 0...2, using: &generator)).map { number in
                ResourceSpans(
                    resource: Resource(attributes: [Attribute("service.name", "s\(number)")]),
                    scopeSpans: [ScopeSpans(spans: (0..<8).map { _ in span(&generator) })]
                )
            }
        ).encoded()
    }

    /// A span with what it names by numbers.
    private struct Whole: Equatable {
        var row: ParsedSpans.Row
        var trace: TraceID
        var name: ArraySlice<UInt8>
        var attributes: [Attribute]

        struct Attribute: Equatable {
            var key: ArraySlice<UInt8>
            var type: ValueType
            var bits: UInt64
            var text: ArraySlice<UInt8>
        }

        init(_ row: ParsedSpans.Row, _ parsed: ParsedSpans) {
            func text(_ place: ParsedSpans.Place) -> ArraySlice<UInt8> { parsed.bytes[place.range] }
            trace = parsed.traces[Int(row.trace)]
            name = text(parsed.names[Int(row.name)])
            attributes = row.values.map {
                let value = parsed.attributes[Int(parsed.values[$0])]
                return Attribute(key: text(value.key), type: value.type, bits: value.bits, text: text(value.place))
            }
            self.row = row
            (self.row.trace, self.row.name) = (0, 0)
        }
    }

    private static func spans(_ parsed: ParsedSpans?) -> [Whole]? {
        parsed.map { all in all.rows.map { Whole($0, all) } }
    }

    /// Whether the short way and the scanner make the same of a request, be it a refusal.
    private static func isSame(_ bytes: [UInt8], _ limits: TraceLimits) -> Bool {
        let quick = try? ParsedSpans(bytes, limits: limits)
        let scanned = try? ParsedSpans(bytes, limits: limits, isQuick: false)
        return spans(quick) == spans(scanned) && quick?.extras == scanned?.extras
            && quick?.refused == scanned?.refused && quick?.truncated == scanned?.truncated
            && quick?.firstRefusal == scanned?.firstRefusal
    }

    @Test func `the short way for plain spans gives what the scanner does`() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        var small = TraceLimits()
        (small.attributes, small.nameBytes, small.valueBytes) = (3, 10, 12)
        small.request.attributes = 40
        for round in 0..<2000 {
            var bytes = Self.request(&generator)
            // Half of them damaged.
            if round % 2 == 0, !bytes.isEmpty {
                let bit = UInt8.random(in: 0...7, using: &generator)
                bytes[.random(in: bytes.indices, using: &generator)] ^= 1 << bit
                if round % 4 == 0 { bytes.removeLast(.random(in: 0..<bytes.count, using: &generator)) }
            }
            guard Self.isSame(bytes, TraceLimits()), Self.isSame(bytes, small) else {
                Issue.record("seed \(seed), round \(round): \(bytes)")
                return
            }
        }
    }
}
