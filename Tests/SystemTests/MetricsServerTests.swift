import MartletCompression
import MartletCore
import MartletExport
import MartletExposition
import MartletHTTPClient
import MartletHTTPServer
import MartletHealth
import MartletLogging
import MartletMetrics
import Synchronization
import Testing

@Suite("MetricsServer")
struct MetricsServerTests {
    private func get(
        _ server: MetricsServer,
        _ path: String,
        accept: String? = nil,
        method: String = "GET"
    ) async throws -> IncomingResponse {
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)\(path)")
        request.method = method
        request.acceptsGzip = false
        if let accept { request.headers = [("Accept", accept)] }
        return try await HTTPClient().send(request)
    }

    private func registry(series: Int = 3) -> MetricRegistry {
        let registry = MetricRegistry(seriesLimit: 200_000)
        let family = Counter.Family("visits_total", help: "Visits.", labels: "page", registry: registry)
        for page in 0..<series { family["/page/\(page)"].increment(by: page + 1) }
        return registry
    }

    @Test func `one line serves metrics in the format that the scraper prefers`() async throws {
        let server = try MetricsServer(port: 0, registry: registry())
        defer { server.stop() }
        let text = try await get(server, "/metrics")
        #expect(text.status == 200)
        #expect(text.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(decoding: text.body, as: UTF8.self).contains("visits_total{page=\"/page/2\"} 3\n"))
        let names = try await get(server, "/metrics", accept: "application/openmetrics-text;version=1.0.0,*/*;q=0.1")
        #expect(names.header("content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(String(decoding: names.body, as: UTF8.self).hasSuffix("# EOF\n"))
        let type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        let protobuf = try await get(server, "/metrics", accept: type)
        #expect(protobuf.header("content-type") == type)
        let families = try ExpositionReader(.protobuf).read(protobuf.body)
        #expect(families.first { $0.name == "visits_total" }?.series.count == 3)
    }

    @Test func `JSON comes in both shapes, and no third`() async throws {
        let server = try MetricsServer(port: 0, registry: registry())
        defer { server.stop() }
        let list = try await get(server, "/metrics/json")
        #expect(list.header("content-type") == "application/json")
        #expect(try JSONParser.parse(list.body)["metrics"]?.elements?.isEmpty == false)
        let map = try JSONParser.parse(try await get(server, "/metrics/json?shape=collectors").body)
        #expect(map["default"]?["visits_total"]?["latest_value"]?.double == 6)
        let third = try await get(server, "/metrics/json?shape=tree")
        #expect(third.status == 400)
        #expect(String(decoding: third.body, as: UTF8.self) == "unknown shape \"tree\"; use list or collectors\n")
    }

    @Test func `health is the service's, as JSON and as a status`() async throws {
        let state = Mutex(ServiceHealth.healthy)
        let server = try MetricsServer(port: 0, registry: registry()) { state.withLock { $0 } }
        defer { server.stop() }
        let good = try await get(server, "/health")
        #expect(good.status == 200)
        #expect(String(decoding: good.body, as: UTF8.self) == #"{"status":"healthy","details":{}}"#)
        for (status, code) in [(ServiceHealth.Status.degraded, 200), (.unhealthy, 503), (.critical, 503)] {
            state.withLock { $0 = ServiceHealth(status, details: ["database": "slow"]) }
            let answer = try await get(server, "/health")
            #expect(answer.status == code)
            #expect(
                String(decoding: answer.body, as: UTF8.self)
                    == "{\"status\":\"\(status.rawValue)\",\"details\":{\"database\":\"slow\"}}"
            )
        }
    }

    @Test func `health is what the last checks of a monitor found, each check with its state`() async throws {
        let monitor = HealthMonitor()
        let isUp = Mutex(true)
        monitor.register("database", isCritical: true) {
            isUp.withLock { $0 } ? .healthy("connected") : .unhealthy("connection refused")
        }
        let server = try MetricsServer(port: 0, registry: registry(), monitor: monitor)
        defer { server.stop() }
        _ = await monitor.runAllChecks()
        let good = try await get(server, "/health")
        #expect(good.status == 200)
        let body = try JSONParser.parse(good.body)
        #expect(body["status"]?.text == "healthy")
        #expect(body["checks"]?.elements?.first?["name"]?.text == "database")
        isUp.withLock { $0 = false }
        #expect(try await get(server, "/health").status == 200)
        _ = await monitor.runAllChecks()
        let bad = try await get(server, "/health")
        #expect(bad.status == 503)
        #expect(try JSONParser.parse(bad.body)["issues"]?.elements?.first?.text == "database: connection refused")
    }

    @Test func `other paths and methods are refused`() async throws {
        let server = try MetricsServer(port: 0, registry: registry())
        defer { server.stop() }
        #expect(try await get(server, "/").status == 404)
        let post = try await get(server, "/metrics", method: "POST")
        #expect(post.status == 405)
        #expect(post.header("allow") == "GET, HEAD")
    }

    @Test(arguments: [3, 100, 20_000])
    func `gzip is used where it is accepted and worth it`(series: Int) async throws {
        let server = try MetricsServer(port: 0, registry: registry(series: series))
        defer { server.stop() }
        let plain = try await get(server, "/metrics")
        #expect(plain.header("content-encoding") == nil)
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)/metrics")
        request.acceptsGzip = true
        let sent = server.statistics.bytesSent
        let answer = try await HTTPClient().send(request)
        #expect(answer.header("content-encoding") == (series > 3 ? "gzip" : nil))
        #expect(answer.header("vary") == "Accept, Accept-Encoding")
        #expect(answer.body == plain.body)
        if series > 3 { #expect(server.statistics.bytesSent - sent < plain.body.count / 2) }
    }

    @Test func `a scraper that leaves half-way harms nobody`() async throws {
        let server = try MetricsServer(port: 0, registry: registry(series: 50_000))
        defer { server.stop() }
        for _ in 0..<20 {
            let raw = try RawConnection(port: server.port)
            #expect(raw.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"))
            #expect(raw.read(through: "/page/9\"}") != nil)
        }
        let answer = try await get(server, "/metrics")
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("page=\"/page/49999\"} 50000\n"))
    }

    @Test func `a collector that throws leaves the others standing`() async throws {
        struct Broken: MetricCollector {
            struct Failure: Error {}
            var name: String { "broken" }
            func collect() throws -> [MetricFamily] { throw Failure() }
        }
        let registry = registry()
        registry.add(collector: Broken())
        let server = try MetricsServer(port: 0, registry: registry)
        defer { server.stop() }
        let text = String(decoding: try await get(server, "/metrics").body, as: UTF8.self)
        #expect(text.contains("visits_total{page=\"/page/0\"} 1\n"))
        #expect(text.contains("martlet_collector_errors_total{collector=\"broken\"} 1\n"))
    }

    @Test func `levels are told and changed where the service offers them`() async throws {
        let levels = LogLevels(LogFilter(.warn))
        let log = LogPipeline(sink: SilentSink(), levels: levels).logger("db")
        var options = MetricsServer.Options()
        options.levels = levels
        let server = try MetricsServer(options, registry: MetricRegistry())
        defer { server.stop() }
        let client = try HTTPClient()
        func ask(_ method: String, _ query: String = "", origin: String? = nil) async throws -> (Int, String) {
            var request = OutgoingRequest(method, url: "http://127.0.0.1:\(server.port)/log-filter\(query)")
            if let origin { request.headers.append(("Origin", origin)) }
            let response = try await client.send(request)
            return (response.status, String(decoding: response.body, as: UTF8.self))
        }
        #expect(try await ask("GET") == (200, "warn\n"))
        #expect(!log.isEnabled(.debug))
        #expect(try await ask("PUT", "?filter=info,db=debug") == (200, "info,db=debug\n"))
        #expect(log.isEnabled(.debug))
        #expect(try await ask("PUT", "?filter=db=debig").0 == 400)
        #expect(try await ask("PUT").0 == 400)
        #expect(try await ask("PUT", "?filter=off", origin: "https://evil.example").0 == 403)
        #expect(try await ask("DELETE").0 == 405)
        #expect(levels.filter.description == "info,db=debug")
        let plain = try MetricsServer(MetricsServer.Options(), registry: MetricRegistry())
        defer { plain.stop() }
        #expect(try await get(plain, "/log-filter").status == 404)
    }

    @Test func `names get the prefix of the options, and creation times are opt-in`() async throws {
        struct Demo: MetricCollector {
            var name: String { "validation" }
            func collect() -> [MetricFamily] {
                [
                    MetricFamily(
                        "validation_total",
                        metadata: MetricMetadata(type: .counter, help: "Total validation attempts"),
                        series: [
                            MetricSeries(labels: ["node_type": "PythonCodeNode"], value: .integer(42), created: 1500)
                        ]
                    )
                ]
            }
        }
        let registry = MetricRegistry()
        registry.add(collector: Demo())
        var options = MetricsServer.Options()
        options.namespace = "kailash"
        options.includesCollector = true
        options.showsCreation = true
        let server = try MetricsServer(options, registry: registry)
        defer { server.stop() }
        let text = String(decoding: try await get(server, "/metrics").body, as: UTF8.self)
        #expect(
            text.hasPrefix(
                """
                # HELP kailash_validation_validation_total Total validation attempts
                # TYPE kailash_validation_validation_total counter
                kailash_validation_validation_total{node_type="PythonCodeNode"} 42

                """
            )
        )
        let names = try await get(server, "/metrics", accept: "application/openmetrics-text")
        #expect(
            String(decoding: names.body, as: UTF8.self)
                .contains("kailash_validation_validation_created{node_type=\"PythonCodeNode\"} 1.500\n")
        )
    }

    @Test func `a taken port is an error that names it`() throws {
        let server = try MetricsServer(port: 0, registry: registry())
        defer { server.stop() }
        #expect(throws: HTTPServerError.self) { try MetricsServer(port: server.port, registry: registry()) }
        #expect(server.statistics.requestsAnswered == 0)
    }
}

@Suite("GzipWriter")
struct GzipWriterTests {
    @Test(arguments: [0, 1, 5000, 300_000], [1, 9])
    func `pieces make one file`(size: Int, level: Int) throws {
        var random = SeededRandom(seed: 7)
        let bytes = (0..<size).map { _ in UInt8.random(in: 0..<32, using: &random) }
        let writer = GzipWriter(level: level)
        var file: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + Int.random(in: 1...70_000, using: &random))
            file += writer.compress(Array(bytes[place..<end]))
            place = end
        }
        file += writer.finish()
        #expect(writer.finish() == [])
        #expect(try Gzip.decompress(file, limit: 1 << 20) == bytes)
    }
}
