import Foundation
import MartletCore
import MartletEvents
import MartletOTLP
import MartletPatterns
import MartletSearch
import MartletTestKit
import StorageDoubles
import Testing

@testable import MartletTraceStore

/// The language of searches over traces, with everything that its guide shows.
@Suite("Search of traces")
struct SpanSearchTests {
    private static let start: UInt64 = 1_767_225_600_000_000_000
    private static let paid = TraceID("4bf92f3577b34da6a3ce929d0e0e4736") ?? .none
    private static let (orders, health) = (TraceID(high: 1, low: 1), TraceID(high: 3, low: 3))

    private static func span(
        _ trace: TraceID,
        _ id: UInt64,
        _ name: String,
        _ kind: SpanKind,
        at milliseconds: UInt64,
        microseconds: UInt64,
        _ attributes: [Attribute],
        failed: Bool = false
    ) -> FinishedSpan {
        var span = FinishedSpan(
            traceID: trace,
            spanID: SpanID(id),
            parentID: .none,
            flags: 0x101,
            name: name,
            kind: kind,
            start: start + milliseconds * 1_000_000,
            end: start + milliseconds * 1_000_000 + microseconds * 1000,
            attributes: attributes
        )
        if failed { span.status = .error("declined") }
        return span
    }

    private static func request(_ service: String, scope: String, _ spans: [FinishedSpan]) -> TracesRequest {
        let resource = Resource(
            attributes: [Attribute("service.name", service), Attribute("host.name", "h-\(service)")]
        )
        let scope = ScopeSpans(scope: InstrumentationScope(name: scope, version: "1"), spans: spans)
        return TracesRequest(resourceSpans: [ResourceSpans(resource: resource, scopeSpans: [scope])])
    }

    /// Three traces over two services: orders, a payment that fails in its bank, and a look at the health.
    private static func store() throws -> TraceStore {
        var configuration = EventConfiguration(directory: "/traces")
        configuration.retention = .seconds(365 * 86_400)
        let store = try TraceStore(
            configuration,
            clock: ManualClock(milliseconds: Int64(start / 1_000_000)),
            fileSystem: SimulatedFileSystem()
        )
        let status = "http.response.status_code"
        let shop = [
            span(
                orders,
                11,
                "GET /orders",
                .server,
                at: 0,
                microseconds: 1000,
                [Attribute("user.id", "user-1"), Attribute(status, .int(200)), Attribute("cache.hit", .bool(true))]
            ),
            span(
                paid,
                21,
                "POST /pay",
                .server,
                at: 1000,
                microseconds: 900_000,
                [Attribute("user.id", "user 42"), Attribute(status, .int(500)), Attribute("ratio", .double(0.5))],
                failed: true
            ),
            span(
                health,
                31,
                "GET /health",
                .server,
                at: 2000,
                microseconds: 500,
                [Attribute(status, .int(204)), Attribute("list", .array([.int(1), .string("two")]))]
            ),
        ]
        _ = try store.append(request("shop", scope: "web", shop).encoded())
        var charge = span(
            paid,
            0x00f0_67aa_0ba9_02b7,
            "charge card",
            .client,
            at: 1100,
            microseconds: 250_000,
            [Attribute("db.statement", "SELECT amount FROM accounts"), Attribute("size", .int(3000))]
        )
        charge.events = [
            SpanEvent(time: start, name: "retry planned", attributes: [Attribute("reason", "gateway timeout")])
        ]
        _ = try store.append(request("bank", scope: "driver", [charge]).encoded())
        return store
    }

    private static func find(_ text: String, in store: TraceStore) throws -> [TraceID] {
        let patterns = RE2Patterns()
        let search = try SearchExpression(parsing: text, dialect: .spans(patterns))
        var query = TraceQuery()
        query.filter = try SpanFilter(search.condition, patterns: patterns)
        if let limit = search.limit { query.limit = limit }
        return try store.search(query).map(\.traceID)
    }

    /// What each example of the guide finds, the newest first.
    private static let found: [String: [TraceID]] = [
        "charge": [paid], "\"charge card\"": [paid], "\"gateway timeout\"": [paid],
        "acc*": [paid], "/^GET .*s$/": [orders],
        "service:bank": [paid], "operation:\"POST /pay\"": [paid], "name:GET*": [health, orders],
        "kind:client": [paid], "host:h-bank": [paid], "component:driver": [paid], "status:error": [paid],
        "status:500": [paid], "status:200..299": [health, orders], "status:5*": [paid],
        "status:(200 OR 500)": [paid, orders], "duration:>200ms": [paid], "duration:100ms..300ms": [paid],
        "duration:<1ms": [health], "@user.id:user-1": [orders], "user.id:\"user 42\"": [paid],
        "cache.hit:true": [orders], "user.id:*": [paid, orders], "user.id:/^user.\\d+$/": [paid, orders],
        "size:>=2KiB": [paid], "time:>=2026-01-01T00:00:01Z": [health, paid],
        "trace:4bf92f3577b34da6a3ce929d0e0e4736": [paid], "span:00f067aa0ba902b7": [paid], "error:true": [paid],
        "GET -health": [orders], "service:shop -status:error": [health, orders], "health OR charge": [health, paid],
        "service:shop AND status:500": [paid], "(health OR orders) -status:204": [orders],
        "service:shop | limit 2": [health, paid],
    ]

    @Test(arguments: [false, true])
    func `what events and statuses say is found, by words, patterns and texts`(isSealed: Bool) throws {
        let store = try Self.store()
        if isSealed { try store.sealAll() }
        for text in ["declined", "\"retry planned\"", "gate*", "/way time/", "retry AND timeout AND accounts"] {
            #expect(try Self.find(text, in: store) == [Self.paid], "\(text)")
        }
        // The key of an event's attribute is no text, as that of a span's is none.
        #expect(try Self.find("reason", in: store) == [])
        #expect(try Self.find("timeout -planned", in: store) == [])
        for (text, isFound) in [("RETRY pl", true), ("way time", true), ("clined", true), ("way  time", false)] {
            var query = TraceQuery()
            query.texts = [text]
            #expect(try store.search(query).map(\.traceID) == (isFound ? [Self.paid] : []), "\(text)")
        }
    }

    @Test(arguments: [false, true])
    func `a search that takes too long is ended and says what to do`(isSealed: Bool) throws {
        let store = try Self.store()
        if isSealed { try store.sealAll() }
        var query = TraceQuery()
        query.texts = ["charge"]
        #expect(try store.search(query).count == 1)
        query.timeLimit = .zero
        #expect(
            throws: EventError.overTime("the search was ended after 0 ms; narrow it by time, by service or by words")
        ) { try store.search(query) }
    }

    @Test(arguments: [false, true])
    func `every example finds what the guide says`(isSealed: Bool) throws {
        let store = try Self.store()
        if isSealed { try store.sealAll() }
        let examples = try Self.examples()
        #expect(Set(examples) == Set(Self.found.keys))
        for example in examples {
            #expect(try Self.find(example, in: store) == #require(Self.found[example]), "\(example)")
        }
    }

    @Test(arguments: [false, true])
    func `conditions hold for one span, and every type of value is compared`(isSealed: Bool) throws {
        let store = try Self.store()
        if isSealed { try store.sealAll() }
        for (text, found) in [
            ("", [Self.health, Self.paid, Self.orders]), ("*", [Self.health, Self.paid, Self.orders]),
            // The payment's spans are of both services, but none is.
            ("service:shop service:bank", []), ("service:bank status:error", []), ("CHARGE Card", [Self.paid]),
            ("\"card charge\"", []), ("charg", []), ("kind:CLIENT", [Self.paid]), ("-kind:server", [Self.paid]),
            ("status:unset", [Self.health, Self.paid, Self.orders]), ("-status:unset", [Self.paid]),
            ("status:Error", [Self.paid]), ("status:err*", [Self.paid]),
            ("status:*", [Self.health, Self.paid, Self.orders]),
            ("status:>=500", [Self.paid]), ("status:<500", [Self.health, Self.orders]), ("ratio:<=0.5", [Self.paid]),
            ("ratio:0.5", [Self.paid]), ("ratio:>0.5", []), ("cache.hit:false", []), ("list:*two*", [Self.health]),
            ("duration:1ms", [Self.orders]), ("duration:<=500us", [Self.health]), ("duration:>900ms", []),
            ("duration:>=0.9s", [Self.paid]), ("duration:*", [Self.health, Self.paid, Self.orders]),
            ("duration:<0s", []), ("duration:>10000w", []), ("-duration:<800ms", [Self.paid]),
            ("time:2026-01-01", [Self.health, Self.paid, Self.orders]), ("time:<2026-01-01", []),
            ("time:<2026-01-01T00:00:01Z", [Self.orders]), ("time:<2026-01-01 time:>2026-01-02", []),
            ("-trace:4bf92f3577b34da6a3ce929d0e0e4736", [Self.health, Self.orders]), ("trace:1", []),
            ("trace:10000000000000001", [Self.orders]), ("trace:*", [Self.health, Self.paid, Self.orders]),
            ("host:h-*", [Self.health, Self.paid, Self.orders]), ("@host.name:h-bank", [Self.paid]),
            ("@host:h-bank", []),
            ("@service:shop", []), ("message:charge", [Self.paid]), ("message:/SELECT .* FROM/", [Self.paid]),
            ("no.such:*", []), ("-no.such:*", [Self.health, Self.paid, Self.orders]), ("error:false", []),
            ("db.statement:\"SELECT amount FROM accounts\"", [Self.paid]), ("bank", [Self.paid]),
            ("h-bank", [Self.paid]),
            ("logger:web", [Self.health, Self.paid, Self.orders]), ("status:/^[25]00$/", [Self.paid, Self.orders]),
        ] as [(String, [TraceID])] {
            #expect(try Self.find(text, in: store) == found, "\(text)")
        }
    }

    @Test(arguments: [
        ("level:error", "1:7: parse error: spans have no level; write status:error"),
        ("a duration:soon", "1:12: parse error: a duration has a unit, such as 200ms, 1.5s or 2m; got \"soon\""),
        ("duration:>5", "1:10: parse error: a duration has a unit, such as 200ms, 1.5s or 2m; got \"5\""),
        ("duration:2*", "1:10: parse error: a duration is compared with another, as in duration:>200ms"),
        (
            "status:broken",
            "1:8: parse error: status is error, ok, unset or a number such as 500 or 500..599; got \"broken\""
        ),
        ("kind:sever", "1:6: parse error: \"sever\" is no kind of span (did you mean \"server\"?)"),
        ("time:2026*", "1:6: parse error: a time is compared with another, as in time:>=2026-01-31T12:00:00Z"),
        ("trace:4b*", "1:7: parse error: an id is written out: trace:0af7651916cd43dd"),
        ("trace:xyz", "1:7: parse error: a trace id has 32 hexadecimal digits; got \"xyz\""),
        ("(a", "1:1: parse error: this parenthesis is never closed"),
        ("a -", "1:4: parse error: a condition is missing behind the negation"),
        ("x | count", "1:5: parse error: traces are found, not counted; take the step out, or search logs"),
        ("x | cuont", "1:5: parse error: unknown step \"cuont\" (did you mean \"count\"?)"),
    ])
    func `what cannot be asked is told with its place`(text: String, message: String) {
        do throws(SearchError) {
            _ = try SearchExpression(parsing: text, dialect: .spans(RE2Patterns()))
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test func `a regular expression that makes no sense is told with its place`() throws {
        for (text, column) in [("a /(/", 3), ("name:/[/", 6)] {
            do throws(SearchError) {
                _ = try SearchExpression(parsing: text, dialect: .spans(RE2Patterns()))
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.column == column, "\(text): \(error)")
            }
        }
    }

    @Test func `what is in memory and what is sealed answer alike`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix(state: seed)
        let (memory, sealed) = (try Self.store(), try Self.store())
        try sealed.sealAll()
        let words = Self.found.keys.filter { !$0.contains("|") }.sorted()
        for _ in 0..<400 {
            let parts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                let word = words[Int.random(in: 0..<words.count, using: &generator)]
                return (Bool.random(using: &generator) ? "-" : "") + "(\(word))"
            }
            let text = parts.joined(separator: Bool.random(using: &generator) ? " " : " OR ")
            let (first, second) = (try Self.find(text, in: memory), try Self.find(text, in: sealed))
            #expect(first == second, "seed \(seed): \(text)")
        }
    }

    /// The code in the first column of the guide's table of traces.
    private static func examples() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["MARTLET_GUIDE_DIR"] ?? root.path + "/docs/guide"
        let whole = try String(contentsOfFile: path + "/search-language.md", encoding: .utf8)
        let text = try #require(whole.components(separatedBy: "\n## Traces\n").last)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { line in
            let rest = line.dropFirst(3)
            guard let end = rest.range(of: "` |") else { return nil }
            return rest[..<end.lowerBound].replacingOccurrences(of: "\\|", with: "|")
        }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
