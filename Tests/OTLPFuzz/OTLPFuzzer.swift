import MartletCore
import MartletJaeger
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
    private let batches: [[UInt8]]

    /// Metrics of all kinds, as a client writes them in JSON.
    private static let metricsText = """
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeMetrics":[\
        {"scope":{"name":"l"},"metrics":[{"name":"sum","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,\
        "dataPoints":[{"asInt":"5","startTimeUnixNano":"1","timeUnixNano":"2","attributes":[{"key":"a","value":{"arrayValue":\
        {"values":[{"intValue":"1"},{"doubleValue":0.5}]}}}]}]}},{"name":"g","gauge":{"dataPoints":[{"asDouble":1e-3,\
        "timeUnixNano":2}]}},{"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"3","sum":6,\
        "bucketCounts":["1","2"],"explicitBounds":[1],"timeUnixNano":"2"}]}},{"name":"e","exponentialHistogram":\
        {"aggregationTemporality":2,"dataPoints":[{"count":"3","sum":1,"scale":2,"zeroCount":"1","positive":{"offset":1,\
        "bucketCounts":["1","1"]},"timeUnixNano":"2"}]}},{"name":"q","summary":{"dataPoints":[{"count":"1","sum":2,\
        "quantileValues":[{"quantile":0.5,"value":2}],"timeUnixNano":"2"}]}}]}]}]}
        """

    /// Jaeger's batches: posted in the binary protocol, sent as a datagram in the compact one.
    private static let posted = """
        0c00010b00010000000473686f700f00020c000000010b000100000004686f7374080002000000000b000300000001680000\
        0f00020c000000010a000100000000000000020a000200000000000000010a000300000000000000030a0004000000000000\
        00040b0005000000026f700f00060c00000001080001000000010a000200000000000000060a000300000000000000050a00\
        04000000000000000700080007000000010a000800060a24181e40000a000900000000000000fa0f000a0c000000070b0001\
        000000097370616e2e6b696e64080002000000000b000300000006736572766572000b00010000000173080002000000000b\
        00030000000178000b00010000000169080002000000030a0006fffffffffffffff9000b0001000000016408000200000001\
        0400043fe0000000000000000b0001000000037965730800020000000202000501000b0001000000026e6f08000200000002\
        02000500000b0001000000056572726f720800020000000202000501000f000b0c000000010a000100060a24181e40640f00\
        020c000000020b0001000000056576656e74080002000000000b0003000000057265747279000b0001000000016e08000200\
        0000030a0006000000000000000100000000
        """
    private static let datagram = """
        82810009656d697442617463681c1c180473686f70191c1804686f737415001801680000191c160416021606160818026f70\
        191c1502160c160a160e001502168080f2818389850616f403197c18097370616e2e6b696e64150018067365727665720018\
        01731500180178001801691506460d00180164150227000000000000e03f0018037965731504310018026e6f150432001805\
        6572726f7215043100191c16c881f28183898506192c18056576656e741500180572657472790018016e1506460200000000\
        00
        """

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
        texts = [traces.json(), logs.json(), Array(Self.metricsText.utf8)]
        batches = [Self.posted, Self.datagram].map { text in
            let digits = Array(text.utf8)
            return stride(from: 0, to: digits.count - 1, by: 2).map { place in
                UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) ?? 0
            }
        }
    }

    mutating func run(_ count: Int) {
        for _ in 0..<count { once() }
    }

    private mutating func once() {
        switch below(8) {
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
        case 4:
            guard let value = try? MetricsRequest(json: damaged(texts[2])) else { return }
            read += 1
            check(try? MetricsRequest(decoding: value.encoded()), value.encoded()) { $0.encoded() }
        case 5:
            guard let batch = try? JaegerBatch(posted: damaged(batches[0])) else { return }
            read += 1
            check(try? TracesRequest(json: batch.request.json()), batch.request.encoded()) { $0.encoded() }
        case 6:
            guard let batch = try? JaegerBatch(datagram: damaged(batches[1])) else { return }
            read += 1
            check(try? TracesRequest(json: batch.request.json()), batch.request.encoded()) { $0.encoded() }
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
