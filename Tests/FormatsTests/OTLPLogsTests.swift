import Foundation
import MartletCore
import MartletOTLP
import Testing

@Suite("OTLP logs")
struct OTLPLogsTests {
    /// What opentelemetry-proto 1.45.1 (PyPI) serialises ``value`` to.
    private static let golden = goldenBytes(
        """
        0a9c010a180a160a0c736572766963652e6e616d6512060a0473686f70127d0a120a036c69621201311a080a016112030a016212
        5509070000000000000010111a054552524f522a070a0568656c6c6f32070a016b12021801380345010000004a10000102030405
        060708090a0b0c0d0e0f520800010203040506075908000000000000006203652e76120d2a0b32090a070a0161120210011a0176
        1a0175
        """
    )

    private static let value = LogsRequest(
        resourceLogs: [
            ResourceLogs(
                resource: Resource(attributes: [Attribute("service.name", "shop")]),
                scopeLogs: [
                    ScopeLogs(
                        scope: InstrumentationScope(name: "lib", version: "1", attributes: [Attribute("a", "b")]),
                        entries: [
                            LogEntry(
                                time: 7,
                                observedTime: 8,
                                severity: 17,
                                severityText: "ERROR",
                                body: .string("hello"),
                                attributes: [Attribute("k", .int(1))],
                                droppedAttributes: 3,
                                flags: 1,
                                traceID: OTLPTracesTests.traceID,
                                spanID: SpanID(0x0001_0203_0405_0607),
                                eventName: "e.v"
                            ),
                            LogEntry(body: .map([Attribute("a", .bool(true))])),
                        ],
                        schemaURL: "v"
                    )
                ],
                schemaURL: "u"
            )
        ]
    )

    @Test func `reads the golden bytes`() throws {
        #expect(try LogsRequest(decoding: Self.golden) == Self.value)
    }

    @Test func `writes the golden bytes`() {
        #expect(Self.value.encoded() == Self.golden)
    }

    @Test func `reads back the JSON that it writes`() throws {
        #expect(try LogsRequest(json: Self.value.json()) == Self.value)
        #expect(Self.value.entryCount == 2)
    }

    @Test func `every truncation and flipped bit gives a value or an error`() {
        for count in Self.golden.indices { _ = try? LogsRequest(decoding: Array(Self.golden[..<count])) }
        for place in Self.golden.indices {
            for bit in 0..<8 {
                var changed = Self.golden
                changed[place] ^= 1 << UInt8(bit)
                _ = try? LogsRequest(decoding: changed)
            }
        }
        let text = Self.value.json()
        for count in text.indices {
            #expect(throws: OTLPError.self) { _ = try LogsRequest(json: Array(text[..<count])) }
        }
    }

    @Test(
        arguments: [
            (
                OTLPLimits(spans: 1),
                [
                    "there are over 1 log records; send smaller requests",
                    "there are over 1 spans; send smaller requests",
                ]
            ),
            (
                OTLPLimits(attributes: 0),
                Array(repeating: "there are over 0 attributes; send smaller requests", count: 2)
            ),
        ]
    )
    func `keeps to its limits`(limits: OTLPLimits, expected: [String]) {
        let errors = [
            #expect(throws: OTLPError.self) { _ = try LogsRequest(decoding: Self.golden, limits: limits) },
            #expect(throws: OTLPError.self) { _ = try LogsRequest(json: Self.value.json(), limits: limits) },
        ]
        #expect(errors.map { $0?.description } == expected)
    }

    @Test func `severities that do not exist are none`() throws {
        let json =
            #"{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"severityNumber": 25}, {"severityNumber": 24}]}]}]}"#
        let request = try LogsRequest(json: Array(json.utf8))
        #expect(request.resourceLogs[0].scopeLogs[0].entries.map(\.severity) == [0, 24])
    }

    @Test func `answers with what was refused`() {
        #expect(OTLPAnswer(.records).protobuf() == [])
        #expect(
            String(decoding: OTLPAnswer(.records, rejected: 1, message: "m").json(), as: UTF8.self)
                == "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":\"m\"}}"
        )
    }

    @Test(
        .enabled(if: Conformance.data("otlp/logs.json") != nil, "no conformance data; set MARTLET_CONFORMANCE_DIR"),
        arguments: [("logs", 395), ("events", 373)]
    )
    func `reads the examples of the specification`(name: String, count: Int) throws {
        let data = try #require(Conformance.data("otlp/\(name).json"))
        let request = try LogsRequest(json: Array(data))
        // The sizes of what opentelemetry-proto 1.45.1 makes of the same files.
        #expect(request.encoded().count == count)
        #expect(try LogsRequest(decoding: request.encoded()) == request)
    }
}
