import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP
import MartletTestKit
import StorageDoubles
import Testing

@testable import MartletTraceStore

/// The time at which tests begin: 2026-01-01T00:00:00Z in nanoseconds.
private let noon: UInt64 = 1_767_225_600_000_000_000

private func open(
    _ files: any FileSystem,
    limits: TraceLimits = TraceLimits(),
    _ change: (inout EventConfiguration) -> Void = { _ in }
) throws -> TraceStore {
    var configuration = EventConfiguration(directory: "/traces")
    configuration.durability = .each
    configuration.retention = .seconds(365 * 86_400)
    change(&configuration)
    return try TraceStore(
        configuration,
        limits: limits,
        clock: ManualClock(milliseconds: Int64(noon / 1_000_000)),
        fileSystem: files
    )
}

private func span(
    _ trace: UInt64,
    _ id: UInt64,
    parent: UInt64 = 0,
    name: String = "GET /orders",
    at offset: UInt64 = 0,
    for duration: UInt64 = 1_000_000,
    _ attributes: [Attribute] = []
) -> FinishedSpan {
    FinishedSpan(
        traceID: TraceID(high: trace, low: trace &* 7),
        spanID: SpanID(id),
        parentID: SpanID(parent),
        flags: 0x101,
        name: name,
        kind: .server,
        start: noon + offset,
        end: noon + offset + duration,
        attributes: attributes
    )
}

private func request(_ service: String, _ spans: [FinishedSpan]) -> TracesRequest {
    TracesRequest(resourceSpans: [
        ResourceSpans(
            resource: Resource(attributes: [Attribute("service.name", service), Attribute("host.name", "h-\(service)")]
            ),
            scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "lib", version: "1.2"), spans: spans)]
        )
    ])
}

/// A span with everything that a span can have.
private var fullSpan: FinishedSpan {
    var full = span(
        5,
        50,
        parent: 999,
        name: "full",
        [
            Attribute("text", "ä\u{1F600}"), Attribute("flag", .bool(true)), Attribute("number", .int(-42)),
            Attribute("ratio", .double(0.25)), Attribute("raw", .bytes([0, 255])),
            Attribute("list", .array([.int(1), .string("two")])), Attribute("map", .map([Attribute("k", "v")])),
            Attribute("nothing", .empty), Attribute("text", "again"),
        ]
    )
    full.traceState = "a=b"
    full.kind = .client
    full.status = .error("it broke")
    full.droppedAttributes = 3
    full.droppedEvents = 4
    full.droppedLinks = 5
    full.events = [SpanEvent(time: noon + 5, name: "exception", attributes: [Attribute("exception.type", "Oops")])]
    full.links = [SpanLink(traceID: TraceID(high: 1, low: 1), spanID: SpanID(9), attributes: [Attribute("why", "x")])]
    return full
}

@Suite("Trace store")
struct TraceStoreTests {
    @Test(arguments: [false, true])
    func `a trace comes back whole, with all that spans can have`(isSealed: Bool) throws {
        let store = try open(SimulatedFileSystem())
        let sent = request("shop", [span(5, 49, at: 0), fullSpan])
        let outcome = try store.append(sent.encoded())
        #expect(outcome.accepted == 2 && outcome.refused == 0 && outcome.truncated == 0)
        if isSealed { try store.sealAll() }
        let message = try #require(try store.trace(TraceID(high: 5, low: 35)))
        var back = try TracesRequest(decoding: message)
        back.resourceSpans[0].scopeSpans[0].spans.sort { $0.spanID < $1.spanID }
        #expect(back == sent)
        #expect(try store.trace(TraceID(high: 6, low: 1)) == nil)
        #expect(try store.spans(of: TraceID(high: 5, low: 35)).map(\.parentID.bits).sorted() == [0, 999])
    }

    @Test func `a trace whose spans came late lies in block and memory and is put together, doubles once`() throws {
        let store = try open(SimulatedFileSystem())
        _ = try store.append(request("shop", [span(5, 1)]).encoded())
        try store.sealAll()
        _ = try store.append(request("db", [span(5, 2, parent: 1, at: 10)]).encoded())
        _ = try store.append(request("shop", [span(5, 1)]).encoded())
        let spans = try store.spans(of: TraceID(high: 5, low: 35))
        #expect(spans.map(\.spanID.bits) == [1, 2])
        #expect(spans.map(\.service) == ["shop", "db"])
        let back = try TracesRequest(decoding: try #require(try store.trace(TraceID(high: 5, low: 35))))
        #expect(back.spanCount == 2)
    }

    /// Three traces over two services, sealed or not.
    private func filled(_ isSealed: Bool) throws -> TraceStore {
        let store = try open(SimulatedFileSystem())
        var failed = span(
            2,
            21,
            name: "POST /pay",
            at: 2_000_000,
            for: 9_000_000,
            [
                Attribute("user.id", "user-7"), Attribute("http.response.status_code", .int(500)),
            ]
        )
        failed.status = .error("declined")
        _ = try store.append(
            request(
                "shop",
                [
                    span(1, 11, at: 1_000_000, [Attribute("user.id", "user-1"), Attribute("cached", .bool(true))]),
                    failed,
                    span(3, 31, at: 3_000_000, for: 500),
                ]
            ).encoded()
        )
        _ = try store.append(
            request("bank", [span(2, 22, parent: 21, name: "charge", at: 3_000_000, [Attribute("q", "Select 1")])])
                .encoded()
        )
        if isSealed { try store.sealAll() }
        return store
    }

    @Test(arguments: [false, true])
    func `traces are found by everything a span has`(isSealed: Bool) throws {
        let store = try filled(isSealed)
        func found(_ change: (inout TraceQuery) -> Void) throws -> [UInt64] {
            var query = TraceQuery()
            change(&query)
            return try store.search(query).map(\.traceID.high)
        }
        #expect(try found { _ in } == [3, 2, 1])
        #expect(try found { $0.limit = 2 } == [3, 2])
        #expect(try found { $0.service = "bank" } == [2])
        #expect(try found { $0.service = "nobody" } == [])
        #expect(try found { $0.operation = "GET /orders" } == [3, 1])
        #expect(try found { ($0.service, $0.operation) = ("bank", "GET /orders") } == [])
        #expect(try found { $0.status = .error } == [2])
        #expect(try found { $0.kind = .client } == [])
        #expect(try found { $0.durations = 5_000_000...Int64.max } == [2])
        #expect(try found { $0.durations = 0...1000 } == [3])
        #expect(try found { $0.times = 0...Int64(noon + 1_500_000) } == [1])
        #expect(try found { $0.attributes = [.init("user.id", "user-7")] } == [2])
        #expect(try found { $0.attributes = [.init("http.response.status_code", "500")] } == [2])
        #expect(try found { $0.attributes = [.init("cached", "true")] } == [1])
        #expect(try found { $0.attributes = [.init("host.name", "h-bank")] } == [2])
        #expect(try found { $0.attributes = [.init("user.id", "user-7"), .init("host.name", "h-bank")] } == [])
        #expect(try found { $0.attributes = [.init("error", "true")] } == [2])
        #expect(try found { $0.attributes = [.init("span.kind", "server")] } == [3, 2, 1])
        #expect(try found { $0.attributes = [.init("none", "x")] } == [])
        #expect(try found { $0.texts = ["SELECT"] } == [2])
        #expect(try found { $0.texts = ["orders"] } == [3, 1])
        #expect(try found { $0.texts = ["h-bank"] } == [2])
        #expect(try found { $0.texts = ["nowhere"] } == [])
        #expect(try found { $0.texts = ["orders", "user-1"] } == [1])
        #expect(try found { $0.texts = ["orders", "user-7"] } == [])
        #expect(try found { $0.texts = ["", "charge"] } == [2])
    }

    @Test(arguments: [false, true])
    func `what can be said of a trace is each attribute once, and what every span has`(isSealed: Bool) throws {
        let store = try filled(isSealed)
        #expect(
            try store.features(of: TraceID(high: 2, low: 14)) == [
                TraceFeature("service", "shop"), TraceFeature("service", "bank"), TraceFeature("host.name", "h-shop"),
                TraceFeature("host.name", "h-bank"), TraceFeature("operation", "POST /pay"),
                TraceFeature("operation", "charge"), TraceFeature("status", "error"), TraceFeature("user.id", "user-7"),
                TraceFeature("http.response.status_code", "500"), TraceFeature("q", "Select 1"),
            ]
        )
        #expect(try store.features(of: TraceID(high: 9, low: 9)) == [])
    }

    @Test(arguments: [false, true])
    func `a summary tells root, times, failures and services`(isSealed: Bool) throws {
        var query = TraceQuery()
        query.service = "bank"
        let summary = try #require(try filled(isSealed).search(query).first)
        #expect(summary.rootService == "shop" && summary.rootOperation == "POST /pay")
        #expect(summary.start == Int64(noon) + 2_000_000 && summary.end == Int64(noon) + 11_000_000)
        #expect(summary.spans == 2 && summary.errors == 1)
        #expect(summary.services.map(\.name) == ["bank", "shop"])
        #expect(summary.services.map(\.errors) == [0, 1])
    }

    @Test(arguments: [false, true])
    func `services and operations are listed`(isSealed: Bool) throws {
        let store = try filled(isSealed)
        let operations = try store.operations()
        #expect(operations.keys.sorted() == ["bank", "shop"])
        #expect(
            operations["shop"] == [.init(name: "GET /orders", kind: .server), .init(name: "POST /pay", kind: .server)]
        )
        #expect(try store.operations(of: "bank").keys.sorted() == ["bank"])
    }

    @Test func `spans with bad ids are refused and the others kept`() throws {
        let store = try open(SimulatedFileSystem())
        var bad = span(0, 1)
        bad.traceID = .none
        let outcome = try store.append(request("shop", [bad, span(1, 1), span(1, 0)]).encoded())
        #expect(outcome.accepted == 1 && outcome.refused == 2)
        #expect(outcome.firstRefusal == "a trace id is all zeros")
        #expect(store.counts.refused == 2)
    }

    @Test func `spans that end before they start, parents in a circle and ids that come twice are kept as they came`()
        throws
    {
        let store = try open(SimulatedFileSystem())
        var backward = span(1, 1)
        (backward.start, backward.end) = (backward.end, backward.start)
        let circle = [span(2, 1, parent: 3), span(2, 2, parent: 1), span(2, 3, parent: 2), span(2, 4, parent: 4)]
        var other = span(3, 1, name: "the other")
        other.end += 5
        let outcome = try store.append(request("shop", [backward] + circle + [span(3, 1), other]).encoded())
        #expect(outcome.accepted == 7 && outcome.refused == 0)
        for isSealed in [false, true] {
            if isSealed { try store.sealAll() }
            let found = try store.spans(of: backward.traceID)
            #expect(found.map(\.duration) == [0] && found[0].end < found[0].start)
            #expect(try store.spans(of: circle[0].traceID).count == 4)
            // Every way of the circle is left after one turn.
            let path = CriticalPath(try store.spans(of: circle[0].traceID))
            #expect(path.ways.allSatisfy { $0.sections.count <= 4 })
            #expect(try store.spans(of: other.traceID).count == 2)
            #expect(try store.search(TraceQuery()).count == 3)
        }
    }

    @Test func `of a million spans in one trace the limit is kept, and the rest counted`() throws {
        let store = try open(SimulatedFileSystem(), limits: TraceLimits())
        var (accepted, refused) = (0, 0)
        var last: String?
        let spans = (0..<10_000).map { place in span(9, UInt64(place + 1), name: "op", at: UInt64(place)) }
        let bytes = request("shop", spans).encoded()
        for _ in 0..<100 {
            let outcome = try store.append(bytes)
            accepted += outcome.accepted
            refused += outcome.refused
            last = outcome.firstRefusal
        }
        #expect(accepted + refused == 1_000_000 && refused > 0)
        #expect(last == "a trace has 200000 spans already")
        #expect(store.counts.refused == refused)
    }

    @Test func `an attribute of a megabyte is cut to its limit and counted`() throws {
        let store = try open(SimulatedFileSystem(), limits: TraceLimits())
        let large = Attribute("large", String(repeating: "x", count: 1 << 20))
        let bytes = Attribute("bytes", .bytes([UInt8](repeating: 1, count: 1 << 20)))
        let outcome = try store.append(request("shop", [span(4, 1, [large, bytes])]).encoded())
        #expect(outcome.accepted == 1 && outcome.truncated == 2)
        let found = try TracesRequest(decoding: try #require(try store.trace(TraceID(high: 4, low: 28))))
        let attributes = found.resourceSpans[0].scopeSpans[0].spans[0].attributes
        #expect(attributes.map(\.key) == ["large"] && attributes[0].value.text.utf8.count == 64 << 10)
    }

    @Test func `what is no request is refused whole and changes nothing`() throws {
        let store = try open(SimulatedFileSystem())
        #expect(throws: OTLPError.self) { try store.append([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]) }
        var query = TraceQuery()
        query.limit = 5
        #expect(try store.search(query).isEmpty)
    }

    @Test func `texts that are too long are cut before a character, and counted`() throws {
        let store = try open(SimulatedFileSystem())
        let long = String(repeating: "ä", count: 1 << 19)
        let outcome = try store.append(request("shop", [span(1, 1, [Attribute("big", long)])]).encoded())
        #expect(outcome.accepted == 1 && outcome.truncated == 1)
        let back = try TracesRequest(decoding: try #require(try store.trace(TraceID(high: 1, low: 7))))
        let value = back.resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.text
        #expect(value == String(repeating: "ä", count: 1 << 15))
    }

    @Test func `a trace that is full takes no more, and the sender is told`() throws {
        var limits = TraceLimits()
        limits.spansPerTrace = 10
        let store = try open(SimulatedFileSystem(), limits: limits)
        let outcome = try store.append(request("shop", (1...25).map { span(1, $0) }).encoded())
        #expect(outcome.accepted == 10 && outcome.refused == 15)
        #expect(outcome.firstRefusal == "a trace has 10 spans already")
    }

    @Test(arguments: [false, true])
    func `a sender that makes up keys gets them back, though not all can be searched`(isSealed: Bool) throws {
        let store = try open(SimulatedFileSystem())
        let spans = (1...6).map { id in
            span(1, id, at: id, (0..<500).map { Attribute("key-\(id)-\($0)", .int(Int64($0))) })
        }
        let sent = request("shop", spans)
        #expect(try store.append(sent.encoded()).accepted == 6)
        if isSealed { try store.sealAll() }
        let back = try TracesRequest(decoding: try #require(try store.trace(TraceID(high: 1, low: 7))))
        for (span, original) in zip(back.resourceSpans[0].scopeSpans[0].spans, spans) {
            #expect(Set(span.attributes) == Set(original.attributes))
        }
    }

    @Test func `what was acknowledged is there after a kill at any moment`() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let files = SimulatedFileSystem()
            var acknowledged: Set<UInt64> = []
            var store = try open(files) { $0.activeEventsMax = 20 }
            for round in 0..<3 {
                files.fail(after: Int.random(in: 1..<60, using: &generator), with: .stop)
                for number in 1...30 as ClosedRange<UInt64> {
                    let trace = UInt64(round) * 100 + number
                    let sent = request("shop", [span(trace, 1), span(trace, 2, parent: 1, at: 5)]).encoded()
                    if (try? store.append(sent)) != nil { acknowledged.insert(trace) }
                }
                store.abandon()
                if Bool.random(using: &generator) { files.cutPower(&generator) } else { files.killProcess() }
                store = try open(files) { $0.activeEventsMax = 20 }
                for trace in acknowledged {
                    let count = try store.spans(of: TraceID(high: trace, low: trace &* 7)).count
                    #expect(count == 2, "trace \(trace), seed \(seed)")
                }
            }
        }
    }

    @Test func `a flipped bit in a block harms no other block, and no reader`() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let files = SimulatedFileSystem()
            var store = try open(files)
            for trace in 1...3 as ClosedRange<UInt64> {
                _ = try store.append(request("shop", [span(trace, 1), fullSpan]).encoded())
                try store.sealAll()
            }
            try store.close()
            #expect(files.flipBit("0000000002.block", &generator))
            store = try open(files)
            #expect(try store.spans(of: TraceID(high: 1, low: 7)).count == 1, "seed \(seed)")
            #expect(try store.spans(of: TraceID(high: 3, low: 21)).count == 1, "seed \(seed)")
            _ = try store.trace(TraceID(high: 2, low: 14))
            var query = TraceQuery()
            query.attributes = [.init("number", "-42")]
            #expect(try store.search(query).count == 1, "seed \(seed)")
            _ = try store.operations()
        }
    }

    @Test func `hostile bytes are refused without harm`() throws {
        var generator = SeededGenerator(seed: 21)
        let store = try open(SimulatedFileSystem())
        let good = request("shop", [span(1, 1, [Attribute("a", "b")]), fullSpan]).encoded()
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? store.append(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))))
        }
        var query = TraceQuery()
        query.limit = 50
        for summary in try store.search(query) {
            // Whatever was taken can be given back.
            _ = try TracesRequest(decoding: try #require(try store.trace(summary.traceID)))
        }
    }
}
