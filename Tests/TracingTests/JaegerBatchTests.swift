import MartletCore
import MartletExport
import MartletJaeger
import MartletOTLP
import Testing

/// Jaeger's batches, as the types of PyPI jaeger-client write them.
@Suite("Jaeger batches")
struct JaegerBatchTests {
    private static let postedBinary = """
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
    private static let postedCompact = """
        1c180473686f70191c1804686f737415001801680000191c160416021606160818026f70191c1502160c160a160e00150216\
        8080f2818389850616f403197c18097370616e2e6b696e641500180673657276657200180173150018017800180169150646\
        0d00180164150227000000000000e03f0018037965731504310018026e6f1504320018056572726f7215043100191c16c881\
        f28183898506192c18056576656e741500180572657472790018016e1506460200000000
        """
    private static let datagramCompact = """
        82810009656d697442617463681c1c180473686f70191c1804686f737415001801680000191c160416021606160818026f70\
        191c1502160c160a160e001502168080f2818389850616f403197c18097370616e2e6b696e64150018067365727665720018\
        01731500180178001801691506460d00180164150227000000000000e03f0018037965731504310018026e6f150432001805\
        6572726f7215043100191c16c881f28183898506192c18056576656e741500180572657472790018016e1506460200000000\
        00
        """
    private static let datagramBinary = """
        8001000400000009656d69744261746368000000000c00010c00010b00010000000473686f700f00020c000000010b000100\
        000004686f7374080002000000000b0003000000016800000f00020c000000010a000100000000000000020a000200000000\
        000000010a000300000000000000030a000400000000000000040b0005000000026f700f00060c0000000108000100000001\
        0a000200000000000000060a000300000000000000050a0004000000000000000700080007000000010a000800060a24181e\
        40000a000900000000000000fa0f000a0c000000070b0001000000097370616e2e6b696e64080002000000000b0003000000\
        06736572766572000b00010000000173080002000000000b00030000000178000b00010000000169080002000000030a0006\
        fffffffffffffff9000b00010000000164080002000000010400043fe0000000000000000b00010000000379657308000200\
        00000202000501000b0001000000026e6f0800020000000202000500000b0001000000056572726f72080002000000020200\
        0501000f000b0c000000010a000100060a24181e40640f00020c000000020b0001000000056576656e74080002000000000b\
        0003000000057265747279000b0001000000016e080002000000030a000600000000000000010000000000
        """

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { place in
            UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) ?? 0
        }
    }

    private static let expected = TracesRequest(resourceSpans: [
        ResourceSpans(
            resource: Resource(attributes: [Attribute("service.name", "shop"), Attribute("host", "h")]),
            scopeSpans: [
                ScopeSpans(
                    spans: [
                        FinishedSpan(
                            traceID: TraceID(high: 1, low: 2),
                            spanID: SpanID(3),
                            parentID: SpanID(4),
                            flags: 1,
                            name: "op",
                            kind: .server,
                            start: 1_700_000_000_000_000_000,
                            end: 1_700_000_000_000_250_000,
                            attributes: [
                                Attribute("s", "x"), Attribute("i", .int(-7)), Attribute("d", .double(0.5)),
                                Attribute("yes", .bool(true)), Attribute("no", .bool(false)),
                            ],
                            events: [
                                SpanEvent(
                                    time: 1_700_000_000_000_100_000,
                                    name: "retry",
                                    attributes: [Attribute("n", .int(1))]
                                )
                            ],
                            links: [SpanLink(traceID: TraceID(high: 5, low: 6), spanID: SpanID(7))],
                            status: .error()
                        )
                    ]
                )
            ]
        )
    ])

    @Test(arguments: [postedBinary, postedCompact])
    func `what is posted is read in either protocol`(_ hex: String) throws {
        let batch = try JaegerBatch(posted: Self.bytes(hex))
        #expect(batch.request == Self.expected && batch.count == 1)
    }

    @Test(arguments: [datagramCompact, datagramBinary])
    func `what is sent to an agent is read in either protocol`(_ hex: String) throws {
        #expect(try JaegerBatch(datagram: Self.bytes(hex)).request == Self.expected)
    }

    @Test(arguments: [postedBinary, postedCompact, datagramCompact, datagramBinary])
    func `every truncation is an error, and every flipped bit a value or an error`(_ hex: String) throws {
        let good = Self.bytes(hex)
        let isDatagram = hex == Self.datagramCompact || hex == Self.datagramBinary
        func read(_ bytes: [UInt8]) throws(JaegerError) -> JaegerBatch {
            isDatagram ? try JaegerBatch(datagram: bytes) : try JaegerBatch(posted: bytes)
        }
        for count in 0..<good.count {
            #expect(throws: JaegerError.self, "\(count) bytes") { _ = try read(Array(good[..<count])) }
        }
        var readable = 0
        for place in good.indices {
            for bit in 0..<8 {
                var bytes = good
                bytes[place] ^= 1 << UInt8(bit)
                if (try? read(bytes)) != nil { readable += 1 }
            }
        }
        #expect(readable > 0)
    }

    @Test func `claims of many elements and values deep in one another are refused without memory or recursion`() {
        // A binary batch whose list of spans claims two thousand million.
        #expect(throws: JaegerError.truncated(offset: 3)) {
            _ = try JaegerBatch(posted: [15, 0, 2, 12, 0x7f, 0xff, 0xff, 0xff])
        }
        // An unknown field with structures ten thousand deep.
        let deep = [UInt8](repeating: 0, count: 0) + (0..<10_000).flatMap { _ in [12, 0, 9] as [UInt8] }
        #expect(throws: JaegerError.self) { _ = try JaegerBatch(posted: deep) }
        // A text of a gigabyte.
        let text: [UInt8] = [12, 0, 1, 11, 0, 1, 0x40, 0, 0, 0, 1]
        #expect(throws: JaegerError.truncated(offset: 6)) { _ = try JaegerBatch(posted: text) }
        #expect(throws: JaegerError.self) { _ = try JaegerBatch(datagram: []) }
        #expect(throws: JaegerError.self) { _ = try JaegerBatch(datagram: Self.bytes(Self.postedBinary)) }
    }

    @Test func `what our exporter sends to an agent is read back`() async throws {
        let agent = try ExporterTests.Agent()
        let exporter = try JaegerAgentExporter(agent: "127.0.0.1:\(agent.port)")
        #expect(await exporter.export(ExporterTests.batch) == .success)
        var expected = ExporterTests.batch
        // A list is a text there, and of the flags only the first is told.
        expected[0].scopeSpans[0].spans[0].attributes[5] = Attribute("list", "[1]")
        expected[0].scopeSpans[0].spans[0].flags = 1
        #expect(try JaegerBatch(datagram: agent.receive()).request.resourceSpans == expected)
    }
}
