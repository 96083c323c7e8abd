import MartletCore
import MartletExposition
import MartletMetrics
import Testing

@Suite("OpenMetrics")
struct OpenMetricsWritingTests {
    private func text(_ families: [MetricFamily], showsCreation: Bool = false) -> String {
        String(
            decoding: ExpositionRenderer(.openMetrics, showsCreation: showsCreation).render(families),
            as: UTF8.self
        )
    }

    @Test func `every type is written as the specification has it`() {
        #expect(
            text(EveryMetric.families, showsCreation: true) == #"""
                # TYPE jobs_bytes counter
                # UNIT jobs_bytes bytes
                # HELP jobs_bytes Job \"sizes\" with \\ and\nnewline.
                jobs_bytes_total{path="C:\\dir\n\"quoted\"",word="größe 量"} 9007199254740993 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 512 1600000000.123
                jobs_bytes_created{path="C:\\dir\n\"quoted\"",word="größe 量"} 1600000000.250
                jobs_bytes_total{path="/"} 0.25
                # TYPE temperature_celsius gauge
                # UNIT temperature_celsius celsius
                # HELP temperature_celsius Temperature.
                temperature_celsius{room="a"} -0.5
                temperature_celsius{room="b"} +Inf
                temperature_celsius{room="c"} 1e-07 1600000000.500
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds Waiting.
                wait_seconds_bucket{queue="in",le="0.1"} 1 # {trace_id="abc"} 0.05 1600000000
                wait_seconds_bucket{queue="in",le="2.5"} 3
                wait_seconds_bucket{queue="in",le="+Inf"} 4 # {span_id="f"} 7.5
                wait_seconds_count{queue="in"} 4
                wait_seconds_sum{queue="in"} 10.25
                wait_seconds_created{queue="in"} 1600000000.250
                # TYPE age_seconds gaugehistogram
                # UNIT age_seconds seconds
                # HELP age_seconds Ages.
                age_seconds_bucket{le="1.0"} 1
                age_seconds_bucket{le="+Inf"} 2
                age_seconds_gcount 2
                age_seconds_gsum 3.5
                # TYPE size_bytes summary
                # UNIT size_bytes bytes
                # HELP size_bytes Sizes.
                size_bytes{quantile="0.5"} 10
                size_bytes{quantile="0.99"} 12.5
                size_bytes_count 9
                size_bytes_sum 100
                size_bytes_created 1600000000.250
                # TYPE build info
                # HELP build Build.
                build_info{version="1.2"} 1
                # TYPE mode stateset
                # HELP mode Mode.
                mode{mode="off"} 0
                mode{mode="on"} 1
                # TYPE anything unknown
                # HELP anything Anything.
                anything 42
                # EOF

                """#
        )
    }

    @Test func `what it writes holds before its own strict check`() {
        for showsCreation in [false, true] {
            let bytes = Array(text(EveryMetric.families + [EveryMetric.native], showsCreation: showsCreation).utf8)
            #expect(ExpositionLint.check(bytes, format: .openMetrics) == [])
        }
    }

    @Test func `creation times are told only when asked for`() {
        #expect(!text(EveryMetric.families).contains("_created"))
    }

    @Test func `an exemplar of over 128 characters is left out`() {
        func line(_ length: Int) -> String {
            let exemplar = Exemplar(labels: ["id": String(repeating: "ü", count: length - 2)], value: 1)
            let series = MetricSeries(value: .integer(1), exemplar: exemplar)
            return text([EveryMetric.family("a_total", .counter, "", series)])
        }
        #expect(line(128).contains(" # {"))
        #expect(!line(129).contains(" # {"))
    }

    @Test func `a gauge has no exemplar`() {
        let series = MetricSeries(value: .number(1), exemplar: Exemplar(labels: ["id": "1"], value: 1))
        #expect(text([EveryMetric.family("a", .gauge, "", series)]) == "# TYPE a gauge\na 1\n# EOF\n")
    }

    @Test func `what a histogram or summary may not say is left out`() {
        func histogram(_ bound: Double, sum: Double) -> MetricFamily {
            let buckets: [HistogramValue.Bucket] = [
                .init(upperBound: bound, cumulativeCount: 1), .init(upperBound: .infinity, cumulativeCount: 1),
            ]
            let value = HistogramValue(buckets: buckets, sum: sum, count: 1)
            return EveryMetric.family("a", .histogram, "H.", MetricSeries(value: .histogram(value)))
        }
        #expect(text([histogram(-1, sum: -2)]).hasSuffix("le=\"+Inf\"} 1\na_count 1\n# EOF\n"))
        #expect(text([histogram(1, sum: .nan)]).hasSuffix("le=\"+Inf\"} 1\n# EOF\n"))
        let summary = SummaryValue(
            quantiles: [.init(share: 0.5, value: -1), .init(share: 1, value: .nan)],
            sum: -1,
            count: 2
        )
        let family = EveryMetric.family("b", .summary, "H.", MetricSeries(value: .summary(summary)))
        #expect(text([family]).hasSuffix("H.\nb{quantile=\"1.0\"} NaN\nb_count 2\n# EOF\n"))
        for family in [histogram(-1, sum: -2), histogram(1, sum: .nan), family] {
            #expect(ExpositionLint.check(Array(text([family]).utf8), format: .openMetrics) == [])
        }
    }

    @Test func `the second of two families that differ in _total only is left out`() {
        let families = ["jobs", "jobs_total"].map {
            EveryMetric.family($0, .counter, "H.", MetricSeries(value: .integer(3)))
        }
        #expect(text(families) == "# TYPE jobs counter\n# HELP jobs H.\njobs_total 3\n# EOF\n")
    }
}
