import MartletCore
import MartletTestKit
import MartletTracing
import Testing

@Suite("Propagation")
struct PropagationTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let span = "00f067aa0ba902b7"
    static let context = SpanContext(
        traceID: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736),
        spanID: SpanID(0x00f0_67aa_0ba9_02b7),
        flags: SpanContext.sampledFlag
    )

    /// The cases of the W3C's test suite (test.py of trace-context) that tell what a `traceparent` must look like.
    @Test(
        arguments: [
            ("00-\(trace)-\(span)-01", UInt32(1)), ("00-\(trace)-\(span)-00", 0), ("00-\(trace)-\(span)-03", 3),
            ("00-\(trace)-\(span)-ff", 3), ("cc-\(trace)-\(span)-01", 1), ("cc-\(trace)-\(span)-01-what-the-future", 1),
            ("01-\(trace)-\(span)-03", 1),
        ] as [(String, UInt32)]
    )
    func `reads a traceparent`(header: String, flags: UInt32) throws {
        let context = try #require(TraceContextPropagator.parse(header))
        #expect(context.traceID == Self.context.traceID && context.spanID == Self.context.spanID)
        #expect(context.flags == flags | SpanContext.remoteFlag)
    }

    @Test(
        arguments: [
            "", "00", "00-\(trace)", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-1",
            "00-\(trace)-\(span)-01.", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-extra",
            "cc-\(trace)-\(span)-01.what-the-future", "ff-\(trace)-\(span)-01", ".0-\(trace)-\(span)-01",
            "0.-\(trace)-\(span)-01", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01",
            "00-\(trace)-\(span)-0A", "00-00000000000000000000000000000000-\(span)-01",
            "00-\(trace)-0000000000000000-01",
            "00-.\(trace.dropFirst())-\(span)-01", "00-\(trace)-.\(span.dropFirst())-01", "00-\(trace)-\(span)-.0",
            "00-\(trace)0-\(span)-01", "00-\(trace.dropLast())-\(span)-01", "00_\(trace)_\(span)_01",
            " 00-\(trace)-\(span)-01", "000-\(trace)-\(span)-01", "00-\(trace)-\(span)0-01",
        ]
    )
    func `refuses a broken traceparent`(header: String) {
        #expect(TraceContextPropagator.parse(header) == nil)
        #expect(CarriedContext.extract(from: ["traceparent": header, "tracestate": "a=b"]).traceState.isEmpty)
    }

    @Test func `two traceparents are none`() {
        let headers = [
            ("traceparent", "00-\(Self.trace)-\(Self.span)-01"), ("Traceparent", "00-\(Self.trace)-\(Self.span)-01"),
        ]
        #expect(CarriedContext.extract(from: headers).span == nil)
    }

    @Test(
        arguments: [
            ("foo=1", "foo=1"), ("foo=1,bar=2", "foo=1,bar=2"), (" foo=1 \t,\tbar=2 ", "foo=1,bar=2"),
            ("foo=1,,bar=2", "foo=1,bar=2"), ("foo=2,bar=1,foo=1", "foo=2,bar=1"),
            ("foo@bar=1", "foo@bar=1"), ("0tenant@v=1", "0tenant@v=1"), ("foo=a b", "foo=a b"), ("a*/_-=!", "a*/_-=!"),
            ("\(String(repeating: "z", count: 256))=1", "\(String(repeating: "z", count: 256))=1"),
            ("foo=\(String(repeating: "v", count: 256))", "foo=\(String(repeating: "v", count: 256))"), ("", ""),
        ]
    )
    func `reads a tracestate`(header: String, expected: String) {
        #expect(TraceState(header)?.description == expected)
    }

    @Test(
        arguments: [
            "foo", "foo=", "=1", "foo =1", "FOO=1", "foo.bar=1", "foo@=1", "@foo=1", "foo@@bar=1", "foo@bar@baz=1",
            "foo=bar=baz", "\(String(repeating: "z", count: 257))=1", "foo=\(String(repeating: "v", count: 257))",
            "\(String(repeating: "t", count: 242))@v=1", "t@\(String(repeating: "v", count: 15))=1", "foo=\u{80}",
            "foo=,bar=1",
            (0..<33).map { "k\($0)=1" }.joined(separator: ","),
        ]
    )
    func `refuses a broken tracestate whole`(header: String) {
        #expect(TraceState(header) == nil)
    }

    @Test func `a changed member of the tracestate moves to the front`() throws {
        var state = try #require(TraceState("a=1,b=2,c=3"))
        state["c"] = "4"
        state["d"] = "5"
        state["a"] = nil
        state["Bad"] = "x"
        state["e"] = "x,y"
        #expect(state.description == "d=5,c=4,b=2")
        #expect(state["b"] == "2")
        for number in 0..<40 { state["k\(number)"] = "v" }
        #expect(state.members.count == 32 && state.members.first?.key == "k39" && state["b"] == nil)
    }

    @Test(
        arguments: [
            ("a=1", ["a": "1"]), (" a = 1 ; p=q , b=%41%20 ", ["a": "1", "b": "A "]), ("a=1,a=2", ["a": "2"]),
            ("a", [:]),
            ("a b=1,c=2", ["c": "2"]), ("x=a b,y=1", ["y": "1"]), ("x=100%", ["x": "100%"]), ("k=", ["k": ""]),
            ("k=%C3%A4", ["k": "ä"]), ("k=%ff", ["k": "\u{fffd}"]), ("", [:]),
        ] as [(String, [String: String])]
    )
    func `reads baggage, member by member`(header: String, expected: [String: String]) {
        let members = Baggage(header).members
        #expect(Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) }) == expected)
    }

    @Test func `baggage is bounded when read and when written`() {
        let many = Baggage((0..<100).map { "k\($0)=v" }.joined(separator: ","))
        #expect(many.members.count == 64)
        var large = Baggage()
        for number in 0..<64 { large["k\(number)"] = String(repeating: "ä", count: 100) }
        #expect(large.description.utf8.count <= 8192)
        large["one too many"] = "x"
        large["k0"] = nil
        large["k1"] = "1"
        #expect(large.members.count == 63 && large["k1"] == "1")
        #expect(Baggage(String(repeating: "x", count: 9000) + "=1,a=1").isEmpty)
    }

    @Test func `headers written are read back the same, whatever is in them`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededChance(seed: seed)
        for _ in 0..<2000 {
            var context = CarriedContext(
                span: SpanContext(
                    traceID: TraceID(high: random.next(), low: random.next() | 1),
                    spanID: SpanID(random.next() | 1),
                    flags: UInt32(random.next() & 3)
                )
            )
            for _ in 0..<(random.next() % 5) {
                let key = "k" + String(random.next() % 1000, radix: 36)
                context.traceState[key] = String(random.next(), radix: 16)
                context.baggage[key] = String(
                    (0..<5).map { _ in ["a", "ü", "=", ",", " ", "%", "\"", "😀"][Int(random.next() % 8)] }
                )
            }
            var headers: [String: String] = ["accept": "x"]
            context.inject(into: &headers)
            var back = CarriedContext.extract(from: headers.map { ($0.key.uppercased(), $0.value) })
            #expect(back.span?.isRemote == true)
            back.span?.flags &= 3
            #expect(back == context, "seed \(seed)")
            for (form, count) in [(B3Propagator.Form.single, 1), (.multiple, 3)] {
                var headers: [String: String] = [:]
                context.inject(into: &headers, B3Propagator(form))
                #expect(headers.count == count)
                let span = CarriedContext.extract(from: headers, B3Propagator(form)).span
                #expect(span?.traceID == context.span?.traceID && span?.spanID == context.span?.spanID, "seed \(seed)")
                #expect(span?.isSampled == context.span?.isSampled)
            }
        }
    }

    @Test func `random bytes in headers break nothing`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededChance(seed: seed)
        let composite = CompositePropagator.parse("tracecontext,baggage,b3,b3multi,jaeger").propagator
        let alphabet = Array("0123456789abcdefABCDEF-=,;@% \t\u{80}:".unicodeScalars).map(String.init)
        for _ in 0..<5000 {
            func text() -> String {
                (0..<(random.next() % 70)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }.joined()
            }
            let headers = [
                "traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "uber-trace-id",
            ].map { ($0, text()) }
            let context = CarriedContext.extract(from: headers, composite)
            #expect(context.span?.isValid != false, "seed \(seed)")
        }
    }

    @Test(
        arguments: [
            ("\(trace)-\(span)-1", true), ("\(trace)-\(span)-d", true), ("\(trace)-\(span)-0", false),
            ("\(trace)-\(span)", false),
            ("\(trace)-\(span)-1-05e3ac9a4f6e3b90", true),
        ]
    )
    func `reads b3 in one header`(header: String, isSampled: Bool) throws {
        let span = try #require(CarriedContext.extract(from: ["b3": header], B3Propagator()).span)
        #expect(
            span.traceID == Self.context.traceID && span.spanID == Self.context.spanID && span.isSampled == isSampled
        )
    }

    @Test(arguments: [
        "0", "", "\(trace)", "\(trace)-\(span)-x", "\(trace)-\(span)-1-xyz", "\(trace)-\(span)-1-\(span)-1",
        "x-\(span)",
    ])
    func `refuses a broken b3`(header: String) {
        #expect(CarriedContext.extract(from: ["b3": header], B3Propagator()).span == nil)
    }

    @Test func `reads b3 in several headers, short trace ids included`() throws {
        let headers = ["X-B3-TraceId": "a3ce929d0e0e4736", "X-B3-SpanId": Self.span, "X-B3-Sampled": "true"]
        let span = try #require(CarriedContext.extract(from: headers, B3Propagator(.multiple)).span)
        #expect(span.traceID == TraceID(high: 0, low: 0xa3ce_929d_0e0e_4736) && span.isSampled)
        let debug = ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span, "x-b3-flags": "1"]
        #expect(CarriedContext.extract(from: debug, B3Propagator(.multiple)).span?.isSampled == true)
        #expect(CarriedContext.extract(from: ["x-b3-traceid": Self.trace], B3Propagator(.multiple)).span == nil)
    }

    @Test(
        arguments: [
            ("\(trace):\(span):0:1", 0x4bf9_2f35_77b3_4da6, 0x00f0_67aa_0ba9_02b7, true), ("abc:1:0:0", 0, 1, false),
            ("abc%3A1%3a0%3A3", 0, 1, true),
        ] as [(String, UInt64, UInt64, Bool)]
    )
    func `reads uber-trace-id`(header: String, high: UInt64, span: UInt64, isSampled: Bool) throws {
        let context = try #require(CarriedContext.extract(from: ["Uber-Trace-Id": header], JaegerPropagator()).span)
        #expect(context.traceID.high == high && context.spanID.bits == span && context.isSampled == isSampled)
        var headers: [String: String] = [:]
        CarriedContext(span: context).inject(into: &headers, JaegerPropagator())
        #expect(headers.isEmpty && JaegerPropagator().fields.isEmpty)
    }

    @Test(arguments: ["", "a:b", "0:1:0:1", "1:0:0:1", "x:1:0:1", "1:1:0:100", "\(trace)0:1:0:1", "1:\(span)0:0:1"])
    func `refuses a broken uber-trace-id`(header: String) {
        #expect(CarriedContext.extract(from: ["uber-trace-id": header], JaegerPropagator()).span == nil)
    }

    @Test func `a list of propagators is read, with what is not known`() {
        let (propagator, unknown) = CompositePropagator.parse("tracecontext, baggage,b3,b3multi,jaeger,xray,none,b3")
        #expect(propagator.propagators.count == 5 && unknown == ["xray"])
        #expect(
            propagator.fields == [
                "traceparent", "tracestate", "baggage", "b3", "X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled",
            ]
        )
    }

    @Test func `a request continues its trace, with trace state and baggage, in spans and in what is sent on`()
        async throws
    {
        let recording = Recording()
        let headers = [
            "traceparent": "00-\(Self.trace)-\(Self.span)-03", "tracestate": "vendor=x", "baggage": "tenant=7;p=q",
        ]
        let sent = await CarriedContext.extract(from: headers).run {
            await recording.tracer.withSpan("GET", kind: .server) { _ in
                await Task {
                    recording.tracer.withSpan("client", kind: .client) { _ in
                        var sent: [String: String] = [:]
                        CarriedContext.current.inject(into: &sent)
                        return sent
                    }
                }.value
            }
        }
        _ = await recording.spans()
        let server = try #require(recording.exporter.span("GET"))
        let client = try #require(recording.exporter.span("client"))
        #expect(server.traceID == Self.context.traceID && server.parentID == Self.context.spanID)
        #expect(server.flags == 0x303 && client.flags == 0x103)
        #expect(server.traceState == "vendor=x" && client.traceState == "vendor=x")
        #expect(
            sent == [
                "traceparent": "00-\(Self.trace)-\(client.spanID)-03", "tracestate": "vendor=x",
                "baggage": "tenant=7;p=q",
            ]
        )
    }

    @Test func `a new trace leaves the old trace state behind, not the baggage`() throws {
        let recording = Recording()
        let headers = ["traceparent": "00-\(Self.trace)-\(Self.span)-01", "tracestate": "a=b", "baggage": "k=v"]
        CarriedContext.extract(from: headers).run {
            recording.tracer.withSpan("root", parent: .root) { _ in
                let current = CarriedContext.current
                #expect(current.traceState.isEmpty && current.baggage["k"] == "v")
            }
        }
        #expect(CarriedContext.current == CarriedContext())
    }

    @Test func `ids are read as hexadecimal digits and as UUIDs`() throws {
        let id = try #require(TraceID("0AF76519-16cd-43dd-8448-eb211c80319c"))
        #expect(id.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(id.uuid == "0af76519-16cd-43dd-8448-eb211c80319c")
        #expect(TraceID(id.uuid) == id && TraceID(id.description) == id)
        #expect(TraceID("0af76519-16cd-43dd-8448eb211c80319c-") == nil && TraceID("") == nil && SpanID("1") == nil)
        #expect(id.bytes.count == 16 && SpanID(255).bytes == [0, 0, 0, 0, 0, 0, 0, 255])
        #expect(TraceID(high: 1, low: 0) > TraceID(high: 0, low: 5) && SpanID(1) < SpanID(2))
    }
}

/// Chance that can be repeated: SplitMix64.
struct SeededChance: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }
}
