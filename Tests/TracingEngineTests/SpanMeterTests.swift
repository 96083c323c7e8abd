import MartletCore
import MartletEvents
import MartletOTLP
import MartletTestKit
import StorageDoubles
import Testing

@testable import MartletTraceStore

@Suite("Measuring spans as they come")
struct SpanMeterTests {
    private static func store() throws -> TraceStore {
        try TraceStore(
            EventConfiguration(directory: "/traces"),
            clock: ManualClock(milliseconds: 0),
            fileSystem: SimulatedFileSystem()
        )
    }

    private static func span(
        _ id: UInt64,
        parent: UInt64 = 0,
        trace: UInt64 = 1,
        _ kind: SpanKind,
        _ name: String = "work",
        milliseconds: UInt64 = 100,
        failed: Bool = false
    ) -> FinishedSpan {
        FinishedSpan(
            traceID: TraceID(high: 0, low: trace),
            spanID: SpanID(id),
            parentID: SpanID(parent),
            name: name,
            kind: kind,
            start: 2_000_000_000,
            end: 2_000_000_000 + milliseconds * 1_000_000,
            status: failed ? .error() : .unset
        )
    }

    private static func append(_ service: String, _ spans: [FinishedSpan], to store: TraceStore) throws {
        let resource = Resource(attributes: [Attribute("service.name", service)])
        let request = TracesRequest(
            resourceSpans: [ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(spans: spans)])]
        )
        #expect(try store.append(request.encoded()).accepted == spans.count)
    }

    @Test func `an operation's spans are counted by how long they took, with the latest trace of each bucket`() throws {
        let store = try Self.store()
        try Self.append(
            "shop",
            [
                Self.span(1, trace: 1, .server, milliseconds: 30), Self.span(2, trace: 2, .server, milliseconds: 40),
                Self.span(3, trace: 3, .server, milliseconds: 700), Self.span(4, .server, "other"),
                Self.span(5, .server, failed: true), Self.span(6, .client),
            ],
            to: store
        )
        try Self.append("bank", [Self.span(7, .server)], to: store)
        #expect(store.measurements.count == 5)
        let work = try #require(store.measurements.first)
        #expect(work.service == "shop" && work.operation == "work" && work.kind == .server && work.status == .unset)
        #expect(work.count == 3 && abs(work.seconds - 0.77) < 1e-9)
        #expect(work.buckets == [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0])
        #expect(work.examples[6] == .init(traceID: TraceID(high: 0, low: 2), seconds: 0.04, timestamp: 2000))
        #expect(work.examples[10] == .init(traceID: TraceID(high: 0, low: 3), seconds: 0.7, timestamp: 2000))
        #expect(work.examples.count { $0 != nil } == 2)
    }

    @Test func `both sides of a call meet, whichever comes first`() throws {
        let store = try Self.store()
        try Self.append("shop", [Self.span(1, .client), Self.span(2, .client, failed: true)], to: store)
        try Self.append("bank", [Self.span(10, parent: 1, .server), Self.span(11, parent: 3, .server)], to: store)
        try Self.append("shop", [Self.span(3, .client), Self.span(4, .client)], to: store)
        try Self.append("bank", [Self.span(12, parent: 2, .server), Self.span(13, .server)], to: store)
        let calls = store.calls
        #expect(calls.forgotten == 0)
        #expect(calls.measured.count == 1)
        let call = try #require(calls.measured.first)
        #expect(call.client == "shop" && call.server == "bank" && call.calls == 3 && call.errors == 1)
        #expect(abs(call.seconds - 0.3) < 1e-9)
    }

    @Test func `a producer meets all its consumers, those before it and those after it`() throws {
        let store = try Self.store()
        let early = (100..<150).map { Self.span($0, parent: 1, .consumer, failed: $0 < 105) }
        try Self.append("mail", early, to: store)
        try Self.append("bill", [Self.span(200, parent: 1, .consumer)], to: store)
        try Self.append("shop", [Self.span(1, .producer)], to: store)
        try Self.append("mail", (300..<307).map { Self.span($0, parent: 1, .consumer) }, to: store)
        let calls = store.calls.measured.sorted { $0.server < $1.server }
        #expect(calls.map(\.server) == ["bill", "mail"])
        #expect(calls.map(\.calls) == [1, 57])
        #expect(calls.map(\.errors) == [0, 5])
    }

    @Test func `calls that wait too long are forgotten and counted`() {
        var (waiting, met): (WaitingSides, [WaitingSides.Match]) = (WaitingSides(), [])
        let side = WaitingSides.Side(service: 1, isFailed: false, nanoseconds: 1_000_000)
        for id in 1...100_000 { waiting.addServer(UInt64(id), side, &met) }
        #expect(waiting.forgotten >= 100_000 - 32_768 && waiting.forgotten < 100_000)
        #expect(met.isEmpty)
        let forgotten = waiting.forgotten
        // The latest are there, and what has met waits no more.
        waiting.addClient(100_000, side, &met)
        #expect(met.map(\.calls) == [1])
        waiting.addClient(100_000, side, &met)
        #expect(met.count == 1 && waiting.forgotten == forgotten)
    }
}
