import MartletCore
import MartletLogging
import Testing

@Suite("Log lines")
struct LogLineTests {
    @Test func `a record as text, JSON and logfmt`() {
        let it = record("target is up", ["job": "node", "ms": 1.5, "n": 3, "ok": true, "x": .null], context: someSpan)
        #expect(
            LogLineFormat.text.line(for: it)
                == "2026-11-21T03:25:20.123Z info  scrape: target is up job=node ms=1.5 n=3 ok=true x=null "
                + "trace_id=0af7651916cd43dd8448eb211c80319c\n"
        )
        #expect(
            LogLineFormat.json.line(for: it)
                == #"{"ts":"2026-11-21T03:25:20.123Z","level":"info","target":"scrape","msg":"target is up","#
                + #""trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","#
                + #""job":"node","ms":1.5,"n":3,"ok":true,"x":null}"# + "\n"
        )
        #expect(
            LogLineFormat.logfmt.line(for: it)
                == #"ts=2026-11-21T03:25:20.123Z level=info target=scrape msg="target is up" "#
                + "trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 job=node ms=1.5 n=3 ok=true x=null\n"
        )
    }

    @Test(arguments: LogLineFormat.allCases) func `no text can forge a line or move the screen`(_ format: LogLineFormat)
        throws
    {
        let evil = "x\n2026-11-21T03:25:20.123Z error root: forged\r\u{1b}[2J\u{202e}\u{85}\u{0}\u{7f}"
        let line = format.line(for: record(evil, [evil: .string(evil), "nested": .fields([evil: .string(evil)])]))
        #expect(line.utf8.filter { $0 == 0x0a }.count == 1)
        #expect(line.hasSuffix("\n"))
        #expect(!line.unicodeScalars.dropLast().contains { $0.value < 0x20 })
        if format != .json { #expect(!line.unicodeScalars.contains { $0.value == 0x202e || $0.value == 0x85 }) }
        if format == .json { #expect(try JSONParser.parse(Array(line.utf8))["msg"]?.text == evil) }
    }

    @Test func `a layout of Python's logging`() throws {
        let layout = try LogLayout(parsing: "%(asctime)s - %(name)s - %(levelname)s - %(message)s")
        #expect(
            layout.line(for: record("disk is filling", level: .warn))
                == "2026-11-21 03:25:20,123 - scrape - WARNING - disk is filling\n"
        )
        let full = try LogLayout(parsing: "100%% %(fields)s %(trace_id)s/%(span_id)s")
        #expect(
            full.line(for: record("m", ["a": "b c"], context: someSpan))
                == "100% a=\"b c\" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331\n"
        )
        #expect(full.line(for: record("m")) == "100%  /\n")
    }

    @Test func `a layout that cannot be read names the column and what is known`() {
        func reason(_ text: String) -> String {
            do {
                _ = try LogLayout(parsing: text)
                return "read"
            } catch {
                return error.description
            }
        }
        #expect(
            reason("%(asctime)s %(mesage)s")
                == "column 13 of a log layout: unknown place \"mesage\" (did you mean \"message\"?); "
                + "there are asctime, name, levelname, message, fields, trace_id, span_id"
        )
        #expect(reason("50 %").hasPrefix("column 4 of a log layout"))
    }
}
