import MartletCore
import MartletEvents
import MartletOTLP
import MartletTestKit
import StorageDoubles
import Testing

@testable import MartletTraceStore

/// The spans that the peers of the benchmarks store too: traces of 1 to 19 spans, a tree each, three attributes a span.
struct PeerSpans {
    private var state: UInt64 = 88_172_645_463_325_252
    private var time: UInt64 = 1_767_571_200_000_000_000

    private mutating func random() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// The next trace, by the service of each span.
    mutating func trace() -> [(service: Int, span: FinishedSpan)] {
        let id = TraceID(high: random(), low: random())
        let count = 1 + random() % 19
        time += random() % 1_000_000
        var ids: [UInt64] = []
        return (0..<count).map { place in
            ids.append(random())
            let method = random() % 3 > 0 ? "GET" : "POST"
            let code = random() % 50 > 0 ? 200 : 500
            let user = String(100_000 + random() % 5000).dropFirst()
            let parent = place > 0 ? ids[Int(random() % place)] : 0
            let (service, operation) = (Int(random() % 20), random() % 50)
            let kind = SpanKind(rawValue: UInt8(1 + random() % 5)) ?? .internal
            let status: SpanStatus = random() % 50 == 0 ? .error() : .unset
            let start = time + random() % 5_000_000
            return (
                service,
                FinishedSpan(
                    traceID: id,
                    spanID: SpanID(ids[Int(place)]),
                    parentID: SpanID(parent),
                    name: "operation-\(operation)",
                    kind: kind,
                    start: start,
                    end: start + random() % 5_000_000,
                    attributes: [
                        Attribute("http.request.method", method),
                        Attribute("http.response.status_code", .int(Int64(code))),
                        Attribute("user.id", "user-\(user)"),
                    ],
                    status: status
                )
            )
        }
    }

    /// A request with so many traces.
    mutating func request(traces: Int) -> TracesRequest {
        var byService: [Int: [FinishedSpan]] = [:]
        for _ in 0..<traces { for (service, span) in trace() { byService[service, default: []].append(span) } }
        return TracesRequest(
            resourceSpans: byService.sorted { $0.key < $1.key }.map { service, spans in
                ResourceSpans(
                    resource: Resource(attributes: [Attribute("service.name", "service-\(service)")]),
                    scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "bench"), spans: spans)]
                )
            }
        )
    }
}

@Suite("Size of the trace store")
struct TraceStoreSizeTests {
    @Test func `a span of the peers' takes at most 25 bytes`() throws {
        var configuration = EventConfiguration(directory: "/traces")
        configuration.durability = .os
        let store = try TraceStore(
            configuration,
            clock: ManualClock(milliseconds: 1_767_571_200_000),
            fileSystem: SimulatedFileSystem()
        )
        var spans = PeerSpans()
        for _ in 0..<50 { _ = try store.append(spans.request(traces: 100).encoded()) }
        try store.sealAll()
        let state = store.statistics
        #expect(state.blockEvents == store.counts.accepted && state.blockEvents > 40_000)
        let perSpan = Double(state.blockBytes) / Double(state.blockEvents)
        #expect(perSpan <= 25, "bytes a span over \(state.blockEvents) spans")
        print("trace store: \((perSpan * 10).rounded() / 10) bytes a span over \(state.blockEvents) spans")
    }
}
