import MartletCore
import MartletTestKit
import MartletTracing
import Synchronization
import Testing

@Suite("Batching")
struct BatchingTests {
    /// Takes as long as it is told, and notes what it gets.
    final class Double: SpanExporter {
        let batches = Mutex<[[ResourceSpans]]>([])
        let result: SpanExportResult
        let hangs: Bool

        init(_ result: SpanExportResult = .success, hangs: Bool = false) {
            self.result = result
            self.hangs = hangs
        }

        func export(_ batch: [ResourceSpans]) async -> SpanExportResult {
            batches.withLock { $0.append(batch) }
            if hangs {
                // Not even cancelling helps.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
            return result
        }

        var counts: [Int] {
            batches.withLock { $0.map { $0.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } } } }
        }
    }

    static func spans(_ count: Int) -> [FinishedSpan] {
        (0..<count).map {
            FinishedSpan(traceID: TraceID(high: 1, low: UInt64($0) + 1), spanID: SpanID(1), name: "s", start: 1, end: 2)
        }
    }

    static func source(_ scope: String, _ service: String = "a") -> SpanSource {
        SpanSource(
            resource: Resource(attributes: [Attribute("service.name", service)]),
            scope: InstrumentationScope(name: scope)
        )
    }

    @Test func `sends batches of the size asked for, by resource and scope`() async {
        let exporter = Double()
        let processor = BatchingProcessor(exporter, settings: .init(batchMax: 4))
        processor.process(Self.spans(3), from: Self.source("x"))
        #expect(exporter.counts.isEmpty)
        processor.process(Self.spans(3), from: Self.source("y"))
        #expect(await processor.flush(within: .seconds(30)))
        #expect(exporter.counts == [4, 2])
        let first = exporter.batches.withLock { $0[0] }
        #expect(first.count == 1 && first[0].scopeSpans.map(\.scope.name) == ["x", "y"])
        #expect(processor.statistics.exported == 6 && processor.statistics.queued == 0)
    }

    @Test func `what waits long enough is sent`() async {
        let exporter = Double()
        let processor = BatchingProcessor(exporter, settings: .init(delay: .zero))
        processor.process(Self.spans(1), from: Self.source("x"))
        processor.tick()
        while exporter.counts.isEmpty { await Task.yield() }
        #expect(exporter.counts == [1])
    }

    @Test func `a full queue drops and counts`() async {
        let exporter = Double()
        let processor = BatchingProcessor(exporter, settings: .init(queueMax: 10, batchMax: 10))
        processor.process(Self.spans(25), from: Self.source("x"))
        #expect(processor.statistics.dropped == 15)
        #expect(await processor.shutdown(within: .seconds(30)))
        #expect(exporter.counts == [10])
        processor.process(Self.spans(2), from: Self.source("x"))
        #expect(processor.statistics.dropped == 17)
    }

    @Test func `a collector that hangs holds the shutdown up no longer than allowed`() async {
        let exporter = Double(hangs: true)
        let processor = BatchingProcessor(exporter, settings: .init(batchMax: 1, timeout: .seconds(3600)))
        processor.process(Self.spans(3), from: Self.source("x"))
        let start = ContinuousClock.now
        #expect(await !processor.shutdown(within: .milliseconds(50)))
        // Generous, for a busy machine; the exporter itself would take for ever.
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(exporter.counts == [1])
        #expect(processor.statistics.dropped == 2)
    }

    @Test func `an export that takes too long has failed, and the next is tried`() async {
        let exporter = Double(hangs: true)
        let processor = BatchingProcessor(exporter, settings: .init(batchMax: 1, timeout: .milliseconds(20)))
        processor.process(Self.spans(2), from: Self.source("x"))
        #expect(await processor.flush(within: .seconds(60)))
        #expect(exporter.counts == [1, 1])
        #expect(processor.statistics.failed == 2)
        #expect(processor.statistics.lastFailure == "the exporter took over 0.02 seconds")
    }

    @Test(
        arguments: [
            (SpanExportResult.failure("no"), UInt64(0), UInt64(5), "no"),
            (.partial(rejected: 2, message: "old"), 3, 2, "old"),
        ]
    )
    func `counts what was refused`(result: SpanExportResult, exported: UInt64, failed: UInt64, message: String) async {
        let processor = BatchingProcessor(Double(result))
        processor.process(Self.spans(5), from: Self.source("x"))
        #expect(await processor.flush(within: .seconds(30)))
        let statistics = processor.statistics
        #expect(statistics.exported == exported && statistics.failed == failed && statistics.lastFailure == message)
    }

    @Test func `two services are two groups`() async {
        let exporter = Double()
        let processor = BatchingProcessor(exporter)
        processor.process(Self.spans(1), from: Self.source("x", "a"))
        processor.process(Self.spans(1), from: Self.source("x", "b"))
        processor.process(Self.spans(1), from: Self.source("x", "a"))
        #expect(await processor.flush(within: .seconds(30)))
        let groups = exporter.batches.withLock { $0[0] }
        #expect(groups.map { $0.scopeSpans[0].spans.count } == [2, 1])
    }

    @Test func `a whole path from the tracer to the exporter`() async {
        let exporter = RecordingSpanExporter()
        let processor = BatchingProcessor(exporter)
        let provider = TracerProvider(processors: [processor])
        provider.tracer("path").withSpan("x") { _ in }
        #expect(await provider.shutdown(within: .seconds(30)))
        #expect(exporter.spans.map(\.name) == ["x"])
        #expect(exporter.isShutDown)
    }
}
