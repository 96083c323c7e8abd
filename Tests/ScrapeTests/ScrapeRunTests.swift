import MartletConfiguration
import MartletCore
import MartletExposition
import MartletHTTPClient
import MartletLogging
import MartletPatterns
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletScrape

/// One target with everything around it.
struct Bench {
    let sink = RecordingSink()
    let client: ScriptedClient
    let timer = ManualTimer(clock: ManualClock())
    let record: TargetRecord
    let environment: ScrapeEnvironment
    var run: ScrapeRun

    init(_ text: String = "", _ change: (inout ScrapeConfiguration) -> Void = { _ in }) {
        client = ScriptedClient(text: text)
        var configuration = ScrapeConfiguration(jobName: "j")
        change(&configuration)
        let target = ScrapeTarget(
            labels: ["job": "j", "instance": "i:1"],
            discoveredLabels: ["__address__": "i:1"],
            url: "http://i:1/metrics",
            interval: configuration.interval,
            timeout: configuration.timeout
        )
        record = TargetRecord(target, job: "j")
        environment = ScrapeEnvironment(
            sink: sink,
            client: client,
            patterns: RE2Patterns(),
            clock: timer.clock,
            timer: timer,
            logger: .silent
        )
        run = ScrapeRun(
            record,
            configuration: configuration,
            source: HTTPExpositionSource(target: target, configuration: configuration, client: client),
            environment: environment
        )
    }

    /// Scrapes and gives the batch written.
    mutating func scrape(_ text: String? = nil, at timestamp: Int64) async -> [IncomingSample] {
        if let text { client.answer(text: text) }
        await run.scrape(at: timestamp)
        return sink.batches.last ?? []
    }
}

@Suite("One scrape")
struct ScrapeRunTests {
    @Test func `samples get the labels of the target and the time of the scrape`() async {
        var bench = Bench("# TYPE a counter\n# HELP a Number of a.\na{x=\"1\"} 5\nb 0.5\n")
        let batch = await bench.scrape(at: 1000)
        #expect(
            RecordingSink.lines(batch) == [
                #"a{instance="i:1", job="j", x="1"} 5 @1000"#, #"b{instance="i:1", job="j"} 0.5 @1000"#,
            ]
        )
        #expect(RecordingSink.report("up", in: batch) == 1)
        #expect(RecordingSink.report("scrape_samples_scraped", in: batch) == 2)
        #expect(RecordingSink.report("scrape_samples_post_metric_relabeling", in: batch) == 2)
        #expect(RecordingSink.report("scrape_series_added", in: batch) == 2)
        #expect(RecordingSink.report("scrape_duration_seconds", in: batch) == 0)
        #expect(bench.record.status.health == .up)
        #expect(bench.record.status.lastScrape == 1000)
        #expect(bench.record.metadata.map(\.metric) == ["a"])
        #expect(bench.record.metadata[0].metadata == MetricMetadata(type: .counter, help: "Number of a."))
        let again = await bench.scrape(at: 2000)
        #expect(RecordingSink.report("scrape_series_added", in: again) == 0)
        #expect(bench.environment.counters.snapshot.succeeded == 2)
    }

    @Test func `a series that vanishes ends once`() async {
        var bench = Bench("a 1\nb 2\n")
        _ = await bench.scrape(at: 1000)
        let second = await bench.scrape("b 3\nc 4\n", at: 2000)
        #expect(
            RecordingSink.lines(second) == [
                #"b{instance="i:1", job="j"} 3 @2000"#, #"c{instance="i:1", job="j"} 4 @2000"#,
                #"a{instance="i:1", job="j"} stale @2000"#,
            ]
        )
        #expect(RecordingSink.report("scrape_series_added", in: second) == 1)
        let third = await bench.scrape(at: 3000)
        #expect(RecordingSink.lines(third).count == 2)
        let back = await bench.scrape("a 9\nb 3\nc 4\n", at: 4000)
        #expect(RecordingSink.lines(back)[0] == #"a{instance="i:1", job="j"} 9 @4000"#)
    }

    @Test func `a failed scrape ends all series once and says why`() async {
        var bench = Bench("a 1\nb 2\n")
        _ = await bench.scrape(at: 1000)
        bench.client.answer { _ in IncomingResponse(status: 503) }
        let failed = await bench.scrape(at: 2000)
        #expect(
            RecordingSink.lines(failed) == [
                #"a{instance="i:1", job="j"} stale @2000"#, #"b{instance="i:1", job="j"} stale @2000"#,
            ]
        )
        #expect(RecordingSink.report("up", in: failed) == 0)
        #expect(bench.record.status.health == .down)
        #expect(bench.record.status.lastError == "server returned HTTP status 503")
        let again = await bench.scrape(at: 3000)
        #expect(RecordingSink.lines(again) == [])
        #expect(bench.environment.counters.snapshot.failed == [.status: 2])
        #expect(bench.environment.counters.snapshot.staleMarkers == 2)
        let back = await bench.scrape("a 1\n", at: 4000)
        #expect(RecordingSink.lines(back) == [#"a{instance="i:1", job="j"} 1 @4000"#])
    }

    @Test(arguments: [
        (HTTPClientError.connection("connection refused"), ScrapeFailure.Reason.connection, "connection refused"),
        (.timeout("timed out"), .timeout, "no answer within 10s: timed out"),
        (.bodyTooLarge(limit: 5), .bodyTooLarge, "body exceeds the limit of 5 bytes; see body_size_limit"),
        (.badEncoding("bad gzip"), .badEncoding, "bad gzip"), (.badURL("no"), .connection, "no"),
    ])
    func `a client's error becomes the target's`(
        error: HTTPClientError,
        reason: ScrapeFailure.Reason,
        message: String
    ) async {
        var bench = Bench()
        bench.client.answer { _ throws(HTTPClientError) in throw error }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(bench.record.status.lastError == message)
        #expect(bench.environment.counters.snapshot.failed == [reason: 1])
    }

    @Test func `a cancelled scrape leaves no trace`() async {
        var bench = Bench()
        bench.client.answer { _ throws(HTTPClientError) in throw .cancelled }
        await bench.run.scrape(at: 1000)
        #expect(bench.sink.batches.isEmpty)
        #expect(bench.record.status.health == .unknown)
    }

    @Test func `a malformed line fails the scrape, naming line and reason`() async {
        var bench = Bench("a 1\nb 2\n")
        _ = await bench.scrape(at: 1000)
        let batch = await bench.scrape("a 1\nb{x=\"1\" 2\nc 3\n", at: 2000)
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(RecordingSink.report("scrape_samples_scraped", in: batch) == 1)
        #expect(RecordingSink.lines(batch).allSatisfy { $0.hasSuffix(" stale @2000") })
        #expect(RecordingSink.lines(batch).count == 2)
        #expect(bench.record.status.lastError.hasPrefix("malformed exposition: line 2:"))
        #expect(bench.environment.counters.snapshot.failed == [.malformed: 1])
    }

    @Test func `a target's labels are kept under other names`() async {
        var bench = Bench("a{job=\"own\",exported_job=\"older\"} 1\n")
        let batch = await bench.scrape(at: 1000)
        #expect(
            RecordingSink.lines(batch) == [
                #"a{exported_exported_job="own", exported_job="older", instance="i:1", job="j"} 1 @1000"#
            ]
        )
    }

    @Test func `a target's labels win if honoured`() async {
        var bench = Bench("a{job=\"own\"} 1\n") { $0.honorsLabels = true }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.lines(batch) == [#"a{instance="i:1", job="own"} 1 @1000"#])
    }

    @Test func `a target's timestamps are kept and such series do not end`() async {
        var bench = Bench("a 1 500\nb 2\n")
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.lines(batch)[0] == #"a{instance="i:1", job="j"} 1 @500"#)
        #expect(RecordingSink.lines(await bench.scrape("b 2\n", at: 2000)).count == 1)
    }

    @Test func `a target's timestamps are ignored if not honoured`() async {
        var bench = Bench("a 1 500\n") { $0.honorsTimestamps = false }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.lines(batch) == [#"a{instance="i:1", job="j"} 1 @1000"#])
    }

    @Test func `series with own timestamps end if that is asked for`() async {
        var bench = Bench("a 1 500\n") { $0.tracksTimestampStaleness = true }
        _ = await bench.scrape(at: 1000)
        let batch = await bench.scrape("b 1\n", at: 2000)
        #expect(RecordingSink.lines(batch).last == #"a{instance="i:1", job="j"} stale @2000"#)
    }

    @Test func `metric relabelling drops and renames`() async throws {
        let patterns = RE2Patterns()
        let drop = try patterns.compile("go_.*")
        let name = try patterns.compile("a")
        var bench = Bench("go_gc 1\na 2\nb 3\n") { configuration in
            configuration.metricRelabelRules = [
                RelabelRule(.drop, from: ["__name__"], matching: drop),
                RelabelRule(.replace, from: ["__name__"], matching: name, to: "__name__", replacement: "c"),
            ]
        }
        let batch = await bench.scrape(at: 1000)
        #expect(
            RecordingSink.lines(batch) == [
                #"c{instance="i:1", job="j"} 2 @1000"#, #"b{instance="i:1", job="j"} 3 @1000"#,
            ]
        )
        #expect(RecordingSink.report("scrape_samples_scraped", in: batch) == 3)
        #expect(RecordingSink.report("scrape_samples_post_metric_relabeling", in: batch) == 2)
        #expect(RecordingSink.report("scrape_series_added", in: batch) == 2)
        #expect(bench.environment.counters.snapshot.samplesDropped == 1)
    }

    @Test func `a series that another text still stands for does not end`() async {
        var bench = Bench("a{x=\"1\"} 1\na{x=\"1\",} 1\n")
        _ = await bench.scrape(at: 1000)
        let batch = await bench.scrape("a{x=\"1\",} 1\n", at: 2000)
        #expect(RecordingSink.lines(batch) == [#"a{instance="i:1", job="j", x="1"} 1 @2000"#])
    }

    @Test(arguments: [
        ("a 1\nb 2\nc 3\n", ScrapeFailure.Reason.sampleLimit, "line 3: sample_limit of 2 is exceeded"),
        ("a{b=\"1\",c=\"2\"} 1\n", .labelLimit, "line 1: label_limit of 4 is exceeded by a, which has 5 labels"),
        (
            "a{abcdefghijklm=\"1\"} 1\n", .labelLimit,
            "line 1: label_name_length_limit of 12 is exceeded by label abcdefghijklm of a"
        ),
        ("a{b=\"12345678901\"} 1\n", .labelLimit, "line 1: label_value_length_limit of 10 is exceeded by label b of a"),
    ])
    func `breaking a limit fails the scrape`(
        text: String,
        reason: ScrapeFailure.Reason,
        message: String
    ) async {
        var bench = Bench { configuration in
            configuration.limits.samples = 2
            configuration.limits.labels = 4
            configuration.limits.labelNameBytes = 12
            configuration.limits.labelValueBytes = 10
        }
        let batch = await bench.scrape(text, at: 1000)
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(RecordingSink.lines(batch) == [])
        #expect(bench.record.status.lastError == message)
        #expect(bench.environment.counters.snapshot.failed == [reason: 1])
    }

    @Test func `a body over the limit fails the scrape even if the client let it pass`() async {
        var bench = Bench("a 1\n") { $0.limits.bodyBytes = 3 }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.report("up", in: batch) == 0)
        #expect(bench.client.requests[0].bodyBytesMax == 3)
        #expect(bench.environment.counters.snapshot.failed == [.bodyTooLarge: 1])
    }

    @Test func `a store that takes nothing fails the scrape and the series stand`() async {
        var bench = Bench("a 1\n")
        _ = await bench.scrape(at: 1000)
        bench.sink.fail(with: .storageUnavailable("disk is full"))
        _ = await bench.scrape("b 1\n", at: 2000)
        #expect(bench.record.status.lastError == "cannot store 7 samples: disk is full")
        #expect(bench.environment.counters.snapshot.storageErrors == 1)
        bench.sink.fail(with: nil)
        let batch = await bench.scrape("b 1\n", at: 3000)
        #expect(
            RecordingSink.lines(batch) == [
                #"b{instance="i:1", job="j"} 1 @3000"#, #"a{instance="i:1", job="j"} stale @3000"#,
            ]
        )
    }

    @Test func `refused samples are counted by reason and the scrape is good`() async {
        var bench = Bench("a 1\n")
        bench.sink.reject([AppendResult.Rejection(index: 0, reason: .outOfOrder)])
        _ = await bench.scrape(at: 1000)
        #expect(bench.record.status.health == .up)
        #expect(bench.environment.counters.snapshot.samplesRejected == [.outOfOrder: 1])
        #expect(bench.environment.counters.snapshot.samplesAppended == 5)
    }

    @Test func `a target that is gone ends everything`() async {
        var bench = Bench("a 1\n")
        _ = await bench.scrape(at: 1000)
        bench.run.end(at: 1500)
        let lines = RecordingSink.lines(bench.sink.batches.last ?? [], reports: true)
        #expect(lines.count == 6)
        #expect(lines.allSatisfy { $0.hasSuffix(" stale @1500") })
        #expect(lines.contains(#"up{instance="i:1", job="j"} stale @1500"#))
    }

    @Test func `the request says what is read and how long it may take`() async throws {
        var bench = Bench("a 1\n") { configuration in
            configuration.timeout = .milliseconds(2500)
            configuration.http.credentials = .basic(user: "u", password: .inline(Secret("p")))
            configuration.asksForCompression = false
        }
        _ = await bench.scrape(at: 1000)
        let request = try #require(bench.client.requests.first)
        let headers = Dictionary(uniqueKeysWithValues: request.headers)
        #expect(
            headers["Accept"]
                == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        )
        #expect(headers["X-Prometheus-Scrape-Timeout-Seconds"] == "2.5")
        #expect(request.timeout == .milliseconds(2500))
        #expect(request.credentials == .basic(user: "u", password: "p"))
        #expect(request.followsRedirects)
        #expect(!request.acceptsGzip)
        #expect(request.url == "http://i:1/metrics")
    }

    @Test func `a secret file that is missing fails the scrape`() async {
        var bench = Bench("a 1\n") {
            $0.http.credentials = .authorization(scheme: "Bearer", credentials: .file("/nonexistent/token"))
        }
        _ = await bench.scrape(at: 1000)
        #expect(bench.record.status.lastError == "cannot read /nonexistent/token: No such file or directory")
        #expect(bench.environment.counters.snapshot.failed == [.credentials: 1])
        #expect(bench.client.requests.isEmpty)
    }

    @Test(arguments: [
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", "a 1\n# EOF\n", true),
        ("text/plain", "a 1\n", true), ("", "a 1\n", true), ("text/plain; version=0.0.4", "a 1\n# EOF\n", true),
        ("application/openmetrics-text", "a 1\n", false), ("application/json", "{}", false),
        ("image/png", "a 1\n", false),
    ])
    func `the content type says how an answer is read`(type: String, text: String, isGood: Bool) async {
        var bench = Bench()
        bench.client.answer { _ in .text(text, contentType: type) }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.report("up", in: batch) == (isGood ? 1 : 0))
        #expect(RecordingSink.lines(batch).count == (isGood ? 1 : 0))
    }

    @Test func `a form to fall back on is used for unknown content types`() async {
        var bench = Bench { $0.fallbackProtocol = .prometheusText0 }
        bench.client.answer { _ in .text("a 1\n", contentType: "application/octet-stream") }
        let batch = await bench.scrape(at: 1000)
        #expect(RecordingSink.report("up", in: batch) == 1)
    }
}
