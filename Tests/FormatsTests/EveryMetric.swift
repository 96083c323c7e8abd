import MartletCore
import MartletMetrics

/// One family of each type, with units, exemplars, creation times and everything that needs escaping.
enum EveryMetric {
    /// What each format can carry; names are of the classic characters.
    static var families: [MetricFamily] {
        [
            family(
                "jobs_bytes_total",
                .counter,
                "Job \"sizes\" with \\ and\nnewline.",
                unit: "bytes",
                MetricSeries(
                    labels: ["path": "C:\\dir\n\"quoted\"", "word": "größe 量"],
                    value: .integer(9_007_199_254_740_993),
                    created: 1_600_000_000_250,
                    exemplar: Exemplar(
                        labels: ["trace_id": "0af7651916cd43dd8448eb211c80319c"],
                        value: 512,
                        timestamp: 1_600_000_000_123
                    )
                ),
                MetricSeries(labels: ["path": "/"], value: .number(0.25))
            ),
            family(
                "temperature_celsius",
                .gauge,
                "Temperature.",
                unit: "celsius",
                MetricSeries(labels: ["room": "a"], value: .number(-0.5)),
                MetricSeries(labels: ["room": "b"], value: .number(.infinity)),
                MetricSeries(labels: ["room": "c"], value: .number(1e-7), timestamp: 1_600_000_000_500)
            ),
            family(
                "wait_seconds",
                .histogram,
                "Waiting.",
                unit: "seconds",
                MetricSeries(labels: ["queue": "in"], value: .histogram(histogram), created: 1_600_000_000_250)
            ),
            family(
                "age_seconds",
                .gaugeHistogram,
                "Ages.",
                unit: "seconds",
                MetricSeries(
                    value: .histogram(
                        HistogramValue(
                            buckets: [
                                .init(upperBound: 1, cumulativeCount: 1),
                                .init(upperBound: .infinity, cumulativeCount: 2),
                            ],
                            sum: 3.5,
                            count: 2
                        )
                    )
                )
            ),
            family(
                "size_bytes",
                .summary,
                "Sizes.",
                unit: "bytes",
                MetricSeries(
                    value: .summary(
                        SummaryValue(
                            quantiles: [.init(share: 0.5, value: 10), .init(share: 0.99, value: 12.5)],
                            sum: 100,
                            count: 9
                        )
                    ),
                    created: 1_600_000_000_250
                )
            ),
            family("build_info", .info, "Build.", MetricSeries(labels: ["version": "1.2"], value: .number(1))),
            family(
                "mode",
                .stateSet,
                "Mode.",
                MetricSeries(labels: ["mode": "off"], value: .number(0)),
                MetricSeries(labels: ["mode": "on"], value: .number(1))
            ),
            family("anything", .unknown, "Anything.", MetricSeries(value: .number(42))),
        ]
    }

    static var histogram: HistogramValue {
        HistogramValue(
            buckets: [
                .init(
                    upperBound: 0.1,
                    cumulativeCount: 1,
                    exemplar: Exemplar(labels: ["trace_id": "abc"], value: 0.05, timestamp: 1_600_000_000_000)
                ),
                .init(upperBound: 2.5, cumulativeCount: 3),
                .init(
                    upperBound: .infinity,
                    cumulativeCount: 4,
                    exemplar: Exemplar(labels: ["span_id": "f"], value: 7.5)
                ),
            ],
            sum: 10.25,
            count: 4
        )
    }

    /// A histogram with exponential buckets of both signs.
    static var native: MetricFamily {
        family(
            "latency_seconds",
            .histogram,
            "Latency.",
            unit: "seconds",
            MetricSeries(
                labels: ["path": "/"],
                value: .histogram(
                    HistogramValue(
                        buckets: [.init(upperBound: .infinity, cumulativeCount: 13)],
                        sum: 18.5,
                        count: 13,
                        native: NativeHistogramValue(
                            schema: 3,
                            zeroThreshold: 0.001,
                            zeroCount: 2,
                            positiveSpans: [.init(offset: -2, length: 2), .init(offset: 1, length: 1)],
                            positiveCounts: [1, 4, 3],
                            negativeSpans: [.init(offset: 0, length: 2)],
                            negativeCounts: [2, 1],
                            exemplars: [
                                Exemplar(labels: ["trace_id": "abc"], value: 0.9, timestamp: 1_600_000_000_001)
                            ]
                        )
                    )
                ),
                created: -1_500
            )
        )
    }

    static func family(
        _ name: String,
        _ type: MetricType,
        _ help: String,
        unit: String = "",
        _ series: MetricSeries...
    ) -> MetricFamily {
        MetricFamily(name, metadata: MetricMetadata(type: type, help: help, unit: unit), series: series)
    }
}
