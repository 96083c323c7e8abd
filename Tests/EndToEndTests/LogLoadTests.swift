import Foundation
import Testing

/// Ten thousand records a second from outside.
@Suite("Load of logs", .fewAtOnce)
struct LogLoadTests {
    /// How long, in seconds: a few here, ten minutes in `make soak-logs`.
    private static let seconds = ProcessInfo.processInfo.environment["MARTLET_LOG_SOAK_SECONDS"].flatMap(Int.init) ?? 5

    @Test func `takes ten thousand records a second and loses none`() async throws {
        let server = try await ServerUnderTest()
        let script = Tools.root.appending(path: "Tests/Peers/log_load.py").path
        let before = ProcessUse(server.process.identifier)
        let sent = try await Tools.run("python3", [script, server.url, "10000", "\(Self.seconds)"])
        #expect(sent.status == 0, "\(sent.error)")
        let result = try JSON(sent.output)
        #expect(result["refused"].number == 0)
        #expect(result["acknowledged"].number == result["sent"].number)
        let after = ProcessUse(server.process.identifier)
        print(
            "\(Int(result["acknowledged"].number)) records in \(result["seconds"].number) s: "
                + "\((after.processor - before.processor) / result["seconds"].number * 100) % of a core, "
                + "\(after.resident >> 20) MiB resident, \(after.peak >> 20) MiB at the peak"
        )
        let found = try JSON(await server.get("/api/v1/logs/query", [("query", "request"), ("limit", "1")]))
        #expect(found["data"]["matched"].number == result["acknowledged"].number)
        // A build without optimisation takes more; what a release takes stands in docs/performance.md.
        #expect(after.resident < 512 << 20)
    }
}
