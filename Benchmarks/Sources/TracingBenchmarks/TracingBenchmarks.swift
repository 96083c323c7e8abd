import BenchmarkHarness
import CBarrier
import Glibc
import Martlet
import MartletOTLP
import Synchronization

/// Takes spans and forgets them, so that only the tracer's own cost is seen.
final class NullProcessor: SpanProcessor {
    func process(_ spans: [FinishedSpan], from source: SpanSource) {}
    func flush(within limit: Duration) async -> Bool { true }
    func shutdown(within limit: Duration) async -> Bool { true }
}

struct NullExporter: SpanExporter {
    func export(_ batch: [ResourceSpans]) async -> SpanExportResult { .success }
}

/// The span that all peers make: three attributes, two of them texts.
@inline(never)
func one(_ tracer: Tracer, _ user: String) {
    tracer.withSpan("GET /api/users/{id}") { span in
        span.setAttribute("http.request.method", "GET")
        span.setAttribute("http.response.status_code", 200)
        span.setAttribute("user.id", user)
    }
}

@inline(never)
func oneByHand(_ tracer: Tracer, _ user: String, _ parent: SpanContext) {
    var span = tracer.startSpan("GET /api/users/{id}", parent: .context(parent))
    span.setAttribute("http.request.method", "GET")
    span.setAttribute("http.response.status_code", 200)
    span.setAttribute("user.id", user)
    span.end()
}

@inline(never)
func oneAsync(_ tracer: Tracer, _ user: String) async {
    await tracer.withSpan("GET /api/users/{id}") { span in
        span.setAttribute("http.request.method", "GET")
        span.setAttribute("http.response.status_code", 200)
        span.setAttribute("user.id", user)
        await nothing()
    }
}

@inline(never)
func nothing() async {}

@main
struct TracingBenchmarks {
    /// Fewer than a ring has room for, so that nothing is dropped before the drain comes by.
    static let chunk = 4000
    static let rounds = 25
    static let user = "user-12345"

    static func main() async {
        benchmark_buffer_lines()
        switch CommandLine.arguments.dropFirst().first {
        case "count": return count()
        case "allocations": exit(allocations())
        default: break
        }
        let null = TracerProvider(processors: [NullProcessor()])
        let batch = TracerProvider(processors: [BatchingProcessor(NullExporter())])
        let never = TracerProvider(sampler: .parentBased(.never), processors: [BatchingProcessor(NullExporter())])
        let ratio = TracerProvider(sampler: .parentBased(.ratio(0.01)), processors: [BatchingProcessor(NullExporter())])
        inRoot("child-null-processor", null.tracer("bench"))
        inRoot("child-batch-processor", batch.tracer("bench"))
        inRoot("child-batch-processor-2threads", batch.tracer("bench"), threads: 2)
        inRoot("child-unsampled", never.tracer("bench"))
        measure("root-ratio-0.01", ratio.tracer("bench"), threads: 1)
        measure("no-provider", .disabled, threads: 1)
        byHand("child-by-hand", null.tracer("bench"))
        await asynchronous("child-async", null.tracer("bench"))
        latency("child-latency", batch.tracer("bench"))
        var lost: UInt64 = 0
        for provider in [null, batch, never, ratio] { lost += provider.statistics.dropped }
        print("span\tmartlet/dropped\t\(lost)\tspans\t")
        encode()
        ingest()
    }

    static func report(_ name: String, _ nanoseconds: Double, _ note: String, unit: String = "ns/span") {
        let tenths = Int((nanoseconds * 10).rounded())
        print("\(name)\t\(tenths / 10).\(tenths % 10)\t\(unit)\t\(note)")
    }

    /// The processor time of a chunk of calls: the least of many, and the allocations of the last.
    static func best(_ body: () -> Void) -> (nanoseconds: Double, allocations: UInt) {
        var (best, allocations) = (UInt.max, UInt(0))
        for _ in 0..<rounds {
            let before = benchmark_allocations()
            let start = benchmark_thread_nanoseconds()
            body()
            best = min(best, benchmark_thread_nanoseconds() - start)
            allocations = benchmark_allocations() - before
            usleep(60_000)
        }
        return (Double(best) / Double(chunk), allocations)
    }

    static func inRoot(_ name: String, _ tracer: Tracer, threads: Int = 1) {
        measure(name, tracer, threads: threads, isChild: true)
    }

    static func measure(_ name: String, _ tracer: Tracer, threads: Int, isChild: Bool = false) {
        let results = Mutex<[(nanoseconds: Double, allocations: UInt)]>([])
        Harness.withThreads(threads) { thread in
            benchmark_pin(Int32(thread))
            func run() {
                let user = user
                let result = best { for _ in 0..<chunk { one(tracer, user) } }
                results.withLock { $0.append(result) }
            }
            if isChild { tracer.withSpan("root") { _ in run() } } else { run() }
        }
        let all = results.withLock { $0 }
        let worst = all.map(\.nanoseconds).max() ?? 0
        report("span\tmartlet/\(name)", worst, "\(all.map(\.allocations).max() ?? 0) allocations/\(chunk)")
    }

    static func byHand(_ name: String, _ tracer: Tracer) {
        let parent = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: 3)
        let user = user
        let result = best { for _ in 0..<chunk { oneByHand(tracer, user, parent) } }
        report("span\tmartlet/\(name)", result.nanoseconds, "\(result.allocations) allocations/\(chunk)")
    }

    static func asynchronous(_ name: String, _ tracer: Tracer) async {
        let user = user
        var best = UInt.max
        await tracer.withSpan("root") { _ in
            for _ in 0..<rounds {
                let start = benchmark_nanoseconds()
                for _ in 0..<chunk { await oneAsync(tracer, user) }
                best = min(best, benchmark_nanoseconds() - start)
                try? await Task.sleep(for: .milliseconds(60))
            }
        }
        report("span\tmartlet/\(name)", Double(best) / Double(chunk), "wall time")
    }

    /// How long single spans take, from their start with two attributes to their end in the queue of an exporter.
    ///
    /// Half of them, and all but one in a hundred or a thousand, take no longer than what is told. The clock is a part of
    /// it.
    static func latency(_ name: String, _ tracer: Tracer) {
        var times: [UInt] = []
        times.reserveCapacity(rounds * chunk)
        tracer.withSpan("root") { _ in
            for _ in 0..<rounds {
                for _ in 0..<chunk {
                    let start = benchmark_nanoseconds()
                    tracer.withSpan("GET /api/users/{id}") { span in
                        span.setAttribute("http.request.method", "GET")
                        span.setAttribute("user.id", user)
                    }
                    times.append(benchmark_nanoseconds() - start)
                }
                usleep(60_000)
            }
        }
        times.sort()
        for (share, label) in [(500, "p50"), (990, "p99"), (999, "p99.9")] {
            let time = Double(times[times.count * share / 1000])
            report("span\tmartlet/\(name)-\(label)", time, "2 attributes, wall time")
        }
    }

    // MARK: OTLP

    static func spans(_ count: Int) -> TracesRequest {
        var list: [FinishedSpan] = []
        for number in 0..<count {
            list.append(
                FinishedSpan(
                    traceID: TraceID(high: 7, low: UInt64(number / 8 + 1)),
                    spanID: SpanID(UInt64(number + 1)),
                    parentID: SpanID(1),
                    flags: 0x101,
                    name: "GET /api/users/{id}",
                    start: 1_700_000_000_000_000_000 + UInt64(number),
                    end: 1_700_000_000_000_100_000 + UInt64(number),
                    attributes: [
                        Attribute("http.request.method", "GET"), Attribute("http.response.status_code", .int(200)),
                        Attribute("user.id", "user-12345"),
                    ]
                )
            )
        }
        return TracesRequest(resourceSpans: [ResourceSpans(scopeSpans: [ScopeSpans(spans: list)])])
    }

    static func encode() {
        let request = spans(512)
        var size = 0
        let time = Harness.processorNanoseconds(best: 400) { size = request.encoded().count }
        report("otlp-encode\tmartlet", time / 512, "\(size / 512) B/span")
    }

    struct Sum: TraceVisitor {
        var spans = 0
        var total: UInt64 = 0
        let bytes: [UInt8]
        mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) {}
        mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) {}
        mutating func span(_ span: borrowing WireSpan) throws(OTLPError) {
            spans += 1
            total &+= span.end &- span.start
            var rest = span.attributes
            while let (key, _) = try rest.next(in: bytes.span) { total &+= UInt64(key.count) }
        }
        mutating func refuse(_ refusal: SpanRefusal) {}
    }

    static func ingest() {
        let bytes = spans(8192).encoded()
        let scan = Harness.processorNanoseconds(best: 60) {
            var visitor = Sum(bytes: bytes)
            var scanner = TraceScanner()
            try? scanner.scan(bytes.span, &visitor)
            precondition(visitor.spans == 8192)
        }
        report("otlp-scan\tmartlet", scan / 8192, "\(bytes.count / 8192) B/span")
        let decode = Harness.processorNanoseconds(best: 20) {
            precondition((try? TracesRequest(decoding: bytes))?.spanCount == 8192)
        }
        report("otlp-decode\tmartlet", decode / 8192, "\(bytes.count / 8192) B/span")
    }

    // MARK: Counting

    /// Prints how often a span allocates, and how often writing 512 of them does; 1 where that is too often.
    static func allocations() -> Int32 {
        var status: Int32 = 0
        for (name, sampler) in [("span_sampled", Sampler.always), ("span_unsampled", .never)] {
            let tracer = TracerProvider(sampler: .parentBased(sampler)).tracer("bench")
            let user = user
            func run(_ times: Int) -> UInt {
                let before = benchmark_allocations()
                tracer.withSpan("root") { _ in for _ in 0..<times { one(tracer, user) } }
                return benchmark_allocations() - before
            }
            // The first spans of a thread make its ring.
            _ = run(10)
            let count = run(chunk)
            print("martlet\t\(name)_allocations\t1\t\(count)")
            if count > 0 { status = 1 }
        }
        // The bytes that are given back, and nothing else, however many spans there are.
        let request = spans(512)
        _ = request.encoded()
        let before = benchmark_allocations()
        _ = request.encoded()
        let count = benchmark_allocations() - before
        print("martlet\totlp_encode_allocations\t1\t\(count)")
        if count > 1 { status = 1 }
        return status
    }

    /// `count` lists the operations; `count OPERATION TIMES` does one so many times, for counting instructions.
    static func count() {
        let arguments = CommandLine.arguments.dropFirst(2)
        guard let operation = arguments.first, let times = arguments.dropFirst().first.flatMap({ Int($0) }) else {
            for name in ["span_sampled", "span_unsampled", "otlp_encode"] { print(name) }
            return
        }
        // Without processors the drain only passes over the records.
        let provider = TracerProvider(sampler: .parentBased(operation == "span_unsampled" ? .never : .always))
        let tracer = provider.tracer("bench")
        let user = user
        switch operation {
        case "otlp_encode":
            let request = spans(100)
            for _ in 0..<(times / 100) { precondition(request.encoded().count > 0) }
        default:
            // The pauses let what takes the spans up keep up: finding a ring full costs more than writing to it.
            func run() {
                tracer.withSpan("root") { _ in
                    for _ in 0..<(times / 1000) {
                        for _ in 0..<1000 { one(tracer, user) }
                        usleep(30_000)
                    }
                }
            }
            run()
        }
    }
}
