import Foundation
import MartletCore
import MartletOTLP
import Testing

@Suite("OTLP traces")
struct OTLPTracesTests {
    /// What opentelemetry-proto 1.45.1 (PyPI) serialises ``value`` to.
    private static let golden = goldenBytes(
        """
        0ad3040a180a160a0c736572766963652e6e616d6512060a0473686f7012b3040a120a036c69621201311a080a016112030a0162
        12f7030a10000102030405060708090a0b0c0d0e0f120800010203040506071a07613d622c633d64220808090a0b0c0d0e0f2a0b
        474554202f6f726465727330023901002a36fe9c9717412c012a36fe9c97174a080a017312030a01784a100a016e120b18feffff
        ffffffffffff014a070a0162120210014a070a0166120210004a0e0a0164120921000000000000e03f4a0e0a016c12092a070a03
        0a01780a004a120a016d120d320b0a090a016b12043a0201024a050a016512004a0b0a05656d70747912020a0050015ae3010905
        00000000000000120265761ad1010a016b12cb010ac8017676767676767676767676767676767676767676767676767676767676
        76767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676
        76767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676
        76767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676
        767676767676767676767676767676200260ac026a320a10101112131415161718191a1b1c1d1e1f120820212223242526271a03
        713d7222080a017a120318ac022804350100000070057a081204626f6f6d180285010103000012200a1000010203040506070809
        0a0b0c0d0e0f120808090a0b0c0d0e0f7a0218011a01761a0175
        """
    )

    static let traceID = TraceID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f)

    private static let value = TracesRequest(
        resourceSpans: [
            ResourceSpans(
                resource: Resource(attributes: [Attribute("service.name", "shop")]),
                scopeSpans: [
                    ScopeSpans(
                        scope: InstrumentationScope(name: "lib", version: "1", attributes: [Attribute("a", "b")]),
                        spans: [
                            FinishedSpan(
                                traceID: traceID,
                                spanID: SpanID(0x0001_0203_0405_0607),
                                parentID: SpanID(0x0809_0a0b_0c0d_0e0f),
                                traceState: "a=b,c=d",
                                flags: 0x301,
                                name: "GET /orders",
                                kind: .server,
                                start: 1_700_000_000_000_000_001,
                                end: 1_700_000_000_000_000_300,
                                attributes: [
                                    Attribute("s", "x"), Attribute("n", .int(-2)), Attribute("b", .bool(true)),
                                    Attribute("f", .bool(false)), Attribute("d", .double(0.5)),
                                    Attribute("l", .array([.string("x"), .empty])),
                                    Attribute("m", .map([Attribute("k", .bytes([1, 2]))])), Attribute("e", .empty),
                                    Attribute("empty", ""),
                                ],
                                droppedAttributes: 1,
                                events: [
                                    SpanEvent(
                                        time: 5,
                                        name: "ev",
                                        attributes: [Attribute("k", String(repeating: "v", count: 200))],
                                        droppedAttributes: 2
                                    )
                                ],
                                droppedEvents: 300,
                                links: [
                                    SpanLink(
                                        traceID: TraceID(high: 0x1011_1213_1415_1617, low: 0x1819_1a1b_1c1d_1e1f),
                                        spanID: SpanID(0x2021_2223_2425_2627),
                                        traceState: "q=r",
                                        flags: 1,
                                        attributes: [Attribute("z", .int(300))],
                                        droppedAttributes: 4
                                    )
                                ],
                                droppedLinks: 5,
                                status: .error("boom")
                            ),
                            FinishedSpan(
                                traceID: traceID,
                                spanID: SpanID(0x0809_0a0b_0c0d_0e0f),
                                name: "",
                                kind: .unspecified,
                                start: 0,
                                end: 0,
                                status: .ok
                            ),
                        ],
                        schemaURL: "v"
                    )
                ],
                schemaURL: "u"
            )
        ]
    )

    @Test func `reads the golden bytes`() throws {
        #expect(try TracesRequest(decoding: Self.golden) == Self.value)
    }

    @Test func `writes the golden bytes`() {
        #expect(Self.value.encoded() == Self.golden)
    }

    @Test func `writes texts of every length and origin`() throws {
        // At most 15 bytes are in a text itself; others are literals, parts of texts, or had room made for them.
        let literal =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöü€😀0123456789abcdefghijklmnopqrstuvwxyz"
        var roomy = ""
        roomy.reserveCapacity(100)
        roomy += "short"
        var texts = [literal, roomy, String(literal.dropFirst(60)), String(literal.suffix(3)), "\u{0}", "é"]
        for length in 0...150 { texts.append(String(repeating: "x", count: length) + "y") }
        for length in 0...15 { texts.append(String(literal.prefix(length))) }
        let spans = texts.map { text in
            FinishedSpan(
                traceID: Self.traceID,
                spanID: SpanID(1),
                traceState: text,
                name: text,
                start: 1,
                end: 2,
                attributes: [Attribute(text, text), Attribute("n", .int(1)), Attribute(text, .double(2))],
                status: .error(text)
            )
        }
        let request = TracesRequest(resourceSpans: [ResourceSpans(scopeSpans: [ScopeSpans(spans: spans)])])
        #expect(try TracesRequest(decoding: request.encoded()) == request)
    }

    @Test func `attributes that are as those of the span behind are written all the same`() throws {
        let long = String(repeating: "long ", count: 80)
        let values: [AttributeValue] = [
            .string("GET"), .string("POST"), .string("a text of its own storage"), .string(long), .int(200), .int(500),
            .int(-1), .bool(true), .bool(false), .double(0.5), .double(-0.5), .bytes([1, 2]), .empty, .string(""),
            .array([.int(1), .string("x")]), .map([Attribute("k", .int(1))]),
        ]
        var generator = SystemRandomNumberGenerator()
        // Few keys and values, so that many stand at the same place as in the span behind, and more than are remembered.
        func attributes() -> [Attribute] {
            (0..<Int.random(in: 0...20, using: &generator)).map { place in
                let key = ["key", "a key of its own storage"][place % 2]
                let few = Bool.random(using: &generator) ? values.prefix(5) : values[...]
                return Attribute(key, few.randomElement(using: &generator) ?? .empty)
            }
        }
        for _ in 0..<50 {
            let spans = (0..<40).map { number in
                FinishedSpan(
                    traceID: Self.traceID,
                    spanID: SpanID(UInt64(number + 1)),
                    name: "",
                    start: 0,
                    end: 0,
                    attributes: attributes()
                )
            }
            let request = TracesRequest(
                resourceSpans: [
                    ResourceSpans(scopeSpans: [ScopeSpans(spans: spans), ScopeSpans(spans: Array(spans.reversed()))])
                ]
            )
            #expect(try TracesRequest(decoding: request.encoded()) == request)
        }
    }

    @Test func `writes more than the first span lets expect`() throws {
        var spans = Self.value.resourceSpans[0].scopeSpans[0].spans
        spans.swapAt(0, 1)
        for number in 0..<300 {
            spans[1].name = String(repeating: "n", count: number * 7)
            spans[1].attributes.append(Attribute("key \(number)", String(repeating: "v", count: number)))
            spans.append(spans[1])
        }
        let request = TracesRequest(resourceSpans: [ResourceSpans(scopeSpans: [ScopeSpans(spans: spans)])])
        let bytes = request.encoded()
        #expect(bytes.count > 4_000_000)
        #expect(try TracesRequest(decoding: bytes) == request)
    }

    @Test func `reads back the JSON that it writes`() throws {
        let text = Self.value.json()
        #expect(try TracesRequest(json: text) == Self.value)
        #expect(String(decoding: text, as: UTF8.self).contains("\"startTimeUnixNano\":\"1700000000000000001\""))
        #expect(String(decoding: text, as: UTF8.self).contains("\"kind\":2"))
    }

    @Test func `JSON carries numbers that are none`() throws {
        for number in [Double.infinity, -.infinity, .nan] {
            var request = Self.value
            request.resourceSpans[0].resource.attributes = [Attribute("x", .double(number))]
            let back = try TracesRequest(json: request.json())
            guard case .double(let read) = back.resourceSpans[0].resource.attributes[0].value else {
                Issue.record("\(number) is not read back as a number")
                continue
            }
            #expect(read == number || read.isNaN && number.isNaN)
        }
    }

    @Test func `every truncation and flipped bit gives a value or an error`() {
        for count in Self.golden.indices { _ = try? TracesRequest(decoding: Array(Self.golden[..<count])) }
        for place in Self.golden.indices {
            for bit in 0..<8 {
                var changed = Self.golden
                changed[place] ^= 1 << UInt8(bit)
                _ = try? TracesRequest(decoding: changed)
            }
        }
        let text = Self.value.json()
        for count in text.indices {
            #expect(throws: OTLPError.self) { _ = try TracesRequest(json: Array(text[..<count])) }
        }
        for place in text.indices {
            var changed = text
            changed[place] ^= 1 << UInt8(place % 8)
            _ = try? TracesRequest(json: changed)
        }
    }

    @Test func `a head behind its spans is told before them`() throws {
        let resource: [UInt8] = [0x0a, 0x09, 0x0a, 0x07, 0x0a, 0x01, 0x61, 0x12, 0x02, 0x18, 0x01]
        let span: [UInt8] = [0x12, 0x1c, 0x0a, 0x10] + Self.traceID.bytes + [0x12, 0x08] + [0, 0, 0, 0, 0, 0, 0, 7]
        let scopeSpans: [UInt8] = [0x12, UInt8(span.count)] + span
        let body = scopeSpans + resource
        let request = try TracesRequest(decoding: [0x0a, UInt8(body.count)] + body)
        #expect(request.resourceSpans[0].resource.attributes == [Attribute("a", .int(1))])
        #expect(request.resourceSpans[0].scopeSpans[0].spans.map(\.spanID) == [SpanID(7)])
    }

    @Test func `spans with bad ids are refused and the others read`() throws {
        var request = Self.value
        request.resourceSpans[0].scopeSpans[0].spans[0].traceID = .none
        var refusals: [SpanRefusal] = []
        let read = try TracesRequest(decoding: request.encoded()) { refusals.append($0) }
        #expect(read.spanCount == 1)
        #expect(refusals == [.traceID(bytes: 16)])
        #expect(refusals[0].description == "a trace id is all zeros")
        let json = """
            {"resourceSpans": [{"scopeSpans": [{"spans": [
                {"traceId": "0102", "spanId": "0000000000000001"},
                {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000000"},
                {"traceId": "00000000000000000000000000000001", "spanId": "01", "kind": 77},
                {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "parentSpanId": "02"},
                {"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "kind": 77}]}]}]}
            """
        refusals = []
        let taken = try TracesRequest(json: Array(json.utf8)) { refusals.append($0) }
        #expect(taken.spanCount == 1)
        #expect(
            refusals.map(\.description) == [
                "a trace id has 2 bytes instead of 16", "a span id is all zeros",
                "a span id has 1 bytes instead of 8", "the id of a parent has 1 bytes instead of 8",
            ]
        )
    }

    @Test func `texts that are not UTF-8 are repaired`() throws {
        var bytes = Self.golden
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "GET /orders".utf8) })
        bytes[place] = 0xff
        let request = try TracesRequest(decoding: bytes)
        #expect(request.resourceSpans[0].scopeSpans[0].spans[0].name == "\u{fffd}ET /orders")
    }

    @Test func `a length of a gigabyte in a short body is refused without memory`() {
        #expect(
            throws: OTLPError.protobuf(.lengthBeyondEnd(length: 1 << 30, available: 0, offset: 1))
        ) { _ = try TracesRequest(decoding: [0x0a, 0x80, 0x80, 0x80, 0x80, 0x04]) }
    }

    @Test func `lists ten thousand deep are an error and not the end`() throws {
        var body: [UInt8] = [0x0a, 0x01, 0x78]
        func wrapped(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            var head = [tag]
            var length = content.count
            while length >= 0x80 {
                head.append(UInt8(length & 0x7f) | 0x80)
                length >>= 7
            }
            return head + [UInt8(length)] + content
        }
        for _ in 0..<10_000 { body = wrapped(0x2a, wrapped(0x0a, body)) }
        let attribute = wrapped(0x0a, [0x0a, 0x01, 0x61] + wrapped(0x12, body))
        let request = wrapped(0x0a, wrapped(0x0a, attribute))
        #expect(throws: OTLPError.limitExceeded("values inside one another", limit: 32)) {
            _ = try TracesRequest(decoding: request)
        }
    }

    @Test(
        arguments: [
            (OTLPLimits(spans: 1), "there are over 1 spans; send smaller requests"),
            (OTLPLimits(attributes: 8), "there are over 8 attributes; send smaller requests"),
            (OTLPLimits(parts: 1), "there are over 1 events and links; send smaller requests"),
        ]
    )
    func `keeps to its limits`(limits: OTLPLimits, expected: String) {
        let errors = [
            #expect(throws: OTLPError.self) { _ = try TracesRequest(decoding: Self.golden, limits: limits) },
            #expect(throws: OTLPError.self) { _ = try TracesRequest(json: Self.value.json(), limits: limits) },
        ]
        #expect(errors.map { $0?.description } == [expected, expected])
    }

    @Test func `reads back random requests`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let request = TracesRequest(
                resourceSpans: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    ResourceSpans(
                        resource: Resource(attributes: random.attributes()),
                        scopeSpans: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                            ScopeSpans(
                                scope: InstrumentationScope(name: random.text(), version: random.text()),
                                spans: (0..<Int.random(in: 0...5, using: &random)).map { _ in random.span() },
                                schemaURL: random.text()
                            )
                        },
                        schemaURL: random.text()
                    )
                }
            )
            #expect(try TracesRequest(decoding: request.encoded()) == request, "seed \(seed)")
            #expect(try TracesRequest(json: request.json()) == request, "seed \(seed)")
        }
    }

    @Test func `answers with what was refused`() throws {
        #expect(OTLPAnswer(.spans).protobuf() == [])
        #expect(OTLPAnswer(.spans).json() == Array("{}".utf8))
        let answer = OTLPAnswer(.spans, rejected: 3, message: "no")
        #expect(answer.protobuf() == [0x0a, 6, 8, 3, 0x12, 2, 0x6e, 0x6f])
        #expect(
            String(decoding: answer.json(), as: UTF8.self)
                == "{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"no\"}}"
        )
        #expect(try OTLPAnswer(.spans, decoding: answer.protobuf()) == answer)
        #expect(try OTLPAnswer(.spans, json: answer.json()) == answer)
    }

    @Test(.enabled(if: Conformance.data("otlp/trace.json") != nil, "no conformance data; set MARTLET_CONFORMANCE_DIR"))
    func `reads the example of the specification`() throws {
        let data = try #require(Conformance.data("otlp/trace.json"))
        let request = try TracesRequest(json: Array(data))
        let span = try #require(request.resourceSpans.first?.scopeSpans.first?.spans.first)
        #expect(span.name == "I'm a server span")
        #expect(span.traceID.description == "5b8efff798038103d269b633813fc60c")
        #expect(span.parentID.description == "eee19b7ec3c1b173")
        #expect(span.kind == .server)
        #expect(span.durationNanoseconds == 1_000_000_000)
        #expect(span["my.span.attr"] == .string("some value"))
        // The size of what opentelemetry-proto 1.45.1 makes of the same file.
        #expect(request.encoded().count == 214)
    }
}
