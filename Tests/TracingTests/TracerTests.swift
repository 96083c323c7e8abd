import Foundation
import MartletCore
import MartletTestKit
import MartletTracing
import Synchronization
import Testing

/// A provider whose spans a test looks at.
struct Recording {
    let exporter = RecordingSpanExporter()
    let provider: TracerProvider
    let tracer: Tracer

    init(sampler: Sampler = .parentBased(.always), limits: SpanLimits = SpanLimits()) {
        provider = TracerProvider(
            resource: Resource(attributes: [Attribute("service.name", "test")]),
            sampler: sampler,
            limits: limits,
            processors: [exporter]
        )
        tracer = provider.tracer("tests", version: "1")
    }

    /// The spans that have ended.
    func spans() async -> [FinishedSpan] {
        await provider.flush()
        return exporter.spans
    }
}

actor Kitchen {
    let tracer: Tracer
    init(_ tracer: Tracer) { self.tracer = tracer }
    func cook() -> SpanContext { tracer.withSpan("cook") { $0.context } }
}

@Suite("Tracer")
struct TracerTests {
    struct Failure: StackTraced, CustomStringConvertible {
        var stackTrace: String { "main\ncaller" }
        var description: String { "it broke" }
    }

    @Test func `a span has its name, times, ids and attributes`() async throws {
        let recording = Recording()
        var span = recording.tracer.startSpan("user_authentication")
        span.setAttribute("user_id", "12345")
        span.setAttribute("auth_method", "jwt")
        span.setAttribute("attempts", 2)
        span.setAttribute("share", 0.5)
        span.setAttribute("ok", true)
        let context = span.context
        span.end()
        let found = try #require(await recording.spans().first)
        #expect(found.name == "user_authentication")
        #expect(
            found.attributes == [
                Attribute("user_id", "12345"), Attribute("auth_method", "jwt"), Attribute("attempts", .int(2)),
                Attribute("share", .double(0.5)), Attribute("ok", .bool(true)),
            ]
        )
        #expect(found.traceID == context.traceID && found.spanID == context.spanID)
        #expect(found.end >= found.start)
        #expect(found.durationNanoseconds == found.end - found.start)
        #expect(found.parentID == .none)
        #expect(found.flags == 0x103)
        #expect(recording.exporter.sources.first?.scope == InstrumentationScope(name: "tests", version: "1"))
        #expect(recording.exporter.sources.first?.resource.attributes == [Attribute("service.name", "test")])
    }

    @Test func `times are those of the machine`() async throws {
        let recording = Recording()
        let before = UInt64(SystemWallClock().nanosecondsSinceEpoch)
        recording.tracer.withSpan("now") { _ in }
        let after = UInt64(SystemWallClock().nanosecondsSinceEpoch)
        let span = try #require(await recording.spans().first)
        // The two clocks are read one after the other, and their rates differ by some parts in a million.
        #expect(span.start + 1_000_000 >= before && span.end <= after + 1_000_000)
    }

    @Test func `measures what lasts a hundred microseconds`() async throws {
        let recording = Recording()
        let clock = ContinuousClock()
        var shares: [Double] = []
        for _ in 0..<50 {
            recording.exporter.reset()
            let start = clock.now
            var end = start
            recording.tracer.withSpan("work") { _ in
                repeat { end = clock.now } while end - start < .microseconds(100)
            }
            let span = try #require(await recording.spans().first)
            shares.append(Double(span.durationNanoseconds) / Double((end - start).wholeNanoseconds))
        }
        // Another program may have the processor meanwhile: the middle one tells.
        let middle = shares.sorted()[25]
        #expect(middle > 0.9 && middle < 1.1)
    }

    @Test func `a tree of three levels is one trace`() async throws {
        let recording = Recording()
        let tracer = recording.tracer
        await tracer.withSpan("root") { _ in
            await tracer.withSpan("middle") { _ in
                await Task.yield()
                tracer.withSpan("leaf") { _ in }
            }
        }
        _ = await recording.spans()
        let root = try #require(recording.exporter.span("root"))
        let middle = try #require(recording.exporter.span("middle"))
        let leaf = try #require(recording.exporter.span("leaf"))
        #expect(root.parentID == .none)
        #expect(middle.parentID == root.spanID)
        #expect(leaf.parentID == middle.spanID)
        #expect(Set([root, middle, leaf].map(\.traceID)).count == 1)
        #expect(leaf.end <= middle.end && middle.end <= root.end)
    }

    @Test func `synchronous spans nest on their thread, and asynchronous ones around them`() async throws {
        let recording = Recording()
        let tracer = recording.tracer
        func inner() -> SpanContext? {
            tracer.withSpan("inner") { _ in SpanContext.current }
        }
        func outer() { tracer.withSpan("outer") { _ in _ = inner() } }
        await tracer.withSpan("async") { _ in
            await Task.yield()
            outer()
        }
        #expect(SpanContext.current == nil)
        _ = await recording.spans()
        let names = ["async", "outer", "inner"]
        let spans = names.compactMap { recording.exporter.span($0) }
        #expect(spans.map(\.name) == names)
        #expect(spans[1].parentID == spans[0].spanID)
        #expect(spans[2].parentID == spans[1].spanID)
    }

    @Test func `the context follows actors, child tasks, async let and tasks`() async throws {
        let recording = Recording()
        let tracer = recording.tracer
        let kitchen = Kitchen(tracer)
        @Sendable func later(_ name: String) async -> SpanContext {
            await tracer.withSpan(named: name) { span in
                await Task.yield()
                return span.context
            }
        }
        await tracer.withSpan("order") { span in
            let context = span.context
            #expect(await kitchen.cook().traceID == context.traceID)
            async let side = later("side")
            #expect(await side.traceID == context.traceID)
            await withTaskGroup(of: SpanContext.self) { group in
                for _ in 0..<4 { group.addTask { await later("part") } }
                for await part in group { #expect(part.traceID == context.traceID) }
            }
            let task = Task { await later("task") }
            #expect(await task.value.traceID == context.traceID)
            let detached = Task.detached { await later("apart") }
            #expect(await detached.value.traceID != context.traceID)
            let handed = Task.detached { tracer.withSpan("handed", parent: .context(context)) { $0.context } }
            #expect(await handed.value.traceID == context.traceID)
        }
        let spans = await recording.spans()
        let order = try #require(recording.exporter.span("order"))
        for name in ["cook", "side", "part", "task", "handed"] {
            #expect(spans.filter { $0.name == name }.allSatisfy { $0.parentID == order.spanID }, "\(name)")
        }
    }

    @Test func `errors are recorded with type, message and stack, and thrown on`() async throws {
        let recording = Recording()
        #expect(throws: Failure.self) {
            try recording.tracer.withSpan("fails") { _ in throw Failure() }
        }
        let span = try #require(await recording.spans().first)
        #expect(span.status == .error("it broke"))
        #expect(span.events.map(\.name) == ["exception"])
        #expect(
            span.events[0].attributes == [
                Attribute("exception.type", "TracingTests.TracerTests.Failure"),
                Attribute("exception.message", "it broke"), Attribute("exception.stacktrace", "main\ncaller"),
            ]
        )
        #expect(span.events[0].time >= span.start && span.events[0].time <= span.end)
    }

    @Test func `a cancelled task is no failure`() async throws {
        let recording = Recording()
        await #expect(throws: CancellationError.self) {
            try await recording.tracer.withSpan("waits") { _ in
                await Task.yield()
                throw CancellationError()
            }
        }
        let span = try #require(await recording.spans().first)
        #expect(span.status == .unset)
        #expect(span.events.map(\.name) == ["cancelled"])
    }

    @Test func `the last value of a key counts, wherever it lies`() async throws {
        let recording = Recording()
        recording.tracer.withSpan("twice") { span in
            span.setAttribute("a", 1)
            span.setAttribute("b", String(repeating: "x", count: 1000))
            span.setAttribute("a", 2)
            span.setAttribute(named: "b", "short")
            span.setAttribute("c", .array([.int(1)]))
        }
        let span = try #require(await recording.spans().first)
        #expect(span["a"] == .int(2))
        #expect(span["b"] == .string("short"))
        #expect(span["c"] == .array([.int(1)]))
        #expect(span.attributes.count == 3)
    }

    @Test func `many attributes and long texts are kept whole`() async throws {
        let recording = Recording()
        let long = String(repeating: "ä", count: 5000)
        recording.tracer.withSpan("many") { span in
            for number in 0..<100 { span.setAttribute(named: "key \(number)", "value \(number)") }
            span.setAttribute("long", long)
        }
        let span = try #require(await recording.spans().first)
        #expect(span.attributes.count == 101)
        #expect(span["key 77"] == .string("value 77"))
        #expect(span["long"] == .string(long))
        #expect(span.droppedAttributes == 0)
    }

    @Test func `limits leave out what is over, and count it`() async throws {
        let recording = Recording(
            limits: SpanLimits(
                attributes: 2,
                events: 1,
                links: 1,
                attributesPerEvent: 1,
                attributesPerLink: 0,
                characters: 3
            )
        )
        recording.tracer.withSpan("full") { span in
            span.setAttribute("a", "abcdef")
            span.setAttribute("b", 2)
            span.setAttribute("c", 3)
            span.setAttribute("d", "four")
            span.addEvent("one", [Attribute("x", "yyyy"), Attribute("z", "z")])
            span.addEvent("two")
            span.addLink(span.context, [Attribute("x", "y")])
            span.addLink(span.context)
        }
        let span = try #require(await recording.spans().first)
        #expect(span.attributes == [Attribute("a", "abc"), Attribute("b", .int(2))])
        #expect(span.droppedAttributes == 2)
        #expect(span.events.map(\.attributes) == [[Attribute("x", "yyy")]])
        #expect(span.events[0].droppedAttributes == 1 && span.droppedEvents == 1)
        #expect(span.links.map(\.droppedAttributes) == [1] && span.droppedLinks == 1)
    }

    @Test func `a span by hand has the times it is given, and ends when it is dropped`() async throws {
        let recording = Recording()
        let span = recording.tracer.startSpan("old", kind: .consumer, at: 1_000)
        span.end(at: 3_000)
        do { _ = recording.tracer.startSpan("dropped") }
        _ = await recording.spans()
        let old = try #require(recording.exporter.span("old"))
        #expect(old.start == 1_000 && old.end == 3_000 && old.kind == .consumer)
        #expect(recording.exporter.span("dropped") != nil)
    }

    @Test func `names can be made up and changed`() async throws {
        let recording = Recording()
        let number = 7
        recording.tracer.withSpan(named: "job \(number)") { _ in }
        await recording.tracer.withSpan(named: "async \(number)") { span in
            await Task.yield()
            span.rename("renamed")
        }
        recording.tracer.startSpan(named: "by hand \(number)").end()
        #expect(await recording.spans().map(\.name) == ["job 7", "renamed", "by hand 7"])
    }

    @Test func `what went well is the last word`() async throws {
        let recording = Recording()
        recording.tracer.withSpan("well") { span in
            span.setStatus(.error("no"))
            span.setStatus(.ok)
            span.setStatus(.error("again"))
        }
        #expect(await recording.spans().first?.status == .ok)
    }

    @Test func `a million ids are all different`() {
        let tracer = Recording(sampler: .never).tracer
        var traces: Set<TraceID> = []
        var spans: Set<SpanID> = []
        for _ in 0..<1_000_000 {
            let context = tracer.startSpan("x", parent: .root).context
            traces.insert(context.traceID)
            spans.insert(context.spanID)
        }
        #expect(traces.count == 1_000_000 && spans.count == 1_000_000)
        #expect(traces.allSatisfy(\.isValid) && spans.allSatisfy(\.isValid))
    }

    @Test func `spans of many threads all arrive`() async {
        let recording = Recording()
        let tracer = recording.tracer
        // Threads of their own, so that the rings of those that other tests share do not fill up.
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            for number in 0..<2000 {
                                tracer.withSpan("work") { span in
                                    span.setAttribute("thread", thread)
                                    span.setAttribute("number", number)
                                }
                            }
                            continuation.resume()
                        }
                    }
                }
            }
        }
        let spans = await recording.spans()
        let lost = recording.provider.statistics.dropped
        #expect(spans.count + Int(lost) == 16_000)
        #expect(recording.provider.statistics.spans == UInt64(spans.count))
        #expect(Set(spans.map(\.spanID)).count == spans.count)
    }

    @Test func `a full ring drops the newest and counts them`() async {
        let busy = BusyProcessor()
        let provider = TracerProvider(processors: [busy])
        let tracer = provider.tracer("ring")
        busy.begin(tracer)
        tracer.withSpan("first") { _ in }
        await provider.flush()
        await provider.flush()
        let statistics = provider.statistics
        // A ring has room for about 8,000 of these.
        #expect(statistics.dropped > 20_000)
        #expect(statistics.spans + statistics.dropped == 40_001)
        #expect(busy.count == Int(statistics.spans))
        busy.finish()
        await provider.shutdown(within: .seconds(5))
    }

    @Test func `nothing is recorded after the shutdown, which works once`() async {
        let recording = Recording()
        recording.tracer.withSpan("before") { _ in }
        #expect(await recording.provider.shutdown(within: .seconds(5)))
        recording.tracer.withSpan("after") { span in
            let isRecorded = span.isRecording
            #expect(!isRecorded)
            span.setAttribute("x", 1)
        }
        #expect(await recording.provider.shutdown(within: .seconds(5)))
        #expect(recording.exporter.spans.map(\.name) == ["before"])
        #expect(recording.exporter.isShutDown)
        recording.provider.tracer("late").withSpan("late") { span in
            let isRecorded = span.isRecording
            #expect(!isRecorded)
        }
    }

    @Test func `a disabled tracer hands the context of others on`() async throws {
        let recording = Recording()
        await recording.tracer.withSpan("outer") { span in
            let context = span.context
            await Tracer.disabled.withSpan("library") { inner in
                let isRecorded = inner.isRecording
                #expect(!isRecorded)
                await Task.yield()
                #expect(SpanContext.current == context)
            }
            Tracer.disabled.startSpan("x").end()
        }
        Tracer.disabled.withSpan("alone") { span in
            let context = span.context
            #expect(!context.isValid)
        }
        #expect(await recording.spans().map(\.name) == ["outer"])
    }

    @Test func `tracers of the same words are the same, and links keep their flags`() async throws {
        let recording = Recording()
        let other = SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(3),
            flags: SpanContext.sampledFlag | SpanContext.remoteFlag
        )
        recording.provider.tracer("a", attributes: [Attribute("k", "v")]).withSpan("x") {
            $0.addLink(other, [Attribute("why", "batch")], traceState: "a=b")
        }
        let span = try #require(await recording.spans().first)
        #expect(
            span.links == [
                SpanLink(
                    traceID: other.traceID,
                    spanID: other.spanID,
                    traceState: "a=b",
                    flags: 0x301,
                    attributes: [Attribute("why", "batch")]
                )
            ]
        )
    }
}

/// Makes spans on a thread of its own while the drain waits for it, so that these fill the ring of that thread, which ends
/// only when the ring is empty again: the next thread takes it over as it is.
final class BusyProcessor: SpanProcessor {
    private let isOver = DispatchSemaphore(value: 0)
    private let state = Mutex<(tracer: Tracer?, count: Int)>((nil, 0))

    var count: Int { state.withLock { $0.count } }

    func begin(_ tracer: Tracer) { state.withLock { $0.tracer = tracer } }

    func finish() { isOver.signal() }

    func process(_ spans: [FinishedSpan], from source: SpanSource) {
        let tracer = state.withLock { state in
            defer { state.tracer = nil }
            state.count += spans.count
            return state.tracer
        }
        guard let tracer else { return }
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [isOver] in
            for _ in 0..<40_000 { tracer.withSpan("span") { $0.setAttribute("n", 1) } }
            done.signal()
            isOver.wait()
        }
        done.wait()
    }

    func flush(within limit: Duration) async -> Bool { true }
    func shutdown(within limit: Duration) async -> Bool { true }
}
