import Foundation
import MartletCore
import MartletOTLP
import Testing

@Suite("OTLP metrics")
struct OTLPMetricsTests {
    /// What opentelemetry-proto 1.45.2 (PyPI) serialises ``value`` to.
    private static let golden = """
        0a86040a670a160a0c736572766963652e6e616d6512060a0473686f700a100a016e120b18feffffffffffffffff010a070a0162
        120210010a0e0a0164120921000000000000e03f0a0e0a016c12092a070a030a01780a000a120a016d120d320b0a090a016b1204
        3a0201021297030a120a036c69621201311a080a016112030a016212290a01671201641a01732a1e0a1c19020000000000000021
        000000000000f83f3a080a016b12030a017612620a01633a5d0a571101000000000000001902000000000000002a381102000000
        0000000019000000000000d03f220800010203040506072a10000102030405060708090a0b0c0d0e0f3a080a016612030a016731
        f9ffffffffffffff400110021801125b0a01684a560a521101000000000000001902000000000000002103000000000000002900
        000000000012403210010000000000000002000000000000003a08000000000000f03f59000000000000e03f6100000000000000
        401001125a0a016552550a5119020000000000000021090000000000000029000000000000f0bf30013902000000000000004207
        0805120301ac024a0508041201046100000000000000c069000000000000084071fca9f1d24d62503f100212360a01735a310a2f
        190200000000000000210100000000000000290000000000000040321209000000000000e03f1100000000000000401a01761a01
        75
        """

    private static let value = MetricsRequest(
        resourceMetrics: [
            ResourceMetrics(
                resource: Resource(
                    attributes: [
                        Attribute("service.name", "shop"), Attribute("n", .int(-2)), Attribute("b", .bool(true)),
                        Attribute("d", .double(0.5)), Attribute("l", .array([.string("x"), .empty])),
                        Attribute("m", .map([Attribute("k", .bytes([1, 2]))])),
                    ]
                ),
                scopeMetrics: [
                    ScopeMetrics(
                        scope: InstrumentationScope(name: "lib", version: "1", attributes: [Attribute("a", "b")]),
                        metrics: [gauge, counter, histogram, exponential, summary],
                        schemaURL: "v"
                    )
                ],
                schemaURL: "u"
            )
        ]
    )

    private static let gauge = Metric(
        name: "g",
        description: "d",
        unit: "s",
        points: .gauge([NumberPoint(attributes: [Attribute("k", "v")], time: 2, value: .double(1.5))])
    )

    private static let counter = Metric(
        name: "c",
        points: .sum(
            [
                NumberPoint(
                    start: 1,
                    time: 2,
                    value: .int(-7),
                    exemplars: [
                        MetricExemplar(
                            attributes: [Attribute("f", "g")],
                            time: 2,
                            value: .double(0.25),
                            traceID: Array(0..<16),
                            spanID: Array(0..<8)
                        )
                    ],
                    hasNoRecordedValue: true
                )
            ],
            .cumulative,
            isMonotonic: true
        )
    )

    private static let histogram = Metric(
        name: "h",
        points: .histogram(
            [
                HistogramPoint(
                    start: 1,
                    time: 2,
                    count: 3,
                    sum: 4.5,
                    bucketCounts: [1, 2],
                    explicitBounds: [1],
                    minimum: 0.5,
                    maximum: 2
                )
            ],
            .delta
        )
    )

    private static let exponential = Metric(
        name: "e",
        points: .exponentialHistogram(
            [
                ExponentialHistogramPoint(
                    time: 2,
                    count: 9,
                    sum: -1,
                    scale: -1,
                    zeroCount: 2,
                    zeroThreshold: 0.001,
                    positive: .init(offset: -3, counts: [1, 300]),
                    negative: .init(offset: 2, counts: [4]),
                    minimum: -2,
                    maximum: 3
                )
            ],
            .cumulative
        )
    )

    private static let summary = Metric(
        name: "s",
        points: .summary([SummaryPoint(time: 2, count: 1, sum: 2, quantiles: [.init(quantile: 0.5, value: 2)])])
    )

    private static let json = """
        {"resourceMetrics": [{"resource": {"attributes": [
          {"key": "service.name", "value": {"stringValue": "shop"}}, {"key": "n", "value": {"intValue": "-2"}},
          {"key": "b", "value": {"boolValue": true}}, {"key": "d", "value": {"doubleValue": 0.5}},
          {"key": "l", "value": {"arrayValue": {"values": [{"stringValue": "x"}, {}]}}},
          {"key": "m", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"bytesValue": "AQI="}}]}}}]},
         "schemaUrl": "u", "unknown": [{"x": [1, null, false, "y"]}],
         "scopeMetrics": [{"scope": {"name": "lib", "version": "1",
           "attributes": [{"key": "a", "value": {"stringValue": "b"}}]}, "schemaUrl": "v", "metrics": [
          {"name": "g", "description": "d", "unit": "s", "gauge": {"dataPoints": [
            {"timeUnixNano": "2", "asDouble": 1.5, "attributes": [{"key": "k", "value": {"stringValue": "v"}}]}]}},
          {"name": "c", "sum": {"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [
            {"startTimeUnixNano": "1", "timeUnixNano": 2, "asInt": "-7", "flags": 1, "exemplars": [
              {"timeUnixNano": "2", "asDouble": 0.25, "spanId": "0001020304050607",
               "traceId": "000102030405060708090A0B0C0D0E0F",
               "filteredAttributes": [{"key": "f", "value": {"stringValue": "\\u0067"}}]}]}]}},
          {"name": "h", "histogram": {"aggregationTemporality": 1, "dataPoints": [
            {"startTimeUnixNano": "1", "timeUnixNano": "2", "count": "3", "sum": 4.5, "bucketCounts": ["1", 2],
             "explicitBounds": [1], "min": 0.5, "max": 2, "exemplars": null}]}},
          {"name": "e", "exponentialHistogram": {"aggregationTemporality": 2, "dataPoints": [
            {"timeUnixNano": "2", "count": 9, "sum": -1, "scale": -1, "zeroCount": "2", "zeroThreshold": 1e-3,
             "positive": {"offset": -3, "bucketCounts": ["1", "300"]},
             "negative": {"offset": 2, "bucketCounts": ["4"]}, "min": -2, "max": 3}]}},
          {"name": "s", "summary": {"dataPoints": [
            {"timeUnixNano": "2", "count": "1", "sum": 2, "quantileValues": [{"quantile": 0.5, "value": 2}]}]}}
        ]}]}]}
        """

    private static var goldenBytes: [UInt8] {
        let digits = golden.filter { $0.isHexDigit }
        return stride(from: 0, to: digits.count, by: 2).compactMap { place in
            let start = digits.index(digits.startIndex, offsetBy: place)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }

    @Test func `reads the golden bytes`() throws {
        #expect(try MetricsRequest(decoding: Self.goldenBytes) == Self.value)
    }

    @Test func `writes the golden bytes`() {
        #expect(Self.value.encoded() == Self.goldenBytes)
    }

    @Test func `reads the same request as JSON`() throws {
        #expect(try MetricsRequest(json: Array(Self.json.utf8)) == Self.value)
    }

    @Test func `every truncation and flipped bit gives a value or an error`() {
        let bytes = Self.goldenBytes
        for count in bytes.indices { _ = try? MetricsRequest(decoding: Array(bytes[..<count])) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                _ = try? MetricsRequest(decoding: changed)
            }
        }
        let text = Array(Self.json.utf8)
        for count in text.indices {
            #expect(throws: OTLPError.self) { _ = try MetricsRequest(json: Array(text[..<count])) }
        }
        for place in text.indices {
            var changed = text
            changed[place] ^= 1 << UInt8(place % 8)
            _ = try? MetricsRequest(json: changed)
        }
    }

    @Test(
        arguments: [
            ("", "cannot read the OTLP JSON at byte 0: expected \"{\""),
            ("[]", "cannot read the OTLP JSON at byte 0: expected \"{\""),
            ("{} x", "cannot read the OTLP JSON at byte 3: something follows the value"),
            ("{\"a\" 1}", "cannot read the OTLP JSON at byte 5: expected \":\""),
            ("{\"a\": 1 \"b\"}", "cannot read the OTLP JSON at byte 8: expected \",\" or \"}\""),
            ("{\"a\": tru}", "cannot read the OTLP JSON at byte 6: expected true"),
            ("{\"a\": \"\\x\"}", "cannot read the OTLP JSON at byte 8: there is no such escape"),
            (
                "{\"a\": \"\\u00g0\"}",
                "cannot read the OTLP JSON at byte 9: a character's number has four hexadecimal digits"
            ),
            ("{\"a\": nan}", "cannot read the OTLP JSON at byte 6: expected null"),
            ("{\"a\": 0x1}", "cannot read the OTLP JSON at byte 7: expected \",\" or \"}\""),
            ("{\"resourceMetrics\": 1}", "cannot read the OTLP JSON at byte 20: expected \"[\""),
        ]
    )
    func `tells what is wrong with JSON`(text: String, expected: String) {
        let error = #expect(throws: OTLPError.self) { _ = try MetricsRequest(json: Array(text.utf8)) }
        #expect(error?.description == expected)
    }

    @Test func `stops where values stand too deep in one another`() {
        let deep = "{\"x\":" + String(repeating: "[", count: 100_000)
        #expect(throws: OTLPError.json("values stand over 128 deep in one another", offset: 133)) {
            _ = try MetricsRequest(json: Array(deep.utf8))
        }
        var value = AttributeValue.empty
        for _ in 0..<40 { value = .array([value]) }
        let request = MetricsRequest(
            resourceMetrics: [ResourceMetrics(resource: Resource(attributes: [Attribute("a", value)]))]
        )
        #expect(throws: OTLPError.limitExceeded("values inside one another", limit: 32)) {
            _ = try MetricsRequest(decoding: request.encoded())
        }
    }

    @Test(
        arguments: [
            (OTLPLimits(points: 4), "there are over 4 data points; send smaller requests"),
            (OTLPLimits(attributes: 11), "there are over 11 attributes; send smaller requests"),
            (OTLPLimits(buckets: 6), "there are over 6 buckets; send smaller requests"),
            (OTLPLimits(exemplars: 0), "there are over 0 exemplars; send smaller requests"),
        ]
    )
    func `keeps to its limits`(limits: OTLPLimits, expected: String) {
        let errors = [
            #expect(throws: OTLPError.self) { _ = try MetricsRequest(decoding: Self.goldenBytes, limits: limits) },
            #expect(throws: OTLPError.self) { _ = try MetricsRequest(json: Array(Self.json.utf8), limits: limits) },
        ]
        #expect(errors.map { $0?.description } == [expected, expected])
    }

    private static let example =
        (ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"].map { URL(filePath: $0) }
        ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/conformance"))
        .appending(path: "otlp/metrics.json")

    @Test(.enabled(if: (try? Data(contentsOf: example)) != nil, "no conformance data; set MARTLET_CONFORMANCE_DIR"))
    func `reads the example of the specification`() throws {
        let data = try Data(contentsOf: Self.example)
        let request = try MetricsRequest(json: Array(data))
        let scope = try #require(request.resourceMetrics.first?.scopeMetrics.first)
        #expect(request.resourceMetrics.first?.resource.attributes == [Attribute("service.name", "my.service")])
        #expect(scope.metrics.map(\.name) == ["my.counter", "my.gauge", "my.histogram", "my.exponential.histogram"])
        // The size of what opentelemetry-proto 1.45.2 makes of the same file.
        #expect(request.encoded().count == 636)
        #expect(try MetricsRequest(decoding: request.encoded()) == request)
    }

    @Test(
        arguments: [
            (.string("a\"b"), "a\"b"), (.bool(true), "true"), (.int(-7), "-7"), (.double(0.5), "0.5"),
            (.double(.infinity), "\"+Inf\""), (.bytes([1, 2, 3, 255]), "AQID/w=="), (.empty, ""),
            (.array([.string("a\"b"), .int(1), .empty, .bytes([0])]), "[\"a\\\"b\",1,null,\"AA==\"]"),
            (.map([Attribute("k", .bool(false)), Attribute("l", .array([]))]), "{\"k\":false,\"l\":[]}"),
        ] as [(AttributeValue, String)]
    )
    func `writes a value as a label holds it`(value: AttributeValue, text: String) {
        #expect(value.text == text)
    }

    @Test func `answers with nothing, or with what was refused`() {
        #expect(OTLPAnswer(.points).protobuf().isEmpty)
        #expect(OTLPAnswer(.points).json() == Array("{}".utf8))
        let answer = OTLPAnswer(.points, rejected: 3, message: "no")
        // From opentelemetry-proto 1.45.2.
        #expect(answer.protobuf() == [0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f])
        #expect(
            String(decoding: answer.json(), as: UTF8.self)
                == "{\"partialSuccess\":{\"rejectedDataPoints\":\"3\",\"errorMessage\":\"no\"}}"
        )
    }

    @Test func `reads odd texts and numbers of JSON`() throws {
        let text = """
            {"resourceMetrics":[{"resource":{"attributes":[
            {"key":"\\ud83d\\ude00\\ud800x\\n\\/\\b\\f\\r\\t\\"\\\\","value":{"doubleValue":"NaN"}},
            {"key":"i","value":{"doubleValue":"-Infinity"}},{"key":"e","value":{"intValue":1e3}},
            {"key":"s","value":{"bytesValue":"-_8"}}]}}]}
            """
        let attributes = try MetricsRequest(json: Array(text.utf8)).resourceMetrics[0].resource.attributes
        #expect(attributes[0].key == "😀\u{fffd}x\n/\u{8}\u{c}\r\t\"\\")
        #expect(attributes.dropFirst().map(\.value) == [.double(-.infinity), .int(1000), .bytes([0xfb, 0xff])])
    }
}
