import MartletCompression
import MartletCore
import MartletIngest
import MartletRemoteWrite
import MartletSeries
import Testing

@Suite("Remote write receiver")
struct RemoteWriteReceiverTests {
    private let sink = RecordingSink()

    private func receive(
        _ request: WriteRequest,
        _ version: WriteRequest.Version = .version1,
        _ settings: RemoteWriteReceiver.Settings = .init()
    ) throws -> RemoteWriteOutcome {
        try RemoteWriteReceiver(sink: sink, settings: settings)
            .receive(Snappy.compress(request.encoded(as: version)), version: version, origin: "test")
    }

    @Test(arguments: WriteRequest.Version.allCases)
    func `hands samples, histograms, exemplars and descriptions to the store`(version: WriteRequest.Version) throws {
        var histogram = WriteHistogram()
        histogram.count = .integer(7)
        histogram.sum = 4
        histogram.schema = 1
        histogram.zeroCount = .integer(1)
        histogram.positive = .init(spans: [.init(offset: -2, length: 2)], deltas: [4, -2])
        histogram.timestamp = 5
        let series = [
            WriteSeries(
                labels: [Label("__name__", "a_total"), Label("job", "j")],
                samples: [.init(timestamp: 1, value: 2), .init(timestamp: 3, value: 4)],
                exemplars: [WriteExemplar(labels: [Label("trace_id", "x")], value: 1, timestamp: 3)],
                metadata: MetricMetadata(type: .counter, help: "A.")
            ),
            WriteSeries(
                labels: [Label("__name__", "h"), Label("job", "j")],
                histograms: [histogram],
                metadata: MetricMetadata(type: .histogram, help: "H.")
            ),
            WriteSeries(
                labels: [Label("__name__", "c_bucket"), Label("le", "+Inf")],
                samples: [.init(timestamp: 1, value: 9)],
                metadata: MetricMetadata(type: .histogram, help: "C.")
            ),
        ]
        let metadata = ["a_total": (MetricType.counter, "A."), "h": (.histogram, "H."), "c": (.histogram, "C.")].map {
            WriteRequest.Metadata(name: $0.key, metadata: MetricMetadata(type: $0.value.0, help: $0.value.1))
        }
        let outcome = try receive(WriteRequest(series: series, metadata: metadata), version)
        #expect(outcome.samples == 3)
        #expect(outcome.histograms == 1)
        #expect(outcome.exemplars == 1)
        #expect(outcome.refused == 0)
        let stored = NativeHistogram(
            schema: 1,
            zeroCount: 1,
            count: 7,
            sum: 4,
            positiveSpans: [.init(offset: -2, length: 2)],
            positiveBuckets: [4, 2]
        )
        #expect(
            sink.samples == [
                IncomingSample(labels: ["__name__": "a_total", "job": "j"], timestamp: 1, value: 2),
                IncomingSample(labels: ["__name__": "a_total", "job": "j"], timestamp: 3, value: 4),
                IncomingSample(labels: ["__name__": "h", "job": "j"], timestamp: 5, histogram: stored),
                IncomingSample(labels: ["__name__": "c_bucket", "le": "+Inf"], timestamp: 1, value: 9),
            ]
        )
        #expect(sink.exemplars.map(\.labels) == [["__name__": "a_total", "job": "j"]])
        #expect(sink.exemplars.first?.exemplars.first?.labels == ["trace_id": "x"])
        #expect(
            sink.metadata == [
                "a_total": MetricMetadata(type: .counter, help: "A."),
                "h": MetricMetadata(type: .histogram, help: "H."), "c": MetricMetadata(type: .histogram, help: "C."),
            ]
        )
    }

    @Test func `names the first refused sample and the count`() throws {
        sink.refusals = [1: .tooOld, 2: .duplicate]
        let series = WriteSeries(
            labels: [Label("__name__", "a")],
            samples: (0..<4).map { .init(timestamp: $0, value: 1) }
        )
        let outcome = try receive(WriteRequest(series: [series]))
        #expect(outcome.samples == 2)
        #expect(outcome.refused == 2)
        #expect(outcome.firstRefusal == "a at 1: older than what is kept")
    }

    private static let good: WriteHistogram = {
        var histogram = WriteHistogram()
        histogram.count = .integer(1)
        histogram.positive = .init(spans: [.init(offset: 0, length: 1)], deltas: [1])
        return histogram
    }()

    private static let bad: [(@Sendable (inout WriteHistogram) -> Void, String)] = [
        ({ $0.schema = 9 }, "schema 9 is none of -4 to 8 and -53"),
        ({ $0.zeroThreshold = -1 }, "the zero threshold is -1.0"),
        ({ $0.positive.spans[0].length = 2 }, "1 buckets where the spans have 2"),
        (
            { $0.positive.spans = [.init(offset: 0, length: .max), .init(offset: 0, length: .max)] },
            "1 buckets where the spans have 8589934590"
        ),
        ({ $0.positive.deltas = [-1] }, "a bucket has the count -1.0"),
        ({ $0.positive = .init(spans: [.init(offset: 0, length: 1)], counts: [.nan]) }, "a bucket has the count nan"),
        ({ $0.count = .integer(2) }, "the buckets hold 1.0 observations of 2.0"),
        (
            {
                $0.zeroCount = .float(-1); $0.count = .float(0)
            }, "a bucket has the count -1.0"
        ),
        ({ $0.count = .float(-1) }, "a bucket has the count -1.0"),
        (
            {
                $0.positive = .init(
                    spans: [.init(offset: 0, length: 1), .init(offset: -1, length: 0)],
                    deltas: [1]
                )
            }, "a span begins before the end of the one before it"
        ),
        (
            {
                $0.schema = -53; $0.customBounds = [2, 1]
            }, "custom bounds do not ascend, or do not fit the buckets"
        ),
        (
            {
                $0.schema = -53; $0.zeroThreshold = 1
            }, "custom bounds do not ascend, or do not fit the buckets"
        ),
        (
            {
                $0.schema = -53; $0.positive.spans[0].offset = 1
            }, "custom bounds do not ascend, or do not fit the buckets"
        ),
    ]

    @Test(arguments: bad.indices)
    func `refuses a histogram that makes no sense and keeps the rest`(index: Int) throws {
        var histogram = Self.good
        Self.bad[index].0(&histogram)
        let series = WriteSeries(
            labels: [Label("__name__", "h")],
            samples: [.init(timestamp: 1, value: 1)],
            histograms: [histogram]
        )
        let outcome = try receive(
            WriteRequest(series: [series, WriteSeries(labels: [Label("__name__", "i")], histograms: [Self.good])])
        )
        #expect(outcome.samples == 1)
        #expect(outcome.histograms == 1)
        #expect(outcome.refused == 1)
        #expect(outcome.firstRefusal == "h at 0: invalid histogram: \(Self.bad[index].1)")
    }

    @Test func `takes a stale histogram and one that observed no number`() throws {
        var stale = WriteHistogram()
        stale.sum = StaleMarker.value
        var odd = Self.good
        odd.count = .integer(3)
        odd.sum = .nan
        var custom = Self.good
        custom.schema = -53
        let outcome = try receive(
            WriteRequest(series: [WriteSeries(labels: [Label("__name__", "h")], histograms: [stale, odd, custom])])
        )
        #expect(outcome.histograms == 3)
        #expect(StaleMarker.isStale(sink.samples[0].value))
    }

    @Test func `begins a series with a zero where that is asked for`() throws {
        let series = WriteSeries(
            labels: [Label("__name__", "a")],
            samples: [.init(timestamp: 100, value: 5), .init(timestamp: 200, value: 6)],
            created: 50
        )
        let late = WriteSeries(
            labels: [Label("__name__", "b")],
            samples: [.init(timestamp: 100, value: 5)],
            created: 100
        )
        let histogram = WriteSeries(labels: [Label("__name__", "h")], histograms: [Self.timed], created: 1)
        let request = WriteRequest(series: [series, late, histogram])
        #expect(try receive(request, .version2).samples == 3)
        #expect(sink.samples.count == 4)
        let outcome = try receive(request, .version2, .init(ingestsCreatedTimestamps: true))
        #expect(outcome.samples == 3)
        #expect(outcome.refused == 0)
        #expect(sink.samples[4] == IncomingSample(labels: ["__name__": "a"], timestamp: 50, value: 0))
        #expect(sink.samples[5].timestamp == 1)
        #expect(sink.samples[5].histogram?.count == 0)
        #expect(sink.samples.count == 10)
    }

    private static var timed: WriteHistogram {
        var histogram = good
        histogram.timestamp = 9
        return histogram
    }

    @Test func `tells why a body was not taken at all`() throws {
        let receiver = RemoteWriteReceiver(sink: sink, settings: .init(bodyBytesMax: 100))
        func message(_ body: [UInt8], _ version: WriteRequest.Version = .version1) -> String {
            do {
                _ = try receiver.receive(body, version: version, origin: "test")
                return "taken"
            } catch {
                return error.description
            }
        }
        #expect(message([]).hasPrefix("cannot decompress the body: "))
        #expect(message(Snappy.compress(Array(repeating: 0, count: 101))).hasPrefix("cannot decompress the body: "))
        #expect(
            message(Snappy.compress([0x0a]))
                == "cannot read the remote-write request at byte 1: the message ends in the middle of a number"
        )
        sink.failure = .storageUnavailable("no space")
        #expect(message(Snappy.compress([])).contains("no space"))
    }

    @Test func `writing out references has a bound`() throws {
        let long = String(repeating: "x", count: 70_000)
        let series = WriteSeries(labels: [Label("__name__", long)], samples: [.init(timestamp: 1, value: 1)])
        let request = WriteRequest(series: Array(repeating: series, count: 1000))
        #expect(throws: RemoteWriteReceiver.Failure.self) { _ = try receive(request, .version2) }
        #expect(sink.samples.isEmpty)
    }
}
