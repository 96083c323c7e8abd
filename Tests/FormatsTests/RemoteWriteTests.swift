import MartletCore
import MartletRemoteWrite
import Testing

@Suite("Remote write 1.0")
struct RemoteWriteTests {
    /// Worked by hand from the specification: `up{job="a"} 1.5` at 1000 ms, and the metadata of `up`.
    private static let golden: [UInt8] = [
        0x0a, 0x28,  // timeseries, 40 bytes
        0x0a, 0x0e, 0x0a, 0x08, 0x5f, 0x5f, 0x6e, 0x61, 0x6d, 0x65, 0x5f, 0x5f, 0x12, 0x02, 0x75, 0x70,  // __name__=up
        0x0a, 0x08, 0x0a, 0x03, 0x6a, 0x6f, 0x62, 0x12, 0x01, 0x61,  // job=a
        0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0xe8, 0x07,  // 1.5 at 1000
        0x1a, 0x0b, 0x08, 0x02, 0x12, 0x02, 0x75, 0x70, 0x22, 0x03, 0x55, 0x70, 0x2e,  // gauge up "Up."
    ]

    private static let value = WriteRequest(
        series: [
            WriteSeries(
                labels: [Label("__name__", "up"), Label("job", "a")],
                samples: [.init(timestamp: 1000, value: 1.5)]
            )
        ],
        metadata: [.init(name: "up", metadata: MetricMetadata(type: .gauge, help: "Up."))]
    )

    @Test func `reads the golden bytes`() throws {
        #expect(try WriteRequest(decoding: Self.golden) == Self.value)
    }

    @Test func `writes the golden bytes`() {
        #expect(Self.value.encoded() == Self.golden)
    }

    @Test func `an empty message is an empty request`() throws {
        #expect(try WriteRequest(decoding: []) == WriteRequest())
    }

    @Test func `every truncation and flipped bit gives a value or an error`() {
        for count in Self.golden.indices { _ = try? WriteRequest(decoding: Array(Self.golden[..<count])) }
        for place in Self.golden.indices {
            for bit in 0..<8 {
                var bytes = Self.golden
                bytes[place] ^= 1 << UInt8(bit)
                do {
                    _ = try WriteRequest(decoding: bytes)
                } catch {
                    #expect((0...bytes.count).contains(error.offset))
                }
            }
        }
    }

    @Test(
        arguments: [
            ([0x0a], .truncated(offset: 1)),
            ([0x0a, 0x05, 0x0a], .lengthBeyondEnd(length: 5, available: 1, offset: 1)),
            ([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .varintOverflow(offset: 1)),
            ([0x03], .invalidField(number: 0, offset: 0)),
            ([0x0b], .unknownWireType(3, offset: 0)),
            ([0x08, 0x01], .unexpectedWireType(field: 1, offset: 0)),
            ([0x21, 1, 2, 3], .truncated(offset: 1)),
            (
                [0x0a, 0x0c, 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00],
                .lengthBeyondEnd(length: .max, available: 1, offset: 3)
            ),
        ] as [([UInt8], RemoteWriteError)]
    )
    func `tells what is wrong and at which byte`(bytes: [UInt8], expected: RemoteWriteError) {
        #expect(throws: expected) { _ = try WriteRequest(decoding: bytes) }
        #expect(expected.description.hasPrefix("cannot read the remote-write request at byte \(expected.offset): "))
    }

    @Test(
        arguments: [
            ([Label("b", "1"), Label("a", "1")], .unsortedLabels),
            ([Label("a", "1"), Label("a", "2")], .duplicateLabel),
            ([Label("a", "1"), Label("b", "2"), Label("a", "2")], .duplicateLabel),
            ([Label("", "1")], .emptyLabelName),
            ((0..<65).map { Label("a\($0 + 100)", "1") }, .tooManyLabels),
        ] as [([Label], WriteRequest.Rejection.Reason)]
    )
    func `a series with bad labels is rejected and the others stay`(
        labels: [Label],
        reason: WriteRequest.Rejection.Reason
    ) throws {
        let bad = WriteSeries(labels: labels, samples: [.init(timestamp: 1, value: 2), .init(timestamp: 2, value: 3)])
        let good = Self.value.series[0]
        let request = try WriteRequest(decoding: WriteRequest(series: [good, bad, good]).encoded())
        #expect(request.series == [good, good])
        #expect(request.rejections.map(\.index) == [1])
        #expect(request.rejections.map(\.reason) == [reason])
        #expect(request.rejections.map(\.samples) == [2])
    }

    @Test func `a label that is not text rejects its series`() throws {
        let bytes: [UInt8] = [0x0a, 0x08, 0x0a, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0xff]
        #expect(try WriteRequest(decoding: bytes).rejections.map(\.reason) == [.invalidUTF8])
    }

    @Test func `counts exemplars and native histograms and skips unknown fields`() throws {
        let bytes: [UInt8] = [0x0a, 0x0a, 0x1a, 0x00, 0x1a, 0x00, 0x22, 0x00, 0x9d, 0x06, 1, 2, 3, 4]
        let request = try WriteRequest(decoding: [0x0a, 0x0c] + bytes[2...] + [0x20, 0x07])
        #expect(request.exemplarCount == 2)
        #expect(request.histogramCount == 1)
    }

    @Test func `keeps to its limits`() {
        let series = WriteSeries(
            labels: [Label("a", "1")],
            samples: Array(repeating: .init(timestamp: 1, value: 1), count: 3)
        )
        let bytes = WriteRequest(series: [series, series]).encoded()
        #expect(throws: RemoteWriteError.limitExceeded("series", limit: 1, offset: 49)) {
            _ = try WriteRequest(decoding: bytes, limits: .init(series: 1))
        }
        #expect(throws: RemoteWriteError.self) { _ = try WriteRequest(decoding: bytes, limits: .init(samples: 5)) }
        #expect(throws: Never.self) { _ = try WriteRequest(decoding: bytes, limits: .init(samples: 6)) }
        #expect(throws: RemoteWriteError.self) {
            _ = try WriteRequest(decoding: Self.golden, limits: .init(metadata: 0))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `reads back what it wrote`(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        for _ in 0..<200 {
            let request = WriteRequest(
                series: (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                    WriteSeries(
                        labels: (0..<Int.random(in: 0..<9, using: &generator)).map {
                            Label("l\($0)", String(UInt64.random(in: 0 ... .max, using: &generator), radix: 36))
                        },
                        samples: (0..<Int.random(in: 0..<9, using: &generator)).map { _ in
                            .init(
                                timestamp: .random(in: .min ... .max, using: &generator),
                                value: Double(Int.random(in: -3...3, using: &generator)) * 0.1
                            )
                        }
                    )
                },
                metadata: MetricType.allCases.map {
                    .init(name: "n", metadata: MetricMetadata(type: $0, help: "é", unit: "seconds"))
                }
            )
            #expect(try WriteRequest(decoding: request.encoded()) == request, "seed \(seed)")
        }
    }

    @Test func `keeps the bits of a stale marker`() throws {
        let marker = Double(bitPattern: 0x7ff0_0000_0000_0002)
        let series = WriteSeries(labels: [Label("a", "1")], samples: [.init(timestamp: -1, value: marker)])
        let read = try WriteRequest(decoding: WriteRequest(series: [series]).encoded())
        #expect(read.series.first?.samples.first?.value.bitPattern == 0x7ff0_0000_0000_0002)
        #expect(read.series.first?.samples.first?.timestamp == -1)
        #expect(read.series.first?.labelSet == ["a": "1"])
    }
}

/// Numbers that repeat for a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
