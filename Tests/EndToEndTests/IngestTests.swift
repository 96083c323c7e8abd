import Foundation
import MartletCompression
import MartletCore
import MartletHTTPClient
import MartletRemoteWrite
import Testing

/// What senders bring in, over the real protocols.
@Suite("Ingest", .fewAtOnce)
struct IngestTests {
    private static let now = Int64(Date().timeIntervalSince1970) * 1000

    private static func write(
        _ request: WriteRequest,
        _ version: WriteRequest.Version,
        to server: ServerUnderTest
    ) async throws -> IncomingResponse {
        try await server.send(
            "POST",
            "/api/v1/write",
            headers: [
                ("Content-Type", "application/x-protobuf;proto=\(version.rawValue)"), ("Content-Encoding", "snappy"),
            ],
            body: Snappy.compress(request.encoded(as: version))
        )
    }

    private static func header(_ name: String, _ response: IncomingResponse) -> String? {
        response.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    @Test func `remote write 2 brings samples, histograms, exemplars and descriptions`() async throws {
        let server = try await ServerUnderTest()
        var histogram = WriteHistogram()
        histogram.count = .integer(6)
        histogram.sum = 9
        histogram.schema = 0
        histogram.zeroCount = .integer(1)
        histogram.positive = .init(spans: [.init(offset: 0, length: 2)], deltas: [2, 1])
        histogram.timestamp = Self.now
        let request = WriteRequest(
            series: [
                WriteSeries(
                    labels: [Label("__name__", "orders_total"), Label("job", "shop")],
                    samples: [.init(timestamp: Self.now, value: 7)],
                    exemplars: [WriteExemplar(labels: [Label("trace_id", "abc")], value: 1, timestamp: Self.now)],
                    metadata: MetricMetadata(type: .counter, help: "Orders.")
                ),
                WriteSeries(labels: [Label("__name__", "latency"), Label("job", "shop")], histograms: [histogram]),
            ]
        )
        let response = try await Self.write(request, .version2, to: server)
        #expect(response.status == 204, "\(String(decoding: response.body, as: UTF8.self))")
        #expect(Self.header("X-Prometheus-Remote-Write-Samples-Written", response) == "1")
        #expect(Self.header("X-Prometheus-Remote-Write-Histograms-Written", response) == "1")
        #expect(Self.header("X-Prometheus-Remote-Write-Exemplars-Written", response) == "1")
        #expect(try await server.query("orders_total") == [["__name__": "orders_total", "job": "shop"]: 7])
        #expect(try await server.query("histogram_count(latency)") == [["job": "shop"]: 6])
        #expect(try await server.query("histogram_avg(latency)") == [["job": "shop"]: 1.5])
        let metadata = try await server.data("metadata", [("metric", "orders_total")])
        #expect(metadata["orders_total"].elements.first?["help"].text == "Orders.")
    }

    @Test func `remote write keeps good samples, and says what it does not speak`() async throws {
        let server = try await ServerUnderTest()
        let good = WriteSeries(labels: [Label("__name__", "good")], samples: [.init(timestamp: Self.now, value: 1)])
        let future = WriteSeries(
            labels: [Label("__name__", "future")],
            samples: [.init(timestamp: Self.now + 86_400_000, value: 1)]
        )
        for version in WriteRequest.Version.allCases {
            let response = try await Self.write(WriteRequest(series: [good, future, good]), version, to: server)
            #expect(response.status == 400)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(text.contains("refused 1, the first of them future at \(Self.now + 86_400_000)"), "\(text)")
            if version == .version2 {
                #expect(Self.header("X-Prometheus-Remote-Write-Samples-Written", response) == "2")
            }
        }
        #expect(try await server.query("good").values.sorted() == [1])
        for (type, encoding, status) in [
            ("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", 415),
            ("application/json", "snappy", 415), ("application/x-protobuf", "zstd", 415),
            ("application/x-protobuf", "snappy", 400),
        ] {
            let response = try await server.send(
                "POST",
                "/api/v1/write",
                headers: [("Content-Type", type), ("Content-Encoding", encoding)],
                body: [0xff, 0xff]
            )
            #expect(response.status == status, "\(type) \(encoding)")
        }
    }

    @Test(
        .enabled(
            if: (try? Tools.runHere(Tools.python, ["-c", "import opentelemetry.exporter.otlp.proto.http"]).status) == 0,
            "scripts/setup --test installs opentelemetry-sdk"
        )
    )
    func `OpenTelemetry's own exporter brings metrics, cumulative and delta`() async throws {
        let server = try await ServerUnderTest()
        let folder = try Folder()
        let script = try folder.write("send.py", Self.script)
        let result = try await Tools.run(Tools.python, script, server.url)
        #expect(result.status == 0, "\(result.output)\(result.error)")
        for (suffix, temporality) in [("c", "cumulative"), ("d", "delta")] {
            let job = ["job": "eu/shop", "instance": "one"]
            func query(_ expression: String) async throws -> [Double] {
                try await server.query(expression).values.sorted()
            }
            #expect(try await query("orders_\(suffix)_total{job=\"eu/shop\", kind=\"a b\"}") == [8], "\(temporality)")
            #expect(try await query("queue_\(suffix){instance=\"one\"}") == [2], "\(temporality)")
            #expect(try await query("latency_\(suffix)_seconds_count") == [3], "\(temporality)")
            #expect(try await query("latency_\(suffix)_seconds_sum") == [6.5], "\(temporality)")
            #expect(try await query("latency_\(suffix)_seconds_bucket{le=\"1\"}") == [1], "\(temporality)")
            #expect(try await query("histogram_count(size_\(suffix)_bytes)") == [2], "\(temporality)")
            #expect(try await query("histogram_sum(size_\(suffix)_bytes)") == [1040], "\(temporality)")
            let info = try await server.query("target_info{job=\"eu/shop\"}")
            #expect(info.keys.first?["host_name"] == "h")
            #expect(info.keys.first?.filter { job.keys.contains($0.key) } == job)
        }
        #expect(try await server.query("load_ratio{otel_scope_name=\"lib\"}").values.first == 0.5)
    }

    /// Two rounds of measurements, sent with gzip, as sums and as deltas.
    private static let script = """
        import sys
        from opentelemetry.sdk.metrics import MeterProvider, Counter, UpDownCounter, Histogram
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader, AggregationTemporality
        from opentelemetry.sdk.metrics.view import View, ExponentialBucketHistogramAggregation
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.sdk.resources import Resource
        for suffix, temporality in (("c", AggregationTemporality.CUMULATIVE), ("d", AggregationTemporality.DELTA)):
            exporter = OTLPMetricExporter(
                endpoint=sys.argv[1] + "/v1/metrics", compression=Compression.Gzip,
                preferred_temporality={Counter: temporality, Histogram: temporality})
            reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
            provider = MeterProvider(
                [reader], Resource({"service.name": "shop", "service.namespace": "eu", "service.instance.id": "one",
                                    "host.name": "h"}),
                views=[View(instrument_name="size." + suffix, aggregation=ExponentialBucketHistogramAggregation())])
            meter = provider.get_meter("lib", "1.0")
            orders = meter.create_counter("orders." + suffix, unit="{order}")
            queue = meter.create_up_down_counter("queue." + suffix)
            latency = meter.create_histogram("latency." + suffix, unit="s", explicit_bucket_boundaries_advisory=[1, 5])
            size = meter.create_histogram("size." + suffix, unit="By")
            meter.create_gauge("load", unit="1").set(0.5)
            for amount, seconds, octets in ((5, (0.5, 2), 1024), (3, (4,), 16)):
                orders.add(amount, {"kind": "a b"})
                queue.add(1)
                for value in seconds: latency.record(value)
                size.record(octets)
                if not provider.force_flush(): sys.exit("not sent")
            provider.shutdown()
        """

    @Test func `OTLP answers in the form it was asked in`() async throws {
        let server = try await ServerUnderTest()
        let nanoseconds = "\(Self.now)000000"
        let body = """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},
             "scopeMetrics":[{"metrics":[{"name":"ok","gauge":{"dataPoints":[
               {"timeUnixNano":"\(nanoseconds)","asDouble":2.5}, {"timeUnixNano":"\(nanoseconds)"}]}}]}]}]}
            """
        func send(_ path: String, _ type: String, _ body: [UInt8], _ encoding: String? = nil) async throws
            -> (status: Int, text: String)
        {
            let headers = [("Content-Type", type)] + (encoding.map { [("Content-Encoding", $0)] } ?? [])
            let response = try await server.send("POST", path, headers: headers, body: body)
            return (response.status, String(decoding: response.body, as: UTF8.self))
        }
        for path in ["/v1/metrics", "/api/v1/otlp/v1/metrics"] {
            let answer = try await send(path, "application/json", Gzip.compress(Array(body.utf8)), "gzip")
            #expect(answer.status == 200)
            #expect(
                answer.text == #"{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"#
                    + #""refused 1 of 2 points, the first of them ok: a point has no value"}}"#
            )
        }
        #expect(try await server.query("ok").values.first == 2.5)
        #expect(try await send("/v1/metrics", "application/x-protobuf", []).status == 200)
        let broken = try await send("/v1/metrics", "application/json", Array("{".utf8))
        #expect(broken.status == 400)
        #expect(broken.text.hasPrefix(#"{"code":3,"message":"cannot read the OTLP JSON at byte 1"#), "\(broken.text)")
        #expect(try await send("/v1/metrics", "application/x-protobuf", [0x0a]).status == 400)
        #expect(try await send("/v1/metrics", "text/plain", []).status == 415)
        #expect(try await send("/v1/metrics", "application/json", [], "zstd").status == 415)
        #expect(try await send("/v1/metrics", "application/json", [1, 2], "gzip").status == 400)
    }

    @Test(
        .enabled(
            if: Tools.has("prometheus") && Tools.has("prometheus-node-exporter"),
            "scripts/setup --test installs them"
        )
    )
    func `Prometheus' remote write leaves the same samples in both`() async throws {
        // Half a minute here; five minutes in the soak.
        let seconds = Double(ProcessInfo.processInfo.environment["MARTLET_REMOTE_WRITE_SECONDS"] ?? "") ?? 20
        let folder = try Folder()
        let (exporterPort, prometheusPort) = (try Tools.freePort(), try Tools.freePort())
        let exporter = try ChildProcess(
            "prometheus-node-exporter",
            ["--web.listen-address=127.0.0.1:\(exporterPort)"],
            directory: folder.url
        )
        let server = try await ServerUnderTest()
        try folder.write(
            "prometheus.yml",
            """
            scrape_configs:
              - {job_name: node, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:\(exporterPort)"]}]}
            remote_write:
              - {url: "\(server.url)/api/v1/write", queue_config: {batch_send_deadline: 500ms}}
            """
        )
        let prometheus = try ChildProcess(
            "prometheus",
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                "--web.listen-address=127.0.0.1:\(prometheusPort)",
            ],
            directory: folder.url
        )
        let client = try HTTPClient()
        func samples(_ url: String, _ time: Int) async throws -> [String: [String]] {
            let query = "\(url)/api/v1/query?query=%7Bjob%3D%22node%22%7D%5B\(Int(seconds))s%5D&time=\(time)"
            var request = OutgoingRequest(url: query)
            request.bodyBytesMax = 256 << 20
            let response = try await client.send(request)
            var found: [String: [String]] = [:]
            for element in try JSON(String(decoding: response.body, as: UTF8.self))["data"]["result"].elements {
                let labels = element["metric"].members.map { "\($0.key)=\($0.value.text)" }.sorted()
                found[labels.joined(separator: ",")] = element["values"].elements.map {
                    "\($0.elements[0].number) \($0.elements[1].text)"
                }
            }
            return found
        }
        let start = Date()
        let deadline = start.addingTimeInterval(seconds + 120)
        let end = Int(start.timeIntervalSince1970 + seconds + 3)
        // The newest sample has to have come over before both are asked.
        var newest = 0.0
        while newest < Double(end) + 1, Date() < deadline {
            newest = try await server.query("timestamp(up{job=\"node\"})").values.first ?? 0
            try await Task.sleep(for: .milliseconds(500))
        }
        let theirs = try await samples("http://127.0.0.1:\(prometheusPort)", end)
        let ours = try await samples(server.url, end)
        #expect(theirs.count > 300)
        #expect(theirs.values.contains { $0.count >= Int(seconds) - 3 })
        let different = Set(theirs.keys).union(ours.keys).filter { theirs[$0] != ours[$0] }
        #expect(
            different.isEmpty,
            "\(different.sorted().prefix(3).map { "\($0): \(theirs[$0] ?? []) \(ours[$0] ?? [])" })"
        )
        let count = theirs.values.reduce(0) { $0 + $1.count }
        print("remote write: \(theirs.count) series, \(count) samples, equal in both over \(Int(seconds)) s")
        #expect(prometheus.end() == 0)
        exporter.end()
    }
}
