import CBarrier
import Martlet

/// One operation, a number of times and nothing else: what an instruction counter runs at two numbers and subtracts.
enum Counts {
    static let operations = recording + Routing.counted

    private static let recording: [(name: String, body: @Sendable (Int) -> Void)] = [
        ("counter_inc", { for _ in 0..<$0 { Metrics.requests.increment(); benchmark_barrier() } }),
        ("counter_inc_float", { for _ in 0..<$0 { Metrics.requests.increment(by: 1.5); benchmark_barrier() } }),
        ("gauge_set", { for i in 0..<$0 { Metrics.depth.set(to: Double(i)); benchmark_barrier() } }),
        ("histogram_observe", { for i in 0..<$0 { Metrics.sizes.observe(Double(i & 31)); benchmark_barrier() } }),
        ("summary_observe", { for i in 0..<$0 { Metrics.summary.observe(Double(i & 1023)) } }),
        ("native_histogram_observe", { for i in 0..<$0 { Metrics.native.observe(Double(i & 1023)) } }),
        (
            "counter_inc_labels",
            { count in
                let (methods, codes) = (Benchmarks.choices.methods, Benchmarks.choices.codes)
                for i in 0..<count { Metrics.labelled[methods[i % 10], codes[i % 7]].increment(); benchmark_barrier() }
            }
        ),
        (
            "counter_inc_labels_literal",
            { for _ in 0..<$0 { Metrics.literal["GET", "200"].increment(); benchmark_barrier() } }
        ),
        (
            "counter_inc_labels_long",
            { count in
                let (paths, codes) = (Benchmarks.choices.paths, Benchmarks.choices.codes)
                for i in 0..<count { Metrics.long[paths[i % 10], codes[i % 7]].increment(); benchmark_barrier() }
            }
        ),
        (
            "counter_inc_labels_typed",
            { count in
                let (methods, codes) = (Method.allCases, Code.allCases)
                for i in 0..<count { Metrics.typed[methods[i % 10], codes[i % 7]].increment(); benchmark_barrier() }
            }
        ),
        (
            "expose_series",
            { count in
                let registry = MetricRegistry(seriesLimit: 1000)
                let family = Counter.Family("expose_total", help: "Series.", labels: "path", registry: registry)
                for i in 0..<1000 { family["/api/v1/resource/\(i)"].increment(by: 1000 + i) }
                let renderer = ExpositionRenderer(.text)
                for _ in 0..<(count / 1000) { _ = renderer.render(registry) }
            }
        ),
    ]

    static func run(_ name: String, times: Int) {
        guard let operation = operations.first(where: { $0.name == name }) else {
            for operation in operations { print(operation.name) }
            return
        }
        operation.body(2000)
        operation.body(times)
    }
}
