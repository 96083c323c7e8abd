import MartletCore
import MartletExposition
import MartletHTTPClient
import MartletMetrics
import MartletSeries
import Testing

@testable import MartletScrape

@Suite("Protobuf scrape")
struct ProtobufScrapeTests {
    private func family(_ name: String, _ type: MetricType, _ series: MetricSeries...) -> MetricFamily {
        MetricFamily(name, metadata: MetricMetadata(type: type, help: "Help."), series: series)
    }

    private func answer(_ families: [MetricFamily]) -> IncomingResponse {
        let type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        let bytes = ExpositionRenderer(.protobuf).render(families)
        return IncomingResponse(status: 200, headers: [("content-type", type)], body: bytes)
    }

    private func histogram(native: NativeHistogramValue? = nil) -> MetricSeries {
        let buckets: [HistogramValue.Bucket] = [
            .init(upperBound: 1, cumulativeCount: 2), .init(upperBound: .infinity, cumulativeCount: 3),
        ]
        return MetricSeries(value: .histogram(HistogramValue(buckets: buckets, sum: 7.5, count: 3, native: native)))
    }

    @Test func `messages are asked for first where the job says so, and give the samples that lines would`()
        async throws
    {
        var bench = Bench { $0.protocols = [.prometheusProto, .prometheusText0] }
        let summary = SummaryValue(quantiles: [.init(share: 0.5, value: 2)], sum: 4, count: 2)
        let families = [
            family("a_total", .counter, MetricSeries(labels: ["path": "/"], value: .integer(3))),
            family("b", .gauge, MetricSeries(value: .number(-1.5), timestamp: 500)),
            family("c", .histogram, histogram()),
            family("d", .summary, MetricSeries(value: .summary(summary))),
        ]
        bench.client.answer { [self] _ in answer(families) }
        let batch = await bench.scrape(at: 1000)
        #expect(
            RecordingSink.lines(batch) == [
                #"a_total{instance="i:1", job="j", path="/"} 3 @1000"#, #"b{instance="i:1", job="j"} -1.5 @500"#,
                #"c_bucket{instance="i:1", job="j", le="1.0"} 2 @1000"#,
                #"c_bucket{instance="i:1", job="j", le="+Inf"} 3 @1000"#, #"c_sum{instance="i:1", job="j"} 7.5 @1000"#,
                #"c_count{instance="i:1", job="j"} 3 @1000"#, #"d{instance="i:1", job="j", quantile="0.5"} 2 @1000"#,
                #"d_sum{instance="i:1", job="j"} 4 @1000"#, #"d_count{instance="i:1", job="j"} 2 @1000"#,
            ]
        )
        let headers = Dictionary(uniqueKeysWithValues: try #require(bench.client.requests.first).headers)
        #expect(
            headers["Accept"]
                == "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        )
        let metadata = bench.record.metadata.first { $0.metric == "c" }?.metadata
        #expect(metadata == MetricMetadata(type: .histogram, help: "Help."))
        // The same once more brings no new series, and one that is gone ends.
        bench.client.answer { [self] _ in answer(Array(families.dropFirst(3))) }
        let later = await bench.scrape(at: 2000)
        #expect(RecordingSink.report("scrape_series_added", in: later) == 0)
        #expect(RecordingSink.lines(later).filter { $0.hasSuffix("stale @2000") }.count == 5)
    }

    @Test func `a native histogram is one sample`() async throws {
        let native = NativeHistogramValue(
            schema: 3,
            zeroThreshold: 0.5,
            zeroCount: 1,
            positiveSpans: [.init(offset: 2, length: 1)],
            positiveCounts: [2],
            negativeSpans: [],
            negativeCounts: []
        )
        var bench = Bench()
        bench.client.answer { [self] _ in answer([family("c", .histogram, histogram(native: native))]) }
        let batch = await bench.scrape(at: 1000).filter { !RecordingSink.isReport($0) }
        #expect(batch.map(\.labels.metricName) == ["c"])
        let found = try #require(batch.first?.histogram)
        #expect(
            found
                == NativeHistogram(
                    schema: 3,
                    zeroThreshold: 0.5,
                    zeroCount: 1,
                    count: 3,
                    sum: 7.5,
                    positiveSpans: [.init(offset: 2, length: 1)],
                    positiveBuckets: [2]
                )
        )
    }

    @Test func `a message that ends too early fails the scrape`() async {
        var bench = Bench()
        bench.client.answer { [self] _ in
            var response = answer([family("a", .gauge, MetricSeries(value: .number(1)))])
            response.body.removeLast()
            return response
        }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(bench.record.status.lastError.hasPrefix("malformed exposition: cannot read the exposition at byte"))
    }
}
