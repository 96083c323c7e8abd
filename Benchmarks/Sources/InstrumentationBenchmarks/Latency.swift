import BenchmarkHarness
import CBarrier
import Martlet
import Synchronization

/// How long single calls take while 100,000 series are scraped over and over.
enum Latency {
    static func run() {
        let registry = MetricRegistry(seriesLimit: 1_000_000)
        let family = Counter.Family("scraped_total", help: "Series.", labels: "a", registry: registry).resolved
        for number in 0..<100_000 { family["\(number)"].increment() }
        registry.declare(Metrics.requests, Metrics.depth, Metrics.sizes, Metrics.labelled, Metrics.summary)
        let isDone = Atomic(false)
        let scrapes = Atomic(0)
        let rows = Mutex<[(String, [UInt])]>([])
        let codes = Benchmarks.choices.codes
        let calls: [(String, @Sendable (Int) -> Void)] = [
            ("counter_inc", { _ in Metrics.requests.increment() }),
            ("gauge_set", { Metrics.depth.set(to: Double($0)) }),
            ("histogram_observe", { Metrics.sizes.observe(Double($0 & 31)) }),
            ("counter_inc_labels", { Metrics.labelled["GET", codes[$0 % 10]].increment() }),
            ("summary_observe", { Metrics.summary.observe(Double($0 & 1023)) }),
            ("labels_of_scraped", { family["\($0 % 100_000)"].increment() }),
        ]
        Harness.withThreads(2) { thread in
            benchmark_pin(Int32(thread))
            if thread == 1 {
                let renderer = ExpositionRenderer(.text)
                while !isDone.load(ordering: .acquiring) {
                    _ = renderer.render(registry)
                    scrapes.add(1, ordering: .relaxed)
                }
                return
            }
            for (name, call) in calls {
                var times: [UInt] = []
                times.reserveCapacity(400_000)
                for number in 0..<400_000 {
                    let start = benchmark_nanoseconds()
                    call(number)
                    times.append(benchmark_nanoseconds() - start)
                }
                times.sort()
                rows.withLock { $0.append((name, times)) }
            }
            isDone.store(true, ordering: .releasing)
        }
        for (name, times) in rows.withLock({ $0 }) {
            Harness.report("p50_during_scrape:\(name)", 1, Double(times[times.count / 2]))
            Harness.report("p99_during_scrape:\(name)", 1, Double(times[times.count / 100 * 99]))
            Harness.report("p999_during_scrape:\(name)", 1, Double(times[times.count / 1000 * 999]))
        }
        print("martlet\tscrapes_meanwhile\t1\t\(scrapes.load(ordering: .relaxed))")
    }
}
