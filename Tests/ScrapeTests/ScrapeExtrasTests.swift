import MartletConfiguration
import MartletCore
import MartletExposition
import MartletMetrics
import MartletSeries
import Testing

@testable import MartletScrape

@Suite("Extras of scrapes")
struct ScrapeExtrasTests {
    private func intake(_ change: (inout ScrapeExtras) -> Void) -> ExpositionIntake {
        var extras = ScrapeExtras()
        change(&extras)
        return ExpositionIntake(
            targetLabels: ["job": "j"],
            configuration: ScrapeConfiguration(jobName: "j"),
            extras: extras
        )
    }

    private static let lines = """
        # TYPE a counter
        a_total 5
        a_created 1.5
        # TYPE h histogram
        h_bucket{le="+Inf"} 2
        h_sum 3
        h_count 2
        h_created 1.5
        # TYPE s summary
        s{quantile="0.5"} 1
        s_sum 3
        s_count 2
        s_created 0.5
        # TYPE g gauge
        g 7
        # EOF

        """

    @Test func `what counts gets a zero where it began, once`() {
        var intake = intake {
            $0.storesZeros = true; $0.zeroAgeMax = .seconds(9)
        }
        let reading = intake.read(Array(Self.lines.utf8), format: .openMetrics, at: 10_000)
        #expect(reading.failure == nil)
        #expect(
            RecordingSink.lines(reading.zeros) == [
                #"a_total{job="j"} 0 @1500"#, #"h_bucket{job="j", le="+Inf"} 0 @1500"#, #"h_sum{job="j"} 0 @1500"#,
                #"h_count{job="j"} 0 @1500"#,
            ]
        )
        #expect(
            RecordingSink.lines(reading.samples) == [
                #"a_total{job="j"} 5 @10000"#, #"h_bucket{job="j", le="+Inf"} 2 @10000"#, #"h_sum{job="j"} 3 @10000"#,
                #"h_count{job="j"} 2 @10000"#, #"s{job="j", quantile="0.5"} 1 @10000"#, #"s_sum{job="j"} 3 @10000"#,
                #"s_count{job="j"} 2 @10000"#, #"g{job="j"} 7 @10000"#,
            ]
        )
        #expect(intake.commit() == [])
        #expect(intake.read(Array(Self.lines.utf8), format: .openMetrics, at: 10_100).zeros.isEmpty)
        _ = intake.commit()
        // The target began anew.
        let anew = Self.lines.replacing("a_created 1.5", with: "a_created 10.15")
        let later = intake.read(Array(anew.utf8), format: .openMetrics, at: 10_200)
        #expect(RecordingSink.lines(later.zeros) == [#"a_total{job="j"} 0 @10150"#])
    }

    @Test func `a native histogram gets an empty one`() throws {
        let native = NativeHistogramValue(
            schema: 3,
            zeroThreshold: 0.5,
            zeroCount: 1,
            positiveSpans: [.init(offset: 2, length: 1)],
            positiveCounts: [2]
        )
        let value = HistogramValue(buckets: [], sum: 7, count: 3, native: native)
        let family = MetricFamily(
            "n",
            metadata: MetricMetadata(type: .histogram),
            series: [MetricSeries(value: .histogram(value), created: 900)]
        )
        let bytes = ExpositionRenderer(.protobuf).render([family])
        var intake = intake { $0.storesZeros = true }
        let reading = intake.read(bytes, format: .protobuf, at: 1000)
        let zero = try #require(reading.zeros.first)
        #expect(zero.timestamp == 900)
        #expect(zero.histogram?.count == 0)
        #expect(zero.histogram?.schema == 3)
        #expect(zero.histogram?.positiveBuckets == [])
    }

    @Test func `without the flag nothing is added and created samples are series`() {
        var intake = intake { _ in }
        let reading = intake.read(Array(Self.lines.utf8), format: .openMetrics, at: 10_000)
        #expect(reading.zeros.isEmpty)
        #expect(reading.samples.count == 11)
    }

    @Test func `types and units become labels`() {
        var intake = intake { $0.addsTypeAndUnit = true }
        let text = """
            # TYPE d_seconds histogram
            # UNIT d_seconds seconds
            d_seconds_bucket{le="+Inf"} 2
            d_seconds_count 2
            # TYPE load gauge
            load 1
            # TYPE x unknown
            x 1
            # EOF

            """
        let reading = intake.read(Array(text.utf8), format: .openMetrics, at: 1)
        #expect(
            RecordingSink.lines(reading.samples) == [
                #"d_seconds_bucket{__type__="histogram", __unit__="seconds", job="j", le="+Inf"} 2 @1"#,
                #"d_seconds_count{__type__="histogram", __unit__="seconds", job="j"} 2 @1"#,
                #"load{__type__="gauge", job="j"} 1 @1"#, #"x{job="j"} 1 @1"#,
            ]
        )
    }
}
