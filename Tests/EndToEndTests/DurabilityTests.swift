import Foundation
import MartletCompression
import MartletCore
import MartletHTTPServer
import MartletRemoteWrite
import Synchronization
import Testing

/// What was acknowledged is there after `kill -9`, whatever went on.
@Suite("Durability", .serialized, .fewAtOnce)
struct DurabilityTests {
    /// How often the server is killed, and how often it is asked to stop; the soak says more.
    private static func rounds(_ name: String, _ standard: Int) -> Int {
        Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard
    }

    @Test func `nothing acknowledged is lost over kills under scrape and remote write load`() async throws {
        try await Self.interrupt(SIGKILL, rounds: Self.rounds("MARTLET_KILL_ROUNDS", 20))
    }

    @Test func `nothing acknowledged is lost over stops under scrape and remote write load`() async throws {
        try await Self.interrupt(SIGTERM, rounds: Self.rounds("MARTLET_STOP_ROUNDS", 5))
    }

    private static func interrupt(_ signal: Int32, rounds: Int) async throws {
        let folder = try Folder()
        let target = try Sink { _ in .text("scraped 1\n") }
        let configuration = """
            scrape_configs:
              - {job_name: load, scrape_interval: 100ms, scrape_timeout: 100ms, static_configs: [{targets: ["127.0.0.1:\(target.port)"]}]}
            """
        var acknowledged: [Int64] = []
        var next = SystemWallClock().millisecondsSinceEpoch - 3_600_000
        var slowest = Duration.zero
        for round in 0..<rounds {
            let begin = ContinuousClock.now
            let server = try await ServerUnderTest(in: folder, configuration: configuration)
            slowest = max(slowest, ContinuousClock.now - begin)
            try await Self.expectAll(acknowledged, in: server, "round \(round)")
            // Write until the kill comes, which is at another point of a later write each time.
            let writes = 5 + round % 40 * 3
            var killer: Task<Void, any Error>?
            for _ in 0..<writes {
                let batch = (0..<50).map { _ in
                    next += 1
                    return next
                }
                guard try await Self.write(batch, to: server) else { break }
                acknowledged += batch
                killer =
                    killer
                    ?? Task.detached {
                        try await Task.sleep(for: .microseconds(20_000 + round * 7919 % 60_000))
                        server.process.signal(signal)
                    }
            }
            try await killer?.value
            #expect(server.process.wait() == (signal == SIGKILL ? -SIGKILL : 0))
        }
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        #expect(acknowledged.count >= 50 * rounds)
        try await Self.expectAll(acknowledged, in: server, "the end")
        #expect(server.process.end() == 0)
        print(
            "signal \(signal): \(rounds) rounds, \(acknowledged.count) acknowledged, 0 lost, ready in at most \(slowest)"
        )
    }

    @Test func `a flipped bit and a torn tail cost only what they hit`() async throws {
        let folder = try Folder()
        var times: [Int64] = []
        do {
            let server = try await ServerUnderTest(in: folder)
            let start = SystemWallClock().millisecondsSinceEpoch - 600_000
            for batch in 0..<40 {
                let batchTimes = (0..<25).map { start + Int64(batch * 25 + $0) }
                #expect(try await Self.write(batchTimes, to: server))
                times += batchTimes
            }
            server.process.end(SIGKILL)
        }
        let log = folder.url.appending(path: "data/wal")
        let files = try FileManager.default.contentsOfDirectory(at: log, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
        let file = try #require(try files.max { try Data(contentsOf: $0).count < Data(contentsOf: $1).count })
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 0x10
        bytes.removeLast(5)
        try bytes.write(to: file)
        let server = try await ServerUnderTest(in: folder)
        let kept = try await Self.stored(in: server)
        #expect(kept.count >= times.count / 2, "kept \(kept.count) of \(times.count)")
        #expect(kept.count < times.count + 1)
        #expect(kept.isSubset(of: Set(times)), "no wrong sample is shown")
    }

    /// Whether the server acknowledged samples of the series `written` at those times.
    static func write(_ times: [Int64], to server: ServerUnderTest) async throws -> Bool {
        let series = WriteSeries(
            labels: [Label("__name__", "written"), Label("job", "test")],
            samples: times.map { WriteSeries.Sample(timestamp: $0, value: Double($0 % 1000)) }
        )
        let body = Snappy.compress(WriteRequest(series: [series]).encoded())
        let headers = [
            ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy"),
            ("X-Prometheus-Remote-Write-Version", "0.1.0"),
        ]
        guard let response = try? await server.send("POST", "/api/v1/write", headers: headers, body: body) else {
            return false
        }
        #expect(response.status == 204, "\(String(decoding: response.body, as: UTF8.self))")
        return response.status == 204
    }

    /// The times of all stored samples of the series `written`, each with the value that belongs to it.
    static func stored(in server: ServerUnderTest) async throws -> Set<Int64> {
        let data = try await server.data("query", [("query", "written[3h]")])
        var times: Set<Int64> = []
        for pair in data["result"].elements.first?["values"].elements ?? [] {
            let time = Int64((pair.elements[0].number * 1000).rounded())
            #expect(Double(pair.elements[1].text) == Double(time % 1000))
            times.insert(time)
        }
        return times
    }

    static func expectAll(_ acknowledged: [Int64], in server: ServerUnderTest, _ when: Comment) async throws {
        let missing = Set(acknowledged).subtracting(try await stored(in: server))
        #expect(missing.isEmpty, when)
    }
}
