import MartletCore
@testable import MartletDashboard
import MartletTerminal
import Testing

@Suite("LogBrowser keys")
struct LogBrowserKeyTests {
    private func browser(_ numbers: [Int], query: String = "", cursor: String = "") throws -> LogBrowser {
        try LogBrowserTests.browser(numbers, query: query, cursor: cursor)
    }

    private func page(_ numbers: [Int], cursor: String = "") throws -> LogPage {
        try LogBrowserTests.page(numbers, cursor: cursor)
    }

    @Test func `choose records and stay within the page`() throws {
        var browser = try browser(Array((1...20).reversed()))
        for (key, chosen) in [
            (KeyPress.down, 1), (.character("j"), 2), (.up, 1), (.character("k"), 0), (.up, 0), (.pageDown, 5),
            (.character(" "), 10), (.pageUp, 5), (.end, 19), (.down, 19), (.home, 0), (.character("G"), 19),
            (.character("g"), 0), (.control("f"), 5), (.control("b"), 0), (.other, 0),
        ] {
            #expect(browser.take(key) == [])
            #expect(browser.chosen == chosen, "\(key)")
        }
        #expect(browser.message.isEmpty)
    }

    @Test func `n and p lead to older and newer pages`() throws {
        var browser = try browser([9, 8], cursor: "c8")
        #expect(browser.take(.character("n")) == [.search(number: 2, query: "", cursor: "c8")])
        // One question at a time.
        #expect(browser.take(.character("n")) == [])
        // What is found in all was told by the first page.
        var older = try page([7, 6], cursor: "c6")
        older.matched = 0
        #expect(browser.take(.page(number: 2, older)) == [])
        #expect(browser.draw(rows: 8, columns: 80).text(row: 1) == "  2 found · page 2")
        #expect(browser.take(.character("n")) == [.search(number: 3, query: "", cursor: "c6")])
        #expect(browser.take(.page(number: 3, try page([5]))) == [])
        #expect(browser.take(.character("n")) == [])
        #expect(browser.message == "there is nothing older")
        #expect(browser.take(.character("p")) == [.search(number: 4, query: "", cursor: "c8")])
        #expect(browser.take(.page(number: 4, try page([7, 6], cursor: "c6"))) == [])
        #expect(browser.take(.character("p")) == [.search(number: 5, query: "", cursor: "")])
        #expect(browser.take(.page(number: 5, try page([9, 8], cursor: "c8"))) == [])
        #expect(browser.take(.character("p")) == [])
        #expect(browser.message == "this is the newest page")
    }

    @Test func `moving beyond a page's end turns the page`() throws {
        var browser = try browser([9, 8], cursor: "c8")
        _ = browser.take(.down)
        #expect(browser.take(.down) == [.search(number: 2, query: "", cursor: "c8")])
        _ = browser.take(.page(number: 2, try page([7, 6], cursor: "c6")))
        #expect(browser.take(.up) == [.search(number: 3, query: "", cursor: "")])
        _ = browser.take(.page(number: 3, try page([9, 8], cursor: "c8")))
        #expect(browser.chosen == 1)
    }

    @Test func `r searches again and q ends`() throws {
        var browser = try browser([1], query: "a")
        #expect(browser.take(.character("r")) == [.search(number: 2, query: "a", cursor: "")])
        #expect(browser.take(.character("q")) == [.quit])
    }

    @Test func `Escape leaves the query as it was`() throws {
        var browser = try browser([1], query: "level:error")
        LogBrowserTests.type("/ shop", into: &browser)
        #expect(browser.editor.text == "level:error shop")
        #expect(browser.take(.escape) == [])
        #expect(browser.editor.text == "level:error")
        #expect(!browser.isEditing)
    }

    @Test func `a wrong query is told beneath its place, and can be mended`() throws {
        var browser = try browser([1])
        LogBrowserTests.type("/level:wran", into: &browser)
        _ = browser.take(.enter)
        let problem = LogProblem("1:7: parse error: \"wran\" is no level (did you mean \"warn\"?)", isOfQuery: true)
        #expect(browser.take(.failed(number: 2, problem)) == [])
        #expect(browser.isEditing)
        let grid = browser.draw(rows: 6, columns: 80)
        #expect(grid.text(row: 0) == "/ level:wran")
        #expect(grid.text(row: 1) == "        ↑ 1:7: parse error: \"wran\" is no level (did you mean \"warn\"?)")
        #expect(grid.cursor?.column == 12)
        // Where the words would not fit, they begin further to the left.
        #expect(browser.draw(rows: 6, columns: 40).text(row: 1) == "  ↑ 1:7: parse error: \"wran\" is no leve…")
        _ = browser.take(.control("u"))
        LogBrowserTests.type("level:warn", into: &browser)
        #expect(browser.take(.enter) == [.search(number: 3, query: "level:warn", cursor: "")])
    }

    @Test func `a server that does not answer is told and asked again`() throws {
        var browser = LogBrowser(query: "a")
        _ = browser.start()
        let problem = LogProblem("cannot reach the server", isTemporary: true)
        _ = browser.take(.failed(number: 1, problem))
        #expect(browser.draw(rows: 6, columns: 80).text(row: 1) == "  ✕ cannot reach the server; trying again")
        for _ in 0..<3 { #expect(browser.tick() == []) }
        #expect(browser.tick() == [.search(number: 2, query: "a", cursor: "")])
        #expect(browser.tick() == [])
        _ = browser.take(.failed(number: 2, problem))
        for _ in 0..<3 { _ = browser.tick() }
        #expect(browser.tick() == [.search(number: 3, query: "a", cursor: "")])
        _ = browser.take(.page(number: 3, try page([1])))
        #expect(browser.draw(rows: 6, columns: 80).text(row: 1) == "  1 found")
        #expect(browser.tick() == [])
    }

    @Test func `a server that was lost while following is asked for what came meanwhile`() throws {
        var browser = try browser([1])
        _ = browser.take(.character("f"))
        _ = browser.take(.page(number: 2, try page([1])))
        #expect(browser.tick() == [.arrivals(number: 3, query: "", from: "2")])
        _ = browser.take(.failed(number: 3, LogProblem("gone", isTemporary: true)))
        for _ in 0..<3 { #expect(browser.tick() == []) }
        #expect(browser.tick() == [.arrivals(number: 4, query: "", from: "2")])
        _ = browser.take(.arrivals(number: 4, try page([2])))
        #expect(browser.problem == nil)
        #expect(browser.records.map(\.id) == ["id-2", "id-1"])
    }

    @Test func `f follows, moving down pauses, Home goes on`() throws {
        var browser = try browser([2, 1])
        #expect(browser.take(.character("f")) == [.search(number: 2, query: "", cursor: "")])
        _ = browser.take(.page(number: 2, try page([2, 1])))
        #expect(
            browser.draw(rows: 8, columns: 60).text(row: 0)
                == "/ all records; press / to search                      ● LIVE"
        )
        #expect(browser.tick() == [.arrivals(number: 3, query: "", from: "3")])
        #expect(browser.tick() == [])
        _ = browser.take(.arrivals(number: 3, try page([3, 4])))
        #expect(browser.records.map(\.id) == ["id-4", "id-3", "id-2", "id-1"])
        #expect(browser.draw(rows: 8, columns: 60).text(row: 1) == "  4 found")
        #expect(browser.take(.down) == [])
        #expect(browser.tick() == [.arrivalCount(number: 4, query: "", from: "5")])
        _ = browser.take(.arrivalCount(number: 4, try LogBrowserTests.page("{\"records\":[],\"matched\":1234}")))
        #expect(browser.draw(rows: 8, columns: 60).text(row: 0).hasSuffix("◐ PAUSED +1,234"))
        #expect(browser.records[browser.chosen].id == "id-3")
        // What is asked for is dropped when the following ends or begins anew.
        #expect(browser.tick() == [.arrivalCount(number: 5, query: "", from: "5")])
        #expect(browser.take(.home) == [.search(number: 6, query: "", cursor: "")])
        _ = browser.take(.arrivalCount(number: 5, try page([9])))
        _ = browser.take(.page(number: 6, try page([5, 4])))
        #expect(browser.following == .live)
        #expect(browser.take(.character("f")) == [])
        #expect(browser.following == .off)
        #expect(browser.tick() == [])
    }

    @Test func `following keeps a thousand records, and finds the others by paging`() throws {
        var browser = try browser([1], cursor: "c0")
        _ = browser.take(.character("f"))
        _ = browser.take(.page(number: 2, try page([1], cursor: "c0")))
        _ = browser.tick()
        _ = browser.take(.arrivals(number: 3, try page(Array(2...1005))))
        #expect(browser.records.count == 1000)
        #expect(browser.page?.cursor == "id-6")
        #expect(browser.page?.matched == 1005)
        // An answer that has an end is not all: the newest page is read instead.
        _ = browser.tick()
        let first = browser.take(.arrivals(number: 4, try page([2000], cursor: "more")))
        #expect(first == [.search(number: 5, query: "", cursor: "")])
    }

    @Test func `an older page pauses what follows`() throws {
        var browser = try browser([2], cursor: "c2")
        _ = browser.take(.character("f"))
        _ = browser.take(.page(number: 2, try page([2], cursor: "c2")))
        _ = browser.take(.character("n"))
        _ = browser.take(.page(number: 3, try page([1])))
        #expect(browser.following == .paused(waiting: 0))
        #expect(browser.take(.home) == [])
        #expect(browser.following == .paused(waiting: 0))
    }

    @Test func `Enter shows all fields, arrows the neighbours`() throws {
        var browser = try browser([3, 2])
        #expect(browser.take(.enter) == [])
        #expect(
            browser.draw(rows: 16, columns: 80).text == """
                / all records; press / to search
                  2 found
                RECORD 1 OF 2
                time           2026-11-21T19:00:03.250000000Z
                level          info (severity 9)
                service        shop
                trace          0af7651916cd43dd8448eb211c80319c
                message        record 3

                attributes
                @component     db
                @status        203

                resource
                @service.name  shop
                ←→ other records  ↑↓ scroll  t trace  c copy  ? help  Esc back

                """
        )
        #expect(browser.take(.right) == [])
        #expect(browser.chosen == 1)
        _ = browser.take(.character("n"))
        #expect(browser.message == "this is the last record of the page")
        _ = browser.take(.left)
        _ = browser.take(.character("p"))
        #expect(browser.message == "this is the first record of the page")
        _ = browser.draw(rows: 8, columns: 80)
        _ = browser.take(.down)
        #expect(browser.draw(rows: 8, columns: 80).text(row: 2).hasSuffix("7 lines below"))
        _ = browser.take(.character("?"))
        #expect(browser.draw(rows: 30, columns: 80).text(row: 2) == "KEYS")
        #expect(browser.take(.escape) == [])
        _ = browser.take(.enter)
        #expect(browser.take(.escape) == [])
        #expect(browser.view == .list)
    }

    @Test func `t shows the trace, drawn anew for another width`() throws {
        var browser = try browser([3, 2])
        let id = "0af7651916cd43dd8448eb211c80319c"
        #expect(browser.take(.character("t")) == [.trace(number: 2, id: id, columns: 80)])
        _ = browser.take(.trace(number: 2, (1...9).map { "line \($0)" }))
        let grid = browser.draw(rows: 8, columns: 60)
        #expect(grid.text(row: 2) == "TRACE 0af7651916cd43dd8448eb211c80319c         5 lines below")
        #expect(grid.text(row: 3) == "line 1")
        for key in [KeyPress.pageDown, .down, .up, .character(" "), .pageUp, .control("f"), .control("b")] {
            _ = browser.take(key)
        }
        _ = browser.take(.end)
        #expect(browser.draw(rows: 8, columns: 60).text(row: 6) == "line 9")
        _ = browser.take(.home)
        #expect(browser.draw(rows: 8, columns: 60).text(row: 3) == "line 1")
        #expect(browser.resize(rows: 8, columns: 60) == [])
        #expect(browser.resize(rows: 8, columns: 100) == [.trace(number: 3, id: id, columns: 100)])
        #expect(browser.take(.trace(number: 2, [])) == [])
        #expect(browser.take(.character("q")) == [])
        #expect(browser.resize(rows: 8, columns: 90) == [])
        _ = browser.take(.down)
        #expect(browser.take(.character("t")) == [])
        #expect(browser.message == "this record belongs to no trace")
        _ = browser.take(.up)
        _ = browser.take(.character("t"))
        _ = browser.take(.failed(number: 4, LogProblem("no such trace")))
        #expect(browser.draw(rows: 8, columns: 60).text(row: 7) == "no such trace; its records: / trace:ID")
    }

    @Test func `c appends the record to a file`() throws {
        var browser = try browser([2])
        _ = browser.take(.character("c"))
        #expect(
            browser.draw(rows: 8, columns: 60).text(row: 7) == "append as a JSON line to: martlet-logs.jsonl"
        )
        _ = browser.take(.control("u"))
        LogBrowserTests.type("a.jsonl", into: &browser)
        let effects = browser.take(.enter)
        guard case .save(let line, "a.jsonl") = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(line.hasPrefix("{") && line.hasSuffix("}\n") && line.contains("\"record 2\""))
        _ = browser.take(.saved(file: "a.jsonl"))
        #expect(browser.message == "appended to a.jsonl")
        _ = browser.take(.notSaved("cannot open a.jsonl"))
        #expect(browser.message == "cannot open a.jsonl")
        _ = browser.take(.enter)
        _ = browser.take(.character("c"))
        #expect(browser.take(.escape) == [])
        #expect(browser.fileEditor == nil)
    }

    @Test func `a counting step gives a table`() throws {
        var browser = LogBrowser(query: "* | count by (level)")
        _ = browser.start()
        let rows = (0..<8).map { "[\"level-\($0)\",\"\($0)\"]" }.joined(separator: ",")
        let json = "{\"records\":[],\"matched\":28,\"table\":{\"columns\":[\"level\",\"count\"],\"rows\":[\(rows)]}}"
        _ = browser.take(.page(number: 1, try LogBrowserTests.page(json)))
        #expect(
            browser.draw(rows: 8, columns: 40).text == """
                / * | count by (level)
                  28 counted · 8 rows
                LEVEL    COUNT
                level-0  0
                level-1  1
                level-2  2
                level-3  3
                / search  Enter fields  ? help  q quit

                """
        )
        _ = browser.take(.end)
        #expect(browser.draw(rows: 8, columns: 40).text(row: 6) == "level-7  7")
        for key in [KeyPress.enter, .character("t"), .character("c"), .down] { #expect(browser.take(key) == []) }
        #expect(browser.view == .list)
        #expect(browser.take(.character("f")) == [])
        #expect(browser.message.hasPrefix("counts cannot be followed"))
    }
}
