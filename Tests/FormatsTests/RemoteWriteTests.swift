import MartletCore
import MartletRemoteWrite
import Testing

@Suite("Remote write messages")
struct RemoteWriteTests {
    /// Worked by hand from the specification: `up{job="a"} 1.5` at 1000 ms, and the metadata of `up`.
    private static let golden: [UInt8] = [
        0x0a, 0x28,  // timeseries, 40 bytes
        0x0a, 0x0e, 0x0a, 0x08, 0x5f, 0x5f, 0x6e, 0x61, 0x6d, 0x65, 0x5f, 0x5f, 0x12, 0x02, 0x75, 0x70,  // __name__=up
        0x0a, 0x08, 0x0a, 0x03, 0x6a, 0x6f, 0x62, 0x12, 0x01, 0x61,  // job=a
        0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0xe8, 0x07,  // 1.5 at 1000
        0x1a, 0x0b, 0x08, 0x02, 0x12, 0x02, 0x75, 0x70, 0x22, 0x03, 0x55, 0x70, 0x2e,  // gauge up "Up."
    ]

    /// The same in 2.0, created at 500 ms.
    private static let golden2: [UInt8] = [
        0x22, 0x00, 0x22, 0x08, 0x5f, 0x5f, 0x6e, 0x61, 0x6d, 0x65, 0x5f, 0x5f, 0x22, 0x02, 0x75, 0x70,  // __name__, up
        0x22, 0x03, 0x6a, 0x6f, 0x62, 0x22, 0x01, 0x61, 0x22, 0x03, 0x55, 0x70, 0x2e,  // job, a, "Up."
        0x2a, 0x1d,  // timeseries, 29 bytes
        0x0a, 0x04, 0x01, 0x02, 0x03, 0x04,  // __name__=up, job=a
        0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0xe8, 0x07,  // 1.5 at 1000
        0x2a, 0x04, 0x08, 0x02, 0x18, 0x05,  // gauge "Up."
        0x30, 0xf4, 0x03,  // created at 500
    ]

    private static let up = WriteSeries(
        labels: [Label("__name__", "up"), Label("job", "a")],
        samples: [.init(timestamp: 1000, value: 1.5)]
    )

    private static let value = WriteRequest(
        series: [up],
        metadata: [.init(name: "up", metadata: MetricMetadata(type: .gauge, help: "Up."))]
    )

    private static var value2: WriteRequest {
        var series = up
        series.metadata = MetricMetadata(type: .gauge, help: "Up.")
        series.created = 500
        return WriteRequest(series: [series])
    }

    @Test func `reads the golden bytes`() throws {
        #expect(try Reading.read(Self.golden) == Self.value)
        #expect(try Reading.read(Self.golden2, .version2) == Self.value2)
    }

    @Test func `writes the golden bytes`() {
        #expect(Self.value.encoded() == Self.golden)
        #expect(Self.value2.encoded(as: .version2) == Self.golden2)
    }

    @Test(
        arguments: [
            0, 1, -1, .min, .max, 1 << 35 - 1, 1 << 35, 1_795_257_000_000, 1 << 41 + 12_345, 1 << 42 - 1, 1 << 42,
        ] as [Int64]
    )
    func `times of any length are read as they were written`(timestamp: Int64) throws {
        let samples = [1.5, -0.0, .infinity, 1e300].map { WriteSeries.Sample(timestamp: timestamp, value: $0) }
        let request = WriteRequest(series: [WriteSeries(labels: Self.up.labels, samples: samples)])
        for version in WriteRequest.Version.allCases {
            #expect(try Reading.read(request.encoded(as: version), version) == request)
        }
    }

    @Test func `an empty message is an empty request`() throws {
        #expect(try Reading.read([]) == WriteRequest())
        #expect(try Reading.read([], .version2) == WriteRequest())
    }

    @Test(arguments: WriteRequest.Version.allCases)
    func `every truncation and flipped bit gives a value or an error`(version: WriteRequest.Version) throws {
        let golden = Self.everything.encoded(as: version)
        for count in golden.indices { _ = try? Reading.read(Array(golden[..<count]), version) }
        for place in golden.indices {
            for bit in 0..<8 {
                var bytes = golden
                bytes[place] ^= 1 << UInt8(bit)
                do {
                    _ = try Reading.read(bytes, version)
                } catch {
                    let error = try #require(error as? RemoteWriteError)
                    #expect((0...bytes.count).contains(error.offset))
                }
            }
        }
    }

    @Test(
        arguments: [
            ([0x0a], .truncated(offset: 1)),
            ([0x0a, 0x05, 0x0a], .lengthBeyondEnd(length: 5, available: 1, offset: 1)),
            ([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .varintOverflow(offset: 1)),
            ([0x03], .invalidField(number: 0, offset: 0)),
            ([0x13], .unknownWireType(3, offset: 0)),
            ([0x08, 0x01], .unexpectedWireType(field: 1, offset: 0)),
            ([0x21, 1, 2, 3], .truncated(offset: 1)),
            ([0x25, 1, 2, 3], .truncated(offset: 1)),
            ([0x0a, 0x04, 0x12, 0x02, 0x08, 0x01], .unexpectedWireType(field: 1, offset: 4)),
            ([0x0a, 0x04, 0x22, 0x02, 0x19, 0x01], .truncated(offset: 5)),
            (
                [0x0a, 0x0c, 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00],
                .lengthBeyondEnd(length: .max, available: 1, offset: 3)
            ),
        ] as [([UInt8], RemoteWriteError)]
    )
    func `tells what is wrong and at which byte`(bytes: [UInt8], expected: RemoteWriteError) {
        #expect(throws: expected) { _ = try Reading.read(bytes) }
        #expect(expected.description.hasPrefix("cannot read the remote-write request at byte \(expected.offset): "))
    }

    @Test(
        arguments: [
            ([0x22, 0x01, 0x61], .firstSymbolNotEmpty(offset: 0)),
            ([0x22, 0x00, 0x2a, 0x04, 0x0a, 0x02, 0x00, 0x01], .unknownSymbol(1, count: 1, offset: 7)),
            ([0x22, 0x00, 0x2a, 0x03, 0x0a, 0x01, 0x00], .oddReferences(offset: 4)),
            ([0x22, 0x00, 0x2a, 0x02, 0x08, 0x00], .oddReferences(offset: 4)),
            ([0x20, 0x00], .unexpectedWireType(field: 4, offset: 0)),
            ([0x28, 0x00], .unexpectedWireType(field: 5, offset: 0)),
            ([0x22, 0x00, 0x2a, 0x04, 0x2a, 0x02, 0x18, 0x07], .unknownSymbol(7, count: 1, offset: 6)),
        ] as [([UInt8], RemoteWriteError)]
    )
    func `tells what is wrong with the table of texts`(bytes: [UInt8], expected: RemoteWriteError) {
        #expect(throws: expected) { _ = try Reading.read(bytes, .version2) }
        #expect(expected.description.hasPrefix("cannot read the remote-write request at byte \(expected.offset): "))
    }

    @Test func `skips unknown fields`() throws {
        let bytes: [UInt8] = [
            0x0a, 0x09, 0x28, 0x01, 0x35, 1, 2, 3, 4, 0x38, 0x01, 0x10, 0x07, 0x4a, 0x02, 1, 2, 0x51, 1, 2, 3, 4, 5, 6,
            7, 8,
        ]
        #expect(try Reading.read(bytes).series == [WriteSeries(labels: [])])
    }

    @Test(
        arguments: [
            (WriteLimits(series: 1), "there are over 1 series; send smaller requests"),
            (WriteLimits(samples: 5), "there are over 5 samples; send smaller requests"),
            (WriteLimits(extras: 1), "there are over 1 exemplars and descriptions; send smaller requests"),
        ]
    )
    func `keeps to its limits`(limits: WriteLimits, expected: String) {
        let bytes = WriteRequest(series: [Self.rich, Self.rich]).encoded()
        let error = #expect(throws: RemoteWriteError.self) { _ = try Reading.read(bytes, .version1, limits) }
        #expect(error?.description.hasSuffix(expected) == true)
    }

    @Test(
        arguments: [
            (WriteLimits(symbols: 2), "there are over 2 texts; send smaller requests"),
            (WriteLimits(labels: 1), "there are over 1 labels in a series; send smaller requests"),
        ]
    )
    func `keeps to the limits of its table`(limits: WriteLimits, expected: String) {
        let bytes = Self.value2.encoded(as: .version2)
        let error = #expect(throws: RemoteWriteError.self) { _ = try Reading.read(bytes, .version2, limits) }
        #expect(error?.description.hasSuffix(expected) == true)
    }

    @Test func `a histogram has a bounded number of buckets`() {
        var histogram = WriteHistogram()
        histogram.customBounds = Array(repeating: 1, count: 10_001)
        let bytes = WriteRequest(series: [WriteSeries(labels: [], histograms: [histogram])]).encoded()
        #expect(throws: RemoteWriteError.limitExceeded("buckets in a histogram", limit: 10_000, offset: 8)) {
            _ = try Reading.read(bytes)
        }
    }

    @Test(arguments: WriteRequest.Version.allCases)
    func `reads histograms, exemplars and descriptions back`(version: WriteRequest.Version) throws {
        #expect(try Reading.read(Self.everything.encoded(as: version), version) == Self.everything(in: version))
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
                }
            )
            for version in WriteRequest.Version.allCases {
                #expect(try Reading.read(request.encoded(as: version), version) == request, "seed \(seed)")
            }
        }
    }

    @Test func `keeps the bits of a stale marker`() throws {
        let marker = Double(bitPattern: 0x7ff0_0000_0000_0002)
        let series = WriteSeries(labels: [Label("a", "1")], samples: [.init(timestamp: -1, value: marker)])
        let read = try Reading.read(WriteRequest(series: [series]).encoded())
        #expect(read.series.first?.samples.first?.value.bitPattern == 0x7ff0_0000_0000_0002)
        #expect(read.series.first?.samples.first?.timestamp == -1)
    }

    private static let rich: WriteSeries = {
        var histogram = WriteHistogram()
        histogram.count = .integer(9)
        histogram.sum = -1.5
        histogram.schema = -3
        histogram.zeroThreshold = 0.001
        histogram.zeroCount = .integer(2)
        histogram.positive = .init(
            spans: [.init(offset: -2, length: 2), .init(offset: 3, length: 1)],
            deltas: [3, -2, 1]
        )
        histogram.negative = .init(spans: [.init(offset: 0, length: 1)], deltas: [1])
        histogram.resetHint = .notReset
        histogram.timestamp = 7
        var float = WriteHistogram()
        float.count = .float(1.5)
        float.zeroCount = .float(0.5)
        float.schema = -53
        float.customBounds = [0.1, 1]
        float.positive = .init(spans: [.init(offset: 1, length: 1)], counts: [1])
        float.resetHint = .gauge
        return WriteSeries(
            labels: [Label("__name__", "h"), Label("job", "a")],
            samples: [.init(timestamp: 1, value: 0), .init(timestamp: 2, value: -0.0)],
            histograms: [histogram, float],
            exemplars: [WriteExemplar(labels: [Label("trace_id", "ab")], value: 0.5, timestamp: 3)],
            metadata: MetricMetadata(type: .histogram, help: "H é.", unit: "seconds"),
            created: 12
        )
    }()

    private static let everything = WriteRequest(
        series: [up, rich],
        metadata: MetricType.allCases.map {
            .init(name: "n", metadata: MetricMetadata(type: $0, help: "é", unit: "seconds"))
        }
    )

    /// What a version can carry of it.
    private static func everything(in version: WriteRequest.Version) -> WriteRequest {
        var request = everything
        switch version {
        case .version1:
            for index in request.series.indices {
                request.series[index].metadata = nil
                request.series[index].created = 0
            }
        case .version2: request.metadata = []
        }
        return request
    }
}

/// Makes a value of what the scanner tells.
private struct Reading: WriteVisitor {
    var request = WriteRequest()
    let bytes: [UInt8]
    var table: [Range<Int>]?

    static func read(
        _ bytes: [UInt8],
        _ version: WriteRequest.Version = .version1,
        _ limits: WriteLimits = WriteLimits()
    ) throws -> WriteRequest {
        var reading = Reading(bytes: bytes)
        var scanner = WriteScanner(limits: limits)
        switch version {
        case .version1: try scanner.scan(version1: bytes.span, &reading)
        case .version2: try scanner.scan(version2: bytes.span, &reading)
        }
        return reading.request
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    mutating func series(labels: Range<Int>) throws(RemoteWriteError) {
        // An exemplar's labels have the same fields.
        request.series.append(WriteSeries(labels: try WriteExemplar(version1: bytes, in: labels).labels))
    }

    mutating func sample(timestamp: Int64, value: Double) {
        request.series[request.series.count - 1].samples.append(.init(timestamp: timestamp, value: value))
    }

    mutating func histogram(_ message: Range<Int>) throws(RemoteWriteError) {
        let histogram = try WriteHistogram(decoding: bytes, in: message)
        request.series[request.series.count - 1].histograms.append(histogram)
    }

    mutating func exemplar(_ message: Range<Int>) throws(RemoteWriteError) {
        let exemplar =
            if let table {
                try WriteExemplar(version2: bytes, in: message, symbols: table)
            } else {
                try WriteExemplar(version1: bytes, in: message)
            }
        request.series[request.series.count - 1].exemplars.append(exemplar)
    }

    mutating func metadata(_ message: Range<Int>) throws(RemoteWriteError) {
        if let table {
            request.series[request.series.count - 1].metadata =
                try WriteRequest.metadata(version2: bytes, in: message, symbols: table)
        } else {
            request.metadata.append(try WriteRequest.Metadata(version1: bytes, in: message))
        }
    }

    mutating func symbols(_ ranges: [Range<Int>]) {
        table = ranges
    }

    mutating func series(references: [Int], created: Int64) throws(RemoteWriteError) {
        let texts = references.map { text((table ?? [])[$0]) }
        let labels = stride(from: 0, to: texts.count, by: 2).map { Label(texts[$0], texts[$0 + 1]) }
        request.series.append(WriteSeries(labels: labels, created: created))
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
