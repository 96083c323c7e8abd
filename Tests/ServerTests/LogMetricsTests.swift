import Foundation
import MartletConfiguration
import MartletCore
import MartletEvents
import MartletLogging
import MartletMetrics
import MartletOTLP
import MartletPatterns
import Testing

@testable import MartletServer

@Suite("Metrics from logs")
struct LogMetricsTests {
    private static func service(_ directory: String) -> LogService {
        LogService(
            EventConfiguration(directory: directory),
            patterns: RE2Patterns(),
            clock: SystemWallClock(),
            logger: .silent
        )
    }

    private static func request(_ texts: [String], severity: UInt8 = 17, host: String = "a1") -> LogsRequest {
        let now = UInt64(SystemWallClock().millisecondsSinceEpoch) * 1_000_000
        let entries = texts.map {
            LogEntry(time: now, severity: severity, body: .string($0), attributes: [Attribute("http.method", "GET")])
        }
        let resource = Resource(attributes: [Attribute("service.name", "shop"), Attribute("host.name", host)])
        return LogsRequest(resourceLogs: [ResourceLogs(resource: resource, scopeLogs: [ScopeLogs(entries: entries)])])
    }

    /// The series of a collector, as text.
    private static func series(_ collector: LogMetricsCollector) throws -> [String] {
        try collector.collect().flatMap { family in
            family.series.map { "\(family.name)\($0.labels) \($0.value.number ?? .nan)" }
        }.sorted()
    }

    @Test func `count each record once from the server's start, also those before the first look`() throws {
        let directory = NSTemporaryDirectory() + "martlet-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let metrics = [
            LogMetric(
                "refused_total",
                query: "service:shop \"connection refused\"",
                by: ["host", "level", "http.method"]
            ),
            LogMetric("all_total", query: "*"),
        ]
        var service = Self.service(directory)
        var collector = LogMetricsCollector(metrics, logs: service)
        #expect(try Self.series(collector) == ["all_total{} 0.0"])
        try service.append(Self.request(["connection refused 1", "connection refused 2", "paid"]))
        try service.append(Self.request(["connection refused 3"], severity: 13, host: "b2"))
        let counted = [
            "all_total{} 4.0", #"refused_total{host="a1", http_method="GET", level="error"} 2.0"#,
            #"refused_total{host="b2", http_method="GET", level="warn"} 1.0"#,
        ]
        #expect(try Self.series(collector) == counted)
        #expect(try Self.series(collector) == counted, "nothing is counted twice")
        try service.storeIfOpen?.close()

        // What a run before has stored is not counted again; what comes before the first look is counted.
        service = Self.service(directory)
        collector = LogMetricsCollector(metrics, logs: service)
        try service.append(Self.request(["connection refused 4"]))
        #expect(
            try Self.series(collector) == [
                "all_total{} 1.0", #"refused_total{host="a1", http_method="GET", level="error"} 1.0"#,
            ]
        )
        try service.storeIfOpen?.close()
        service = Self.service(directory)
        collector = LogMetricsCollector(metrics, logs: service)
        #expect(try Self.series(collector) == ["all_total{} 0.0"])
        try service.storeIfOpen?.close()
    }

    @Test func `have a thousand series at most, and count the others together`() throws {
        let directory = NSTemporaryDirectory() + "martlet-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let service = Self.service(directory)
        let collector = LogMetricsCollector([LogMetric("all_total", query: "*", by: ["message"])], logs: service)
        try service.append(Self.request((0..<600).map { "early \($0)" }))
        #expect(try Self.series(collector).count == 600)
        try service.append(Self.request((0..<500).map { "late \($0)" } + ["early 7"]))
        let series = try Self.series(collector)
        #expect(series.count == 1001)
        #expect(series.contains(#"all_total{overflow="true"} 100.0"#))
        #expect(series.contains(#"all_total{message="early 7"} 2.0"#))
        try service.storeIfOpen?.close()
    }
}
