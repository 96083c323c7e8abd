import CBarrier
import Martlet
import MartletPacks

/// A module's own metrics, as services declare them.
enum Metrics {
    static let requests = Counter("requests_total", help: "Requests.")
}

@main
struct Benchmarks {
    static let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY"]
    static let codes = ["200", "201", "204", "301", "304", "400", "403", "404", "500", "503"]

    static func main() {
        counters()
        histograms()
        families()
        exposition()
    }

    static func counters() {
        let counter = Counter("counter_total", help: "A counter.")
        let gauge = Gauge("gauge", help: "A gauge.")
        Harness.measure("counter_inc") { for _ in 0..<$0 { counter.increment(); benchmark_barrier() } }
        Harness.measure("counter_inc_static") { for _ in 0..<$0 { Metrics.requests.increment(); benchmark_barrier() } }
        Harness.measure("counter_inc_float") { for _ in 0..<$0 { counter.increment(by: 1.5); benchmark_barrier() } }
        Harness.measure("gauge_set") { for i in 0..<$0 { gauge.set(to: Double(i)); benchmark_barrier() } }
        Harness.measure("gauge_add") { for _ in 0..<$0 { gauge.increment(); benchmark_barrier() } }
    }

    static func histograms() {
        let histogram = Histogram(
            "histogram_seconds",
            help: "A histogram.",
            buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30]
        )
        var random: UInt64 = 88_172_645_463_325_252
        // Spread evenly over the orders of magnitude from 0.0001 to 50.
        let values = (0..<1024).map { _ -> Double in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            var value = 0.0001
            for _ in 0..<Int(random % 19) { value *= 2 }
            return value * (1 + Double(random >> 11) / 9_007_199_254_740_992)
        }
        Harness.measure("histogram_observe") { count in
            values.withUnsafeBufferPointer { values in
                var seed: UInt64 = 12345
                for _ in 0..<count {
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    histogram.observe(values[Int(seed >> 54)])
                    benchmark_barrier()
                }
            }
        }
        let sum = Gauge("limit_values_only", help: "What choosing the value costs.")
        Harness.measure("limit:values-only") { count in
            values.withUnsafeBufferPointer { values in
                var seed: UInt64 = 12345
                var total = 0.0
                for _ in 0..<count {
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    total += values[Int(seed >> 54)]
                    benchmark_barrier()
                }
                sum.set(to: total)
            }
        }
    }

    static func families() {
        let family = Counter.Family("labelled_total", help: "A family.", labels: "method", "code")
        let long = "a value of a label that is longer than fifteen bytes: "
        let longMethods = methods.map { long + $0 }
        for (operation, methods) in [("counter_inc_labels", methods), ("counter_inc_labels_long", longMethods)] {
            Harness.measure(operation) { count in
                var seed: UInt64 = 12345
                for _ in 0..<count {
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    let pick = Int(seed >> 57) % 100
                    family[methods[pick / 10], codes[pick % 10]].increment()
                }
            }
        }
    }

    static func exposition() {
        let registry = MetricRegistry()
        for number in 0..<10 {
            let family = Counter.Family(
                "family_\(number)_total",
                help: "A family.",
                labels: "path",
                "code",
                registry: registry
            )
            for series in 0..<1000 { family["/path/\(series)", "200"].increment(by: series * 1001) }
        }
        let renderer = ExpositionRenderer(.text)
        var bytes: [UInt8] = []
        Harness.milliseconds("gather_10k_ms", best: 40) { _ = registry.gather() }
        Harness.milliseconds("expose_10k_ms", best: 40) { bytes = renderer.render(registry.gather()) }
        Harness.milliseconds("parse_10k_ms", best: 40) {
            var parser = ExpositionParser(bytes, format: .text)
            while (try? parser.next()) != nil {}
        }
        let host = HostCollector()
        Harness.milliseconds("collect_host_ms", best: 40) { _ = host.collect() }
        let process = ProcessCollector()
        Harness.milliseconds("collect_process_ms", best: 40) { _ = try? process.collect() }
    }
}
