import MartletCore
import MartletIngest
import MartletOTLP
import MartletSeries
import Testing

@Suite("OTLP metrics receiver")
struct OTLPMetricsReceiverTests {
    private let sink = RecordingSink()

    private func receiver(_ change: (inout OTLPSettings) -> Void = { _ in }) -> OTLPMetricsReceiver {
        var settings = OTLPSettings()
        settings.promotesScope = false
        change(&settings)
        return OTLPMetricsReceiver(sink: sink, source: RecordedSeries(sink: sink), settings: settings)
    }

    /// One metric of a service.
    static func request(
        _ metrics: Metric...,
        resource: [Attribute] = [Attribute("service.name", "shop")],
        scope: InstrumentationScope = InstrumentationScope()
    ) -> MetricsRequest {
        MetricsRequest(
            resourceMetrics: [
                ResourceMetrics(
                    resource: Resource(attributes: resource),
                    scopeMetrics: [ScopeMetrics(scope: scope, metrics: metrics)]
                )
            ]
        )
    }

    static func counter(
        _ value: NumberPoint.Value,
        at milliseconds: UInt64,
        _ temporality: Metric.Temporality = .cumulative,
        start: UInt64 = 0
    ) -> Metric {
        let point = NumberPoint(start: start * 1_000_000, time: milliseconds * 1_000_000, value: value)
        return Metric(name: "orders", unit: "{order}", points: .sum([point], temporality, isMonotonic: true))
    }

    /// The samples as text: `name{labels} value @time`.
    private var written: [String] {
        sink.samples.map { "\($0.labels) \(FloatText.shortest($0.value)) @\($0.timestamp)" }
    }

    @Test func `a gauge and sums become series with job and instance`() throws {
        let gauge = Metric(
            name: "cpu.load",
            description: "Load.",
            unit: "1",
            points: .gauge([
                NumberPoint(attributes: [Attribute("cpu.id", .int(3))], time: 5_000_000, value: .double(0.5))
            ])
        )
        let upDown = Metric(
            name: "queue",
            points: .sum([NumberPoint(time: 5_000_000, value: .int(-2))], .cumulative, isMonotonic: false)
        )
        let resource = [
            Attribute("service.name", "shop"), Attribute("service.namespace", "eu"),
            Attribute("service.instance.id", "i1"), Attribute("host.name", "h"),
        ]
        let outcome = try receiver().receive(
            Self.request(gauge, upDown, Self.counter(.int(7), at: 6), resource: resource),
            origin: "test"
        )
        #expect(
            written == [
                #"cpu_load_ratio{cpu_id="3", instance="i1", job="eu/shop"} 0.5 @5"#,
                #"queue{instance="i1", job="eu/shop"} -2 @5"#,
                #"orders_total{instance="i1", job="eu/shop"} 7 @6"#,
                #"target_info{host_name="h", instance="i1", job="eu/shop"} 1 @5"#,
                #"target_info{host_name="h", instance="i1", job="eu/shop"} 1 @6"#,
            ]
        )
        #expect(outcome.points == 3)
        #expect(outcome.refused == 0)
        #expect(outcome.samples == 5)
        #expect(sink.metadata["cpu_load_ratio"] == MetricMetadata(type: .gauge, help: "Load."))
        #expect(sink.metadata["orders_total"]?.type == .counter)
        #expect(sink.metadata["target_info"]?.type == .info)
    }

    @Test func `resource and scope attributes become labels where asked for`() throws {
        let scope = InstrumentationScope(name: "lib", version: "1.2", attributes: [Attribute("my.kind", "x")])
        let resource = [
            Attribute("service.name", "shop"), Attribute("k8s.pod.name", "p"), Attribute("os", "linux"),
        ]
        let request = Self.request(Self.counter(.int(1), at: 1), resource: resource, scope: scope)
        _ = try receiver {
            $0.promotesScope = true
            $0.promotedAttributes = ["k8s.pod.name"]
        }.receive(request, origin: "test")
        #expect(
            written.first
                == #"orders_total{job="shop", k8s_pod_name="p", otel_scope_my_kind="x", otel_scope_name="lib", "#
                + #"otel_scope_version="1.2"} 1 @1"#
        )
        _ = try receiver {
            $0.promotesAllAttributes = true
            $0.ignoredAttributes = ["os"]
            $0.keepsIdentifyingAttributes = true
            $0.strategy = .noTranslation
        }.receive(request, origin: "test")
        #expect(
            written[2...] == [
                #"orders{job="shop", "k8s.pod.name"="p", "service.name"="shop"} 1 @1"#,
                #"target_info{job="shop", "k8s.pod.name"="p", os="linux", "service.name"="shop"} 1 @1"#,
            ]
        )
    }

    private static let histogram = HistogramPoint(
        time: 9_000_000,
        count: 6,
        sum: 3.5,
        bucketCounts: [1, 2, 3],
        explicitBounds: [0.5, 1],
        exemplars: [
            MetricExemplar(
                attributes: [Attribute("user.id", "u")],
                time: 8_000_000,
                value: .double(0.7),
                traceID: Array(repeating: 0xab, count: 16),
                spanID: [1, 2, 3, 4, 5, 6, 7, 8]
            )
        ]
    )

    private static func histogram(_ point: HistogramPoint, _ temporality: Metric.Temporality = .cumulative) -> Metric {
        Metric(name: "latency", unit: "s", points: .histogram([point], temporality))
    }

    @Test func `a histogram becomes buckets, count and sum`() throws {
        _ = try receiver().receive(Self.request(Self.histogram(Self.histogram)), origin: "test")
        #expect(
            written == [
                #"latency_seconds_bucket{job="shop", le="0.5"} 1 @9"#,
                #"latency_seconds_bucket{job="shop", le="1"} 3 @9"#,
                #"latency_seconds_bucket{job="shop", le="+Inf"} 6 @9"#, #"latency_seconds_count{job="shop"} 6 @9"#,
                #"latency_seconds_sum{job="shop"} 3.5 @9"#,
            ]
        )
        #expect(sink.exemplars.map(\.labels["le"]) == ["1"])
        #expect(
            sink.exemplars[0].exemplars == [
                ExemplarSample(
                    labels: [
                        "trace_id": "abababababababababababababababab", "span_id": "0102030405060708", "user_id": "u",
                    ],
                    value: 0.7,
                    timestamp: 8
                )
            ]
        )
        #expect(sink.metadata["latency_seconds"]?.type == .histogram)
        #expect(sink.metadata["latency_seconds"]?.unit == "seconds")
    }

    @Test func `a histogram becomes a native one with custom buckets where asked for`() throws {
        _ = try receiver { $0.convertsHistograms = true }
            .receive(Self.request(Self.histogram(Self.histogram)), origin: "test")
        #expect(sink.samples.count == 1)
        #expect(
            sink.samples[0].histogram
                == NativeHistogram(
                    schema: NativeHistogram.customSchema,
                    count: 6,
                    sum: 3.5,
                    positiveSpans: [.init(offset: 0, length: 3)],
                    positiveBuckets: [1, 2, 3],
                    customBounds: [0.5, 1]
                )
        )
    }

    @Test func `an exponential histogram stays native`() throws {
        let point = ExponentialHistogramPoint(
            time: 9_000_000,
            count: 12,
            sum: 5,
            scale: 10,
            zeroCount: 2,
            positive: .init(offset: -5, counts: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]),
            negative: .init(offset: 0, counts: [2])
        )
        let metric = Metric(name: "e", points: .exponentialHistogram([point], .cumulative))
        _ = try receiver().receive(Self.request(metric), origin: "test")
        // Scale 10 has four buckets for one of scale 8: -5 is in -2, -4 to -2 in -1, 13 in 3; one more in native terms.
        #expect(
            sink.samples.map(\.histogram) == [
                NativeHistogram(
                    schema: 8,
                    zeroThreshold: 1e-128,
                    zeroCount: 2,
                    count: 12,
                    sum: 5,
                    positiveSpans: [.init(offset: -1, length: 2), .init(offset: 3, length: 1)],
                    positiveBuckets: [1, 3, 4],
                    negativeSpans: [.init(offset: 1, length: 1)],
                    negativeBuckets: [2]
                )
            ]
        )
    }

    @Test func `a summary becomes quantiles, count and sum`() throws {
        let point = SummaryPoint(time: 3_000_000, count: 4, sum: 2, quantiles: [.init(quantile: 0.5, value: 0.25)])
        _ = try receiver().receive(Self.request(Metric(name: "s", points: .summary([point]))), origin: "test")
        #expect(
            written == [
                #"s{job="shop", quantile="0.5"} 0.25 @3"#, #"s_count{job="shop"} 4 @3"#, #"s_sum{job="shop"} 2 @3"#,
            ]
        )
    }

    @Test func `a point without a value ends its series`() throws {
        let gauge = Metric(name: "g", points: .gauge([NumberPoint(time: 1_000_000, hasNoRecordedValue: true)]))
        var histogram = Self.histogram
        histogram.hasNoRecordedValue = true
        let exponential = Metric(
            name: "e",
            points: .exponentialHistogram(
                [ExponentialHistogramPoint(time: 1_000_000, hasNoRecordedValue: true)],
                .cumulative
            )
        )
        let summary = Metric(
            name: "s",
            points: .summary([
                SummaryPoint(time: 1_000_000, quantiles: [.init(quantile: 1, value: 1)], hasNoRecordedValue: true)
            ])
        )
        _ = try receiver().receive(
            Self.request(gauge, Self.histogram(histogram), exponential, summary),
            origin: "test"
        )
        #expect(sink.samples.count == 10)
        #expect(sink.samples.allSatisfy { StaleMarker.isStale($0.value) })
    }

    @Test func `points that make no sense are refused and the others kept`() throws {
        var lopsided = Self.histogram
        lopsided.explicitBounds = [1]
        var unsorted = Self.histogram
        unsorted.explicitBounds = [2, 1]
        let coarse = Metric(
            name: "e",
            points: .exponentialHistogram([ExponentialHistogramPoint(time: 1, scale: -5)], .cumulative)
        )
        let outcome = try receiver().receive(
            Self.request(
                Metric(name: "g", points: .gauge([NumberPoint(time: 1_000_000)])),
                Self.histogram(lopsided),
                Self.histogram(unsorted),
                coarse,
                Self.counter(.int(1), at: 1, .unspecified),
                Metric(name: "", points: .gauge([NumberPoint(time: 1, value: .int(1))])),
                Metric(name: "nothing"),
                Self.counter(.int(7), at: 6)
            ),
            origin: "test"
        )
        #expect(outcome.points == 7)
        #expect(outcome.refused == 6)
        #expect(outcome.firstRefusal == "g: a point has no value")
        #expect(written == [#"orders_total{job="shop"} 7 @6"#])
    }

    @Test func `a histogram of which the store refuses some counts as one point`() throws {
        sink.refusals = [0: .tooOld, 1: .tooOld, 4: .tooOld]
        let outcome = try receiver().receive(
            Self.request(Self.histogram(Self.histogram), Self.counter(.int(7), at: 6)),
            origin: "test"
        )
        #expect(outcome.points == 2)
        #expect(outcome.refused == 1)
        #expect(outcome.firstRefusal == #"latency_seconds_bucket{job="shop", le="0.5"} at 9: older than what is kept"#)
    }

    @Test func `a series begins with a zero where that is asked for`() throws {
        _ = try receiver { $0.ingestsCreatedTimestamps = true }
            .receive(Self.request(Self.counter(.int(7), at: 6, start: 2)), origin: "test")
        #expect(written == [#"orders_total{job="shop"} 0 @2"#, #"orders_total{job="shop"} 7 @6"#])
    }

    // MARK: Deltas

    @Test func `deltas become sums`() throws {
        let receiver = receiver()
        for (time, delta) in [(10, 5), (20, 3), (20, 3), (30, 1)] as [(UInt64, Int64)] {
            let outcome = try receiver.receive(
                Self.request(Self.counter(.int(delta), at: time, .delta)),
                origin: "test"
            )
            #expect(outcome.refused == 0)
        }
        #expect(sink.samples.map(\.value) == [5, 8, 9])
        #expect(sink.samples.map(\.timestamp) == [10, 20, 30])
        let late = try receiver.receive(Self.request(Self.counter(.int(1), at: 15, .delta)), origin: "test")
        #expect(late.refused == 1)
        #expect(late.firstRefusal == "orders_total at 15: out of order delta")
        let statistics = receiver.deltaStatistics
        #expect((statistics.series, statistics.loads, statistics.evictions) == (1, 1, 0))
    }

    @Test func `sums go on after a restart`() throws {
        _ = try receiver().receive(Self.request(Self.counter(.int(5), at: 10, .delta)), origin: "test")
        let second = receiver()
        // Sent again because the answer was lost: counted already.
        _ = try second.receive(Self.request(Self.counter(.int(5), at: 10, .delta)), origin: "test")
        _ = try second.receive(Self.request(Self.counter(.int(2), at: 20, .delta)), origin: "test")
        #expect(sink.samples.map(\.value) == [5, 7])
    }

    @Test func `sums go on with what the store has where it refused a write`() throws {
        let receiver = receiver()
        _ = try receiver.receive(Self.request(Self.counter(.int(5), at: 10, .delta)), origin: "test")
        sink.failure = .storageUnavailable("no space")
        #expect(throws: SeriesError.self) {
            _ = try receiver.receive(Self.request(Self.counter(.int(2), at: 20, .delta)), origin: "test")
        }
        sink.failure = nil
        _ = try receiver.receive(Self.request(Self.counter(.int(2), at: 20, .delta)), origin: "test")
        #expect(sink.samples.map(\.value) == [5, 7])
    }

    @Test func `two deltas within a millisecond are both counted`() throws {
        let receiver = receiver()
        for time in [10_000_000, 10_000_400] as [UInt64] {
            let point = NumberPoint(time: time, value: .int(1))
            let metric = Metric(name: "c", points: .sum([point], .delta, isMonotonic: true))
            _ = try receiver.receive(Self.request(metric), origin: "test")
        }
        #expect(sink.samples.map(\.value) == [1, 2])
        #expect(sink.samples.map(\.timestamp) == [10, 11])
    }

    @Test func `delta histograms become sums, bucket by bucket`() throws {
        let receiver = receiver()
        var later = Self.histogram
        later.time = 19_000_000
        _ = try receiver.receive(Self.request(Self.histogram(Self.histogram, .delta)), origin: "test")
        _ = try receiver.receive(Self.request(Self.histogram(later, .delta)), origin: "test")
        #expect(sink.samples.suffix(5).map(\.value) == [2, 6, 12, 12, 7])
    }

    @Test func `delta exponential histograms are added at the coarser resolution`() throws {
        let receiver = receiver()
        func send(_ point: ExponentialHistogramPoint) throws {
            let metric = Metric(name: "e", points: .exponentialHistogram([point], .delta))
            _ = try receiver.receive(Self.request(metric), origin: "test")
        }
        try send(
            ExponentialHistogramPoint(
                time: 1_000_000,
                count: 3,
                sum: 3,
                scale: 1,
                zeroCount: 1,
                positive: .init(offset: 0, counts: [1, 1])
            )
        )
        try send(
            ExponentialHistogramPoint(
                time: 2_000_000,
                count: 4,
                sum: 9,
                scale: 0,
                zeroCount: 0,
                positive: .init(offset: 0, counts: [2, 0, 0, 0, 1]),
                negative: .init(offset: 1, counts: [1])
            )
        )
        // (1, 2] of scale 0 is two buckets of scale 1.
        #expect(
            sink.samples.last?.histogram
                == NativeHistogram(
                    schema: 0,
                    zeroThreshold: 1e-128,
                    zeroCount: 1,
                    count: 7,
                    sum: 12,
                    positiveSpans: [.init(offset: 1, length: 1), .init(offset: 3, length: 1)],
                    positiveBuckets: [4, 1],
                    negativeSpans: [.init(offset: 2, length: 1)],
                    negativeBuckets: [1]
                )
        )
    }

    @Test func `a wider zero bucket takes the buckets it covers`() throws {
        let receiver = receiver()
        for (time, threshold) in [(1, 0.0), (2, 1.5)] as [(UInt64, Double)] {
            let point = ExponentialHistogramPoint(
                time: time * 1_000_000,
                count: 3,
                sum: 4,
                scale: 0,
                zeroThreshold: threshold,
                positive: .init(offset: time == 1 ? -1 : 1, counts: [1, 1, 1])
            )
            let metric = Metric(name: "e", points: .exponentialHistogram([point], .delta))
            _ = try receiver.receive(Self.request(metric), origin: "test")
        }
        // The first has (0.5, 1], (1, 2] and (2, 4]; 1.5 cuts the second, which goes into the zero bucket whole.
        let last = try #require(sink.samples.last?.histogram)
        #expect(last.zeroThreshold == 2)
        #expect(last.zeroCount == 2)
        #expect(last.positiveSpans == [.init(offset: 2, length: 3)])
        #expect(last.positiveBuckets == [2, 1, 1])
        #expect(last.count == 6)
    }

    @Test func `other bounds begin a histogram again`() throws {
        let receiver = receiver { $0.convertsHistograms = true }
        var other = Self.histogram
        other.time = 19_000_000
        other.explicitBounds = [1, 2]
        _ = try receiver.receive(Self.request(Self.histogram(Self.histogram, .delta)), origin: "test")
        _ = try receiver.receive(Self.request(Self.histogram(other, .delta)), origin: "test")
        #expect(sink.samples.map { $0.histogram?.count } == [6, 6])
    }

    @Test func `what is remembered of deltas is bounded and loses nothing`() throws {
        let receiver = receiver { $0.deltaSeriesMax = 10 }
        for time in 1...3 as ClosedRange<UInt64> {
            let points = (0..<40).map { index in
                NumberPoint(attributes: [Attribute("i", .int(index))], time: time * 1_000_000, value: .int(1))
            }
            let metric = Metric(name: "c", points: .sum(points, .delta, isMonotonic: true))
            _ = try receiver.receive(Self.request(metric), origin: "test")
        }
        #expect(sink.samples.suffix(40).allSatisfy { $0.value == 3 })
        let statistics = receiver.deltaStatistics
        #expect(statistics.series <= 10)
        #expect(statistics.loads == 120)
        #expect(statistics.evictions > 100)
    }
}
