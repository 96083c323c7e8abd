import MartletCore
import MartletLogFormats
import MartletOTLP
import Testing

@Suite("JSON lines")
struct JSONLineTests {
    @Test func `recognises level, time, message, ids, service and host by their many names`() {
        let line = read(
            """
            {"@timestamp":"2026-11-21T11:59:59.5Z","log.level":"WARN","msg":"disk is \\u00e9 full","trace_id":\
            "4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","service":"api","hostname":"web1","n":3,"f":0.5,\
            "ok":true,"none":null,"user":{"id":42,"name":"Ann"},"tags":["a",1]}
            """
        )
        #expect(line.body == "disk is é full")
        #expect(line.time == "2026-11-21T11:59:59.5Z")
        #expect(line.entry.severity == 13)
        #expect(line.entry.severityText == "WARN")
        #expect("\(line.entry.traceID)" == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect("\(line.entry.spanID)" == "00f067aa0ba902b7")
        #expect(line.source == ["service.name": "api", "host.name": "web1"])
        #expect(
            line.entry.attributes == [
                Attribute("n", .int(3)), Attribute("f", .double(0.5)), Attribute("ok", .bool(true)),
                Attribute("none", .empty),
                Attribute("user.id", .int(42)), Attribute("user.name", .string("Ann")),
                Attribute("tags", .array([.string("a"), .int(1)])),
            ]
        )
    }

    @Test func `reads the access log of nginx in JSON`() {
        let line = read(
            """
            {"time_local":"21/Nov/2026:11:59:59 +0000","remote_addr":"10.0.0.7","request":"GET /cart?id=1 HTTP/1.1","status": "502",\
            "body_bytes_sent":"157","request_time":"0.004","http_user_agent":"curl/7.88.1"}
            """
        )
        #expect(line.body == "GET /cart?id=1 HTTP/1.1 502")
        #expect(line.entry.severity == 17)
        #expect(line.time == "2026-11-21T11:59:59Z")
        #expect(line.fields["remote_addr"] == "10.0.0.7")
        #expect(line.fields["http_user_agent"] == "curl/7.88.1")
    }

    @Test func `lets the last of two members with one name count, and counts that`() {
        var parser = LineParser(.json)
        let line = parser.parse(
            .init(bytes: Array(#"{"msg":"a","x":1,"x":2,"msg":"b"}"#.utf8), cutBytes: 0),
            observed: observed
        )
        #expect(line.body == "b")
        #expect(line.fields == ["x": "2"])
        #expect(parser.counts.duplicateKeys == 2)
    }

    @Test(arguments: [
        "{\"a\":1", "{\"a\":}", "{a:1}", "{\"a\":1}x", "[1]", "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}", "{\"a\":tru}",
        "{\"a\":+1}",
        "{\"a\":1,}", "{\"a\" 1}", "{\"a\":[1,}", "{\"a\":[{\"b\":]}", "{\"a\":[{\"b\" 1}]}", "{\"a\":[{b}]}",
        "{\"a\":[1 2]}",
    ])
    func `keeps a line that is no object whole`(text: String) {
        var parser = LineParser(.json)
        let line = parser.parse(.init(bytes: Array(text.utf8), cutBytes: 0), observed: observed)
        #expect(line.body == text)
        #expect(parser.counts.unparsed == 1)
        #expect(parser.counts.records == 1)
    }

    @Test(arguments: [(32, false), (33, true), (10_000, true)])
    func `keeps a line that is too deep whole`(depth: Int, isKept: Bool) {
        let objects =
            String(repeating: "{\"a\":", count: depth - 1) + "{\"msg\":\"x\"}"
            + String(repeating: "}", count: depth - 1)
        var parser = LineParser(.json)
        _ = parser.parse(.init(bytes: Array(objects.utf8), cutBytes: 0), observed: observed)
        #expect(parser.counts.unparsed == (isKept ? 1 : 0))
        let lists = "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        _ = parser.parse(.init(bytes: Array(lists.utf8), cutBytes: 0), observed: observed)
    }

    @Test func `resolves escapes, halves of characters and bytes`() {
        let line = read(#"{"msg":"\ud83d\ude00 \ud83d \n\t\b\f\r\/\\\" \x41","deep":[{"a":[{}]},{"b":false}]}"#, .json)
        #expect(line.body == "😀 \u{fffd} \n\t\u{8}\u{c}\r/\\\" A")
        #expect(line.fields["deep"] == #"[{"a":[{}]},{"b":false}]"#)
    }

    @Test func `takes bytes that are not UTF-8 and NUL, and counts the repair`() {
        var parser = LineParser(.json)
        let bytes = Array("{\"msg\":\"a".utf8) + [0xff, 0x00] + Array("b\"}".utf8)
        let line = parser.parse(.init(bytes: bytes, cutBytes: 0), observed: observed)
        #expect(line.body == "a\u{fffd}\u{0}b")
        #expect(parser.counts.repaired == 1)
    }

    @Test func `leaves out attributes beyond the limit and tells how many`() {
        var limits = LogInputLimits()
        limits.attributes = 3
        let members = (0..<40).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        var parser = LineParser(.json, limits: limits)
        let line = parser.parse(.init(bytes: Array("{\(members),\"msg\":\"m\"}".utf8), cutBytes: 0), observed: observed)
        #expect(line.entry.attributes.map(\.key) == ["k0", "k1", "k2"])
        #expect(parser.counts.droppedAttributes == 38)
    }

    @Test(arguments: [(10, 1), (20, 5), (30, 9), (40, 13), (50, 17), (60, 21)])
    func `knows the numbers of pino`(number: Int, severity: UInt8) {
        #expect(read("{\"level\":\(number),\"time\":1795262399000,\"msg\":\"x\"}").entry.severity == severity)
        #expect(read("{\"level\":\(number),\"time\":1795262399000,\"msg\":\"x\"}").time == "2026-11-21T11:59:59Z")
    }
}
