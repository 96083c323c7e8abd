import Foundation
import Testing

/// The pipeline from what is measured to its history: each stage tells of itself, and what goes in comes out.
@Suite("Pipeline", .fewAtOnce)
struct PipelineTests {
    @Test func `each stage has a metric of its own, and what is put in is history after a restart`() async throws {
        let folder = try Folder()
        var server = try await ServerUnderTest(in: folder, "--enable-admin-api")
        let log = #"{"message":"it failed","level":"error","service":"shop"}"#
        #expect(try await server.send("POST", "/api/v1/logs/ingest", body: Array(log.utf8)).status == 200)
        let stages = [
            // Performance counters, health checks, error tracking and resource usage are the sources.
            ("performance", #"http_server_requests_total{job="martlet"}"#),
            ("health checks", #"martlet_health_checks_total{job="martlet"}"#),
            ("errors", #"martlet_errors_total{job="martlet"}"#),
            ("resources", #"process_resident_memory_bytes{job="martlet"}"#),
            // Aggregation of them in the registry and by scrapes, what memory holds, what the store has.
            ("aggregation", #"martlet_scrape_samples_total{job="martlet"}"#),
            ("memory", #"martlet_storage_points{job="martlet",tier="head"}"#),
            ("store", #"martlet_storage_bytes{job="martlet",tier="wal"}"#),
        ]
        var values: [String: Double] = [:]
        _ = try await eventually("each stage tells of itself; so far: \(values)") {
            for (stage, selector) in stages {
                values[stage] = try await server.query("sum(\(selector))").values.first
            }
            return stages.allSatisfy { values[$0.0] != nil } ? true : nil
        }
        #expect(try await server.send("POST", "/api/v1/admin/storage/seal").status == 204)
        let time = Date().timeIntervalSince1970
        let put = try await server.query(#"martlet_errors_total{job="martlet"}"#).values.reduce(0, +)
        #expect(put >= 1)
        #expect(server.process.end() == 0)
        server = try await ServerUnderTest(in: folder)
        let history = try await server.data(
            "query",
            [("query", #"sum(martlet_errors_total{job="martlet"})"#), ("time", "\(time)")]
        )
        #expect(Double(history["result"].elements.first?["value"].elements[1].text ?? "") == put)
    }
}
