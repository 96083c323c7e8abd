import Foundation
import Testing

/// Ten thousand records a second from outside.
@Suite("Load of logs", .fewAtOnce)
struct LogLoadTests {
    /// How long, in seconds: a few here, ten minutes in `make soak`.
    private static let seconds = ProcessInfo.processInfo.environment["MARTLET_LOG_SOAK_SECONDS"].flatMap(Int.init) ?? 5

    @Test func `takes ten thousand records a second and loses none`() async throws {
        let server = try await ServerUnderTest()
        let script = Tools.root.appending(path: "Tests/Peers/log_load.py").path
        let before = Self.processor(server.process.identifier)
        let sent = try await Tools.run("python3", [script, server.url, "10000", "\(Self.seconds)"])
        #expect(sent.status == 0, "\(sent.error)")
        let result = try JSON(sent.output)
        #expect(result["refused"].number == 0)
        #expect(result["acknowledged"].number == result["sent"].number)
        let used = Self.processor(server.process.identifier) - before
        let resident = Self.residentBytes(server.process.identifier)
        print(
            "\(Int(result["acknowledged"].number)) records in \(result["seconds"].number) s: "
                + "\(used / result["seconds"].number * 100) % of a core, \(resident >> 20) MiB resident"
        )
        let found = try JSON(await server.get("/api/v1/logs/query", [("query", "request"), ("limit", "1")]))
        #expect(found["data"]["matched"].number == result["acknowledged"].number)
        // A build without optimisation takes more; what a release takes stands in docs/performance.md.
        #expect(resident < 512 << 20)
    }

    /// Seconds of processor time that a process has used.
    private static func processor(_ identifier: pid_t) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func residentBytes(_ identifier: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
