import MartletCore
@testable import MartletDashboard
import MartletTerminal
import Testing

@Suite("Records on the screen")
struct RecordDetailsTests {
    private func line(_ json: String) throws -> LogLine { LogLine(try JSONParser.parse(Array(json.utf8))) }

    private func browser(_ json: String) throws -> LogBrowser {
        var browser = LogBrowser()
        _ = browser.start()
        _ = browser.take(.page(number: 1, try LogBrowserTests.page("{\"records\":[\(json)],\"matched\":1}")))
        return browser
    }

    @Test func `texts of others are shown harmlessly, in lists and in full`() throws {
        var browser = try browser(
            #"{"id":"1","timestamp":"2026-11-21T19:00:00.000Z","level":"info","service":"s\u001b[2J","#
                + #""body":"a\u0007b\u202ec\nd","attributes":{"k\u009b":"v\u0000 w"}}"#
        )
        #expect(
            browser.draw(rows: 6, columns: 100).text(row: 3)
                == #"19:00:00.000  · info      s\u{1b}[2J  a\u{7}b\u{202e}c\nd  k\u{9b}="v\u0000 w""#
        )
        _ = browser.take(.enter)
        let text = browser.draw(rows: 20, columns: 60).text
        #expect(text.contains("message     a\\u{7}b\\u{202e}c\n            d\n"))
        #expect(text.contains("@k\\u{9b}    v\\u{0} w"))
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    }

    @Test func `fields that are not known are shown too`() throws {
        let record = try line(
            #"{"id":"1","level":"warn","severity":13,"severityText":"WARNING","eventName":"paid","flags":3,"body":{"a":[1]}}"#
        )
        let lines = RecordDetails.lines(record, columns: 60).map { "\($0.name)|\($0.value)" }
        #expect(
            lines == [
                "level  |warn (severity 13, written as WARNING)", "event  |paid", "message|{\"a\":[1]}", "flags  |3",
            ]
        )
        #expect(record.attributes == "event=paid")
    }

    @Test func `a very long text is cut, and says so`() throws {
        let record = try line(
            "{\"body\":\"\(String(repeating: "x", count: 300_000))\",\"attributes\":{\"a\":\"b = c\",\"e\":\"\"}}"
        )
        #expect(record.summary.count == 1000)
        #expect(record.attributes == "a=\"b = c\" e=\"\"")
        let lines = RecordDetails.lines(record, columns: 1009)
        #expect(lines.contains { $0.value == "… 37856 bytes more; c copies them all" })
    }

    @Test func `narrow screens leave out the day, the component and the word of the level, in this order`() throws {
        let two = [("2026-11-21", 1), ("2026-11-20", 2)].map { day, number in
            #"{"id":"\#(number)","timestamp":"\#(day)T19:00:00.000Z","level":"error","service":"shop","body":"text"}"#
        }
        var browser = LogBrowser()
        _ = browser.start()
        _ = browser.take(.page(number: 1, try LogBrowserTests.page("{\"records\":[\(two.joined(separator: ","))]}")))
        #expect(browser.draw(rows: 9, columns: 80).text(row: 3) == "11-21 19:00:00.000  ○ error     shop       text")
        #expect(browser.draw(rows: 9, columns: 69).text(row: 3) == "19:00:00.000  ○ error     shop       text")
        #expect(browser.draw(rows: 9, columns: 59).text(row: 3) == "19:00:00.000  ○ error     text")
        #expect(browser.draw(rows: 9, columns: 49).text(row: 3) == "19:00:00.000  ○  text")
        for (rows, columns) in [(0, 0), (1, 1), (3, 200), (2, 5)] {
            #expect(browser.draw(rows: rows, columns: columns).rows == rows)
        }
    }
}
