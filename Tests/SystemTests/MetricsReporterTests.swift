import Foundation
import MartletCore
import MartletExport
import MartletExposition
import MartletHTTPClient
import MartletHTTPServer
import MartletLogging
import MartletMetrics
import MartletTestKit
import Synchronization
import Testing

/// Remembers what it was given; fails where it was told to.
private final class Recorder: MetricsExporter {
    struct Broken: Error {}

    let name: String
    private let state = Mutex<(times: [Int64], isBroken: Bool)>(([], false))

    init(_ name: String) { self.name = name }

    func export(_ families: [MetricFamily], at timestamp: Int64) throws {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            state.times.append(timestamp)
        }
    }

    var times: [Int64] { state.withLock(\.times) }

    func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }
}

private final class RecordingLog: LogSink {
    private let state = Mutex<[LogRecord]>([])

    func write(_ record: LogRecord) { state.withLock { $0.append(record) } }

    var records: [LogRecord] { state.withLock { $0 } }
}

@Suite("MetricsReporter")
struct MetricsReporterTests {
    private let registry = MetricRegistry()
    private let timer = ManualTimer(milliseconds: 1_700_000_000_000)

    private func wait(_ isThere: () -> Bool) async {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isThere(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(1)) }
        #expect(isThere())
    }

    @Test func `exports every 30 seconds, and a failure does not end that`() async {
        let log = RecordingLog()
        let (good, bad) = (Recorder("good"), Recorder("bad"))
        let reporter = MetricsReporter(registry, logger: Logger("m", sink: log), clock: timer, timer: timer)
        reporter.add(bad)
        reporter.add(good)
        bad.setBroken(true)
        reporter.start()
        for round in 1...3 {
            await timer.waitForSleepers(1)
            #expect(timer.deadlines == [1_700_000_000_000_000_000 + Int64(round) * 30_000_000_000])
            timer.advance(by: .seconds(30))
            await wait { good.times.count == round }
        }
        #expect(good.times == [1_700_000_030_000, 1_700_000_060_000, 1_700_000_090_000])
        #expect(bad.times == [])
        await timer.waitForSleepers(1)
        bad.setBroken(false)
        timer.advance(by: .seconds(30))
        await wait { bad.times.count == 1 }
        await timer.waitForSleepers(1)
        reporter.stop()
        let probe = MetricProbe(registry)
        #expect(probe.value("martlet_exports_total", ["exporter": "bad", "result": "failure"]) == 3)
        #expect(probe.value("martlet_exports_total", ["exporter": "bad", "result": "success"]) == 1)
        #expect(probe.value("martlet_exports_total", ["exporter": "good", "result": "success"]) == 4)
        #expect(log.records.map(\.message) == ["metrics are not exported", "metrics are exported again"])
    }

    @Test func `each exporter can be off and on, and replaced`() async {
        let (one, two) = (Recorder("one"), Recorder("two"))
        let reporter = MetricsReporter(registry)
        reporter.add(one)
        reporter.add(two)
        #expect(reporter.set("one", isOn: false))
        #expect(!reporter.set("three", isOn: false))
        #expect(reporter.exporters == ["one": false, "two": true])
        #expect(await reporter.exportNow() == [:])
        reporter.set("one", isOn: true)
        reporter.remove(named: "two")
        #expect(await reporter.exportNow() == [:])
        #expect(one.times.count == 1)
        #expect(two.times.count == 1)
        let other = Recorder("one")
        reporter.add(other)
        await reporter.exportNow()
        #expect(one.times.count == 1)
        #expect(other.times.count == 1)
    }

    @Test func `a reporter that is started again loses no count of many tasks`() async {
        let counter = Counter("events_total", help: "E.", registry: registry).series
        let last = Mutex(0.0)
        struct Last: MetricsExporter {
            let name = "last"
            let note: @Sendable (Double) -> Void

            func export(_ families: [MetricFamily], at timestamp: Int64) {
                note(families.first { $0.name == "events_total" }?.series.first?.value.number ?? -1)
            }
        }
        let reporter = MetricsReporter(registry, interval: .milliseconds(1))
        let exporter = Last { value in
            last.withLock { last in
                #expect(value >= last)
                last = value
            }
        }
        reporter.add(exporter)
        reporter.start()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<125_000 { counter.increment() } }
            }
            for _ in 0..<20 {
                reporter.stop()
                reporter.start()
                await reporter.exportNow()
            }
        }
        reporter.stop()
        await reporter.exportNow()
        #expect(last.withLock { $0 } == 1_000_000)
    }

    @Test func `a log gets one record a time, with a field for each number`() throws {
        let log = RecordingLog()
        Counter.Family("jobs_total", help: "J.", labels: "queue", registry: registry)["in"].increment(by: 3)
        Gauge("depth", help: "D.", registry: registry).set(to: 1.5)
        Histogram("size", help: "S.", buckets: [1], registry: registry).observe(2)
        LogExporter(Logger("metrics", sink: log)).export(registry.gather(), at: 0)
        let record = try #require(log.records.first)
        #expect(log.records.count == 1)
        let line = LogLineFormat.json.line(for: record)
        let json = try JSONParser.parse(Array(line.utf8))
        #expect(json["msg"]?.text == "metrics")
        #expect(json[#"jobs_total{queue="in"}"#]?.double == 3)
        #expect(json["depth"]?.double == 1.5)
        #expect(json["size_count"]?.double == 1)
        #expect(json["size_sum"]?.double == 2)
        LogExporter(Logger("metrics", sink: log), fieldsMax: 1).export(registry.gather(), at: 0)
        let short = try #require(log.records.last)
        #expect(short.fields.map(\.name).last == "series_dropped")
        #expect(short.fields.count == 2)
    }

    @Test func `a dashboard gets JSON by POST, and a refusal is an error without the secrets of the address`()
        async throws
    {
        let received = Mutex<[(method: String, type: String?, body: [UInt8])]>([])
        let status = Mutex(204)
        let server = try HTTPServer(HTTPServer.Configuration(host: "127.0.0.1", port: 0)) { request in
            received.withLock { $0.append((request.method, request.headers["Content-Type"], request.body)) }
            return HTTPResponse(status: status.withLock { $0 })
        }
        defer { server.stop(drain: .zero) }
        Gauge("revenue_per_minute", help: "R.", registry: registry).set(to: 7)
        let exporter = try PushExporter(url: "http://127.0.0.1:\(server.port)/ingest?key=secret")
        try await exporter.export(registry.gather(), at: 0)
        let request = try #require(received.withLock { $0.first })
        #expect(request.method == "POST")
        #expect(request.type == "application/json")
        let entries = try JSONParser.parse(request.body)["metrics"]?.elements ?? []
        #expect(entries.first { $0["name"]?.text == "revenue_per_minute" }?["value"]?.double == 7)
        status.withLock { $0 = 500 }
        let refusal = await #expect(throws: PushRefusal.self) { try await exporter.export(registry.gather(), at: 0) }
        #expect(
            refusal?.description
                == "http://127.0.0.1:\(server.port)/ingest answers metrics with status 500; check the address and what it takes"
        )
    }

    @Test func `files are whole tables for programs and people`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let families = [
            MetricFamily(
                "a_total",
                metadata: MetricMetadata(type: .counter, help: "A."),
                series: [MetricSeries(labels: ["q": "<a> \"b\""], value: .integer(3))]
            ),
            MetricFamily(
                "s",
                metadata: MetricMetadata(type: .summary, help: "S."),
                series: [
                    MetricSeries(
                        value: .summary(SummaryValue(quantiles: [.init(share: 0.5, value: 2)], sum: -4, count: 2))
                    )
                ]
            ),
        ]
        func written(_ form: FileExporter.Form, _ name: String) throws -> String {
            let path = folder.appending(path: name).path
            for _ in 0..<2 { try FileExporter(path, as: form).export(families, at: 1_700_000_000_000) }
            return try String(contentsOfFile: path, encoding: .utf8)
        }
        #expect(
            try written(.csv, "m.csv")
                == """
                name,kind,labels,value,time\r
                a_total,counter,"{q=""<a> \\""b\\""\""}",3,2023-11-14T22:13:20.000Z\r
                s,summary,"{quantile=""0.5""}",2,2023-11-14T22:13:20.000Z\r
                s_count,summary,{},2,2023-11-14T22:13:20.000Z\r
                s_sum,summary,{},-4,2023-11-14T22:13:20.000Z\r

                """
        )
        let page = try written(.html, "m.html")
        #expect(
            page.contains(
                "<td>a_total</td><td>counter</td><td>{q=&quot;&lt;a&gt; \\&quot;b\\&quot;&quot;}</td><td>3</td>"
            )
        )
        #expect(!page.contains("<a>"))
        let json = try JSONParser.parse(Array(try written(.exposition(.json), "m.json").utf8))
        #expect(json["metrics"]?.elements?.count == 2)
        #expect(try written(.exposition(.text), "m.prom").contains("s_sum -4\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
        let missing = FileExporter(folder.path + "/none/m.csv", as: .csv)
        let error = #expect(throws: FileExportError.self) { try missing.export(families, at: 0) }
        #expect(
            error?.description.hasPrefix("cannot write metrics to \(folder.path)/none/m.csv.new: No such file") == true
        )
    }
}
