import MartletCore
import MartletTestKit
import MartletTracing
import Testing

@Suite("Sampling")
struct SamplingTests {
    struct OddNames: SamplingRule {
        var description: String { "OddNames" }
        func decision(for request: SamplingRequest) -> SamplingDecision {
            SamplingDecision(
                isSampled: request.name.utf8.count % 2 == 1,
                attributes: [Attribute("parent", request.parent.map { "\($0.spanID)" } ?? "none")]
            )
        }
    }

    @Test func `a share of a tenth keeps a tenth of the traces, and these whole`() async {
        let recording = Recording(sampler: .parentBased(.ratio(0.1)))
        let tracer = recording.tracer
        for number in 0..<10_000 {
            tracer.withSpan("root") { _ in
                for _ in 0..<2 { tracer.withSpan("child") { _ in } }
            }
            if number % 1000 == 0 { await recording.provider.flush() }
        }
        let spans = await recording.spans()
        let traces = Dictionary(grouping: spans, by: \.traceID)
        // Ten thousand throws of a tenth: the standard deviation is 30.
        #expect((850...1150).contains(traces.count))
        #expect(traces.values.allSatisfy { $0.count == 3 })
        #expect(traces.keys.allSatisfy { $0.low & (1 << 56 - 1) >= UInt64((0.9 * 0x1p56).rounded()) })
    }

    @Test(arguments: [
        (0.0, false, false), (1.0, true, true), (0.5, false, true), (2.0, true, true), (-1.0, false, false),
    ])
    func `the lower 56 bits of the id decide`(share: Double, low: Bool, high: Bool) {
        let tracer = Recording(sampler: .ratio(share)).tracer
        for (bits, expected) in [(UInt64(0xff00_0000_0000_0000), low), (0x00ff_ffff_ffff_ffff, high)] {
            let parent = SpanContext(traceID: TraceID(high: 1, low: bits), spanID: SpanID(1))
            let isRecorded = tracer.startSpan("x", parent: .context(parent)).isRecording
            #expect(isRecorded == expected)
        }
    }

    @Test func `nothing of a trace that is not sampled is recorded, and its ids go on`() async {
        let recording = Recording(sampler: .parentBased(.never))
        let tracer = recording.tracer
        await tracer.withSpan("root") { root in
            let context = root.context
            let isRecorded = root.isRecording
            #expect(!isRecorded && context.isValid && !context.isSampled)
            await tracer.withSpan("child") { child in
                let (isRecorded, own) = (child.isRecording, child.context)
                #expect(!isRecorded && own.traceID == context.traceID)
                await Task.yield()
                child.setAttribute("a", 1)
                child.addEvent("e")
                child.recordError(CancellationError())
            }
            tracer.withSpan("sync") { span in
                let own = span.context
                #expect(own.traceID == context.traceID)
            }
        }
        #expect(await recording.spans().isEmpty)
    }

    @Test func `a remote parent decides`() async {
        let recording = Recording(sampler: .parentBased(.never))
        for flags in [UInt32(0), 1] {
            let remote = SpanContext(
                traceID: TraceID(high: 1, low: 2),
                spanID: SpanID(3),
                flags: flags | SpanContext.remoteFlag
            )
            recording.tracer.withSpan("x", parent: .context(remote)) { span in
                let isRecorded = span.isRecording
                #expect(isRecorded == (flags == 1))
            }
        }
        let spans = await recording.spans()
        #expect(spans.count == 1)
        // The parent is known to be in another process, and it is sampled.
        #expect(spans.first?.flags == 0x301)
        #expect(spans.first?.parentID == SpanID(3))
    }

    @Test func `always means also where the parent is not sampled`() {
        let tracer = Recording(sampler: .always).tracer
        let parent = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        tracer.withSpan("x", parent: .context(parent)) { span in
            let (isRecorded, own) = (span.isRecording, span.context)
            #expect(isRecorded && own.isSampled)
        }
    }

    @Test func `parents can be told apart`() {
        let tracer = Recording(
            sampler: .parentBasedApart(
                root: .never,
                remoteSampled: .never,
                remoteNotSampled: .always,
                localSampled: .always,
                localNotSampled: .never
            )
        ).tracer
        func isRecorded(_ flags: UInt32) -> Bool {
            let parent = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), flags: flags)
            return tracer.startSpan("x", parent: .context(parent)).isRecording
        }
        let isRoot = tracer.startSpan("x", parent: .root).isRecording
        #expect(!isRoot)
        #expect([isRecorded(0x201), isRecorded(0x200), isRecorded(1), isRecorded(0)] == [false, true, true, false])
    }

    @Test func `a rule of one's own sees name and parent`() async {
        let recording = Recording(sampler: .custom(OddNames()))
        recording.tracer.withSpan("odd") { _ in
            recording.tracer.withSpan("even") { span in
                let isRecorded = span.isRecording
                #expect(!isRecorded)
            }
        }
        let spans = await recording.spans()
        #expect(spans.map(\.name) == ["odd"])
        #expect(spans.first?["parent"] == .string("none"))
    }

    @Test func `a rate lets so many traces a second through`() {
        let timer = ManualTimer()
        let bucket = TokenBucket(perSecond: 2, timer: timer)
        #expect([bucket.take(), bucket.take(), bucket.take()] == [true, true, false])
        timer.advance(by: .milliseconds(500))
        #expect([bucket.take(), bucket.take()] == [true, false])
        timer.advance(by: .seconds(100))
        #expect([bucket.take(), bucket.take(), bucket.take()] == [true, true, false])
        #expect(!TokenBucket(perSecond: 0, timer: timer).take())
        let tracer = Recording(sampler: .parentBased(.rateLimited(perSecond: 1))).tracer
        let isRecorded = tracer.startSpan("x", parent: .root).isRecording
        #expect(isRecorded)
    }

    @Test(
        arguments: [
            (Sampler.always, "AlwaysOnSampler"), (.never, "AlwaysOffSampler"), (.ratio(0.1), "TraceIdRatioBased{0.1}"),
            (.probability(0.5), "TraceIdRatioBased{0.5}"), (.rateLimited(perSecond: 5), "RateLimited{5.0}"),
            (.parentBased(.always), "ParentBased{root:AlwaysOnSampler}"), (.custom(OddNames()), "OddNames"),
        ]
    )
    func `says what it is`(sampler: Sampler, expected: String) {
        #expect(sampler.description == expected)
    }
}

@Suite("Tail sampling")
struct TailSamplerTests {
    static let source = SpanSource(resource: Resource(), scope: InstrumentationScope(name: "tail"))

    static func span(
        _ trace: UInt64,
        _ name: String,
        parent: UInt64 = 0,
        lasting: UInt64 = 1_000_000,
        status: SpanStatus = .unset,
        _ attributes: [Attribute] = []
    ) -> FinishedSpan {
        FinishedSpan(
            traceID: TraceID(high: 0, low: trace),
            spanID: SpanID(UInt64(name.utf8.count)),
            parentID: SpanID(parent),
            name: name,
            start: 1_000_000_000,
            end: 1_000_000_000 + lasting,
            attributes: attributes,
            status: status
        )
    }

    @Test func `keeps whole traces that are slow, failed or odd, once they are over`() async {
        let timer = ManualTimer()
        let exporter = RecordingSpanExporter()
        let sampler = TailSampler(
            [.latency(atLeast: .milliseconds(100)), .error, .attribute("tenant", values: ["7"]), .attribute("debug")],
            next: exporter,
            timer: timer
        )
        func put(_ spans: FinishedSpan...) { sampler.process(spans, from: Self.source) }
        put(Self.span(1, "child", parent: 9), Self.span(1, "root"))
        put(Self.span(2, "child", parent: 9, lasting: 100_000_000), Self.span(2, "root"))
        put(Self.span(3, "child", parent: 9, status: .error("x")), Self.span(3, "root"))
        put(Self.span(4, "child", parent: 9, [Attribute("tenant", .int(7))]), Self.span(4, "root"))
        put(Self.span(5, "root", [Attribute("tenant", .int(8))]), Self.span(6, "root", [Attribute("debug", "x")]))
        sampler.tick()
        #expect(exporter.spans.isEmpty)
        timer.advance(by: .milliseconds(500))
        sampler.tick()
        #expect(exporter.spans.map(\.traceID.low) == [2, 2, 3, 3, 4, 4, 6])
        #expect(sampler.statistics.kept == 4 && sampler.statistics.dropped == 2)
        put(Self.span(2, "late", parent: 9), Self.span(1, "late", parent: 9))
        #expect(exporter.spans.map(\.name).suffix(1) == ["late"])
        #expect(sampler.statistics.lateSpans == 2)
    }

    @Test func `a trace without an end is decided after the longest time`() {
        let timer = ManualTimer()
        let exporter = RecordingSpanExporter()
        let sampler = TailSampler([.error], next: exporter, timer: timer)
        sampler.process([Self.span(1, "child", parent: 9, status: .error())], from: Self.source)
        timer.advance(by: .seconds(29))
        sampler.tick()
        #expect(exporter.spans.isEmpty)
        timer.advance(by: .seconds(1))
        sampler.tick()
        #expect(exporter.spans.count == 1)
    }

    @Test func `too many traces or spans decide the oldest`() async {
        let exporter = RecordingSpanExporter()
        let sampler = TailSampler([.ratio(1)], next: exporter, settings: .init(tracesMax: 2, spansMax: 3))
        for trace in UInt64(1)...3 { sampler.process([Self.span(trace, "root")], from: Self.source) }
        #expect(exporter.spans.map(\.traceID.low) == [1])
        sampler.process([Self.span(3, "a", parent: 1), Self.span(3, "bb", parent: 1)], from: Self.source)
        #expect(exporter.spans.map(\.traceID.low) == [1, 2])
        #expect(sampler.statistics.early == 2)
        #expect(await sampler.flush(within: .seconds(1)))
        #expect(exporter.spans.count == 5)
    }

    @Test func `a rate keeps so many of the others`() async {
        let exporter = RecordingSpanExporter()
        let sampler = TailSampler([.error, .rate(perSecond: 2)], next: exporter, timer: ManualTimer())
        for trace in UInt64(1)...10 {
            sampler.process([Self.span(trace, "root", status: trace == 10 ? .error() : .unset)], from: Self.source)
        }
        #expect(await sampler.shutdown(within: .seconds(1)))
        #expect(exporter.spans.map(\.traceID.low) == [1, 2, 10])
        #expect(exporter.isShutDown)
    }

    @Test func `works behind a tracer`() async {
        let exporter = RecordingSpanExporter()
        let provider = TracerProvider(processors: [TailSampler([.error], next: exporter)])
        let tracer = provider.tracer("tail")
        tracer.withSpan("well") { _ in }
        tracer.withSpan("bad") { span in
            tracer.withSpan("child") { _ in }
            span.setStatus(.error("no"))
        }
        await provider.shutdown(within: .seconds(5))
        #expect(exporter.spans.map(\.name) == ["child", "bad"])
    }
}
