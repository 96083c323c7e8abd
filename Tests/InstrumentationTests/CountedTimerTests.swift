import MartletMetrics
import Testing

/// What is exact a thread is tried in a process of its own: while any registry is switched off, which other tests do, no thread
/// counts in cells of its own.
@Suite("Counted timer")
struct CountedTimerTests {
    struct Series {
        let registry = MetricRegistry()
        let count: Counter.Series
        let times: Histogram.Series

        init() {
            count = Counter("routed_total", help: "Routed.", registry: registry).series
            times =
                Histogram("routing_seconds", help: "Routing.", unit: .seconds, buckets: [1, 60], registry: registry)
                .series
        }
    }

    @Test func `times each event where that is asked for`() {
        let series = Series()
        let timer = CountedTimer(series.count, times: series.times)
        let sum = (1...100).reduce(0) { sum, number in sum + timer.measure { number } }
        #expect(sum == 5050)
        #expect(series.count.value == 100)
        #expect(series.times.value.count == 100)
    }

    @Test(arguments: [(2, 2), (3, 4), (10, 16), (16, 16), (17, 32), (0, 1), (-3, 1), (1 << 40, 65_536)])
    func `raises the interval to a power of two`(asked: Int, used: Int) {
        let series = Series()
        #expect(CountedTimer(series.count, times: series.times, interval: asked).interval == used)
    }

    @Test func `times exactly one event of each sixteen, which stands for all`() async {
        await #expect(processExitsWith: .success) {
            let series = Series()
            let timer = CountedTimer(series.count, times: series.times, interval: 16)
            // The count was 0, so that the first run has fifteen events.
            for _ in 0..<15 { timer.measure {} }
            var timed = Array(repeating: 0, count: 16)
            for _ in 0..<1000 {
                let starts = (0..<16).map { _ in timer.begin() }
                #expect(starts.filter(\.isTimed).count == 1)
                for (place, start) in starts.enumerated() where start.isTimed { timed[place] += 1 }
                for start in starts { timer.end(start) }
            }
            #expect(series.count.value == 16_015)
            let value = series.times.value
            #expect(value.count >= 16_000 && value.count <= 16_016 && value.count % 16 == 0)
            // No place of the sixteen is preferred: each is expected 62.5 times.
            #expect(timed.allSatisfy { $0 > 30 && $0 < 125 }, "\(timed)")
        }
    }

    @Test func `the sum of the times has the weights too`() async {
        await #expect(processExitsWith: .success) {
            let series = Series()
            // An event that lasts at least 2 ms of a busy thread, so that the sum is told from that of one in eight.
            let timer = CountedTimer(series.count, times: series.times, interval: 8)
            let clock = ContinuousClock()
            for _ in 0..<16 {
                timer.measure {
                    let end = clock.now + .milliseconds(2)
                    while clock.now < end {}
                }
            }
            let value = series.times.value
            #expect(value.count == 8 || value.count == 16)
            #expect(value.sum >= Double(value.count) * 0.002)
        }
    }

    @Test func `an error passes through and is counted and timed`() async {
        struct Full: Error {}
        let series = Series()
        let timer = CountedTimer(series.count, times: series.times)
        #expect(throws: Full.self) { try timer.measure { throw Full() } }
        await #expect(throws: Full.self) {
            try await timer.measure {
                await Task.yield()
                throw Full()
            }
        }
        #expect(series.count.value == 2 && series.times.value.count == 2)
    }

    @Test func `a registry that is switched off counts and times nothing`() async {
        await #expect(processExitsWith: .success) {
            let series = Series()
            let timer = CountedTimer(series.count, times: series.times, interval: 4)
            series.registry.isEnabled = false
            for _ in 0..<100 { timer.measure {} }
            #expect(series.count.value == 0 && series.times.value.count == 0)
            series.registry.isEnabled = true
            for _ in 0..<100 { timer.measure {} }
            #expect(series.count.value == 100 && series.times.value.count >= 96)
        }
    }
}
