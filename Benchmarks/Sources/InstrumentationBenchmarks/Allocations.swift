import CBarrier
import Martlet

/// Counts how often each recording call allocates once its series is there; it must be never.
enum Allocations {
    /// Prints a row `martlet allocations:operation 1 count`.
    ///
    /// - Returns: 0, or 1 where any call allocates.
    static func run() -> Int32 {
        let trace = TraceReference(high: 1, low: 2, span: 3)
        let values = Benchmarks.choices.values
        let more: [(name: String, body: @Sendable (Int) -> Void)] = [
            ("counter_exemplar", { for _ in 0..<$0 { Metrics.requests.increment(exemplar: trace) } }),
            ("histogram_exemplar", { for _ in 0..<$0 { Metrics.sizes.observe(0.3, exemplar: trace) } }),
            ("histogram_observe_all", { for _ in 0..<$0 { Metrics.sizes.observe(contentsOf: values) } }),
            ("gauge_add", { for _ in 0..<$0 { Metrics.depth.increment() } }),
            ("gauge_track", { for _ in 0..<$0 { Metrics.depth.track { benchmark_barrier() } } }),
            ("overflow", { for _ in 0..<$0 { small["two"].increment() } }),
        ]
        small["one"].increment()
        var isClean = true
        for (name, body) in Counts.operations + more where name != "expose_series" {
            // A summary's buffers grow until its window was once as full as it gets.
            body(name == "summary_observe" ? 400_000 : 2000)
            let before = benchmark_allocations()
            body(1000)
            let count = benchmark_allocations() - before
            print("martlet\tallocations:\(name)\t1\t\(count)")
            if count > 0 { isClean = false }
        }
        return isClean ? 0 : 1
    }

    private static let small = Counter.Family("small_total", help: "One series.", labels: "a", seriesLimit: 1)
}
