import MartletCore
@testable import MartletDashboard
import MartletTerminal
import Testing

@Suite("LogBrowser")
struct LogBrowserTests {
    /// An answer as a server gives it.
    static func page(_ numbers: [Int], cursor: String = "", matched: Int? = nil, more: String = "") throws -> LogPage {
        let levels = ["critical", "error", "warn", "info", "debug"]
        let records = numbers.map { number in
            let two = String(number + 100).dropFirst()
            return """
                {"id":"id-\(number)","sequence":"\(number)","timestamp":"2026-11-21T19:00:\(two).250000000Z",\
                "level":"\(levels[number % 5])","severity":9,"service":"shop","body":"record \(number)",\
                "attributes":{"component":"db","status":\(200 + number)},"resource":{"service.name":"shop"},\
                "traceId":"\(number % 2 == 1 ? "0af7651916cd43dd8448eb211c80319c" : "")"}
                """
        }
        let end = cursor.isEmpty ? "" : ",\"cursor\":\"\(cursor)\""
        return try page(
            """
            {"records":[\(records.joined(separator: ","))]\(end),"matched":\(matched ?? numbers.count),"complete":true,
            "nextSequence":"\((numbers.max() ?? 0) + 1)"\(more)}
            """
        )
    }

    static func page(_ json: String) throws -> LogPage { LogPage(try JSONParser.parse(Array(json.utf8))) }

    /// A browser that shows records, the newest first.
    static func browser(_ numbers: [Int], query: String = "", cursor: String = "", more: String = "") throws
        -> LogBrowser
    {
        var browser = LogBrowser(query: query)
        #expect(browser.start() == [.search(number: 1, query: query, cursor: "")])
        #expect(browser.take(.page(number: 1, try page(numbers, cursor: cursor, more: more))) == [])
        _ = browser.draw(rows: 10, columns: 80)
        return browser
    }

    static func type(_ text: String, into browser: inout LogBrowser) {
        for character in text { #expect(browser.take(.character(character)) == []) }
    }

    @Test func `shows hits, the newest first, in 80 columns`() throws {
        var browser = try Self.browser([5, 4, 3, 2], query: "service:shop")
        #expect(
            browser.draw(rows: 10, columns: 80).text == """
                / service:shop
                  4 found
                TIME (UTC)    LEVEL       COMPONENT  MESSAGE
                19:00:05.250  ✕ critical  shop/db    record 5  status=205
                19:00:04.250    debug     shop/db    record 4  status=204
                19:00:03.250  · info      shop/db    record 3  status=203
                19:00:02.250  ◐ warn      shop/db    record 2  status=202


                / search  Enter fields  t trace  f follow  n older  p newer  ? help  q quit

                """
        )
    }

    @Test func `a query that is typed is searched with Enter`() throws {
        var browser = try Self.browser([1])
        Self.type("/level:error", into: &browser)
        #expect(browser.draw(rows: 8, columns: 60).cursor?.column == 13)
        #expect(browser.take(.enter) == [.search(number: 2, query: "level:error", cursor: "")])
        #expect(
            browser.draw(rows: 8, columns: 60).text(row: 0)
                == "/ level:error                                      searching"
        )
        // The answer to the search before is late.
        #expect(browser.take(.page(number: 1, try Self.page([7]))) == [])
        #expect(browser.records.isEmpty)
        #expect(browser.take(.page(number: 2, try Self.page([1]))) == [])
        #expect(
            browser.draw(rows: 8, columns: 60).text(row: 3)
                == "19:00:01.250  ○ error     shop/db    record 1  status=201"
        )
    }
}
