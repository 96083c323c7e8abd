import MartletCore
import MartletLogging
import MartletMetrics
import MartletPacks
import MartletTestKit
import MartletTracing
import Synchronization
import Testing

@Suite("Traced executions")
struct ExecutionTests {
    final class Lines: LogSink {
        let records = Mutex<[LogRecord]>([])
        func write(_ record: LogRecord) { records.withLock { $0.append(record) } }
        var all: [LogRecord] { records.withLock { $0 } }
    }

    struct Trap: Error, CustomStringConvertible {
        var description: String { "unreachable" }
    }

    @Test func `a function that works has exactly the attributes of a success, and is logged`() async throws {
        let recording = Recording()
        let lines = Lines()
        let result = await executeWithTracing(
            function: "add",
            module: "math.wasm",
            tracer: recording.tracer,
            log: Logger("sandbox", sink: lines)
        ) { _ in 42 }
        #expect(result == 42)
        let span = try #require(await recording.spans().first)
        #expect(span.name == "execute_with_tracing")
        #expect(
            span.attributes.map(\.key) == [
                "function", "wasm.module", "wasm.function", "wasm.duration_ms", "wasm.success",
            ]
        )
        #expect(span["function"] == .string("add") && span["wasm.module"] == .string("math.wasm"))
        #expect(span["wasm.success"] == .bool(true))
        let line = try #require(lines.all.first)
        #expect(line.message == "WebAssembly function executed successfully")
        #expect(line.fields.map(\.name) == ["function", "duration_ms"])
        #expect(line.context?.traceID == span.traceID)
    }

    @Test func `a function that fails has the error too, which is thrown on`() async throws {
        let recording = Recording()
        let lines = Lines()
        await #expect(throws: Trap.self) {
            try await executeWithTracing(
                function: "crash",
                module: "m",
                tracer: recording.tracer,
                log: Logger("sandbox", sink: lines)
            ) { _ in throw Trap() }
        }
        let span = try #require(await recording.spans().first)
        #expect(
            span.attributes.map(\.key) == [
                "function", "wasm.module", "wasm.function", "wasm.duration_ms", "wasm.success", "wasm.error",
            ]
        )
        #expect(span["wasm.success"] == .bool(false) && span["wasm.error"] == .string("unreachable"))
        #expect(span.status == .error("unreachable"))
        let line = try #require(lines.all.first)
        #expect(line.message == "WebAssembly function execution failed" && line.level == .error)
        #expect(line.fields.map(\.name) == ["function", "duration_ms", "error"])
    }

    @Test func `an execution has four ids, and every one its own`() {
        let contexts = (0..<1000).map { ExecutionContext(sandboxID: "s\($0)") }
        #expect(Set(contexts.map(\.executionID)).count == 1000)
        #expect(Set(contexts.map(\.traceID)).count == 1000 && Set(contexts.map(\.spanID)).count == 1000)
        let parts = contexts[0].executionID.split(separator: "-")
        #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
        #expect(parts[2].hasPrefix("4") && ["8", "9", "a", "b"].contains(parts[3].prefix(1)))
        #expect(contexts[7].sandboxID == "s7")
    }

    @Test func `what an execution calls is part of its trace, and the sandbox knows it`() async throws {
        let recording = Recording()
        let context = ExecutionContext(sandboxID: "box")
        var variables: [String: String] = [:]
        await executeWithContext(context, tracer: recording.tracer) { inner, _ in
            inner.setTraceContext { variables[$0] = $1 }
            recording.tracer.withSpan("host.read", kind: .client) { _ in }
        }
        _ = await recording.spans()
        let execution = try #require(recording.exporter.span("execute_with_context"))
        let host = try #require(recording.exporter.span("host.read"))
        #expect(execution.traceID == context.traceID && execution.parentID == context.spanID)
        #expect(host.traceID == context.traceID && host.parentID == execution.spanID)
        #expect(
            execution.attributes == [
                Attribute("trace_id", context.traceID.description), Attribute("execution_id", context.executionID),
                Attribute("sandbox_id", "box"),
            ]
        )
        #expect(
            variables == [
                "trace_id": context.traceID.description, "span_id": execution.spanID.description,
                "execution_id": context.executionID, "sandbox_id": "box",
                "traceparent": "00-\(context.traceID)-\(execution.spanID)-03",
            ]
        )
        recording.tracer.withSpan("outer") { span in
            #expect(ExecutionContext(sandboxID: "x").spanID == span.context.spanID)
        }
    }

    @Test func `an operation is a span, a duration with its exemplar, and a line where it fails`() async throws {
        let recording = Recording()
        let lines = Lines()
        let registry = MetricRegistry()
        let seconds = Histogram("load_seconds", help: "Time to load.", unit: .seconds, registry: registry)
        let operation = TracedOperation(
            "load",
            tracer: recording.tracer,
            seconds: seconds.series,
            log: Logger("shop", sink: lines),
            fields: ["component": "store", "version": "1.0"]
        )
        let first = await operation.run { _ in
            await Task.yield()
            return 1
        }
        let second = operation.run { _ in 2 }
        #expect(first + second == 3)
        await #expect(throws: Trap.self) {
            try await operation.run { _ in
                await Task.yield()
                throw Trap()
            }
        }
        let spans = await recording.spans()
        try #require(spans.map(\.name) == ["load", "load", "load"])
        #expect(seconds.value.count == 3)
        let family = try #require(registry.gather().first { $0.name == "load_seconds" })
        guard case .histogram(let histogram) = family.series[0].value else { throw Trap() }
        let shown = histogram.buckets.compactMap { $0.exemplar?.labels["trace_id"] }
        #expect(!shown.isEmpty && Set(shown).isSubset(of: Set(spans.map(\.traceID.description))))
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1 && line.message == "operation failed")
        #expect(
            line.fields.map(\.name) == [
                "operation", "error", "error_type", "component", "version",
            ]
        )
        #expect(line.context?.traceID == spans[2].traceID)
    }
}
