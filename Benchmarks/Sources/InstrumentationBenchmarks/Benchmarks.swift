import BenchmarkHarness
import CBarrier
import Glibc
import Martlet
import MartletPacks

enum Method: String, LabelValue {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case head = "HEAD"
    case options = "OPTIONS"
    case patch = "PATCH"
    case trace = "TRACE"
    case connect = "CONNECT"
    case query = "QUERY"
}

enum Code: String, LabelValue {
    case ok = "200"
    case created = "201"
    case empty = "204"
    case moved = "301"
    case unchanged = "304"
    case wrong = "400"
    case forbidden = "403"
    case missing = "404"
    case broken = "500"
    case busy = "503"
}

/// A module's own metrics, as services declare them.
enum Metrics {
    static let requests = Counter("requests_total", help: "Requests.")
    static let depth = Gauge("depth", help: "Depth.")
    static let sizes = Histogram(
        "histogram_seconds",
        help: "A histogram.",
        buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30]
    )
    static let labelled = Counter.Family("labelled_total", help: "A family.", labels: "method", "code")
    static let literal = Counter.Family("literal_total", help: "A family.", labels: "method", "code")
    static let long = Counter.Family("long_total", help: "A family.", labels: "path", "code")
    static let typed = Counter.By2<Method, Code>("typed_total", help: "A family.", labels: "method", "code")
    static let summary = Summary("summary_seconds", help: "A summary.")
    static let native = ExponentialHistogram("native_seconds", help: "An exponential histogram.")
}

/// What the loops choose from: the same in all of them, and of the peers' programs.
struct Choices: Sendable {
    let methods = Method.allCases.map(\.rawValue)
    let codes = Code.allCases.map(\.rawValue)
    let staticMethods: [StaticString] = [
        "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY",
    ]
    let staticCodes: [StaticString] = ["200", "201", "204", "301", "304", "400", "403", "404", "500", "503"]
    let paths = ["users", "orders", "items", "carts", "stock", "logins", "prices", "search", "images", "health"]
        .map { "/api/v1/resources/\($0)" }
    let combinations: [Int]
    let values: [Double]

    init() {
        var seed: UInt64 = 99
        combinations = (0..<1024).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % 100)
        }
        var random: UInt64 = 88_172_645_463_325_252
        // Evenly spread over the orders of magnitude from 0.0001 to 50.
        values = (0..<1024).map { _ in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return pow(10, -4 + 5.7 * (Double(random >> 11) / 9_007_199_254_740_992))
        }
    }
}

/// The next pseudo-random place of 1,024.
@inline(__always)
func next(_ seed: inout UInt64) -> Int {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(seed >> 54)
}

@main
struct Benchmarks {
    static let choices = Choices()

    static func main() {
        benchmark_buffer_lines()
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "count":
            Counts.run(arguments.dropFirst().first ?? "", times: arguments.dropFirst(2).first.flatMap { Int($0) } ?? 0)
        case "allocations": exit(Allocations.run())
        case "latency": Latency.run()
        default:
            Harness.filter = arguments.first ?? ""
            // First, while the process is small.
            if Harness.filter.isEmpty || "rss expose".contains(Harness.filter) { memory() }
            numbers()
            histograms()
            families()
            Routing.run()
            Logging.run()
            if Harness.filter.isEmpty || "expose".contains(Harness.filter) { exposition() }
        }
    }

    static func numbers() {
        let counter = Counter("counter_total", help: "A counter.").series
        let gauge = Gauge("gauge", help: "A gauge.").series
        Harness.measure("counter_inc") { for _ in 0..<$0 { counter.increment(); benchmark_barrier() } }
        Harness.measure("counter_inc_global") { for _ in 0..<$0 { Metrics.requests.increment(); benchmark_barrier() } }
        Harness.measure("counter_inc_float") { for _ in 0..<$0 { counter.increment(by: 1.5); benchmark_barrier() } }
        Harness.measure("gauge_set") { for i in 0..<$0 { gauge.set(to: Double(i)); benchmark_barrier() } }
        Harness.measure("gauge_set_global") {
            for i in 0..<$0 { Metrics.depth.set(to: Double(i)); benchmark_barrier() }
        }
        Harness.measure("gauge_add") { for _ in 0..<$0 { gauge.increment(); benchmark_barrier() } }
    }

    static func histograms() {
        let histogram = Metrics.sizes.series
        let values = choices.values
        Harness.measure("histogram_observe") { count in
            values.withUnsafeBufferPointer { values in
                var seed: UInt64 = 12345
                for _ in 0..<count { histogram.observe(values[next(&seed)]); benchmark_barrier() }
            }
        }
        Harness.measure("histogram_observe_all") { count in
            var left = count
            while left > 0 {
                histogram.observe(contentsOf: values)
                left -= values.count
            }
        }
        Harness.measure("histogram_observe_batch") { count in
            values.withUnsafeBufferPointer { values in
                var batch = HistogramBatch(histogram)
                var seed: UInt64 = 12345
                for _ in 0..<count { batch.observe(values[next(&seed)]); benchmark_barrier() }
            }
        }
        Harness.measure("limit:values-only") { count in
            var seed: UInt64 = 12345
            var total = 0.0
            for _ in 0..<count { total += values[next(&seed)]; benchmark_barrier() }
            Metrics.depth.set(to: total)
        }
        Harness.measure("summary_observe") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count { Metrics.summary.observe(values[next(&seed)]) }
        }
        Harness.measure("native_histogram_observe") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count { Metrics.native.observe(values[next(&seed)]) }
        }
    }

    static func families() {
        let (methods, codes, paths) = (choices.methods, choices.codes, choices.paths)
        let combinations = choices.combinations
        let (staticMethods, staticCodes) = (choices.staticMethods, choices.staticCodes)
        // As the peers do it: texts that are part of the program, such as Rust's `&str`.
        Harness.measure("counter_inc_labels") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count {
                let pick = combinations[next(&seed)]
                Metrics.labelled[staticMethods[pick / 10], staticCodes[pick % 10]].increment()
                benchmark_barrier()
            }
        }
        // Strings from an array, whose references Swift counts: two thirds of the figure.
        Harness.measure("counter_inc_labels_array") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count {
                let pick = combinations[next(&seed)]
                Metrics.labelled[methods[pick / 10], codes[pick % 10]].increment()
                benchmark_barrier()
            }
        }
        Harness.measure("counter_inc_labels_literal") { count in
            for _ in 0..<count { Metrics.literal["GET", "200"].increment(); benchmark_barrier() }
        }
        Harness.measure("counter_inc_labels_long") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count {
                let pick = combinations[next(&seed)]
                Metrics.long[paths[pick / 10], codes[pick % 10]].increment()
                benchmark_barrier()
            }
        }
        let pairs = combinations.map { (Method.allCases[$0 / 10], Code.allCases[$0 % 10]) }
        Harness.measure("counter_inc_labels_typed") { count in
            var seed: UInt64 = 12345
            for _ in 0..<count {
                let pair = pairs[next(&seed)]
                Metrics.typed[pair.0, pair.1].increment()
                benchmark_barrier()
            }
        }
        Harness.measure("limit:labels-only") { count in
            var seed: UInt64 = 12345
            var total = 0
            for _ in 0..<count {
                let pick = combinations[next(&seed)]
                total &+= methods[pick / 10].utf8.count &+ codes[pick % 10].utf8.count
                benchmark_barrier()
            }
            Metrics.depth.set(to: Double(total))
        }
    }

    static func exposition() {
        let registry = MetricRegistry()
        for number in 0..<10 {
            let name = "http_server_requests_\(number)_total"
            let family = Counter.Family(name, help: "Requests.", labels: "method", "path", registry: registry)
            for (index, method) in choices.methods.enumerated() {
                for path in 0..<100 {
                    family[method, "/api/v1/resource/\(path)"].increment(by: index * 7919 + path * 104_729 + number + 1)
                }
            }
        }
        let renderer = ExpositionRenderer(.text)
        var bytes: [UInt8] = []
        let best = Harness.milliseconds(best: 40) { bytes = renderer.render(registry) }
        Harness.report("expose_10k_ms", 1, best)
        Harness.report("expose_10k_MBps", 1, Double(bytes.count) / 1e3 / best)
        Harness.report("expose_10k_bytes", 1, Double(bytes.count))
        Harness.report("gather_10k_ms", 1, Harness.milliseconds(best: 40) { _ = registry.gather() })
        let openMetrics = ExpositionRenderer(.openMetrics)
        Harness.report(
            "expose_10k_openmetrics_ms",
            1,
            Harness.milliseconds(best: 20) { _ = openMetrics.render(registry) }
        )
        Harness.report(
            "parse_10k_ms",
            1,
            Harness.milliseconds(best: 20) {
                var parser = ExpositionParser(bytes, format: .text)
                while (try? parser.next()) != nil {}
            }
        )
        let host = HostCollector()
        Harness.report("collect_host_ms", 1, Harness.milliseconds(best: 20) { _ = host.collect() })
        let process = ProcessCollector()
        Harness.report("collect_process_ms", 1, Harness.milliseconds(best: 20) { _ = try? process.collect() })
    }

    static func memory() {
        let registry = MetricRegistry(seriesLimit: 1_000_000)
        let family = Counter.Family(
            "http_server_requests_total",
            help: "Requests.",
            labels: "method",
            "path",
            registry: registry
        )
        family["GET", "/api/v1/resource/none"].increment()
        let before = benchmark_resident_bytes()
        for method in choices.methods {
            for path in 0..<10_000 { family[method, "/api/v1/resource/\(path)"].increment() }
        }
        Harness.report("rss_bytes_per_series", 1, Double(benchmark_resident_bytes() - before) / 1e5)
        // What a scrape keeps for the next one; the text itself is gone again.
        do { _ = registry.gatherBlocks() }
        Harness.report("rss_bytes_per_series_scraped", 1, Double(benchmark_resident_bytes() - before) / 1e5)
    }
}
