import Foundation
import MartletCore
import MartletPacks
import MartletTestKit
import MartletTracing
import Testing

@Suite("Spans of components")
struct ComponentTracingTests {
    struct Refused: Error {}

    @Test func `a call of the host is a child of what called it`() async throws {
        let recording = Recording()
        let spans = ComponentTracing("orders", tracer: recording.tracer)
        await recording.tracer.withSpan("request") { _ in
            await spans.hostCall("fs.read") { await Task.yield() }
            await spans.hostCall("net.connect") {}
        }
        let found = await recording.spans()
        let request = try #require(found.first { $0.name == "request" })
        let calls = found.filter { $0.name == "host_call" }
        #expect(calls.map { $0["host.function"] } == [.string("fs.read"), .string("net.connect")])
        #expect(
            calls.allSatisfy { $0.parentID == request.spanID && $0.traceID == request.traceID && $0.kind == .client }
        )
        #expect(calls.allSatisfy { $0["component"] == .string("orders") })
    }

    @Test func `each message that is handled has a span, and one that fails an error`() async throws {
        let recording = Recording()
        let spans = ComponentTracing("orders", tracer: recording.tracer)
        for type in ["OrderPlaced", "OrderPaid"] { await spans.message(type) {} }
        await #expect(throws: Refused.self) { try await spans.message("OrderBroken") { throw Refused() } }
        let found = await recording.spans()
        #expect(found.map(\.name) == ["handle_message", "handle_message", "handle_message"])
        #expect(
            found.map { $0["message.type"] } == [.string("OrderPlaced"), .string("OrderPaid"), .string("OrderBroken")]
        )
        #expect(found.map { $0.status.code == .error } == [false, false, true])
    }

    @Test func `storage operations have spans only when they are asked for`() async throws {
        let recording = Recording()
        let silent = ComponentTracing("orders", tracer: recording.tracer)
        #expect(!silent.tracesStorage)
        #expect(await silent.storage(.get) { 41 } == 41)
        let spans = ComponentTracing("orders", tracer: recording.tracer, tracesStorage: true)
        for operation in ComponentTracing.StorageOperation.allCases { await spans.storage(operation) {} }
        let found = await recording.spans()
        #expect(found.map(\.name) == ["storage_get", "storage_set", "storage_delete", "storage_scan"])
        #expect(found.map { $0["storage.operation"] } == ["get", "set", "delete", "scan"].map { .string($0) })
    }

    @Test func `a dump of the default configuration says that storage is not traced`() throws {
        let configuration = ComponentTracing.Configuration()
        #expect("\(configuration)" == "enable_operation_tracing: false")
        #expect(
            String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
                == #"{"enable_operation_tracing":false}"#
        )
        let read = try JSONDecoder().decode(ComponentTracing.Configuration.self, from: Data("{}".utf8))
        #expect(read == configuration && !read.enableOperationTracing)
        let spans = ComponentTracing("orders", tracer: Recording().tracer, configuration: configuration)
        #expect(!spans.tracesStorage)
    }

    @Test func `a configuration that turns storage's spans on is dumped, read and obeyed`() async throws {
        let text = #"{"enable_operation_tracing":true}"#
        let configuration = try JSONDecoder().decode(ComponentTracing.Configuration.self, from: Data(text.utf8))
        #expect("\(configuration)" == "enable_operation_tracing: true")
        #expect(String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self) == text)
        let recording = Recording()
        let spans = ComponentTracing("orders", tracer: recording.tracer, configuration: configuration)
        await spans.storage(.get) {}
        #expect(await recording.spans().map(\.name) == ["storage_get"])
        #expect(throws: DecodingError.self) {
            let wrong = Data(#"{"enable_operation_tracing":"yes"}"#.utf8)
            _ = try JSONDecoder().decode(ComponentTracing.Configuration.self, from: wrong)
        }
    }

    @Test func `a component's life is told from install to uninstall`() async throws {
        let recording = Recording()
        let spans = ComponentTracing("orders", tracer: recording.tracer)
        for step in ComponentTracing.LifecycleStep.allCases { await spans.lifecycle(step) {} }
        let found = await recording.spans()
        #expect(
            found.map(\.name) == [
                "component_install", "component_start", "component_stop", "component_uninstall",
            ]
        )
    }

    @Test func `one trace goes through three components`() async throws {
        let recording = Recording()
        let (gateway, orders, bank) = (
            ComponentTracing("gateway", tracer: recording.tracer), ComponentTracing("orders", tracer: recording.tracer),
            ComponentTracing("bank", tracer: recording.tracer, tracesStorage: true)
        )
        await gateway.message("Request") {
            await orders.message("OrderPlaced") { await bank.storage(.set) {} }
        }
        let found = await recording.spans()
        #expect(Set(found.map(\.traceID)).count == 1)
        #expect(Set(found.compactMap { $0["component"] }).count == 3)
    }
}
