import MartletCore
import MartletLogging
import Testing

@Suite("Times, durations and log lines")
struct TimeTextTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T03:25:20.123Z", 1_795_231_520_123_000_000),
            ("2026-11-21T04:25:20.5+01:00", 1_795_231_520_500_000_000), ("1969-12-31T23:59:59.999999999Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000_000),
        ] as [(String, Int64)]
    )
    func `reads and writes RFC 3339`(text: String, nanoseconds: Int64) {
        #expect(RFC3339.nanosecondsSinceEpoch(text) == nanoseconds)
        #expect(RFC3339.nanosecondsSinceEpoch(RFC3339.shortString(nanosecondsSinceEpoch: nanoseconds)) == nanoseconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T03:25:20",
        "2026-11-21T03:25:20.Z",
    ])
    func `refuses what is no time`(text: String) {
        #expect(RFC3339.nanosecondsSinceEpoch(text) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("15s", 15_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("2w", 1_209_600_000),
            ("1y", 31_536_000_000), ("250ms", 250),
        ] as [(String, Int64)]
    )
    func `reads durations`(text: String, milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
        #expect(DurationText.milliseconds(DurationText.string(milliseconds: milliseconds)) == milliseconds)
    }

    @Test(arguments: ["", "1", "s", "1s1h", "1h1h", "-1s", "1.5h", "1 s", "99999999999y"])
    func `refuses what is no duration`(text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test func `a text cannot forge a log line`() {
        let record = LogRecord(
            nanosecondsSinceEpoch: 1_500_000_000,
            level: .warn,
            target: "scrape",
            message: "a\nb\u{1b}[31m",
            fields: ["url": "http://x/?a=b", "count": 3, "empty": ""]
        )
        #expect(
            LogLineFormat.text.line(for: record)
                == "1970-01-01T00:00:01.500Z warn  scrape: a\\nb\\u{1b}[31m url=\"http://x/?a=b\" count=3 empty=\"\"\n"
        )
        #expect(
            LogLineFormat.json.line(for: record)
                == #"{"ts":"1970-01-01T00:00:01.500Z","level":"warn","target":"scrape","#
                + #""msg":"a\nb\u001b[31m","url":"http://x/?a=b","count":3,"empty":""}"# + "\n"
        )
    }
}
