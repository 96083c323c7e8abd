import MartletCore
import MartletLogFormats
import Testing

@Suite("Syslog")
struct SyslogTests {
    @Test func `reads a message of RFC 5424 with structured data`() {
        let line = read(
            "<165>1 2026-11-21T11:59:58.123456+00:00 mymachine.example.com evntslog 4711 ID47 "
                + "[exampleSDID@32473 iut=\"3\" eventSource=\"App \\\"x\\\" \\]\"][other a=\"b\"] "
                + "\u{feff}An application event"
        )
        #expect(line.body == "An application event")
        #expect(line.time == "2026-11-21T11:59:58.123456Z")
        #expect(line.entry.severity == 10)
        #expect(line.entry.severityText == "notice")
        #expect(line.source == ["host.name": "mymachine.example.com", "service.name": "evntslog"])
        #expect(
            line.fields == [
                "process.pid": "4711", "syslog.msgid": "ID47", "syslog.facility": "local4",
                "exampleSDID@32473.iut": "3", "exampleSDID@32473.eventSource": "App \"x\" ]", "other.a": "b",
            ]
        )
    }

    @Test func `reads what util-linux logger sends over UDP`() {
        let line = read(
            "<13>1 2026-11-21T11:59:59.000000+00:00 web1 root - - [timeQuality tzKnown=\"1\" isSynced=\"0\"] hello there"
        )
        #expect(line.body == "hello there")
        #expect(line.entry.severity == 10)
        #expect(line.source == ["host.name": "web1", "service.name": "root"])
        #expect(line.fields["timeQuality.tzKnown"] == "1")
    }

    @Test func `reads what rsyslog forwards of programs on its machine, without the space that it leaves`() {
        // Its RSYSLOG_SyslogProtocol23Format, given "<156>Nov 21 12:00:00 app: disk low".
        let header = "<156>1 2026-11-21T11:59:59.000000+00:00 web1 app - - - "
        #expect(read(header + " disk low").body == "disk low")
        #expect(read(header + "  indented").body == " indented")
        let json = read(header + " {\"level\":\"error\",\"message\":\"no space\",\"n\":5}")
        #expect(json.body == "no space")
        #expect(json.entry.severity == 17)
        #expect(json.fields["n"] == "5")
    }

    @Test(arguments: [
        (
            "<34>Nov 21 11:14:15 mymachine su: 'su root' failed for lonvick", 21, "su", "mymachine",
            "2026-11-21T11:14:15Z"
        ),
        ("<30>Nov  1 01:02:03 web nginx[77]: 'su root' failed for lonvick", 9, "nginx", "web", "2026-11-01T01:02:03Z"),
        (
            "<4>2026-11-21T12:00:00.5+01:00 web kernel: 'su root' failed for lonvick", 13, "kernel", "web",
            "2026-11-21T11:00:00.5Z"
        ),
        ("Nov 21 11:14:15 mymachine su: 'su root' failed for lonvick", 0, "su", "mymachine", "2026-11-21T11:14:15Z"),
    ])
    func `reads messages of RFC 3164`(text: String, severity: UInt8, tag: String, host: String, time: String) {
        let line = read(text, .syslog)
        #expect(line.body == "'su root' failed for lonvick")
        #expect(line.entry.severity == severity)
        #expect(line.source == ["service.name": tag, "host.name": host])
        #expect(line.time == time)
    }

    @Test func `gives a date without a year the year that lies nearest`() {
        var parser = LineParser(.syslog)
        let newYear: Int64 = 1_798_761_700_000_000_000  // 2027-01-01T00:01:40Z
        let line = LineFramer.Line(bytes: Array("<13>Dec 31 23:59:59 web cron: x".utf8), cutBytes: 0)
        #expect(parser.parse(line, observed: newYear).time == "2026-12-31T23:59:59Z")
        let early = LineFramer.Line(bytes: Array("<13>Jan  1 00:00:10 web cron: x".utf8), cutBytes: 0)
        let oldYear = newYear - 105_000_000_000
        #expect(parser.parse(early, observed: oldYear).time == "2027-01-01T00:00:10Z")
    }

    @Test func `takes a priority and a text for a message`() {
        let line = read("<11>link down on port 7")
        #expect(line.body == "link down on port 7")
        #expect(line.entry.severity == 17)
        #expect(line.time == "2026-11-21T12:00:00Z")
    }

    @Test func `reads JSON inside of a message`() {
        let line = read("<14>Nov 21 11:59:59 web api[9]: @cee: {\"level\":\"error\",\"msg\":\"no luck\",\"user\":7}")
        #expect(line.body == "no luck")
        #expect(line.entry.severity == 17)
        #expect(line.fields["user"] == "7")
        #expect(line.source["service.name"] == "api")
    }

    @Test(arguments: ["<999>x", "<13", "<1x>y", "plain words", "<>", ""])
    func `keeps what is no message whole`(text: String) {
        let line = read(text, .syslog)
        #expect(line.body == text)
    }

    @Test func `cuts a stream by counts and by line feeds, whatever pieces it comes in`() {
        let stream = Array("11 <13>counted<14>a line\n5 <1>xy\n\n<15>12 monkeys\r\n7 seven\n!".utf8)
        let wanted = ["<13>counted", "<14>a line", "<1>xy", "<15>12 monkeys", "seven\n!"]
        for size in 1...stream.count {
            var framer = SyslogFramer(limit: 100)
            var messages: [String] = []
            var rest = stream[...]
            while !rest.isEmpty {
                messages += framer.take(rest.prefix(size)).map { String(decoding: $0.bytes, as: UTF8.self) }
                rest = rest.dropFirst(size)
            }
            #expect(messages == wanted, "pieces of \(size) bytes")
            #expect(framer.finish() == nil)
        }
    }

    @Test func `passes over what is beyond the limit`() {
        var framer = SyslogFramer(limit: 8)
        let counted = framer.take(Array("20 <13>0123456789abcdef<14>next\n".utf8)[...])
        #expect(counted.map { String(decoding: $0.bytes, as: UTF8.self) } == ["<13>0123", "<14>next"])
        #expect(counted.map(\.cutBytes) == [12, 0])
        _ = framer.take(Array("<13>unfinished".utf8)[...])
        #expect(framer.finish()?.cutBytes == 6)
        #expect(framer.finish() == nil)
        _ = framer.take(Array("42".utf8)[...])
        #expect(framer.finish()?.bytes == Array("42".utf8))
    }
}
