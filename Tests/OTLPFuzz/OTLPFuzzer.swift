import MartletCore
import MartletOTLP

struct OTLPFuzzer {
    /// How many damaged requests could be read all the same.
    private(set) var read = 0

    private let seed: UInt64
    private var random: UInt64
    private let traces: [UInt8]
    private let logs: [UInt8]
    private let metrics: [UInt8]
    private let texts: [[UInt8]]

    init(seed: UInt64) {
        self.seed = seed
        random = seed
        let attributes = [
            Attribute("s", "text"), Attribute("i", .int(-1)), Attribute("d", .double(0.5)), Attribute("b", .bool(true)),
            Attribute("l", .array([.string("x"), .map([Attribute("k", .bytes([1, 2, 3]))]), .empty])),
        ]
        let resource = Resource(attributes: attributes)
        let span = FinishedSpan(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(3),
            parentID: SpanID(4),
            traceState: "a=b",
            flags: 0x101,
            name: "span",
            kind: .server,
            start: 1 << 60,
            end: 1 << 61,
            attributes: attributes,
            events: [SpanEvent(time: 5, name: "event", attributes: attributes)],
            links: [SpanLink(traceID: TraceID(high: 6, low: 7), spanID: SpanID(8), attributes: attributes)],
            status: .error("no")
        )
        let traces = TracesRequest(
            resourceSpans: [ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(spans: [span, span])])]
        )
        let entry = LogEntry(
            time: 1,
            severity: 9,
            severityText: "INFO",
            body: .map(attributes),
            attributes: attributes,
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(3),
            eventName: "e"
        )
        let logs = LogsRequest(
            resourceLogs: [ResourceLogs(resource: resource, scopeLogs: [ScopeLogs(entries: [entry, entry])])]
        )
        let points = [NumberPoint(attributes: attributes, start: 1, time: 2, value: .int(3))]
        let metrics = MetricsRequest(
            resourceMetrics: [
                ResourceMetrics(
                    resource: resource,
                    scopeMetrics: [
                        ScopeMetrics(metrics: [Metric(name: "m", points: .sum(points, .cumulative, isMonotonic: true))])
                    ]
                )
            ]
        )
        (self.traces, self.logs, self.metrics) = (traces.encoded(), logs.encoded(), metrics.encoded())
        texts = [traces.json(), logs.json()]
    }

    mutating func run(_ count: Int) {
        for _ in 0..<count { once() }
    }

    private mutating func once() {
        switch below(5) {
        case 0:
            guard let value = try? TracesRequest(decoding: damaged(traces)) else { return }
            read += 1
            check(try? TracesRequest(decoding: value.encoded()), value.encoded()) { $0.encoded() }
        case 1:
            guard let value = try? LogsRequest(decoding: damaged(logs)) else { return }
            read += 1
            check(try? LogsRequest(decoding: value.encoded()), value.encoded()) { $0.encoded() }
        case 2:
            guard let value = try? MetricsRequest(decoding: damaged(metrics)) else { return }
            read += 1
            check(try? MetricsRequest(decoding: value.encoded()), value.encoded()) { $0.encoded() }
        case 3:
            guard let value = try? TracesRequest(json: damaged(texts[0])) else { return }
            read += 1
            check(try? TracesRequest(json: value.json()), value.encoded()) { $0.encoded() }
        default:
            guard let value = try? LogsRequest(json: damaged(texts[1])) else { return }
            read += 1
            check(try? LogsRequest(json: value.json()), value.encoded()) { $0.encoded() }
        }
    }

    /// Compared as bytes, in which numbers that are none equal themselves.
    private func check<Value>(_ again: Value?, _ bytes: [UInt8], _ encode: (Value) -> [UInt8]) {
        guard let again, encode(again) == bytes else {
            fatalError("what was read is not written to the same; run it again with the seed \(seed)")
        }
    }

    private mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(4) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(7) {
            case 0: bytes[place] ^= 1 << UInt8(below(8))
            case 1: bytes[place] = UInt8(below(256))
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(UInt8(below(256)), at: place)
            case 4: bytes.removeSubrange(place...)
            case 5:
                let end = min(bytes.count, place + below(64))
                bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count))
            // A length of many gigabytes.
            default: bytes.replaceSubrange(place...place, with: [0xff, 0xff, 0xff, 0xff, 0x7f])
            }
        }
        return bytes
    }

    private mutating func below(_ limit: Int) -> Int {
        random &+= 0x9e37_79b9_7f4a_7c15
        var bits = random
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((bits ^ bits >> 31) % UInt64(limit))
    }
}
