import Foundation
import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletPatterns
import MartletSeries
import MartletTestKit
import Synchronization
import Testing

@testable import MartletScrape

@Suite("The manager of scrapes", .timeLimit(.minutes(2)))
struct ScrapeManagerTests {
    let sink = RecordingSink()
    let client = ScriptedClient(text: "a 1\n")
    let timer = ManualTimer(clock: ManualClock(milliseconds: 1_700_000_000_000))
    let manager: ScrapeManager

    init() {
        manager = ScrapeManager(sink: sink, client: client, patterns: RE2Patterns(), clock: timer.clock, timer: timer)
    }

    private func configuration(_ text: String) throws -> Configuration {
        try ConfigurationLoader.load(text: text, file: "martlet.yml", environment: [:], patterns: RE2Patterns())
    }

    private func twoTargets(interval: String = "10s", second: String = "b:1") throws -> Configuration {
        try configuration(
            "scrape_configs: [{job_name: j, scrape_interval: \(interval), static_configs: [{targets: ['a:1', '\(second)']}]}]"
        )
    }

    /// Moves time on in steps, until a number of batches is there.
    private func advance(untilBatches count: Int, stepMilliseconds: Int64 = 500) async {
        await eventually("\(count) batches") {
            if sink.batches.count < count { timer.advance(milliseconds: stepMilliseconds) }
            return sink.batches.count >= count
        }
    }

    private func urls() -> [String: Int] {
        client.requests.reduce(into: [:]) { $0[$1.url, default: 0] += 1 }
    }

    @Test func `targets are scraped at their interval and shown`() async throws {
        await manager.apply(try twoTargets())
        #expect(manager.targets.map(\.scrapeURL) == ["http://a:1/metrics", "http://b:1/metrics"])
        #expect(manager.targets.map(\.health) == [.unknown, .unknown])
        #expect(manager.jobs == ["j"])
        await eventually("both loops wait") { timer.dueTimes.count == 2 }
        #expect(timer.dueTimes.allSatisfy { $0 < 10_000_000_000 })
        timer.advance(milliseconds: 10_000)
        await eventually("two scrapes") { sink.batches.count == 2 }
        #expect(urls() == ["http://a:1/metrics": 1, "http://b:1/metrics": 1])
        await eventually("both are up") { manager.targets.allSatisfy { $0.health == .up } }
        #expect(manager.statistics.succeeded == 2)
        #expect(manager.statistics.targets == 2)
        #expect(manager.statistics.missedTicks == 0)
        await manager.stop()
        #expect(manager.targets.isEmpty)
        #expect(!sink.batches.joined().contains { StaleMarker.isStale($0.value) })
    }

    @Test func `a reload leaves unchanged targets alone and ends those that are gone`() async throws {
        await manager.apply(try twoTargets())
        await eventually("both loops wait") { timer.dueTimes.count == 2 }
        timer.advance(milliseconds: 10_000)
        await eventually("both are up") { manager.targets.allSatisfy { $0.health == .up } }
        let due = timer.dueTimes
        await manager.apply(try twoTargets(second: "c:1"))
        #expect(manager.targets.map(\.scrapeURL) == ["http://a:1/metrics", "http://c:1/metrics"])
        #expect(manager.targets.map(\.health) == [.up, .unknown])
        let last = try #require(sink.batches.last)
        #expect(last.count == 6)
        #expect(last.allSatisfy { StaleMarker.isStale($0.value) && $0.labels["instance"] == "b:1" })
        await eventually("the new loop waits") { timer.dueTimes.count == 2 }
        #expect(Set(timer.dueTimes).intersection(due).count >= 1)
        await manager.stop()
    }

    @Test func `a changed interval restarts the loop without ending its series`() async throws {
        await manager.apply(try twoTargets())
        await eventually("both loops wait") { timer.dueTimes.count == 2 }
        timer.advance(milliseconds: 10_000)
        await eventually("both are up") { manager.targets.allSatisfy { $0.health == .up } }
        client.answer(text: "b 1\n")
        await manager.apply(try twoTargets(interval: "5s"))
        #expect(sink.batches.count == 2)
        #expect(manager.targets.map(\.interval) == [.seconds(5), .seconds(5)])
        await eventually("new loops wait") { timer.dueTimes.count == 2 }
        timer.advance(milliseconds: 5000)
        await eventually("two more scrapes") { sink.batches.count == 4 }
        // The series of the loop before end when the new one does not see them.
        for batch in sink.batches.suffix(2) {
            let lines = RecordingSink.lines(batch)
            #expect(lines.count == 2)
            #expect(lines.last?.contains(" stale @") == true)
        }
        await manager.stop()
    }

    @Test func `a job that is gone ends all its series`() async throws {
        await manager.apply(try twoTargets())
        await eventually("both loops wait") { timer.dueTimes.count == 2 }
        timer.advance(milliseconds: 10_000)
        await eventually("both are up") { manager.targets.allSatisfy { $0.health == .up } }
        await manager.apply(Configuration.default)
        #expect(manager.targets.isEmpty)
        #expect(sink.batches.suffix(2).joined().filter { StaleMarker.isStale($0.value) }.count == 12)
    }

    @Test func `a slow target is asked once at a time and its missed times are counted`() async throws {
        let running = Mutex((now: 0, most: 0))
        let gate = Mutex(false)
        client.answer { _ in
            running.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            while !gate.withLock({ $0 }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
            running.withLock { $0.now -= 1 }
            return .text("a 1\n")
        }
        await manager.apply(
            try configuration(
                "scrape_configs: [{job_name: j, scrape_interval: 1s, static_configs: [{targets: ['a:1']}]}]"
            )
        )
        await eventually("the loop waits") { timer.dueTimes.count == 1 }
        timer.advance(milliseconds: 1000)
        await eventually("the target is asked") { client.requests.count == 1 }
        timer.advance(milliseconds: 4500)
        gate.withLock { $0 = true }
        await eventually("it goes on") { client.requests.count >= 2 }
        await eventually("misses are counted") { manager.statistics.missedTicks > 0 }
        #expect((3...4).contains(manager.statistics.missedTicks))
        #expect(running.withLock(\.most) == 1)
        await manager.stop()
    }

    @Test func `too many targets fail all of them`() async throws {
        await manager.apply(
            try configuration(
                "scrape_configs: [{job_name: j, target_limit: 1, scrape_interval: 1s, static_configs: [{targets: ['a:1', 'b:1']}]}]"
            )
        )
        await eventually("both loops wait") { timer.dueTimes.count == 2 }
        timer.advance(milliseconds: 1000)
        await eventually("both are down") { manager.targets.allSatisfy { $0.health == .down } }
        #expect(manager.targets[0].lastError == "target_limit of 1 is exceeded; the job has 2 targets")
        #expect(client.requests.isEmpty)
        await manager.stop()
    }

    @Test func `dropped targets are shown`() async throws {
        await manager.apply(
            try configuration(
                """
                scrape_configs:
                  - job_name: j
                    static_configs: [{targets: ['a:1', 'b:1']}]
                    relabel_configs: [{action: drop, source_labels: [__address__], regex: 'a:.*'}]
                """
            )
        )
        #expect(manager.droppedTargets.map { $0.discoveredLabels["__address__"] } == ["a:1"])
        #expect(manager.droppedTargetCounts == ["j": 1])
        #expect(manager.targets.map(\.scrapeURL) == ["http://b:1/metrics"])
        await manager.stop()
    }

    @Test func `target files are noticed within five seconds`() async throws {
        let path = NSTemporaryDirectory() + "martlet-targets-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(#"[{"targets": ["a:1"]}]"#.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        await manager.apply(
            try configuration("scrape_configs: [{job_name: j, file_sd_configs: [{files: ['\(path)']}]}]")
        )
        #expect(manager.targets.map(\.scrapeURL) == ["http://a:1/metrics"])
        try Data(#"[{"targets": ["b:1", "c:1"]}]"#.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        await eventually("the discovery waits") { timer.dueTimes.contains(5_000_000_000) }
        timer.advance(milliseconds: 5000)
        await eventually("the new targets are there") {
            manager.targets.map(\.scrapeURL) == ["http://b:1/metrics", "http://c:1/metrics"]
        }
        try Data("nonsense: [".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        await eventually("the bad file is counted") {
            timer.advance(milliseconds: 1000)
            return manager.statistics.discoveryErrors == 1
        }
        #expect(manager.targets.count == 2)
        await manager.stop()
    }

    @Test func `a target inside the process is scraped like others`() async throws {
        await manager.add(
            InternalTarget(job: "martlet", instance: "localhost:9090", interval: .seconds(1), format: .text) {
                Array("# TYPE x gauge\nx{job=\"y\"} 3\n".utf8)
            }
        )
        await eventually("the loop waits") { timer.dueTimes.count == 1 }
        timer.advance(milliseconds: 1000)
        await eventually("it is up") { manager.targets.first?.health == .up }
        let batch = try #require(sink.batches.first)
        #expect(
            batch[0].labels == ["__name__": "x", "exported_job": "y", "instance": "localhost:9090", "job": "martlet"]
        )
        #expect(RecordingSink.report("up", in: batch) == 1)
        #expect(manager.metadata.map(\.metric) == ["x"])
        #expect(manager.targets.first?.scrapeURL == "internal:martlet")
        await manager.stop()
    }

    @Test func `a target inside the process that throws is down`() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "no procfs" }
        await manager.add(
            InternalTarget(job: "host", instance: "h", interval: .seconds(1), format: .text) { throw Broken() }
        )
        await eventually("the loop waits") { timer.dueTimes.count == 1 }
        timer.advance(milliseconds: 1000)
        await eventually("it is down") { manager.targets.first?.health == .down }
        #expect(manager.targets.first?.lastError == "cannot read internal:host: no procfs")
        await manager.stop()
    }

    @Test func `nothing starts after the stop`() async throws {
        await manager.stop()
        await manager.apply(try twoTargets())
        await manager.add(InternalTarget(job: "x", instance: "x", interval: .seconds(1), format: .text) { [] })
        #expect(manager.targets.isEmpty)
    }
}

@Suite("The times of scrapes")
struct ScrapeScheduleTests {
    private let second: Int64 = 1_000_000_000

    @Test func `the grid is aligned to the time of day and does not drift`() {
        var schedule = ScrapeSchedule(
            intervalNanoseconds: 10 * second,
            spread: UInt64(3 * second),
            wallNanoseconds: 1_700_000_005 * second,
            timerNanoseconds: 100 * second
        )
        #expect(schedule.dueNanoseconds == 108 * second)
        #expect(schedule.advance(nowNanoseconds: 109 * second) == 0)
        #expect(schedule.dueNanoseconds == 118 * second)
        #expect(schedule.advance(nowNanoseconds: 127 * second) == 0)
        #expect(schedule.dueNanoseconds == 128 * second)
    }

    @Test func `times that passed during a scrape are missed but for the last`() {
        var schedule = ScrapeSchedule(
            intervalNanoseconds: 10 * second,
            spread: 0,
            wallNanoseconds: 0,
            timerNanoseconds: 0
        )
        #expect(schedule.dueNanoseconds == 0)
        #expect(schedule.advance(nowNanoseconds: 35 * second) == 2)
        #expect(schedule.dueNanoseconds == 30 * second)
        #expect(schedule.advance(nowNanoseconds: 36 * second) == 0)
        #expect(schedule.dueNanoseconds == 40 * second)
    }

    @Test func `times of samples are put on the grid within two milliseconds`() {
        var schedule = ScrapeSchedule(
            intervalNanoseconds: 10 * second,
            spread: 0,
            wallNanoseconds: 0,
            timerNanoseconds: 0
        )
        #expect(schedule.timestamp(wallMilliseconds: 1000) == 1000)
        #expect(schedule.timestamp(wallMilliseconds: 11_001) == 11_000)
        #expect(schedule.timestamp(wallMilliseconds: 20_998) == 21_000)
        #expect(schedule.timestamp(wallMilliseconds: 31_003) == 31_003)
        #expect(schedule.timestamp(wallMilliseconds: 61_004) == 61_003)
        #expect(schedule.timestamp(wallMilliseconds: 5000) == 5000)
    }
}

@Suite("Remembered series")
struct SeriesCacheTests {
    @Test func `series are found in any order, after removals too`() {
        var generator = SeededGenerator(state: 42)
        var cache = SeriesCache()
        var known: [String: LabelSet] = [:]
        for round in 1...300 {
            let name = "s\(UInt64.random(in: 0..<200, using: &generator))"
            let bytes = Array(name.utf8)
            if let place = cache.find(bytes, bytes.indices) {
                #expect(cache.entries[place].labels == known[name], "seed 42, round \(round)")
                if round % 3 == 0 {
                    cache.remove(place)
                    known[name] = nil
                }
            } else {
                #expect(known[name] == nil, "seed 42, round \(round)")
                known[name] = ["name": name]
                _ = cache.insert(bytes, bytes.indices, labels: ["name": name], scrape: UInt64(round))
            }
            #expect(cache.count == known.count)
        }
        cache.rewind()
        for (name, labels) in known {
            let bytes = Array(name.utf8)
            let place = cache.find(bytes, bytes.indices)
            #expect(place.map { cache.entries[$0].labels } == labels)
        }
    }

    /// The xorshift generator, for repeatable tests.
    struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
