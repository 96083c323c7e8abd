import Foundation
import MartletCore
import MartletExposition
import MartletMetrics
import Testing

private struct FixedClock: WallClock {
    var nanosecondsSinceEpoch: Int64 { 1_700_000_000_123_456_789 }
}

@Suite("ExpositionRenderer")
struct ExpositionRendererTests {
    private func text(_ families: [MetricFamily], _ format: ExpositionFormat, _ escaping: NameEscaping = .underscores)
        -> String
    {
        String(
            decoding: ExpositionRenderer(format, escaping: escaping, clock: FixedClock()).render(families),
            as: UTF8.self
        )
    }

    private func family(
        _ name: String,
        _ type: MetricType,
        help: String = "H.",
        unit: String = "",
        _ series: MetricSeries...
    )
        -> MetricFamily
    {
        MetricFamily(name, metadata: MetricMetadata(type: type, help: help, unit: unit), series: series)
    }

    private var histogram: MetricFamily {
        family(
            "wait_seconds",
            .histogram,
            unit: "seconds",
            MetricSeries(
                labels: ["queue": "in"],
                value: .histogram(
                    HistogramValue(
                        buckets: [
                            .init(upperBound: 0.1, cumulativeCount: 1), .init(upperBound: 1, cumulativeCount: 3),
                            .init(upperBound: .infinity, cumulativeCount: 4),
                        ],
                        sum: 7.25,
                        count: 4
                    )
                )
            )
        )
    }

    private var summary: MetricFamily {
        family(
            "size_bytes",
            .summary,
            MetricSeries(
                value: .summary(
                    SummaryValue(
                        quantiles: [.init(share: 0.5, value: 12), .init(share: 1, value: .nan)],
                        sum: 30,
                        count: 2
                    )
                )
            )
        )
    }

    @Test func `writes counters and gauges as text`() {
        let families = [
            family(
                "jobs_total",
                .counter,
                help: "Jobs \\ done\nso far \"ok\".",
                MetricSeries(labels: ["b": "2", "a": "x\\y\"z\nü"], value: .integer(9_007_199_254_740_993))
            ),
            family("ratio", .gauge, MetricSeries(0.25), MetricSeries(labels: ["a": "1"], -.infinity, timestamp: 1500)),
        ]
        #expect(
            text(families, .text) == #"""
                # HELP jobs_total Jobs \\ done\nso far "ok".
                # TYPE jobs_total counter
                jobs_total{a="x\\y\"z\nü",b="2"} 9007199254740993
                # HELP ratio H.
                # TYPE ratio gauge
                ratio 0.25
                ratio{a="1"} -Inf 1500

                """#
        )
    }

    @Test func `writes histograms and summaries as text`() {
        #expect(
            text([histogram, summary], .text) == """
                # HELP wait_seconds H.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{queue="in",le="0.1"} 1
                wait_seconds_bucket{queue="in",le="1"} 3
                wait_seconds_bucket{queue="in",le="+Inf"} 4
                wait_seconds_sum{queue="in"} 7.25
                wait_seconds_count{queue="in"} 4
                # HELP size_bytes H.
                # TYPE size_bytes summary
                size_bytes{quantile="0.5"} 12
                size_bytes{quantile="1"} NaN
                size_bytes_sum 30
                size_bytes_count 2

                """
        )
    }

    @Test func `writes OpenMetrics with its suffixes, units and end`() {
        let families = [
            family(
                "busy_seconds_total",
                .counter,
                help: "Say \"so\".",
                unit: "seconds",
                MetricSeries(1.5, timestamp: -1500)
            ),
            family(
                "jobs",
                .counter,
                unit: "jobs",
                MetricSeries(labels: ["a": "1"], value: .integer(2), timestamp: 1_700_000_000_123)
            ),
            family("host_info", .info, help: "", MetricSeries(labels: ["os": "linux"], 1)),
            histogram, summary,
        ]
        #expect(
            text(families, .openMetrics) == #"""
                # TYPE busy_seconds counter
                # UNIT busy_seconds seconds
                # HELP busy_seconds Say \"so\".
                busy_seconds_total 1.5 -1.500
                # TYPE jobs counter
                # HELP jobs H.
                jobs_total{a="1"} 2 1700000000.123
                # TYPE host info
                host_info{os="linux"} 1
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds H.
                wait_seconds_bucket{queue="in",le="0.1"} 1
                wait_seconds_bucket{queue="in",le="1.0"} 3
                wait_seconds_bucket{queue="in",le="+Inf"} 4
                wait_seconds_count{queue="in"} 4
                wait_seconds_sum{queue="in"} 7.25
                # TYPE size_bytes summary
                # HELP size_bytes H.
                size_bytes{quantile="0.5"} 12
                size_bytes{quantile="1.0"} NaN
                size_bytes_count 2
                size_bytes_sum 30
                # EOF

                """#
        )
    }

    @Test func `leaves out the later of two families that OpenMetrics cannot tell apart`() {
        let families = [family("jobs", .gauge, MetricSeries(1)), family("jobs_total", .counter, MetricSeries(2))]
        #expect(text(families, .openMetrics) == "# TYPE jobs gauge\n# HELP jobs H.\njobs 1\n# EOF\n")
    }

    @Test(arguments: [
        (NameEscaping.allowUTF8, "# TYPE \"a.b_c\" gauge\n{\"a.b_c\",\"x y\"=\"1\"} 1\n"),
        (.underscores, "# TYPE a_b_c gauge\na_b_c{x_y=\"1\"} 1\n"),
        (.dots, "# TYPE a_dot_b__c gauge\na_dot_b__c{x__y=\"1\"} 1\n"),
        (.values, "# TYPE U__a_2E_b__c gauge\nU__a_2E_b__c{U__x_20_y=\"1\"} 1\n"),
    ])
    func `escapes names as agreed`(escaping: NameEscaping, expected: String) {
        #expect(
            text([family("a.b_c", .gauge, help: "", MetricSeries(labels: ["x y": "1"], 1))], .text, escaping)
                == expected
        )
    }

    @Test func `writes types that the text format lacks as the nearest it has`() {
        let families = [
            family("a_info", .info, help: "", MetricSeries(1)), family("b", .stateSet, help: "", MetricSeries(1)),
            family("c", .unknown, help: "", MetricSeries(1)),
            MetricFamily("d", metadata: MetricMetadata(type: .gaugeHistogram), series: histogram.series),
        ]
        let written = text(families, .text)
        #expect(written.contains("# TYPE a_info gauge\n"))
        #expect(written.contains("# TYPE b gauge\n"))
        #expect(written.contains("# TYPE c untyped\n"))
        #expect(written.contains("# TYPE d histogram\n"))
        #expect(
            written.hasSuffix(
                "# TYPE d_gsum gauge\nd_gsum{queue=\"in\"} 7.25\n# TYPE d_gcount gauge\nd_gcount{queue=\"in\"} 4\n"
            )
        )
        #expect(text(families, .openMetrics).contains("d_gcount{queue=\"in\"} 4\nd_gsum{queue=\"in\"} 7.25\n"))
    }

    @Test func `writes JSON with name, type, value, labels and time`() throws {
        struct Document: Decodable {
            struct Entry: Decodable {
                var name: String
                var type: String
                var description: String
                var unit: String
                var labels: [String: String]
                var timestamp: Int64
            }
            var metrics: [Entry]
        }
        let families = [
            family("a\"b", .gauge, MetricSeries(labels: ["x": "ü\n"], .nan)), histogram, summary,
            family("n_total", .counter, MetricSeries(value: .integer(3), timestamp: 5)),
        ]
        let json = text(families, .json)
        let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
        #expect(document.metrics.map(\.name) == ["a\"b", "wait_seconds", "size_bytes", "n_total"])
        #expect(document.metrics.map(\.type) == ["gauge", "histogram", "summary", "counter"])
        #expect(document.metrics.map(\.timestamp) == [1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_123, 5])
        #expect(document.metrics[0].labels == ["x": "ü\n"])
        #expect(document.metrics[1].unit == "seconds")
        #expect(
            json.contains(
                #""value":{"buckets":[{"le":0.1,"count":1},{"le":1,"count":3},{"le":"+Inf","count":4}],"sum":7.25,"count":4}"#
            )
        )
        #expect(
            json.contains(
                #""value":{"quantiles":[{"quantile":0.5,"value":12},{"quantile":1,"value":"NaN"}],"sum":30,"count":2}"#
            )
        )
        #expect(text([], .json) == "{\"metrics\":[]}\n")
    }

    @Test(arguments: ExpositionFormat.allCases)
    func `writes the same piece by piece`(format: ExpositionFormat) {
        let families = (0..<50).map { family("metric_\($0)", .gauge, MetricSeries(Double($0))) }
        let renderer = ExpositionRenderer(format, clock: FixedClock())
        var pieces: [[UInt8]] = []
        renderer.render(families, chunkBytes: 200) { pieces.append($0) }
        #expect(Array(pieces.joined()) == renderer.render(families))
        #expect(pieces.count > 5)
    }

    @Test func `what is written is read back the same`() throws {
        let families = [
            family("jobs_total", .counter, MetricSeries(labels: ["a": "x\\y\"z\nü", "b": ""], 12.5)), histogram,
            summary,
        ]
        for format in [ExpositionFormat.text, .openMetrics] {
            var parser = ExpositionParser(ExpositionRenderer(format).render(families), format: format)
            var series: [LabelSet: Double] = [:]
            while let entry = try parser.next() {
                if case .sample(let sample) = entry { series[parser.labels(of: sample)] = sample.value }
            }
            #expect(series.count == 10)
            #expect(series[["__name__": "jobs_total", "a": "x\\y\"z\nü"]] == 12.5)
            #expect(series[["__name__": "wait_seconds_sum", "queue": "in"]] == 7.25)
            #expect(ExpositionLint.check(parser.bytes, format: format).filter(\.isError).isEmpty)
        }
    }
}
