import MartletCore
import MartletLogFormats
import MartletOTLP
import Testing

@Suite("Lines")
struct LineTests {
    @Test func `reads logfmt with numbers, flags and quotes`() {
        let line = read(
            #"ts=2026-11-21T11:00:00Z level=error msg="it \"broke\"\n" dur=0.25 n=7 zip=007 ok=true bad=false cached e= p=-"#
        )
        #expect(line.body == "it \"broke\"\n")
        #expect(line.entry.severity == 17)
        #expect(line.time == "2026-11-21T11:00:00Z")
        #expect(
            line.entry.attributes == [
                Attribute("dur", .double(0.25)), Attribute("n", .int(7)), Attribute("zip", .string("007")),
                Attribute("ok", .bool(true)), Attribute("bad", .bool(false)), Attribute("cached", .bool(true)),
                Attribute("e", .string("")), Attribute("p", .string("-")),
            ]
        )
    }

    @Test(arguments: ["a=\"open", "=x", "a=1 =2", "words only", "a\"b=1", "x=\"a\\"])
    func `keeps what is no logfmt whole`(text: String) {
        #expect(read(text, .logfmt).body == text)
    }

    @Test func `reads the combined format`() {
        let line = read(
            #"203.0.113.9 - ann [21/Nov/2026:12:59:58 +0100] "GET /a/b?x=1 HTTP/1.1" 404 153 "https://x.example/" "curl/7 \"q\" \x41" "extra" 0.5"#
        )
        #expect(line.body == "GET /a/b?x=1 HTTP/1.1 404")
        #expect(line.time == "2026-11-21T11:59:58Z")
        #expect(line.entry.severity == 13)
        #expect(
            line.fields == [
                "client.address": "203.0.113.9", "user.name": "ann", "http.request.method": "GET", "url.path": "/a/b",
                "url.query": "x=1", "network.protocol.version": "1.1", "http.response.status_code": "404",
                "http.response.body.size": "153", "http.request.header.referer": "https://x.example/",
                "user_agent.original": "curl/7 \"q\" A", "field1": "extra", "field2": "0.5",
            ]
        )
        let common = read(#"::1 - - [21/Nov/2026:11:59:58 +0000] "\x16\x03" 400 - "#, .access)
        #expect(common.body == "\u{16}\u{3} 400")
        #expect(common.fields == ["client.address": "::1", "http.response.status_code": "400"])
    }

    @Test(arguments: [
        "1.2.3.4 - - [21/Nov/2026:11:59:58 +0000] \"GET / 200 1", "1.2.3.4 - - [yesterday] \"GET / HTTP/1.1\" 200 1",
        "1.2.3.4 - - no bracket", "1.2.3.4", "1.2.3.4 -", "1.2.3.4 - - [21/Nov/2026:11:59:58 +0000] \"GET\" 20 1",
        "1.2.3.4 - - [21/Nov/2026:11:59:58 +0000] \"GET\" 200 x",
    ])
    func `keeps what is no access log whole`(text: String) {
        #expect(read(text, .access).body == text)
    }

    @Test(arguments: [
        ("2026-11-21T11:59:58Z ERROR no luck", "2026-11-21T11:59:58Z", 17),
        ("2026-11-21 11:59:58,123 - app.main - WARNING - no luck", "2026-11-21T11:59:58.123Z", 13),
        ("2026/11/21 11:59:58 [error] 12#0: *1 open() failed", "2026-11-21T11:59:58Z", 17),
        ("[2026-11-21 11:59:58.5 +0100] info: ready", "2026-11-21T10:59:58.5Z", 9),
        ("[21/Nov/2026:11:59:58 +0000] DEBUG x", "2026-11-21T11:59:58Z", 5),
        ("INFO:root:started", "2026-11-21T12:00:00Z", 9),
        ("an error occurred", "2026-11-21T12:00:00Z", 0),
        ("CRITICAL 7 of 9", "2026-11-21T12:00:00Z", 21),
        ("level=fatal in a [sentence]", "2026-11-21T12:00:00Z", 21),
        ("2026-11-21 11:59:58 UTC LOG:  checkpoint", "2026-11-21T11:59:58Z", 0),
    ])
    func `recognises time and level before a text that stays whole`(text: String, time: String, severity: UInt8) {
        let line = read(text, .plain)
        #expect(line.body == text)
        #expect(line.time == time)
        #expect(line.entry.severity == severity)
    }

    @Test(arguments: [
        ("1795262399", "2026-11-21T11:59:59Z"), ("1795262399.25", "2026-11-21T11:59:59.25Z"),
        ("1795262399123", "2026-11-21T11:59:59.123Z"), ("1795262399123456", "2026-11-21T11:59:59.123456Z"),
        ("1795262399123456789", "2026-11-21T11:59:59.123456789Z"), ("2026-11-21T13:59:59+0200", "2026-11-21T11:59:59Z"),
        ("2026-11-21 11:59:59", "2026-11-21T11:59:59Z"), ("2026/11/21-11:59:59", "2026-11-21T11:59:59Z"),
        ("2026-11-21T11:59:59.1234567891", "2026-11-21T11:59:59.123456789Z"),
    ])
    func `reads times of many forms`(text: String, time: String) throws {
        let parsed = try #require(TimestampText.parse(Array(text.utf8)[...]))
        #expect(RFC3339.shortString(nanosecondsSinceEpoch: parsed) == time)
    }

    @Test(arguments: [
        "", "12", "2026-13-01 00:00:00", "2026-02-30 00:00:00", "2026-11-21T25:00:00", "9999-01-01T00:00:00Z",
        "1795262399.", "99999999999999999999", "31/Foo/2026:00:00:00 +0000", "2026-11-21T11:59:59x",
    ])
    func `reads no time out of what is none`(text: String) {
        #expect(TimestampText.parse(Array(text.utf8)[...]) == nil)
    }

    @Test func `applies the offset of a source without zones`() {
        #expect(TimestampText.parse(Array("2026-11-21 13:00:00".utf8)[...], utcOffset: 3600) == observed)
    }

    @Test func `takes a line apart with an expression, and keeps one that does not match`() {
        let pattern = WordPattern(word: "user ", name: "user")
        #expect(read("user ann", .expression(pattern)).fields == ["user": "ann"])
        #expect(read("user ann", .expression(pattern)).body == "user ann")
        #expect(read("nobody", .expression(WordPattern(word: "level ", name: "level"))).body == "nobody")
        #expect(read("level warn", .expression(WordPattern(word: "level ", name: "level"))).entry.severity == 13)
    }

    @Test(arguments: [
        ("{\"time\":\"2031-01-01T00:00:00Z\",\"msg\":\"x\"}", "2031-01-01T00:00:00Z"),
        ("{\"time\":\"1999-01-01T00:00:00Z\",\"msg\":\"x\"}", "1999-01-01T00:00:00Z"),
    ])
    func `gives a record whose clock is years off the time of its arrival`(text: String, claimed: String) {
        var parser = LineParser()
        let line = parser.parse(.init(bytes: Array(text.utf8), cutBytes: 0), observed: observed)
        #expect(line.time == "2026-11-21T12:00:00Z")
        #expect(line.fields["log.claimed_time"] == claimed)
        #expect(parser.takeCounts().retimed == 1)
        #expect(parser.counts == LogInputCounts())
    }

    @Test func `bounds a line of 64 MiB and tells how much is missing`() {
        var framer = LineFramer(limit: 1 << 20)
        let piece = [UInt8](repeating: 0x78, count: 1 << 16)
        for _ in 0..<1024 { #expect(framer.take(piece[...]).isEmpty) }
        #expect(framer.pendingBytes == 64 << 20)
        let lines = framer.take(Array("\nshort\r\n".utf8)[...])
        #expect(lines.map(\.bytes.count) == [1 << 20, 5])
        #expect(lines.map(\.cutBytes) == [63 << 20, 0])
        var parser = LineParser()
        let line = parser.parse(lines[0], observed: observed)
        #expect(line.fields["log.cut_bytes"] == String(63 << 20))
        #expect(parser.counts.cut == 1)
        let whole = parser.parse(
            .init(bytes: [UInt8](repeating: 0x79, count: 3 << 20), cutBytes: 0),
            observed: observed
        )
        #expect(whole.body.utf8.count == 1 << 20)
        #expect(parser.counts.cut == 2)
    }

    @Test func `gives the last line of a stream only when it ends`() {
        var framer = LineFramer(limit: 10)
        #expect(framer.take(Array("a\nb".utf8)[...]).map(\.bytes) == [[0x61]])
        #expect(framer.finish()?.bytes == [0x62])
        #expect(framer.finish() == nil)
    }

    @Test func `adds counts`() {
        var counts = LogInputCounts()
        counts.records = 1
        var other = LogInputCounts()
        (other.records, other.cut, other.repaired) = (2, 3, 4)
        counts += other
        #expect((counts.records, counts.cut, counts.repaired, counts.unparsed) == (3, 3, 4, 0))
    }

    @Test func `puts records together by where they come from`() {
        var batch = LogBatch()
        #expect(batch.isEmpty)
        batch.add(
            read("{\"msg\":\"a\",\"service\":\"api\"}"),
            source: [Attribute("service.name", "file"), Attribute("log.source", "f")]
        )
        batch.add(read("{\"msg\":\"b\"}"), source: [Attribute("service.name", "file"), Attribute("log.source", "f")])
        batch.add(
            read("{\"msg\":\"c\",\"service\":\"api\"}"),
            source: [Attribute("service.name", "file"), Attribute("log.source", "f")]
        )
        #expect(batch.count == 3)
        #expect(batch.resourceLogs.map { $0.resource.attributes.map(\.value.text) } == [["api", "f"], ["file", "f"]])
        #expect(batch.resourceLogs.map { $0.scopeLogs[0].entries.map(\.body.text) } == [["a", "c"], ["b"]])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func `loses nothing and never stops on random bytes`(seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        let alphabet = Array("{}[]\":,=<>0123456789abc \\\t-+/.".utf8) + [0, 0xff, 0xc3, 0x28]
        for format in [LineFormat.automatic, .json, .logfmt, .access, .syslog, .plain] {
            var parser = LineParser(format)
            for _ in 0..<400 {
                let bytes = (0..<Int.random(in: 0...60, using: &numbers)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)]
                }
                let line = parser.parse(.init(bytes: bytes, cutBytes: 0), observed: observed)
                let isKept = line.entry.body == .string(String(decoding: bytes, as: UTF8.self))
                #expect(
                    isKept || !line.entry.attributes.isEmpty || !line.body.isEmpty || line.entry.severity > 0,
                    "seed \(seed): \(bytes)"
                )
            }
            #expect(parser.counts.records == 400)
        }
    }
}
