import MartletCore
import MartletMetrics
import MartletPacks
import MartletTestKit
import MartletTracing
import Testing

@Suite("Spans of brokers")
struct TracedBrokerTests {
    @Test func `a traced broker makes a span of a message, which its subscribers are in`() async throws {
        let recording = Recording()
        let tracer = recording.tracer
        let metrics = ActorMetrics(system: "shop", registry: MetricRegistry())
        let broker = MeteredBroker<Int>(metrics, samplingInterval: 16, tracer: tracer)
        broker.subscribe("orders") { _ in tracer.withSpan("take") { _ in true } }
        #expect(broker.publish(1, to: "orders") == 1)
        let spans = await recording.spans()
        let route = try #require(spans.first { $0.name == "route_message" })
        let take = try #require(spans.first { $0.name == "take" })
        #expect(spans.count == 2)
        #expect(route["route"] == .string("orders") && route.kind == .producer && !route.parentID.isValid)
        #expect(take.parentID == route.spanID && take.traceID == route.traceID)
    }

    @Test func `a broker without a tracer makes no spans`() async {
        let recording = Recording()
        let broker = MeteredBroker<Int>(ActorMetrics(system: "shop", registry: MetricRegistry()))
        broker.subscribe("orders") { _ in true }
        recording.tracer.withSpan("request") { _ in _ = broker.publish(1, to: "orders") }
        #expect(await recording.spans().map(\.name) == ["request"])
    }
}
