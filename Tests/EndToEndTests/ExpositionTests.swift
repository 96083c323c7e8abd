import Foundation
import MartletCore
import MartletExport
import MartletExposition
import MartletHTTPServer
import MartletMetrics
import MartletPacks
import Testing

/// A page with every type, escape and unit, read by those who define the formats.
@Suite("Exposition", .fewAtOnce)
struct ExpositionTests {
    /// Brings one family of each type.
    struct Everything: MetricCollector {
        var name: String { "everything" }

        let now = SystemWallClock().millisecondsSinceEpoch

        func collect() -> [MetricFamily] {
            [
                family(
                    "jobs_bytes_total",
                    .counter,
                    "Job \"sizes\" with \\ and\nnewline.",
                    unit: "bytes",
                    MetricSeries(
                        labels: ["path": "C:\\dir\n\"quoted\"", "word": "größe 量"],
                        value: .integer(1 << 52),
                        created: now - 60_000,
                        exemplar: Exemplar(
                            labels: ["trace_id": "0af7651916cd43dd8448eb211c80319c"],
                            value: 512,
                            timestamp: now
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
                    MetricSeries(labels: ["room": "c"], value: .number(1e-7)),
                    MetricSeries(labels: ["room": "d"], value: .number(1.5e21)),
                    MetricSeries(labels: ["room": "e"], value: .number(123_456_789_012_345_683_968)),
                    MetricSeries(labels: ["room": "f"], value: .number(-.infinity)),
                    MetricSeries(labels: ["room": "g"], value: .number(1e-5))
                ),
                family(
                    "wait_seconds",
                    .histogram,
                    "Waiting.",
                    unit: "seconds",
                    MetricSeries(
                        labels: ["queue": "in"],
                        value: .histogram(
                            HistogramValue(
                                buckets: [
                                    .init(upperBound: 0.1, cumulativeCount: 1),
                                    .init(
                                        upperBound: 2.5,
                                        cumulativeCount: 3,
                                        exemplar: Exemplar(labels: ["trace_id": "feed"], value: 1.25, timestamp: now)
                                    ),
                                    .init(upperBound: 67_108_864, cumulativeCount: 3),
                                    .init(upperBound: .infinity, cumulativeCount: 4),
                                ],
                                sum: 10.25,
                                count: 4
                            )
                        )
                    )
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
                                    .init(upperBound: 1.5, cumulativeCount: 1),
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
                        )
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

        private func family(
            _ name: String,
            _ type: MetricType,
            _ help: String,
            unit: String = "",
            _ series: MetricSeries...
        ) -> MetricFamily {
            MetricFamily(name, metadata: MetricMetadata(type: type, help: help, unit: unit), series: series)
        }
    }

    /// What a reader must have of it: each series as text with its value.
    static let expected: [String: String] = [
        #"jobs_bytes_total{path="C:\\dir\n\"quoted\"", word="größe 量"}"#: "4503599627370496",
        #"jobs_bytes_total{path="/"}"#: "0.25",
        #"temperature_celsius{room="a"}"#: "-0.5",
        #"temperature_celsius{room="b"}"#: "+Inf",
        #"temperature_celsius{room="c"}"#: "1e-07",
        #"temperature_celsius{room="d"}"#: "1.5e+21",
        #"temperature_celsius{room="e"}"#: "123456789012345680000",
        #"temperature_celsius{room="f"}"#: "-Inf",
        #"temperature_celsius{room="g"}"#: "0.00001",
        #"wait_seconds_bucket{le="0.1", queue="in"}"#: "1",
        #"wait_seconds_bucket{le="2.5", queue="in"}"#: "3",
        #"wait_seconds_bucket{le="6.7108864e+07", queue="in"}"#: "3",
        #"wait_seconds_bucket{le="+Inf", queue="in"}"#: "4",
        #"wait_seconds_count{queue="in"}"#: "4",
        #"wait_seconds_sum{queue="in"}"#: "10.25",
        #"age_seconds_bucket{le="1.5"}"#: "1",
        #"age_seconds_bucket{le="+Inf"}"#: "2",
        "age_seconds_gcount": "2",
        "age_seconds_gsum": "3.5",
        #"size_bytes{quantile="0.5"}"#: "10",
        #"size_bytes{quantile="0.99"}"#: "12.5",
        "size_bytes_count": "9",
        "size_bytes_sum": "100",
        #"build_info{version="1.2"}"#: "1",
        #"mode{mode="off"}"#: "0",
        #"mode{mode="on"}"#: "1",
        "anything": "42",
    ]

    private static func registry() -> MetricRegistry {
        let registry = MetricRegistry()
        registry.add(collector: Everything())
        return registry
    }

    /// The series of a job by their texts, what Prometheus adds left out.
    private func series(_ job: String, _ prometheus: PrometheusUnderTest) async throws -> [String: String] {
        let own: Set = ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added"]
        let values = try await prometheus.query("{job=\"\(job)\"}")
        var result: [String: String] = [:]
        for (labels, value) in values {
            let set = LabelSet(labels.map { Label($0, $1) }).removing(["job", "instance"])
            guard let name = set.metricName, !own.contains(name), !name.hasPrefix("scrape_") else { continue }
            result[set.description] = value
        }
        return result
    }

    @Test(.enabled(if: Tools.has("prometheus"), "scripts/setup --test installs prometheus"))
    func `Prometheus scrapes text, OpenMetrics and protobuf to equal values, with exemplars and native histograms`()
        async throws
    {
        let registry = Self.registry()
        let native = MetricFamily(
            "latency_seconds",
            metadata: MetricMetadata(type: .histogram, help: "Latency.", unit: "seconds"),
            series: [
                MetricSeries(
                    value: .histogram(
                        HistogramValue(
                            buckets: [.init(upperBound: .infinity, cumulativeCount: 13)],
                            sum: 18.5,
                            count: 13,
                            native: NativeHistogramValue(
                                schema: 0,
                                zeroThreshold: 0.001,
                                zeroCount: 2,
                                positiveSpans: [.init(offset: -2, length: 2), .init(offset: 1, length: 1)],
                                positiveCounts: [1, 4, 3],
                                negativeSpans: [.init(offset: 0, length: 2)],
                                negativeCounts: [2, 1]
                            )
                        )
                    )
                )
            ]
        )
        registry.add(collector: Fixed(name: "native", families: [native]))
        let server = try MetricsServer(port: 0, registry: registry)
        defer { server.stop() }
        // One job meets whatever is negotiated, the others one format each.
        let forced = try Sink { request in
            let isText = request.path == "/text"
            let type = isText ? "text/plain; version=0.0.4" : "application/openmetrics-text; version=1.0.0"
            let bytes = registry.export(isText ? .text : .openMetrics)
            return HTTPResponse(status: 200, headers: ["Content-Type": type], body: .bytes(bytes))
        }
        let prometheus = try PrometheusUnderTest(
            jobs: """
                - {job_name: negotiated, static_configs: [{targets: ["127.0.0.1:\(server.port)"]}]}
                - {job_name: text, metrics_path: /text, static_configs: [{targets: ["127.0.0.1:\(forced.port)"]}]}
                - {job_name: openmetrics, metrics_path: /open, static_configs: [{targets: ["127.0.0.1:\(forced.port)"]}]}
                """,
            features: ["exemplar-storage", "native-histograms"]
        )
        for job in ["text", "openmetrics", "negotiated"] {
            var found = try await eventually("series of \(job); it printed \(prometheus.process.text.suffix(2000))") {
                let found = try await series(job, prometheus)
                return found.isEmpty ? nil : found
            }
            found = found.filter { !$0.key.hasPrefix("latency_seconds") }
            var expected = Self.expected
            if job == "negotiated" {
                // From protobuf, Prometheus 2.42 has the buckets of a gauge histogram without their suffix.
                #expect(found["age_seconds{le=\"1.5\"}"] == "1")
                found = found.filter { !$0.key.hasPrefix("age_seconds") }
                expected = expected.filter { !$0.key.hasPrefix("age_seconds") }
            }
            #expect(found == expected, "\(job)")
        }
        let counts = try await prometheus.query("histogram_count(latency_seconds{job=\"negotiated\"})")
        #expect(Array(counts.values) == ["13"])
        let quantile = try await prometheus.query("histogram_quantile(0.9, latency_seconds{job=\"negotiated\"})")
        #expect(quantile.values.allSatisfy { (1...4).contains(Double($0) ?? 0) } && quantile.count == 1)
        for job in ["openmetrics", "negotiated"] {
            let found = try await prometheus.data(
                "query_exemplars",
                [
                    ("query", "{job=\"\(job)\"}"), ("start", "\(Date().timeIntervalSince1970 - 600)"),
                    ("end", "\(Date().timeIntervalSince1970 + 600)"),
                ]
            )
            let exemplars = Dictionary(
                uniqueKeysWithValues: (found?.elements ?? []).map {
                    (
                        $0["seriesLabels"]["__name__"].text,
                        $0["exemplars"].elements.map { $0["labels"]["trace_id"].text }
                    )
                }
            )
            #expect(exemplars["jobs_bytes_total"]?.last == "0af7651916cd43dd8448eb211c80319c", "\(job)")
            #expect(exemplars["wait_seconds_bucket"]?.last == "feed", "\(job)")
        }
    }

    @Test(.enabled(if: Tools.has("prometheus"), "scripts/setup --test installs prometheus"))
    func `without its features Prometheus gets OpenMetrics, to the same values`() async throws {
        let server = try MetricsServer(port: 0, registry: Self.registry())
        defer { server.stop() }
        let prometheus = try PrometheusUnderTest(
            jobs: "- {job_name: negotiated, static_configs: [{targets: [\"127.0.0.1:\(server.port)\"]}]}\n"
        )
        let found = try await eventually("series; it printed \(prometheus.process.text.suffix(2000))") {
            let found = try await series("negotiated", prometheus)
            return found.isEmpty ? nil : found
        }
        #expect(found == Self.expected)
    }

    @Test(.enabled(if: Tools.has("promtool"), "scripts/setup --test installs prometheus"))
    func `promtool finds nothing wrong with it`() async throws {
        let text = String(decoding: Self.registry().export(.text), as: UTF8.self)
        let check = try await Tools.run("promtool", "check", "metrics", input: text)
        #expect(check.status == 0, "\(check.error) \(check.output)")
        #expect(check.error.isEmpty && check.output.isEmpty)
    }

    @Test(
        .enabled(if: Tools.has("promtool"), "scripts/setup --test installs prometheus"),
        arguments: MetricNaming.allCases
    )
    func `promtool objects to counters of older names only`(naming: MetricNaming) async throws {
        let registry = Self.registry()
        let pack = try ComponentPack(registry: registry, naming: naming)
        let performance = PerformanceMetrics(naming: naming)
        registry.add(collector: performance)
        registry.add(collector: ProcessCollector(version: "1"))
        registry.add(collector: HostCollector())
        pack.component("a").process {}
        performance.record("x", milliseconds: 2, isSuccess: false)
        performance.updateSystem(memoryMegabytes: 1, processorPercent: 2, requestsPerSecond: 3)
        let text = String(decoding: registry.export(.text), as: UTF8.self)
        let check = try await Tools.run("promtool", "check", "metrics", input: text)
        let lines = (check.output + check.error).split(separator: "\n").map(String.init).sorted()
        let older = ["component_messages_processed", "slow_operations"].map {
            "\($0) counter metrics should have \"_total\" suffix"
        }
        #expect(lines == (naming == .canonical ? [] : older))
        #expect(check.status == (naming == .canonical ? 0 : 3))
        // OpenMetrics has each of them once, under its clean name.
        let names = String(decoding: registry.export(.openMetrics), as: UTF8.self)
        #expect(names.split(separator: "\n").filter { $0.hasPrefix("component_messages_processed_total{") }.count == 1)
        #expect(ExpositionLint.check(Array(names.utf8), format: .openMetrics).filter(\.isError) == [])
    }

    @Test(.enabled(if: Tools.hasPython("prometheus_client"), "scripts/setup --test installs prometheus-client"))
    func `the OpenMetrics parser of Python's client reads it back to equal values`() async throws {
        let text = String(
            decoding: ExpositionRenderer(.openMetrics, showsCreation: true).render(Self.registry().gather()),
            as: UTF8.self
        )
        let program = #"""
            import json, sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
            result = []
            for family in parse(sys.stdin.buffer.read().decode()):
                for s in family.samples:
                    exemplar = s.exemplar.labels.get("trace_id") if s.exemplar else None
                    result.append({"name": s.name, "labels": s.labels, "value": repr(float(s.value)),
                                   "type": family.type, "unit": family.unit, "help": family.documentation,
                                   "trace": exemplar})
            print(json.dumps(result))
            """#
        let run = try await Tools.run(Tools.python, "-c", program, input: text)
        #expect(run.status == 0, "\(run.error)")
        let samples = try JSON(run.output).elements
        var found: [String: Double] = [:]
        for sample in samples where !sample["name"].text.hasSuffix("_created") {
            let labels = sample["labels"].members.map { Label($0.key, $0.value.text) }
            let set = LabelSet(labels + [Label(Label.metricName, sample["name"].text)])
            found[set.description] = Double(sample["value"].text)
        }
        #expect(found == Self.expected.mapValues { Double($0) ?? .nan })
        func first(_ name: String) throws -> JSON { try #require(samples.first { $0["name"].text == name }) }
        #expect(try first("jobs_bytes_total")["unit"].text == "bytes")
        #expect(try first("jobs_bytes_total")["help"].text == "Job \"sizes\" with \\ and\nnewline.")
        #expect(try first("jobs_bytes_total")["trace"].text == "0af7651916cd43dd8448eb211c80319c")
        #expect(try first("age_seconds_gcount")["type"].text == "gaugehistogram")
        #expect(try first("mode")["type"].text == "stateset")
        #expect(try first("build_info")["type"].text == "info")
        #expect(samples.contains { $0["name"].text == "jobs_bytes_created" })
    }
}

/// Brings what it was made with.
struct Fixed: MetricCollector {
    let name: String
    let families: [MetricFamily]

    func collect() -> [MetricFamily] { families }
}
