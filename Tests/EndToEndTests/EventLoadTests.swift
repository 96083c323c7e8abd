import Foundation
import Testing

/// Samples, log records and spans at once from outside, more than ten thousand a second together.
@Suite("Load of events", .fewAtOnce)
struct EventLoadTests {
    /// A number of the environment.
    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// How long, in seconds: a few here, a minute in `make soak-events`.
    private static let seconds = setting("MARTLET_EVENT_SOAK_SECONDS") ?? 5

    /// Events a second, a third of each kind.
    private static let rate = setting("MARTLET_EVENT_SOAK_RATE") ?? 12_000

    @Test func `takes metrics, logs and spans at once and loses none`() async throws {
        let server = try await ServerUnderTest()
        let script = Tools.root.appending(path: "Tests/Peers/event_load.py").path
        let before = ProcessUse(server.process.identifier)
        let sent = try await Tools.run("python3", [script, server.url, "\(Self.rate)", "\(Self.seconds)"])
        try #require(sent.status == 0, "\(sent.error)")
        let after = ProcessUse(server.process.identifier)
        let result = try JSON(sent.output)
        for kind in ["samples", "logs", "spans"] {
            #expect(result[kind]["refused"].number == 0, "\(kind): \(result[kind]["refusals"].elements.map(\.text))")
            #expect(result[kind]["acknowledged"].number == result[kind]["sent"].number)
            #expect(result[kind]["acknowledged"].number > 0)
        }
        let total = ["samples", "logs", "spans"].map { result[$0]["acknowledged"].number }.reduce(0, +)
        let seconds = result["seconds"].number
        print(
            "\(Int(total)) samples, records and spans in \(seconds) s, \(Int(total / seconds)) a second: "
                + "\((after.processor - before.processor) / seconds * 100) % of a core, "
                + "\(after.resident >> 20) MiB resident, \(after.peak >> 20) MiB at the peak"
        )
        // Who asks for a time means the rate too; in a test among others the machine may be too slow for it.
        if Self.setting("MARTLET_EVENT_SOAK_SECONDS") != nil { #expect(total / seconds >= Double(Self.rate) * 0.99) }

        // Everything is there, by its number and, of samples, by its values.
        let count = try await server.query("sum(count_over_time(load_value[2h]))")
        #expect(count == [[:]: result["samples"]["acknowledged"].number])
        let sum = try await server.query("sum(sum_over_time(load_value[2h]))")
        #expect(sum == [[:]: result["samples"]["sum"].number])
        let logs = try JSON(await server.get("/api/v1/logs/query", [("query", "request"), ("limit", "1")]))
        #expect(logs["data"]["matched"].number == result["logs"]["acknowledged"].number)
        let counted = try await Tools.run(
            "python3",
            [script, "count", server.url, result["from"].text, "\(Self.seconds)"]
        )
        try #require(counted.status == 0, "\(counted.error)")
        let traces = try JSON(counted.output)
        #expect(traces["spans"].number == result["spans"]["acknowledged"].number)
        #expect(traces["traces"].number * 10 == traces["spans"].number)
    }
}
